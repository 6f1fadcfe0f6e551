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

Key = tuple[str, int]  # a client, and the window of its tier in seconds
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
        self._states: OrderedDict[Key, _Kept] = OrderedDict()  # the longest unused first

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = TTL) -> Reservation:
        check_price(tier, points)
        now = self._clock()
        if self._share > 1:
            tier = tier.share(self._share)
        key = (client, tier.window)  # debts are counted in windows: another window is another account
        if key not in self._states:
            key = self._opened(key, now)
        state = self._states[key]
        state.tier = tier
        self._states.move_to_end(key)
        hold_id = new_id()
        refusal = quota.reserve(state, now, tier, hold_id, Hold(points, now + round(ttl * 1_000)))
        if refusal:
            raise refused(refusal, tier, points, quota.standing(state, tier, local=self._local))
        return Reservation(hold_id, key[0], tier, points, state, self._local)

    async def settle(self, reservation: Reservation, actual: int) -> Standing:
        tier, now = reservation.tier, self._clock()
        state = self._states.get((reservation.client, tier.window))
        if state is None:  # forgotten, so it was settled before
            return quota.standing(Account(now), tier, local=self._local)
        quota.settle(state, now, tier, reservation.id, actual)
        return quota.standing(state, tier, local=self._local)

    async def aclose(self) -> None:
        self._states.clear()

    def __len__(self) -> int:
        return len(self._states)

    def _opened(self, key: Key, now: int) -> Key:
        """Open an account that is not there, if there is room for one; else it is the others'."""
        if len(self._states) >= self._clients and not self._forget(now):
            key = (OTHERS, key[1])
        if key not in self._states:
            self._states[key] = _Kept(now)
        return key

    def _forget(self, now: int) -> bool:
        """Forget one account that is idle, among those unused for longest. False: none is."""
        for _ in range(min(LOOKED_AT, len(self._states))):
            key, state = self._states.popitem(last=False)
            if state.tier and quota.idle(state, now, state.tier):
                return True
            self._states[key] = state  # last now: others are looked at next time
        return False


class _Kept(State):
    """An account, and the tier that it was last used with."""

    __slots__ = ("tier",)

    def __init__(self, now: int) -> None:
        super().__init__(Account(now))
        self.tier: Tier | None = None
