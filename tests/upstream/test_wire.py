"""What goes over the wire, to the header."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Self

import psutil
import pytest

from bff import errors
from bff.upstreams import Upstream, read
from bff.upstreams.wire import SPOILT

from .calls import an_upstream, asks, eventually, fetch
from .service import JSON, Service, head, whole

PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


async def test_nothing_is_sent_that_was_not_asked_for(cities: Upstream, service: Service) -> None:
    await fetch(cities, "/json?id=1&id=2")
    (seen,) = service.received
    assert (seen.method, seen.target, seen.body) == ("GET", "/json?id=1&id=2", b"")
    assert seen.headers == [
        ("host", service.url.removeprefix("http://")),
        ("user-agent", "bff"),
        ("accept-encoding", "gzip"),
    ]


async def test_headers_are_sent_as_given_and_replace_ours(cities: Upstream, service: Service) -> None:
    given = (("accept", "text/x"), ("x-tag", "b"), ("x-tag", "a"), ("user-agent", "curl"), ("x-name", "Łódź"))
    await fetch(cities, "/json", headers=given)
    (seen,) = service.received
    assert seen.values("x-tag") == ["b", "a"]
    assert seen.values("user-agent") == ["curl"]
    assert seen.values("accept") == ["text/x"]
    assert seen.values("x-name") == ["Łódź".encode().decode("latin-1")]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_body_is_sent_with_its_length_and_no_invented_type(
    cities: Upstream, service: Service, method: str
) -> None:
    await fetch(cities, "/json", method, body=b'{"a": 1}')
    (seen,) = service.received
    assert (seen.body, seen.values("content-length"), seen.values("content-type")) == (b'{"a": 1}', ["8"], [])


async def test_a_large_body_in_one_piece_arrives_whole(cities: Upstream, service: Service) -> None:
    body = bytes(range(256)) * 8192
    await fetch(cities, "/json", "POST", body=body)
    assert service.received[0].body == body


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_streamed_body_is_sent_in_chunks(cities: Upstream, service: Service) -> None:
    await fetch(cities, "/json", "POST", body=chunks(b"one", b"two"))
    assert service.received[0].body == b"onetwo"
    assert service.received[0].values("transfer-encoding") == ["chunked"]


async def test_a_body_whose_source_fails_is_that_failure_and_not_the_upstreams(
    cities: Upstream, service: Service
) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"one"
        raise errors.RequestTooLarge("too much")

    with pytest.raises(errors.RequestTooLarge):
        await fetch(cities, "/json", "POST", body=cut())
    await eventually(lambda: service.connections == 0)
    assert (await fetch(cities, "/json"))[1] == JSON


async def test_a_connection_is_used_again(cities: Upstream, service: Service) -> None:
    for _ in range(5):
        await fetch(cities, "/json")
    assert service.accepted == 1


async def test_an_answer_that_came_with_its_headers_has_nothing_to_wait_for(cities: Upstream) -> None:
    reply = await cities.sender.send(asks("/json"))
    with reply:
        assert reply.body == JSON


async def test_what_arrives_on_an_idle_connection_is_nobodys_answer(cities: Upstream, service: Service) -> None:
    await fetch(cities, "/haunted")
    service.released.set()
    for _ in range(50):
        await asyncio.sleep(0)
    assert (await fetch(cities, "/json"))[1] == JSON
    assert service.accepted == 2


async def test_no_cookie_is_ever_sent_back(cities: Upstream, service: Service) -> None:
    await fetch(cities, "/cookie")
    await fetch(cities, "/json")
    assert [seen.values("cookie") for seen in service.received] == [[], []]


async def test_proxies_of_the_environment_are_ignored(cities: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await fetch(cities, "/json"))[1] == JSON


async def test_the_path_of_the_base_url_is_kept(service: Service) -> None:
    upstream = an_upstream(f"{service.url}/api/")
    await fetch(upstream, "/json?x=%2F")
    assert service.received[0].target == "/api/json?x=%2F"
    await upstream.sender.aclose()


async def test_a_target_cannot_name_another_host(cities: Upstream, service: Service) -> None:
    await fetch(cities, "//192.0.2.1/x")
    assert service.received[0].target == "//192.0.2.1/x"


@pytest.mark.parametrize("target", ["json", "@192.0.2.1/", ":80/", "/a b", "/a\r\nx: y", "/\N{SNOWMAN}", "/a#b", "/\0"])
async def test_a_target_that_is_not_encoded_is_a_defect_and_not_sent(
    cities: Upstream, service: Service, target: str
) -> None:
    with pytest.raises(ValueError, match="percent-encoded"):
        await fetch(cities, target)
    assert not service.received


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\0b"])
async def test_a_header_that_would_split_the_message_is_a_defect_and_not_sent(
    cities: Upstream, service: Service, value: str
) -> None:
    with pytest.raises(ValueError, match="header"):
        await fetch(cities, "/json", headers=(("x", value),))
    await eventually(lambda: service.connections == 0)
    assert not service.received


async def test_a_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    upstream = an_upstream(f"http://127.0.0.1:{port}")
    with pytest.raises(errors.UpstreamUnreachable) as caught:
        await fetch(upstream, "/json")
    assert str(port) not in str(caught.value)
    await upstream.sender.aclose()


async def test_a_connection_that_nobody_accepts_is_unreachable_after_the_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ExitStack() as crowd:
        address = deaf.getsockname()
        for _ in range(4):  # more than the backlog: the kernel answers none after that
            waiting = crowd.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        upstream = an_upstream(f"http://127.0.0.1:{address[1]}", connect_timeout=0.05)
        with pytest.raises(errors.UpstreamUnreachable):
            await fetch(upstream, "/json")
        await upstream.sender.aclose()


@pytest.mark.parametrize("answered", [False, True])
async def test_an_upload_that_nobody_takes_is_dropped_with_its_call(*, answered: bool) -> None:
    """Closing the connection would wait until the peer has taken the rest: it would outlive its call."""
    over = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(head(content_length=100) if answered else b"")
        await over.wait()
        writer.close()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = an_upstream(f"http://127.0.0.1:{port}")
    source = _Endless()
    call = asyncio.ensure_future(upstream.sender.send(asks("/", "POST", body=source)))
    await source.stalled()
    if answered:
        (await call).close()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await eventually(lambda: not _connections_to(port))
    over.set()
    await upstream.sender.aclose()
    server.close()
    await server.wait_closed()


class _Endless:
    """A body without end, which knows when nobody takes more of it."""

    def __init__(self) -> None:
        self.taken = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self.taken += 1
        return bytes(65_536)

    async def stalled(self) -> None:
        before = -1
        while before != self.taken or not self.taken:
            before = self.taken
            for _ in range(100):
                await asyncio.sleep(0)


def _connections_to(port: int) -> list[object]:
    """Those of this process that it has not closed, although their peer may not know yet."""
    return [made for made in psutil.Process().net_connections("tcp") if made.raddr and made.raddr.port == port]


async def test_a_closed_wire_calls_nobody(cities: Upstream, service: Service) -> None:
    await cities.sender.aclose()
    with pytest.raises(errors.UpstreamUnreachable):
        await fetch(cities, "/json")
    assert not service.received


async def test_a_closed_wire_ends_a_call_whose_upload_nobody_takes() -> None:
    async with speaking(lambda reader, writer: asyncio.sleep(0)) as port:
        upstream = an_upstream(f"http://127.0.0.1:{port}")
        source = _Endless()
        call = asyncio.ensure_future(upstream.sender.send(asks("/", "POST", body=source)))
        await source.stalled()
        await upstream.sender.aclose()
        with pytest.raises(errors.UpstreamUnreachable):
            await call


# Servers that do not wait for their turn ----------------------------------------------------------------------------

Speaker = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(how: Speaker) -> AsyncIterator[int]:
    """The port of a server that treats each connection so, reads no more of it, and keeps it until the end."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await how(reader, writer)
        with suppress(RuntimeError):  # closed by `how`
            reader._transport.pause_reading()  # type: ignore[attr-defined]
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()
        await server.wait_closed()


