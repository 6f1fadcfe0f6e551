"""Calls whose answers are handed on as they come: no limit on the whole, one on silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bff.errors import UpstreamOverloaded, UpstreamTimeout
from bff.upstreams import Upstream

from .calls import Facts, an_upstream, asks
from .service import JSON, Service


async def pieces(*delays: float) -> AsyncIterator[bytes]:
    for delay in delays:
        await asyncio.sleep(delay)
        yield b"piece"


def test_the_stack_has_neither_a_cap_nor_a_total() -> None:
    upstream = an_upstream("http://127.0.0.1:4102/api/", max_in_flight=5, queue_size=7)
    assert repr(upstream.streaming(2, 60)) == (
        "observe → writes → idle 2s, 60s → limit 0 of 5 in flight, 0 of 7 queued → wire http://127.0.0.1:4102/api"
    )


async def test_an_answer_larger_and_longer_than_the_policies_for_whole_ones_passes(service: Service) -> None:
    upstream = an_upstream(service.url, timeout=0.001, max_response=10)
    with await upstream.streaming(5, 5).send(asks("/huge")) as reply:
        assert sum([len(chunk) async for chunk in reply]) == 3_000_000
    await upstream.sender.aclose()


async def test_both_kinds_of_call_share_the_slots(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1, queue_size=0)
    with await upstream.streaming(5, 5).send(asks("/stalls")), pytest.raises(UpstreamOverloaded):
        await upstream.sender.send(asks("/json"))
    with await upstream.sender.send(asks("/json")) as reply:
        assert reply.status == 200
    await upstream.sender.aclose()


async def test_silence_before_the_headers_is_late(cities: Upstream, facts: Facts) -> None:
    with pytest.raises(UpstreamTimeout):
        await cities.streaming(0.05, 5).send(asks("/silent"))
    assert facts.exchanges[0].error == "UPSTREAM_TIMEOUT"


async def test_silence_inside_the_body_is_late(cities: Upstream, facts: Facts) -> None:
    with await cities.streaming(5, 0.05).send(asks("/stalls")) as reply:
        assert await anext(reply) == JSON[:4]
        with pytest.raises(UpstreamTimeout):
            await anext(reply)
    assert facts.exchanges[0].error == "UPSTREAM_TIMEOUT"


async def test_the_requests_own_deadline_holds_beside_that(cities: Upstream) -> None:
    with pytest.raises(UpstreamTimeout):
        await cities.streaming(5, 5).send(asks("/silent", within=0.05))
    with await cities.streaming(5, 5).send(asks("/stalls", within=0.2)) as reply:
        assert await anext(reply)
        with pytest.raises(UpstreamTimeout):
            await anext(reply)


async def test_a_body_that_comes_slowly_is_not_the_upstreams_silence(cities: Upstream, service: Service) -> None:
    body = pieces(0.15, 0.15)
    with await cities.streaming(0.1, 5).send(asks("/json", "POST", body=body)) as reply:
        assert reply.status == 200
    assert service.received[0].body == b"piecepiece"
    await body.aclose()  # type: ignore[attr-defined]


async def test_silence_after_the_last_piece_is_late(cities: Upstream) -> None:
    body = pieces(0, 0)
    with pytest.raises(UpstreamTimeout):
        await cities.streaming(0.1, 5).send(asks("/silent", "POST", body=body))
    await body.aclose()  # type: ignore[attr-defined]


async def test_cancelling_frees_the_slot(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1, queue_size=0)
    call = asyncio.ensure_future(upstream.streaming(5, 5).send(asks("/silent")))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with await upstream.streaming(5, 5).send(asks("/json")) as reply:
        assert reply.status == 200
    await upstream.sender.aclose()
