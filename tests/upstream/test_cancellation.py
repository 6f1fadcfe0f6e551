"""A call may be abandoned at any moment. Nothing of it may remain: no slot, no task, no connection, no untold exchange.

Every moment is tried: calls are cancelled after 0, 1, 2, … turns of the event loop, over new connections and used ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import product

import pytest
import uvloop

from bff.upstreams import Upstream

from .calls import Facts, an_upstream, eventually, fetch
from .service import JSON, Service, running

TURNS = range(26)
PAUSES = [0, 1]  # turns between one cancellation and the next: a slot may be handed over in it
CALLS = 6  # at once: two in flight, three in the queue, one refused
WAYS = ["GET /json", "GET /spaced", "GET /silent", "GET /stalls", "GET /huge", "POST /json"]
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize("connections", ["new", "used"])
@pytest.mark.parametrize("loop", LOOPS)
def test_thousands_of_abandoned_calls_leave_nothing_behind(loop: str, connections: str) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        cancelled = runner.run(_abandon_at_every_turn(renewed=connections == "new"))
    assert cancelled > 1000  # in each of four ways; the other calls had their answer before they could be cancelled


async def _abandon_at_every_turn(*, renewed: bool) -> int:
    async with running() as service:
        tasks = asyncio.all_tasks()
        crowd = _Crowd(service)
        for way, turns, pause in product(WAYS, TURNS, PAUSES):
            await crowd.abandon(way, turns, pause)
            assert "0 of 2 in flight, 0 of 3 queued" in repr(crowd.upstream.sender)
            assert len(crowd.facts.exchanges) == crowd.begun  # every call is told of, and once
            if renewed:
                await crowd.renew()
        assert (await fetch(crowd.upstream, "/json"))[1] == JSON
        await crowd.upstream.sender.aclose()
        await eventually(lambda: service.connections == 0)
        await eventually(lambda: asyncio.all_tasks() == tasks)
        return sum(fact.error == "CANCELLED" for fact in crowd.facts.exchanges)


class _Crowd:
    """Callers who all leave: at the same moment, or one after the other."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.facts = Facts()
        self.begun = 0
        self.upstream = self.narrow()

    def narrow(self) -> Upstream:
        return an_upstream(
            self.service.url, observer=self.facts, max_in_flight=2, queue_size=3, max_response=10_000_000
        )

    async def renew(self) -> None:
        await self.upstream.sender.aclose()
        self.upstream = self.narrow()

    async def abandon(self, way: str, turns: int, pause: int) -> None:
        calls = [asyncio.ensure_future(self.call(way)) for _ in range(CALLS)]
        await turn(turns)
        for call in calls:
            call.cancel()
            await turn(pause)
        await asyncio.gather(*calls, return_exceptions=True)

    async def call(self, way: str) -> None:
        self.begun += 1
        method, _, path = way.partition(" ")
        if method == "GET":
            await fetch(self.upstream, path)
            return
        body = _chunks()
        try:
            await fetch(self.upstream, path, method, body=body)
        finally:
            await body.aclose()


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def _chunks() -> AsyncGenerator[bytes, None]:
    for _ in range(3):
        yield b"x" * 1000
        await asyncio.sleep(0)


@pytest.mark.parametrize("turns", TURNS)
async def test_an_answer_that_arrives_while_its_call_is_cancelled_leaves_nothing_behind(
    service: Service, turns: int
) -> None:
    """The two races: the answer and the cancellation, the freed slot and the cancellation of who waits for it."""
    facts = Facts()
    upstream = an_upstream(service.url, observer=facts, max_in_flight=1)
    first = asyncio.ensure_future(fetch(upstream, "/silent"))
    await eventually(lambda: service.answering == 1)
    queued = [asyncio.ensure_future(fetch(upstream, "/silent")) for _ in range(3)]
    await asyncio.sleep(0)
    service.released.set()
    await turn(turns)
    for call in (first, *queued):
        call.cancel()
    await asyncio.gather(first, *queued, return_exceptions=True)
    assert "0 of 1 in flight, 0 of 100 queued" in repr(upstream.sender)
    assert len(facts.exchanges) == 4
    assert (await fetch(upstream, "/json"))[1] == JSON
    await upstream.sender.aclose()
    await eventually(lambda: service.connections == 0)


async def test_closing_the_wire_ends_the_calls_that_are_being_made(service: Service) -> None:
    upstream = an_upstream(service.url)
    calls = [asyncio.ensure_future(fetch(upstream, path)) for path in ("/silent", "/stalls")]
    await eventually(lambda: service.answering == 2)
    await upstream.sender.aclose()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == ["UPSTREAM_UNREACHABLE"] * 2
    await eventually(lambda: service.connections == 0)
