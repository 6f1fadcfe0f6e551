"""Accounts in the memory of one process. Bounded: it forgets accounts whose buckets are full, and no other."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bff.limits import quota
from bff.limits.quota import Account, Hold, Standing, State, Tier
from bff.limits.store import TTL, Reservation, check_price, new_id, refused

CLIENTS = 10_000
LOOKED_AT = 8  # accounts that a newcomer may ask to be forgotten: the time it takes stays bounded
OTHERS = ""  # the account that newcomers share while every account is in use; no client is called so

Milliseconds = Callable[[], int]


def monotonic() -> int:
    return time.monotonic_ns() // 1_000_000


class MemoryLedger:
    """Exact within its process. Nothing here waits: every decision is made in one step of the event loop."""

    def __init__(
        self, *, clients: int = CLIENTS, clock: Milliseconds = monotonic, share: int = 1, local: bool = False
    ) -> None:
        """`clients` is how many accounts there are at most. `share`: this process has one of so many parts of a tier.

        `local` goes into every Standing: this ledger stands in for one that is shared.
        """
        self._clients = clients
        self._clock = clock
        self._share = share
        self._local = local
        self._states: OrderedDict[tuple[str, int], tuple[State, Tier]] = OrderedDict()  # the longest unused first

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = TTL) -> Reservation:
        check_price(tier, points)
        now = self._clock()
        if self._share > 1:
            tier = tier.share(self._share)
        state, client = self._opened(client, tier, now)
        hold_id = new_id()
        refusal = quota.reserve(state, now, tier, hold_id, Hold(points, now + round(ttl * 1_000)))
        account = state.account
        if refusal:
            raise refused(refusal, tier, points, quota.standing(account, tier, local=self._local))
        return Reservation(hold_id, client, tier, points, account, self._local)

    async def settle(self, reservation: Reservation, actual: int) -> Standing:
        tier, now = reservation.tier, self._clock()
        key = (reservation.client, tier.window)
        found = self._states.get(key)
        state = found[0] if found else State(Account(now))  # forgotten, so it was settled before
        quota.settle(state, now, tier, reservation.id, actual)
        if found:
            self._states[key] = state, tier
        return quota.standing(state, tier, local=self._local)

    async def aclose(self) -> None:
        self._states.clear()

    def __len__(self) -> int:
        return len(self._states)

    def _opened(self, client: str, tier: Tier, now: int) -> tuple[State, str]:
        """The account that `client` spends from, and whose it is: its own, if there is one or room for one."""
        key = (client, tier.window)  # debts are counted in windows: another window is another account
        if key not in self._states and len(self._states) >= self._clients and not self._forget(now):
            client, key = OTHERS, (OTHERS, tier.window)
        found = self._states.get(key)
        state = found[0] if found else State(Account(now))
        self._states[key] = state, tier
        self._states.move_to_end(key)
        return state, client

    def _forget(self, now: int) -> bool:
        """Forget one account that is idle, among those unused for longest. False: none is."""
        for _ in range(min(LOOKED_AT, len(self._states))):
            key, (state, tier) = self._states.popitem(last=False)
            if quota.idle(state, now, tier):
                return True
            self._states[key] = state, tier  # last now: others are looked at next time
        return False
