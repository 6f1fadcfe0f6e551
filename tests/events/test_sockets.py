"""A service's WebSocket, over real sockets."""

from __future__ import annotations

import asyncio
import json
import math
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from bff import constant, upstream
from bff.upstreams import Query, Sockets
from bff.upstreams import Request as Asked

from .kit import bench, eventually
from .service import talking

flights = upstream("flights")
PRICES = flights.socket("/prices/{of};v=1{?since}")


async def test_messages_come_as_rows_and_the_handshake_has_the_callers_headers() -> None:
    async def talk(socket: ServerConnection) -> None:
        seen.append(socket.request)
        await socket.send('{"price": 1}')
        await socket.send(b'{"price": 2}')
        await socket.wait_closed()

    seen: list[Any] = []
    async with talking(talk) as (url, _), bench(f"{url}/base", forward=frozenset({"authorization"})) as on:
        given = (("authorization", "Bearer ada"), ("cookie", "secret"))
        reader = on.subscribe(PRICES, of="EUR", since="a b", headers=given)
        assert await reader.some(2) == [{"price": 1}, {"price": 2}]
        assert seen[0].path == "/base/prices/EUR;v=1?since=a%20b"
        assert seen[0].headers["authorization"] == "Bearer ada"
        assert "cookie" not in seen[0].headers
        assert "sec-websocket-extensions" not in seen[0].headers


async def test_the_first_message_is_ours_where_the_service_waits_for_one() -> None:
    source = flights.socket("/stream", body={"op": "op", "args": {"number": "number"}})

    async def talk(socket: ServerConnection) -> None:
        asked = json.loads(await socket.recv())
        await socket.send(json.dumps({"heard": asked}))
        await socket.wait_closed()

    async with talking(talk) as (url, _), bench(url) as on:
        reader = on.subscribe(source, bind={"op": constant("subscribe")}, number="TP1")
        assert await reader.next() == {"heard": {"op": "subscribe", "args": {"number": "TP1"}}}


async def test_equal_subscribers_have_one_socket_and_it_is_closed_in_order_behind_the_last() -> None:
    async def talk(socket: ServerConnection) -> None:
        sockets.append(socket)
        await socket.send('{"price": 1}')
        await socket.wait_closed()

    sockets: list[ServerConnection] = []
    async with talking(talk) as (url, _), bench(url) as on:
        readers = [on.subscribe(PRICES, of="EUR", since=None) for _ in range(3)]
        tasks = [reader.begin() for reader in readers]
        assert await asyncio.gather(*tasks) == [{"price": 1}] * 3
        for reader in readers:
            await reader.leave()
        await sockets[0].wait_closed()
        assert (len(sockets), sockets[0].close_code) == (1, 1000)
        await eventually(lambda: [fact.status for fact in on.facts.exchanges] == [101])
        assert on.facts.exchanges[0].response_bytes == len('{"price": 1}')


async def test_a_socket_that_closes_in_order_is_opened_again_and_one_that_breaks_is_told() -> None:
    async def talk(socket: ServerConnection) -> None:
        turns.append(socket)
        await socket.send(f'{{"turn": {len(turns)}}}')
        if len(turns) == 2:
            socket.transport.abort()
        if len(turns) == 3:
            await socket.close(1011, "broken")
        if len(turns) == 4:
            await socket.wait_closed()

    turns: list[ServerConnection] = []
    async with talking(talk) as (url, _), bench(url) as on:
        found = await on.subscribe(PRICES, of="EUR", since=None).some(6)
        broken = "UPSTREAM_UNREACHABLE"
        assert found == [{"turn": 1}, {"turn": 2}, broken, {"turn": 3}, broken, {"turn": 4}]


