"""Heads that never end, and wishes that nobody grants."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from bff.proxy import Route
from bff.proxy.http1 import MOST_OPEN, Http1

from .gateway import Connection, asks, eventually, gateway
from .service import MIB, Received, Service, head, listening, says, whole


def hasty(**options: Any) -> Http1:
    made = Http1(**options)
    made.head_timeout = 0.1
    return made


def restless(**options: Any) -> Http1:
    made = Http1(**options)
    made.timeout_keep_alive = 1
    return made


class AtOnce(asyncio.Protocol):
    """The kernel hands over all of a request at once, which ends with END."""

    def __init__(self, **options: Any) -> None:
        self.inner = Http1(**options)
        self.held = b""
        self.connection_made = self.inner.connection_made  # type: ignore[method-assign,assignment]
        self.connection_lost = self.inner.connection_lost  # type: ignore[method-assign]
        self.pause_writing = self.inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = self.inner.resume_writing  # type: ignore[method-assign]

    def data_received(self, data: bytes) -> None:
        self.held += data
        if self.held.endswith(b"END"):
            self.inner.data_received(self.held)


async def test_a_head_that_does_not_come_in_time_is_refused() -> None:
    async with gateway("http://127.0.0.1:9", http=hasty) as proxy:
        for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "):
            async with proxy.connected() as connection:
                connection.writer.write(begun)
                answer = await connection.answer()
                assert (answer.status, answer.value("connection")) == (408, "close")
                assert await connection.closed()


async def test_every_head_on_a_connection_has_its_time() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, http=hasty) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/"))
        assert (await connection.answer()).status == 200
        connection.writer.write(b"GET / HT")
        assert (await connection.answer()).status == 408


async def test_a_connection_stays_while_it_is_used_and_no_longer() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, http=restless) as proxy,
        proxy.connected() as connection,
    ):
        now = asyncio.get_running_loop().time
        until = now() + 1.5
        while now() < until:
            connection.writer.write(asks("/"))
            assert (await connection.answer()).status == 200
        assert await connection.closed()


async def test_a_head_without_end_is_cut() -> None:
    async with gateway("http://127.0.0.1:9") as proxy, proxy.connected() as connection:
        connection.writer.write(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000)
        assert (await connection.answer()).status == 431


async def test_what_was_asked_before_something_that_is_no_request_gets_its_own_answer() -> None:
    held = asyncio.Event()

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.write(whole())

    async with (
        listening(Service(answer)) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/a") + b"GARBAGE\r\n\r\n")
        await eventually(lambda: len(service.received) == 1)
        held.set()
        assert (await connection.answer()).status == 200
        assert await connection.closed()


async def test_nothing_is_said_in_the_middle_of_an_answer() -> None:
    more = asyncio.Event()

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Transfer-Encoding: chunked") + b"2\r\nab\r\n")
        await more.wait()
        writer.write(b"2\r\ncd\r\n0\r\n\r\n")

    async with (
        listening(Service(answer)) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/a"))
        found = await connection.head()
        connection.writer.write(b"GARBAGE\r\n\r\n")
        await asyncio.sleep(0.05)
        more.set()
        assert [piece async for piece in connection.pieces(found)] == [b"ab", b"cd"]
        assert await connection.closed()


async def test_a_head_that_we_do_not_read_is_not_late() -> None:
    held = asyncio.Event()

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.write(whole())

    async with (
        listening(Service(answer)) as service,
        gateway(service.url, http=hasty) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/a"))
        await eventually(lambda: len(service.received) == 1)
        connection.writer.write(asks("/b") + b"GET /c HT")
        await asyncio.sleep(0.3)
        held.set()
        connection.writer.write(b"TP/1.1\r\nHost: a\r\n\r\n")
        assert [(await connection.answer()).status for _ in range(3)] == [200, 200, 200]


async def test_how_long_a_head_is_has_nothing_to_do_with_what_came_before_it() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, Route(path="/{path...}", upstream="files", max_body=MIB)) as proxy,
        proxy.connected() as connection,
    ):
        for _ in range(8):  # the kernel hands over more and more at once
            connection.writer.write(asks("/a", method="POST", body=bytes(200_000)) + b"GET /b HT")
            assert (await connection.answer()).status == 200
            connection.writer.write(b"TP/1.1\r\nHost: a\r\n\r\n")
            assert (await connection.answer()).status == 200


async def test_who_sent_much_at_once_is_seen_to_leave() -> None:
    async def answer(_: Received, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    route = Route(path="/{path...}", upstream="files", max_body=MIB)
    async with listening(Service(answer)) as service, gateway(service.url, route, http=AtOnce) as proxy:
        async with proxy.connected() as connection:
            connection.writer.write(asks("/a", method="POST", body=bytes(200_000) + b"END"))
            await eventually(lambda: service.received and len(service.last.body) > 200_000)
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].status is None


async def test_requests_that_come_all_at_once_wait_in_bounded_number() -> None:
    async with gateway("http://127.0.0.1:9") as proxy, proxy.connected() as connection:
        answered = asyncio.ensure_future(answers(connection))
        with suppress(ConnectionError):
            for _ in range(4):
                connection.writer.write(asks("/", "X: y") * (2 * MOST_OPEN))
                await connection.writer.drain()
        assert await answered <= MOST_OPEN


async def answers(connection: Connection) -> int:
    """How many come until the connection ends."""
    found = 0
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            await connection.answer()
            found += 1
    return found


async def test_as_many_wishes_for_another_protocol_as_come_at_once_are_no_failure_of_ours() -> None:
    async with gateway("http://127.0.0.1:9") as proxy, proxy.connected() as connection:
        connection.writer.write(asks("/", "Connection: Upgrade", "Upgrade: h2c") * 700)
        for _ in range(700):
            assert (await connection.answer()).status == 502


async def test_a_client_of_http_1_0_gets_a_body_that_ends_with_its_connection() -> None:
    chunks = head("200 OK", "Transfer-Encoding: chunked") + b"2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"
    async with (
        listening(Service(says(chunks))) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(b"GET /a HTTP/1.0\r\n\r\n")
        answer = await connection.head()
        assert (answer.value("transfer-encoding"), answer.value("connection")) == (None, "close")
        assert await connection.reader.read() == b"abcd"


async def test_a_wish_for_another_protocol_does_not_stand_in_the_way_of_the_next_request() -> None:
    async with listening(Service(says(whole()))) as service, gateway(service.url) as proxy:
        async with proxy.connected() as connection:
            wish = ("Connection: Upgrade", "Upgrade: websocket")
            for number in range(2):
                connection.writer.write(asks(f"/{number}", *wish, method="POST", body=b"x"))
                assert (await connection.answer()).status == 200
            connection.writer.write(asks("/2", *wish) + asks("/3"))
            assert [(await connection.answer()).status for _ in range(2)] == [200, 200]
        assert [request.target for request in service.received] == ["/0", "/1", "/2", "/3"]
        assert [request.body for request in service.received] == [b"x", b"x", b"", b""]
        assert [name for request in service.received for name, _ in request.headers if name.lower() == "upgrade"] == []


async def test_a_tunnel_is_refused_once_and_nothing_behind_it_is_a_request() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/a", method="CONNECT") + asks("/b"))
        answer = await connection.answer()
        assert (answer.status, answer.value("connection")) == (405, "close")
        assert await connection.closed()
        assert service.received == []


async def test_a_client_that_sends_first_and_reads_then_still_gets_the_refusal() -> None:
    async with gateway("http://127.0.0.1:9") as proxy, proxy.connected() as connection:
        size = 8 * MIB
        connection.writer.write(asks("/", f"Content-Length: {size}", method="POST"))
        for _ in range(8):
            connection.writer.write(bytes(MIB))
            await connection.writer.drain()
        answer = await connection.answer()
        assert (answer.status, answer.value("connection")) == (413, "close")
