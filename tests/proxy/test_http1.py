"""Heads that never end, and wishes that nobody grants."""

from __future__ import annotations

import asyncio
from typing import Any

from bff.proxy.http1 import Http1

from .gateway import asks, gateway
from .service import MIB, Service, listening, says, whole


class Hasty(Http1):
    head_timeout = 0.1


class Restless(Http1):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.timeout_keep_alive = 1


async def test_a_head_that_does_not_come_in_time_is_refused() -> None:
    async with gateway("http://127.0.0.1:9", http=Hasty) as proxy:
        for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "):
            async with proxy.connected() as connection:
                connection.writer.write(begun)
                answer = await connection.answer()
                assert (answer.status, answer.value("connection")) == (408, "close")
                assert await connection.closed()


async def test_every_head_on_a_connection_has_its_time() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, http=Hasty) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/"))
        assert (await connection.answer()).status == 200
        connection.writer.write(b"GET / HT")
        assert (await connection.answer()).status == 408


async def test_a_connection_stays_while_it_is_used_and_no_longer() -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, http=Restless) as proxy,
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