@pytest.mark.parametrize(
    ("status", "code"), [(401, "UPSTREAM_STATUS"), (302, "UPSTREAM_STATUS"), (200, "UPSTREAM_STATUS")]
)
async def test_a_service_that_refuses_the_handshake_is_the_end_and_no_redirect_is_followed(
    status: int, code: str
) -> None:
    def refuse(socket: ServerConnection, request: Request) -> Response:
        asked.append(request.path)
        response = socket.respond(HTTPStatus(status), "no")
        response.headers["location"] = "/elsewhere"
        return response

    asked: list[str] = []
    async with serve(None, "127.0.0.1", 0, process_request=refuse) as server:  # type: ignore[arg-type]
        url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        async with bench(url) as on:
            assert await on.subscribe(PRICES, of="EUR", since=None).rest() == [f"end: {code}"]
    assert asked == ["/prices/EUR;v=1"]


async def test_what_is_not_there_is_null_and_the_end() -> None:
    def refuse(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(HTTPStatus.NOT_FOUND, "no")

    async with serve(None, "127.0.0.1", 0, process_request=refuse) as server:  # type: ignore[arg-type]
        url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        async with bench(url) as on:
            assert await on.subscribe(PRICES, of="EUR", since=None).rest() == [None]


@pytest.mark.parametrize(
    ("message", "code"),
    [("x" * 300, "UPSTREAM_TOO_LARGE"), ("soon", "UPSTREAM_MALFORMED"), (b"\xff\xfe", "UPSTREAM_MALFORMED")],
)
async def test_what_is_too_large_or_no_json_is_told_and_the_socket_goes_on(message: Any, code: str) -> None:
    async def talk(socket: ServerConnection) -> None:
        turns.append(socket)
        if len(turns) == 1:
            await socket.send(message)
        await socket.send('{"price": 2}')
        await socket.wait_closed()

    turns: list[ServerConnection] = []
    async with talking(talk) as (url, _), bench(url, events={"max_size": 100}) as on:
        assert await on.subscribe(PRICES, of="EUR", since=None).some(2) == [code, {"price": 2}]


async def test_a_service_that_does_not_answer_the_handshake_is_late() -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server, bench(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.05) as on:
        assert await on.subscribe(PRICES, of="EUR", since=None).next() == "UPSTREAM_TIMEOUT"


async def test_a_peer_that_is_gone_is_noticed_by_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(
            line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key")
        )
        writer.write(
            (
                "HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                f"sec-websocket-accept: {accept_key(key)}\r\n\r\n"
            ).encode()
        )
        await reader.read()  # and no pong
        writer.close()

    monkeypatch.setattr("bff.upstreams.lines.PING", 0.05)
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server, bench(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as on:
        assert await on.subscribe(PRICES, of="EUR", since=None).next() == "UPSTREAM_UNREACHABLE"


async def test_a_service_that_floods_is_made_to_wait() -> None:
    async def talk(socket: ServerConnection) -> None:
        try:
            for number in range(3_000):
                await socket.send(f'{{"price": {number}}}')
            await socket.wait_closed()
        except ConnectionClosed:
            pass

    async with talking(talk) as (url, _), bench(url) as on:
        reader = on.subscribe(PRICES, of="EUR", since=None)
        assert await reader.some(3_000) == [{"price": number} for number in range(3_000)]


async def test_no_service_is_an_outage_and_sockets_are_capped() -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send("{}")
        await socket.wait_closed()

    async with talking(talk) as (url, _), bench(url, events={"max_open": 1}) as on:
        assert await on.subscribe(PRICES, of="EUR", since=None).next() == {}
        assert await on.subscribe(PRICES, of="USD", since=None).rest() == ["end: UPSTREAM_OVERLOADED"]
    async with bench(url, events={"patience": 0.01}) as on:
        found = await on.subscribe(PRICES, of="EUR", since=None).rest()
        assert found[-1] == "end: UPSTREAM_UNREACHABLE"


async def test_parameters_of_every_call_are_those_of_sockets_too() -> None:
    async def talk(socket: ServerConnection) -> None:
        assert socket.request
        await socket.send(json.dumps(socket.request.path))
        await socket.wait_closed()

    async with talking(talk) as (url, _), bench(url) as on:
        dial = Query(Sockets("flights", url, max_size=1_000), (("key", "k"),))
        reply = await dial.send(Asked("GET", "/prices?a=1", math.inf))
        with reply:
            assert await anext(reply) == b'"/prices?a=1&key=k"'
        await dial.aclose()
        assert len(on.streams) == 0
