"""One budget, several processes, a real store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from bff.errors import TooManyAtOnce
from bff.limits.quota import Tier

from .kit import SLOW, Clock, remaining, shared
from .racers import AT_ONCE, RACERS, Race, die_holding, prepare, run, spawning
from .server import PATIENCE, Server


@pytest.fixture(scope="module")
def racers() -> Iterator[ProcessPoolExecutor]:
    barrier = spawning.Barrier(RACERS)
    with ProcessPoolExecutor(RACERS, mp_context=spawning, initializer=prepare, initargs=(barrier,)) as pool:
        yield pool


def race(racers: ProcessPoolExecutor, race: Race) -> int:
    """How often all of them together were granted it."""
    results = list(racers.map(run, [race] * RACERS))
    assert sum(result.local for result in results) == 0
    return sum(result.granted for result in results)


async def test_four_processes_that_race_for_one_budget_are_granted_exactly_all_of_it(server: Server, ledger, racers):
    tier = Tier(points_per_window=1, burst=1_000)
    assert race(racers, Race(server.url, tier, price=3, actual=3)) == 333
    assert await remaining(ledger, "web", tier) == 1


async def test_what_they_do_not_use_is_granted_again_and_the_sum_of_what_they_use_is_exact(
    server: Server, ledger, racers
):
    tier = Tier(points_per_window=1, burst=1_000)
    granted = race(racers, Race(server.url, tier, price=10, actual=3))
    assert await remaining(ledger, "web", tier) == 1_000 - granted * 3
    assert granted * 3 > 1_000 - 10 * RACERS * AT_ONCE, "refused only when what all hold leaves too little"


@pytest.mark.parametrize(
    ("limit", "settles"), [({"max_concurrent": 10}, False), ({"requests_per_second": 10}, True)], ids=["slots", "rate"]
)
def test_slots_and_requests_a_second_are_counted_across_processes(server: Server, racers, limit, settles):
    tier = Tier(points_per_window=1, burst=1_000, **limit)
    assert race(racers, Race(server.url, tier, price=1, actual=1, settles=settles)) == 10


async def test_what_a_killed_process_held_comes_back_when_its_reservation_expires(server: Server, clock: Clock):
    tier = Tier(points_per_window=1, burst=100, window=86_400, max_concurrent=1)
    here, there = spawning.Pipe()
    process = spawning.Process(target=die_holding, args=(server.url, tier, 60, there))
    process.start()
    try:
        assert here.poll(30)
        assert here.recv().standing.remaining == 40
    finally:
        process.kill()
        process.join(PATIENCE)
    ledger = shared(server.url, clock=clock)
    clock.advance(59.9)
    with pytest.raises(TooManyAtOnce):
        await ledger.reserve("web", tier, 1)
    clock.advance(0.1)
    assert (await ledger.reserve("web", tier, 100)).standing.remaining == 0
    await ledger.aclose()


async def test_without_a_clock_of_ours_it_is_the_store_s_that_lets_them_expire(server: Server):
    ledger, tier = shared(server.url), SLOW
    await ledger.reserve("web", tier, 60, ttl=0.05)
    while await remaining(ledger, "web", tier) < tier.burst:
        pass
    await ledger.aclose()