async def test_an_answer_that_comes_before_its_request_has_left_ends_the_upload() -> None:
    """RFC 9112 9.3: what remains of the body would be taken for the next request."""
    times = 0

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(JSON, "413 Content Too Large"))

    async with speaking(early) as port:
        upstream = an_upstream(f"http://127.0.0.1:{port}")
        running = asyncio.all_tasks()
        for _ in range(2):
            reply, body = await fetch(upstream, "/", "POST", body=_Endless())
            assert (reply.status, body) == (413, JSON)
            await eventually(lambda: not _connections_to(port))
        assert times == 2
        await eventually(lambda: not {task for task in asyncio.all_tasks() - running if "Upload" in repr(task)})
        await upstream.sender.aclose()


@pytest.mark.parametrize("answered", [False, True])
async def test_a_body_that_ends_before_its_length_is_no_body(*, answered: bool) -> None:
    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head(content_length=100) if answered else b"")

    going = asyncio.Event()

    async def short() -> AsyncIterator[bytes]:
        yield b"one"
        await going.wait()

    async with speaking(waits) as port:
        upstream = an_upstream(f"http://127.0.0.1:{port}")
        call = asyncio.ensure_future(
            upstream.sender.send(asks("/", "POST", headers=(("content-length", "9"),), body=short()))
        )
        reading = asyncio.ensure_future(read(await call, max_decoded=100)) if answered else call
        going.set()
        with pytest.raises(ValueError, match="shorter"):
            await reading
        await eventually(lambda: not _connections_to(port))
        await upstream.sender.aclose()


async def test_no_byte_beyond_the_length_of_a_body_is_sent(cities: Upstream, service: Service) -> None:
    surplus = chunks(b"one", b"GET /evil HTTP/1.1\r\n\r\n")
    await fetch(cities, "/json", "POST", headers=(("content-length", "3"),), body=surplus)
    await fetch(cities, "/json")
    assert [(seen.target, seen.body) for seen in service.received] == [("/json", b"one"), ("/json", b"")]


async def _closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")


@pytest.mark.parametrize("how", [_closes, _greets])
async def test_a_server_that_does_not_wait_to_be_asked_is_given_up(how: Speaker) -> None:
    """Nothing was sent, so another connection may be tried; not for ever."""
    times = 0

    async def counts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        await how(reader, writer)

    async with speaking(counts) as port:
        upstream = an_upstream(f"http://127.0.0.1:{port}")
        with pytest.raises(errors.UpstreamError):
            await fetch(upstream, "/json")
        assert times <= SPOILT
        await upstream.sender.aclose()
