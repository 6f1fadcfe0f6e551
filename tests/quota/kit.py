"""Small things that the tests of quotas share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bff.limits.circuit import Circuit
from bff.limits.quota import Tier
from bff.limits.shared import SharedLedger
from bff.limits.store import Ledger, Reservation
from bff.limits.valkey import valkey_ledger

from .server import PATIENCE

EXPLORER = Tier(points_per_window=600, burst=600)
SLOW = Tier(points_per_window=1, burst=100, window=86_400)  # does not refill while a test runs
IMPATIENT = Circuit(shortest=0.02, longest=0.1)


class Clock:
    """Milliseconds that pass when a test says so."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * 1_000)


class Heard:
    """What was said of the store."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __call__(self, state: str, reason: str) -> None:
        self.said.append((state, reason))

    @property
    def states(self) -> list[str]:
        return [state for state, _ in self.said]


def shared(url: str, heard: Heard | None = None, **settings: Any) -> SharedLedger:
    """A ledger that notices within a moment that its store is back, and is not fooled by a busy machine."""
    return valkey_ledger(url, on_store=heard or Heard(), **{"timeout": 2.0, "circuit": IMPATIENT, **settings})


async def remaining(ledger: Ledger, client: str, tier: Tier) -> int:
    """Asked for nothing, a ledger says what there is."""
    probe = await ledger.reserve(client, tier, 0)
    return (await ledger.settle(probe, 0)).remaining


async def until(what: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.005)


async def through_the_store(ledger: Ledger, client: str, tier: Tier) -> Reservation:
    """Reserve nothing, until it is the store that grants it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            reservation = await ledger.reserve(client, tier, 0)
            await ledger.settle(reservation, 0)
            if not reservation.standing.local:
                return reservation
            await asyncio.sleep(0.005)
