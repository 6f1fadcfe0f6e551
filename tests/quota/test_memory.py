from __future__ import annotations

import asyncio

import pytest

from bff.errors import OperationTooExpensive, QuotaExceeded, TooManyAtOnce
from bff.limits.memory import MemoryLedger
from bff.limits.quota import Tier

from .kit import EXPLORER, Clock, remaining


@pytest.fixture
def ledger(clock: Clock) -> MemoryLedger:
    return MemoryLedger(clock=clock)


async def test_a_price_is_held_while_it_runs_and_the_difference_is_there_again_after_it(ledger):
    reservation = await ledger.reserve("web", EXPLORER, 412)
    assert reservation.standing.remaining == 188
    assert (await ledger.settle(reservation, 12)).remaining == 588


async def test_what_is_spent_comes_back_continuously(ledger, clock):
    await ledger.settle(await ledger.reserve("web", EXPLORER, 600), 600)
    clock.advance(6)
    assert await remaining(ledger, "web", EXPLORER) == 60


async def test_a_refusal_says_the_price_what_remains_and_when_to_come_back(ledger):
    await ledger.settle(await ledger.reserve("web", EXPLORER, 600), 595)
    with pytest.raises(QuotaExceeded, match=r"price is 20 points; 5 remain. Try again in 2 s.") as refused:
        await ledger.reserve("web", EXPLORER, 20)
    assert (refused.value.retry_after, refused.value.numbers) == (
        2,
        {"price": 20, "limit": 600, "remaining": 5, "reset": 60},
    )


async def test_a_price_that_never_fits_is_not_told_to_wait(ledger):
    with pytest.raises(OperationTooExpensive) as refused:
        await ledger.reserve("web", EXPLORER, 601)
    assert refused.value.numbers == {"price": 601, "maxPrice": 600}


async def test_too_many_at_once_are_refused_until_one_is_over(ledger):
    tier = Tier(points_per_window=600, burst=600, max_concurrent=2)
    first, _ = [await ledger.reserve("web", tier, 1) for _ in range(2)]
    with pytest.raises(TooManyAtOnce, match="2 operations of this client are running"):
        await ledger.reserve("web", tier, 1)
    await ledger.settle(first, 1)
    await ledger.reserve("web", tier, 1)


async def test_requests_a_second_are_refused_with_points_left(ledger, clock):
    tier = Tier(points_per_window=600, burst=600, requests_per_second=2)
    for _ in range(2):
        await ledger.settle(await ledger.reserve("web", tier, 1), 1)
    with pytest.raises(QuotaExceeded, match="More than 2 requests in a second"):
        await ledger.reserve("web", tier, 1)
    clock.advance(0.5)
    await ledger.reserve("web", tier, 1)


async def test_one_that_is_refused_takes_nothing(ledger):
    tier = Tier(points_per_window=600, burst=600, requests_per_second=5, max_concurrent=1)
    held = await ledger.reserve("web", tier, 100)
    for _ in range(10):
        with pytest.raises(TooManyAtOnce):
            await ledger.reserve("web", tier, 100)
    standing = await ledger.settle(held, 100)
    assert (standing.remaining, standing.requests_remaining, standing.concurrent_remaining) == (500, 4, 1)


async def test_clients_do_not_share(ledger):
    await ledger.reserve("web", EXPLORER, 600)
    assert await remaining(ledger, "app", EXPLORER) == 600


async def test_settling_at_once_from_many_places_pays_once(ledger):
    reservation = await ledger.reserve("web", EXPLORER, 100)
    await asyncio.gather(*(ledger.settle(reservation, actual) for actual in (10, 20, 30, 40)))
    assert await remaining(ledger, "web", EXPLORER) == 590


async def test_who_never_settles_gets_it_back_when_the_reservation_expires(ledger, clock):
    await ledger.reserve("web", EXPLORER, 600, ttl=15)
    clock.advance(15)
    await ledger.reserve("web", EXPLORER, 600)


async def test_accounts_that_are_full_are_forgotten_and_the_memory_stays_bounded(clock):
    ledger = MemoryLedger(clients=10, clock=clock)
    for index in range(100):
        await ledger.settle(await ledger.reserve(f"client {index}", EXPLORER, 10), 10)
        clock.advance(1)  # the ten points are back
    assert len(ledger) == 10


async def test_no_account_that_owes_or_runs_is_ever_forgotten(clock):
    ledger = MemoryLedger(clients=10, clock=clock)
    for index in range(5):
        await ledger.settle(await ledger.reserve(f"owes {index}", EXPLORER, 600), 600)
    running = [await ledger.reserve(f"runs {index}", EXPLORER, 600, ttl=1_000) for index in range(5)]
    clock.advance(1)
    for index in range(200):
        await ledger.settle(await ledger.reserve(f"newcomer {index}", EXPLORER, 1), 0)
    for index in range(5):
        assert await remaining(ledger, f"owes {index}", EXPLORER) == 10
        assert (await ledger.settle(running[index], 600)).remaining == 0


async def test_when_every_account_is_in_use_newcomers_share_one(clock):
    ledger = MemoryLedger(clients=2, clock=clock)
    for client in ("web", "app"):
        await ledger.reserve(client, EXPLORER, 600)
    reservation = await ledger.reserve("first newcomer", EXPLORER, 400)
    with pytest.raises(QuotaExceeded):
        await ledger.reserve("second newcomer", EXPLORER, 400)
    await ledger.settle(reservation, 0)
    await ledger.reserve("second newcomer", EXPLORER, 400)
