"""What other processes do to one budget. Imported by them: knows no pytest."""

from __future__ import annotations

import asyncio
import copyreg
import multiprocessing
import time
from dataclasses import astuple, dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from bff.errors import QuotaExceeded
from bff.limits.quota import Tier
from bff.limits.shared import SharedLedger

from .kit import Clock, shared

RACERS = 4
AT_ONCE = 8  # tasks in each

_barrier: Barrier | None = None

copyreg.pickle(Tier, lambda tier: (Tier, astuple(tier)))  # what is compiled and frozen cannot itself


@dataclass(frozen=True)
class Race:
    """At a time that stands still. Each task reserves `price`, uses `actual` and settles, until it is refused."""

    url: str
    tier: Tier
    price: int
    actual: int
    settles: bool = True


@dataclass(frozen=True)
class Result:
    granted: int
    local: int  # decisions that were not the store's


def prepare(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier can only be handed over when the process is made
    _barrier = barrier


def run(race: Race) -> Result:
    """In a process of its own; starts when all are ready."""
    assert _barrier
    _barrier.wait(30)
    return asyncio.run(_run(race))


async def _run(race: Race) -> Result:
    ledger = shared(race.url, timeout=10.0, clock=Clock())
    results = await asyncio.gather(*(_race(ledger, race) for _ in range(AT_ONCE)))
    await ledger.aclose()
    return Result(sum(each.granted for each in results), sum(each.local for each in results))


async def _race(ledger: SharedLedger, race: Race) -> Result:
    granted = local = 0
    while True:
        try:
            reservation = await ledger.reserve("web", race.tier, race.price)
        except QuotaExceeded:
            break
        granted, local = granted + 1, local + reservation.standing.local
        if race.settles:
            await ledger.settle(reservation, race.actual)
    return Result(granted, local)


def die_holding(url: str, tier: Tier, points: int, ready: Connection) -> None:
    """Reserve, at the time at which all clocks of the tests start, and never come back."""

    async def hold() -> None:
        ledger = shared(url, timeout=10.0, clock=Clock())
        ready.send(await ledger.reserve("web", tier, points, ttl=60))
        time.sleep(3_600)  # noqa: ASYNC251 - until it is killed

    asyncio.run(hold())


spawning = multiprocessing.get_context("spawn")
