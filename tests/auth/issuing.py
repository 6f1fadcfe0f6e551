"""An issuer's HTTP service on a real socket: it counts what it is asked, and answers well, badly or late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bff.telemetry import Silent
from bff.upstreams import Upstream, UpstreamSettings, Wire, build
from tests.accepting import accepting, port_of


@dataclass
class Publisher:
    body: bytes = b""
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    asked: int = 0
    gate: asyncio.Event | None = None  # holds answers back
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[bytes] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            self.asked += 1
            self.arrived.set()
            if self.gate:
                await self.gate.wait()
            lines = (f"HTTP/1.1 {self.status}", f"content-length: {len(self.body)}", "connection: close", *self.headers)
            writer.write("\r\n".join([*lines, "", ""]).encode() + self.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@dataclass
class Place:
    """Where a publisher can be reached."""

    publisher: Publisher
    upstream: Upstream
    server: asyncio.Server

    async def vanish(self) -> None:
        self.server.close()
        await self.server.wait_closed()


SETTINGS = UpstreamSettings(
    timeout=20,
    connect_timeout=10,
    max_in_flight=10,
    queue_size=10,
    queue_wait=10,
    max_response=2_000_000,
    max_decoded=2_000_000,
    headers=(("x-gateway", "bff"),),
)


@asynccontextmanager
async def publishing(body: bytes) -> AsyncIterator[Place]:
    publisher = Publisher(body)
    async with accepting(publisher.answer) as server:
        upstream = build(
            "id", SETTINGS, Wire("id", f"http://127.0.0.1:{port_of(server)}/realm", connect_timeout=10), Silent()
        )
        try:
            yield Place(publisher, upstream, server)
        finally:
            await upstream.sender.aclose()
