"""Clients that read nothing: what they are sent is bounded, and they do not keep it for ever."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
import strawberry

from bff import field
from bff.proxy import http1
from bff.socket.protocol import WebSocket
from tests.http.conftest import Served, serving, until
from tests.http.wire import DEADLINE
from tests.subscriptions.conftest import SUBPROTOCOL, at_rest
from tests.subscriptions.world import Subscription

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
)
TEXT, CLOSE, PING, MORE = 1, 8, 9, 0
MANY = json.dumps({"query": "{ huge(size: 5000000) }"})
LARGE = "subscription { flood(size: 4000000) }"
ROOM = 256 * 1024  # bytes; uvicorn takes 64 KiB for much


@strawberry.type
class Query:
    @field()
    def huge(self, size: int) -> str:
        return "x" * size


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Served]:
    async with serving(schema=strawberry.Schema(query=Query, subscription=Subscription)) as found:
        yield found


def frame(opcode: int, data: bytes = b"", *, end: bool = True) -> bytes:
    """A client's frame (RFC 6455 5.2), masked with nothing."""
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    return bytes([opcode | (0x80 if end else 0)]) + size + bytes(4) + data


def post(length: int, connection: str) -> str:
    head = f"POST /graphql HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nConnection: {connection}\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n"


def said(type_: str, **more: object) -> bytes:
    return frame(TEXT, json.dumps({"type": type_, **more}).encode())


@asynccontextmanager
async def unread(gateway: Served, opening: str) -> AsyncIterator[sockets.socket]:
    """A connection from which nothing is read but the head of its first answer, if it shakes hands."""
    loop = asyncio.get_running_loop()
    with sockets.socket() as client:
        client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", gateway.port))
        await loop.sock_sendall(client, opening.encode())
        if opening == HANDSHAKE:
            assert b" 101 " in await loop.sock_recv(client, 4096)
        yield client


def waiting(gateway: Served) -> int:
    """Bytes that are kept for clients."""
    return sum(each.transport.get_write_buffer_size() for each in gateway.server.server_state.connections)


async def gone(gateway: Served) -> None:
    await until(lambda: not gateway.server.server_state.connections)


async def test_pings_of_a_client_that_takes_no_pongs_are_not_answered(gateway: Served) -> None:
    """RFC 6455 5.5.3 lets an endpoint answer the newest ping alone."""
    async with unread(gateway, HANDSHAKE) as client:
        loop = asyncio.get_running_loop()
        many = frame(PING, b"p" * 125) * 1_000
        for _ in range(100):
            await loop.sock_sendall(client, many)
        await until(lambda: waiting(gateway) > 0)
        assert waiting(gateway) < ROOM


async def test_a_message_in_endless_pieces_is_kept_in_few(gateway: Served) -> None:
    async with unread(gateway, HANDSHAKE) as client:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, frame(TEXT, b'{"type":', end=False))
        await loop.sock_sendall(client, (frame(MORE, b"", end=False) * 99 + frame(MORE, b" ", end=False)) * 100)
        await loop.sock_sendall(client, frame(PING))
        assert await asyncio.wait_for(loop.sock_recv(client, 100), DEADLINE) == b"\x8a\x00"
        (connection,) = gateway.server.server_state.connections
        assert isinstance(connection, WebSocket)
        assert len(connection.frames) < 100
        await loop.sock_sendall(client, frame(MORE, b'"connection_init"}'))
        assert b"connection_ack" in await asyncio.wait_for(loop.sock_recv(client, 100), DEADLINE)


async def test_who_says_goodbye_and_reads_nothing_is_let_go(gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WebSocket, "close_linger", 0.05)
    async with unread(gateway, HANDSHAKE) as client:
        loop = asyncio.get_running_loop()
        payload = {"query": LARGE}
        await loop.sock_sendall(client, said("connection_init") + said("subscribe", id="1", payload=payload))
        await until(lambda: waiting(gateway) > ROOM)
        await loop.sock_sendall(client, frame(CLOSE))
        await gone(gateway)
    await at_rest(gateway)


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
async def test_who_reads_nothing_of_a_plain_answer_is_let_go(
    gateway: Served, monkeypatch: pytest.MonkeyPatch, connection: str
) -> None:
    monkeypatch.setattr(http1, "STALL", 0.05)
    async with unread(gateway, post(len(MANY), connection) + MANY):
        await until(lambda: waiting(gateway) > ROOM)
        await gone(gateway)


@pytest.mark.parametrize("part", ["", MANY[:10]])
async def test_a_body_that_stops_coming_is_given_up(
    gateway: Served, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(http1, "STALL", 0.05)
    async with unread(gateway, post(len(MANY), "keep-alive") + part) as client:
        answer = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 1_000), DEADLINE)
        assert answer.startswith(b"HTTP/1.1 408 ")
        await gone(gateway)
    await gateway.idle()


async def test_a_stop_waits_for_nobody_who_neither_sends_nor_reads(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http1, "PARTING", 0.05)
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    async with AsyncExitStack() as clients, serving(schema=schema) as gateway:
        await clients.enter_async_context(unread(gateway, post(len(MANY), "close") + MANY[:10]))
        await clients.enter_async_context(unread(gateway, post(len(MANY), "close") + MANY))
        await until(lambda: waiting(gateway) > ROOM)
        connections = gateway.server.server_state.connections
        await until(lambda: len(connections) == 2 and len(gateway.server.server_state.tasks) == 1)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
