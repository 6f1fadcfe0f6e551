"""A kept connection that turns out to be closed: what is sent once more, and what never is."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import pytest

from bff import errors
from bff.upstreams import Reply, Request, Upstream, read
from bff.upstreams.wire import Wire
from tests.accepting import accepting, port_of

from .calls import Facts, an_upstream, asks, eventually
from .service import JSON, Received, _request, head, whole

HEADERS = (("authorization", "Bearer of one caller"), ("x-request-id", "one"))


@dataclass
class Fickle:
    """A service that answers the first request on a connection, and ends on the next one with `last`."""

    last: bytes = b""
    resets: bool = False
    always: bool = False  # the first request as well
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    heard: Callable[[], None] = lambda: None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        answers = not (self.always and self.connections > 1)
        while (request := await _request(reader)) is not None:
            self.received.append(request)
            if not answers:
                self.heard()
                writer.write(self.last)
                if self.resets:
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                break
            writer.write(whole(b"" if request.method == "HEAD" else JSON))
            answers = False
        writer.close()


@asynccontextmanager
async def calling(service: Fickle, **settings: Any) -> AsyncIterator[tuple[Upstream, Facts]]:
    """The way to a service with which one connection stands already."""
    facts = Facts()
    async with accepting(service.serve) as server:
        upstream = an_upstream(f"http://127.0.0.1:{port_of(server)}", observer=facts, **settings)
        await answered(upstream, asks("/first"))
        service.received.clear()
        facts.exchanges.clear()
        yield upstream, facts
        await upstream.aclose()


async def answered(upstream: Upstream, request: Request) -> tuple[int, bytes]:
    reply: Reply = await upstream.sender.send(request)
    return reply.status, await read(reply, max_decoded=1_000)


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])
async def test_what_may_be_done_twice_is_sent_once_more_on_a_new_connection(method: str, *, resets: bool) -> None:
    service = Fickle(resets=resets)
    async with calling(service) as (upstream, facts):
        assert (await answered(upstream, asks("/json?a=1", method, headers=HEADERS)))[0] == 200
    first, second = service.received
    assert first == second
    assert [value for name, value in second.headers if name == "authorization"] == ["Bearer of one caller"]
    assert service.connections == 2
    assert [(fact.status, fact.error, fact.repeated) for fact in facts.exchanges] == [(200, None, True)]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_so_is_a_body_that_is_all_there(method: str) -> None:
    service = Fickle()
    async with calling(service) as (upstream, _):
        assert await answered(upstream, asks("/json", method, body=b"body")) == (200, JSON)
    assert [seen.body for seen in service.received] == [b"body", b"body"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "LOCK"])
@pytest.mark.parametrize("body", [None, b"body"])
async def test_what_might_be_done_twice_never_is(method: str, body: bytes | None) -> None:
    service = Fickle()
    async with calling(service) as (upstream, facts):
        with pytest.raises(errors.UpstreamUnreachable):
            await answered(upstream, asks("/json", method, body=body))
    assert len(service.received) == 1
    assert [(fact.error, fact.repeated) for fact in facts.exchanges] == [("UPSTREAM_UNREACHABLE", False)]


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 200 OK\r\ncontent-le", head("103 Early Hints", link="</x>")])
async def test_nor_what_a_byte_of_an_answer_came_to(begun: bytes) -> None:
    service = Fickle(last=begun)
    async with calling(service) as (upstream, _):
        with pytest.raises(errors.UpstreamError):
            await answered(upstream, asks("/json"))
    assert len(service.received) == 1


async def test_nor_what_was_sent_on_a_connection_of_its_own() -> None:
    """Nobody closes one at the moment at which it is made: the service ends because of what it was asked."""
    service = Fickle(always=True)
    async with calling(service) as (upstream, _):
        first = asyncio.ensure_future(answered(upstream, asks("/json")))
        second = asyncio.ensure_future(answered(upstream, asks("/other", "POST")))
        for call in (first, second):
            with pytest.raises(errors.UpstreamUnreachable):
                await call
    assert len(service.received) == 3  # the first one twice, since it had the kept connection


async def test_it_is_sent_twice_at_most() -> None:
    service = Fickle(always=True)
    async with calling(service) as (upstream, facts):
        with pytest.raises(errors.UpstreamUnreachable):
            await answered(upstream, asks("/json"))
    assert len(service.received) == 2
    assert [(fact.error, fact.repeated) for fact in facts.exchanges] == [("UPSTREAM_UNREACHABLE", True)]


async def test_a_body_that_is_on_its_way_is_never_asked_for_again() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    service = Fickle()
    async with calling(service) as (upstream, _):
        with pytest.raises(errors.UpstreamUnreachable):
            await answered(upstream, asks("/json", "PUT", body=body()))
    assert len(service.received) == 1


async def test_it_keeps_its_slot_and_has_no_more_time_than_it_had() -> None:
    heard = asyncio.Event()
    over = asyncio.Event()
    times = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        await _request(reader)
        writer.write(whole(JSON) if (times := times + 1) == 1 else b"")
        if times == 1:
            await _request(reader)
        else:
            heard.set()  # the second connection has been made for the same call, and stays silent
            await over.wait()
        writer.close()

    facts = Facts()
    async with accepting(serve) as server:
        url = f"http://127.0.0.1:{port_of(server)}"
        upstream = an_upstream(url, observer=facts, max_in_flight=1, queue_size=0)
        await answered(upstream, asks("/first"))
        call = asyncio.ensure_future(answered(upstream, asks("/json", within=0.3)))
        await heard.wait()
        with pytest.raises(errors.UpstreamOverloaded):
            await answered(upstream, asks("/other"))
        with pytest.raises(errors.UpstreamTimeout):
            await call
        over.set()
        await upstream.aclose()
    assert [(fact.error, fact.repeated) for fact in facts.exchanges[1:]] == [
        ("UPSTREAM_OVERLOADED", False),
        ("UPSTREAM_TIMEOUT", True),
    ]


async def test_nothing_is_repeated_by_a_gateway_that_stops() -> None:
    heard = asyncio.Event()
    service = Fickle(last=b"", heard=heard.set)

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        service.connections += 1
        while (request := await _request(reader)) is not None:
            service.received.append(request)
            if len(service.received) > 1:
                heard.set()
                continue
            writer.write(whole(JSON))
        writer.close()

    async with accepting(deaf) as server:
        upstream = an_upstream(f"http://127.0.0.1:{port_of(server)}")
        await answered(upstream, asks("/first"))
        call = asyncio.ensure_future(answered(upstream, asks("/json")))
        await heard.wait()
        await upstream.aclose()
        with pytest.raises(errors.UpstreamUnreachable):
            await call
    await eventually(lambda: service.connections == 1)


async def test_nor_is_what_was_given_up_at_that_moment() -> None:
    asked = 0
    heard = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while await _request(reader) is not None:
            asked += 1
            writer.write(whole(JSON) if asked == 1 else b"")
            if asked > 1:
                heard.set()
        writer.close()

    async with accepting(deaf) as server:
        url = f"http://127.0.0.1:{port_of(server)}"
        wire = Wire("cities", url, connect_timeout=10.0)
        upstream = an_upstream(url, wire=wire)
        await answered(upstream, asks("/first"))
        (link,) = wire._idle
        call = asyncio.ensure_future(answered(upstream, asks("/json")))
        await heard.wait()
        link._transport.abort()  # the loop tells of it in its next turn,
        asyncio.get_running_loop().call_soon(call.cancel)  # and in the same one whoever asked has gone
        with pytest.raises(asyncio.CancelledError):
            await call
        await upstream.aclose()
    assert asked == 2
