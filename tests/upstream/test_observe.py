"""One exchange for every call, whatever becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bff import errors
from bff.telemetry import Exchange
from bff.upstreams import Upstream, read

from .calls import Facts, an_upstream, asks, eventually, fetch
from .service import JSON, Service


async def test_an_exchange_says_what_was_called_and_what_came(cities: Upstream, facts: Facts) -> None:
    recorded: list[Exchange] = []
    await fetch(cities, "/json?id=7", "POST", body=b"12345", label="POST /json{?id}", record=recorded.append)
    (fact,) = facts.exchanges
    assert recorded == [fact]
    assert (fact.upstream, fact.label, fact.method) == ("cities", "POST /json{?id}", "POST")
    assert (fact.status, fact.error, fact.waited) == (200, None, 0.0)
    assert (fact.request_bytes, fact.response_bytes) == (5, len(JSON))
    assert fact.seconds > 0.0
    assert fact.started + fact.seconds <= asyncio.get_running_loop().time() + 0.01


@pytest.mark.parametrize(
    ("path", "status", "error", "size"),
    [
        ("/json", 200, None, len(JSON)),
        ("/spaced", 200, None, len(JSON)),
        ("/teapot", 418, None, 15),
        ("/closes", None, "UPSTREAM_UNREACHABLE", 0),
        ("/truncated", 200, "UPSTREAM_MALFORMED", None),
        ("/truncated-gzip", 200, "UPSTREAM_MALFORMED", None),
        ("/brotli", 200, "UPSTREAM_MALFORMED", None),
        ("/huge", 200, "UPSTREAM_TOO_LARGE", 0),
        ("/bomb", 200, "UPSTREAM_TOO_LARGE", None),
    ],
)
async def test_every_outcome_is_told_once(
    cities: Upstream, facts: Facts, path: str, status: int | None, error: str | None, size: int | None
) -> None:
    await asyncio.gather(fetch(cities, path), return_exceptions=True)
    (fact,) = facts.exchanges
    assert (fact.status, fact.error) == (status, error)
    assert size in (None, fact.response_bytes)


async def test_a_call_that_is_not_made_is_told_too(service: Service, facts: Facts) -> None:
    upstream = an_upstream(service.url, observer=facts, max_in_flight=1, queue_size=0)
    first = asyncio.ensure_future(fetch(upstream, "/silent"))
    await eventually(lambda: service.answering == 1)
    await asyncio.gather(fetch(upstream, "/json"), fetch(upstream, "/json", within=0.0), return_exceptions=True)
    assert [fact.error for fact in facts.exchanges] == ["UPSTREAM_OVERLOADED", "UPSTREAM_TIMEOUT"]
    service.released.set()
    await first
    await upstream.sender.aclose()


async def test_a_call_that_is_cancelled_before_its_answer_is_told_as_such(
    cities: Upstream, service: Service, facts: Facts
) -> None:
    call = asyncio.ensure_future(fetch(cities, "/silent"))
    await eventually(lambda: service.answering == 1)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert [(fact.status, fact.error) for fact in facts.exchanges] == [(None, "CANCELLED")]


async def test_a_call_that_is_cancelled_inside_its_body_is_told_as_such(cities: Upstream, facts: Facts) -> None:
    reply = await cities.sender.send(asks("/stalls"))
    reading = asyncio.ensure_future(read(reply, max_decoded=100))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert [(fact.status, fact.error) for fact in facts.exchanges] == [(200, "CANCELLED")]


async def test_a_reply_that_is_closed_unread_is_no_failure(cities: Upstream, facts: Facts) -> None:
    reply = await cities.sender.send(asks("/stalls"))
    assert not facts.exchanges
    reply.close()
    reply.close()
    assert [(fact.status, fact.error) for fact in facts.exchanges] == [(200, None)]


async def test_what_the_reader_of_a_reply_raises_is_its_failure(cities: Upstream, facts: Facts) -> None:
    reply = await cities.sender.send(asks("/stalls"))
    with pytest.raises(errors.UpstreamMalformed), reply:
        raise errors.UpstreamMalformed("cities")
    assert [fact.error for fact in facts.exchanges] == ["UPSTREAM_MALFORMED"]


async def test_a_defect_of_ours_is_told_as_internal(cities: Upstream, facts: Facts) -> None:
    with pytest.raises(ValueError, match="percent-encoded"):
        await fetch(cities, "not a path")
    assert [fact.error for fact in facts.exchanges] == ["INTERNAL"]


async def test_streams_are_counted_as_they_pass(cities: Upstream, facts: Facts) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"three"

    reply = await cities.sender.send(asks("/spaced", "POST", body=body()))
    await read(reply, max_decoded=100)
    (fact,) = facts.exchanges
    assert (fact.request_bytes, fact.response_bytes) == (8, len(JSON))


async def test_time_in_the_queue_is_told_apart(service: Service, facts: Facts) -> None:
    upstream = an_upstream(service.url, observer=facts, max_in_flight=1)
    calls = [asyncio.ensure_future(fetch(upstream, "/silent")) for _ in range(2)]
    await eventually(lambda: service.answering == 1)
    service.released.set()
    await asyncio.gather(*calls)
    assert [fact.waited > 0.0 for fact in facts.exchanges] == [False, True]
    assert all(fact.waited <= fact.seconds for fact in facts.exchanges)
    await upstream.sender.aclose()
