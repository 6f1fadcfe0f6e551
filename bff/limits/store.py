"""What keeps the accounts of clients: the seam that operations and routes spend through. Knows no store, no arithmetic.

reservation = await ledger.reserve(client, tier, price.points)  # before anything is called
try: ...
finally: standing = await ledger.settle(reservation, actual)  # whatever happened, also when cancelled
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import count
from typing import Literal, NamedTuple, Protocol

from bff.errors import OperationTooExpensive, QuotaExceeded, TooManyAtOnce
from bff.limits.quota import Account, Refusal, Standing, State, Tier, standing

TTL = 60.0  # seconds that a reservation is kept for whoever does not come back

OnStore = Callable[[Literal["up", "down"], str], None]
"""Told once a transition, with the reason. Must not block and must not raise."""


class Reservation(NamedTuple):
    """A price that is held for one operation, and where its client stands with it."""

    id: str
    client: str  # whose account it is on
    tier: Tier  # what it was decided by: one process's share of it when `local`
    points: int
    account: Account | State  # after it was held; where it is kept in this process, as it goes on
    local: bool = False  # decided by the process alone, the store being away

    @property
    def standing(self) -> Standing:
        return standing(self.account, self.tier, local=self.local)


class Ledger(Protocol):
    """One decision is atomic over points, requests a second and operations at once: all of it is taken, or nothing."""

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = TTL) -> Reservation:
        """Hold `points` (at least 0), a request and a slot. `ttl` in seconds: the operation's deadline and a margin.

        Who has not settled by then has died: points and slot come back. Cancelled while it waits, it holds nothing.
        Raises OperationTooExpensive, QuotaExceeded, TooManyAtOnce. A store that is away is no error.
        """
        ...

    async def settle(self, reservation: Reservation, actual: int) -> Standing:
        """Charge `actual` points, at most those held, give back the rest and the slot. Never raises, but if cancelled.

        Once by the reservation's id; again changes nothing. Cancelled while it waits, it is settled all the same.
        """
        ...

    async def aclose(self) -> None:
        """Finish what is being settled, close what is open."""
        ...


_PROCESS = secrets.token_hex(8)
_COUNT = count()


def new_id() -> str:
    """Of a reservation: no two have one, in whatever process."""
    return f"{_PROCESS}{next(_COUNT):x}"


def check_price(tier: Tier, points: int) -> None:
    """Raises OperationTooExpensive for what the bucket could not hold when it is full: waiting would not help."""
    if points > tier.burst:
        message = f"The operation's price is {points} points; no more than {tier.burst} can be spent at once."
        raise OperationTooExpensive(message, price=points, maxPrice=tier.burst)


def refused(refusal: Refusal, tier: Tier, points: int, where: Standing) -> QuotaExceeded:
    """The error that says why, what remains, and when to come back."""
    again = f"Try again in {refusal.wait} s."
    numbers = {"price": points, **where.numbers}
    if refusal.policy == "concurrent":
        message = f"{tier.max_concurrent} operations of this client are running, as many as it may have. {again}"
        return TooManyAtOnce(message, retry_after=refusal.wait, **numbers)
    if refusal.policy == "requests":
        message = f"More than {tier.requests_per_second} requests in a second. {again}"
        return QuotaExceeded(message, retry_after=refusal.wait, **numbers)
    message = f"The operation's price is {points} points; {where.remaining} remain. {again}"
    return QuotaExceeded(message, retry_after=refusal.wait, **numbers)
