"""The shared ledger while its store is well."""

from __future__ import annotations

import asyncio
import random

import pytest

from bff.errors import OperationTooExpensive, QuotaExceeded, TooManyAtOnce
from bff.limits.quota import Tier

from .kit import EXPLORER, SLOW, remaining, shared, until

ONE_AT_ONCE = Tier(points_per_window=1, burst=100, window=86_400, max_concurrent=1)


async def test_it_counts_as_the_ledger_in_memory_does(ledger, clock, heard):
    reservation = await ledger.reserve("web", EXPLORER, 412)
    assert (reservation.standing.remaining, reservation.standing.local) == (188, False)
    assert (await ledger.settle(reservation, 12)).remaining == 588
    clock.advance(60)
    assert await remaining(ledger, "web", EXPLORER) == 600
    assert heard.said == []


async def test_a_refusal_has_the_numbers_and_takes_nothing(ledger):
    reservation = await ledger.reserve("web", EXPLORER, 595)
    with pytest.raises(QuotaExceeded) as refused:
        await ledger.reserve("web", EXPLORER, 20)
    assert refused.value.retry_after == 2
    assert refused.value.numbers == {"price": 20, "limit": 600, "remaining": 5, "reset": 60}
    assert (await ledger.settle(reservation, 0)).remaining == 600


async def test_a_price_that_never_fits_is_refused_without_asking_the_store(ledger, server):
    with pytest.raises(OperationTooExpensive):
        await ledger.reserve("web", EXPLORER, 601)
    assert server.command("DBSIZE") == ":0\r\n"


async def test_two_ledgers_are_one_budget(server, ledger, clock):
    other = shared(server.url, clock=clock)
    await ledger.reserve("web", EXPLORER, 400)
    with pytest.raises(QuotaExceeded):
        await other.reserve("web", EXPLORER, 400)
    await other.aclose()


async def test_of_many_settlements_at_once_one_counts(server, ledger, clock):
    others = [shared(server.url, clock=clock) for _ in range(4)]
    reservation = await ledger.reserve("web", SLOW, 100)
    standings = await asyncio.gather(*(other.settle(reservation, 30) for other in others for _ in range(10)))
    assert {standing.remaining for standing in standings} == {70}
    for other in others:
        await other.aclose()


async def test_a_thousand_at_once_get_each_its_own_answer(ledger, heard):
    tier = Tier(points_per_window=1, burst=2_000, window=86_400)
    reservations = await asyncio.gather(*(ledger.reserve(f"client {n}", tier, n) for n in range(1_000)))
    assert [each.standing.remaining for each in reservations] == [2_000 - n for n in range(1_000)]
    assert heard.said == []


async def test_a_store_that_has_forgotten_the_script_is_told_it_again(server, ledger, heard):
    await ledger.reserve("web", SLOW, 10)
    server.command("SCRIPT", "FLUSH")
    found = await asyncio.gather(*(ledger.reserve("web", SLOW, 10) for _ in range(9)))
    assert found[-1].standing.remaining == 0
    assert heard.said == []


async def test_who_leaves_while_it_waits_for_its_reservation_holds_nothing(fragile):
    ledger = shared(fragile.url)
    await ledger.check()
    fragile.freeze()
    leaving = asyncio.ensure_future(ledger.reserve("web", ONE_AT_ONCE, 100))
    await until(lambda: ledger._line._runner)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    fragile.thaw()
    assert (await ledger.reserve("web", ONE_AT_ONCE, 100)).standing.local is False
    await ledger.aclose()


async def test_who_leaves_while_it_settles_has_settled(fragile):
    ledger = shared(fragile.url)
    reservation = await ledger.reserve("web", ONE_AT_ONCE, 100)
    fragile.freeze()
    leaving = asyncio.ensure_future(ledger.settle(reservation, 30))
    await until(lambda: ledger._line._runner and not ledger._line._runner.done())
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    fragile.thaw()
    assert await remaining(ledger, "web", ONE_AT_ONCE) == 70
    await ledger.aclose()


async def test_callers_that_leave_at_any_moment_mix_up_no_answers_and_leak_no_points(ledger):
    """Each client has its own price, so an answer that reaches the wrong one would be seen."""
    chance, tier = random.Random(7), Tier(points_per_window=1, burst=1_000, window=86_400, max_concurrent=1)

    async def operate(client: int) -> None:
        reservation = await ledger.reserve(str(client), tier, client)
        try:
            assert reservation.standing.remaining == 1_000 - client
            await asyncio.sleep(0)
        finally:
            await ledger.settle(reservation, 0)

    for _ in range(20):
        running = [asyncio.ensure_future(operate(client)) for client in range(30)]
        for _ in range(chance.randrange(60)):
            await asyncio.sleep(0)
        for task in running:
            if chance.random() < 0.5:
                task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        assert {type(each) for each in ended} <= {type(None), asyncio.CancelledError}
    assert [await remaining(ledger, str(client), tier) for client in range(30)] == [1_000] * 30


async def test_slots_are_freed_by_settling(ledger):
    first = await ledger.reserve("web", ONE_AT_ONCE, 1)
    with pytest.raises(TooManyAtOnce):
        await ledger.reserve("web", ONE_AT_ONCE, 1)
    await ledger.settle(first, 1)
    await ledger.reserve("web", ONE_AT_ONCE, 1)


async def test_closing_leaves_nothing_half_done(server, clock):
    ledger = shared(server.url, clock=clock)
    reservation = await ledger.reserve("web", SLOW, 100)
    settling = asyncio.ensure_future(ledger.settle(reservation, 30))
    await asyncio.sleep(0)
    await ledger.aclose()
    assert (await settling).remaining == 70


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", ""])
def test_a_url_that_is_no_store_s_is_refused_at_once(url):
    with pytest.raises(ValueError, match="Redis URL"):
        shared(url)
