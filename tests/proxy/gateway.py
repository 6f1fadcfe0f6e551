"""A real server with the proxy in it, on a real port, and a client that sends the bytes it is told."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from bff.proxy import Guard, OpenPolicy, Policy, Proxy, Route
from bff.proxy.http1 import Http1
from bff.socket.protocol import WebSocket
from bff.telemetry import Passage, Silent
from bff.upstreams import Tunnels, Upstream, UpstreamSettings, Wire, build

ROOM: dict[str, Any] = {
    "timeout": 0.001,  # of whole answers: none of its business here
    "connect_timeout": 5.0,
    "max_in_flight": 10,
    "queue_size": 10,
    "queue_wait": 5.0,
    "max_response": 10,  # as little
    "max_decoded": 10,
}
ALL = Route(path="/{path...}", upstream="files", max_body=1000)


class Failures(Silent):
    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.passages: list[Passage] = []

    def passage(self, fact: Passage) -> None:
        self.passages.append(fact)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        self.failures.append(error)


@dataclass
class Gateway:
    port: int
    upstream: Upstream
    proxy: Proxy
    observer: Failures = field(default_factory=Failures)

    @property
    def passages(self) -> list[Passage]:
        return self.observer.passages

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def exchange(self, sent: bytes) -> Answered:
        """One request, and the answer to it."""
        async with self.connected() as connection:
            connection.writer.write(sent)
            return await connection.answer(head_only=sent.startswith(b"HEAD "))

    async def get(self, target: str, *headers: str, method: str = "GET", body: bytes | None = None) -> Answered:
        return await self.exchange(asks(target, *headers, method=method, body=body))


@dataclass
class Answered:
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = True

    def value(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def problem(self) -> dict[str, Any]:
        assert self.value("content-type") == "application/problem+json"
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> Answered:
        raw = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
        line, *lines = raw.removesuffix("\r\n\r\n").split("\r\n")
        pairs = (text.partition(": ") for text in lines)
        return Answered(int(line.split(" ")[1]), [(name.lower(), value) for name, _, value in pairs])

    async def answer(self, *, head_only: bool = False) -> Answered:
        found = await self.head()
        if head_only or found.status in {204, 304}:
            return found
        try:
            async for piece in self.pieces(found):
                found.body += piece
        except asyncio.IncompleteReadError:
            found.complete = False
        return found

    async def pieces(self, found: Answered) -> AsyncIterator[bytes]:
        if found.value("transfer-encoding") == "chunked":
            while size := int(await self._line() or b"!", 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readexactly(2)
            return
        left = int(found.value("content-length") or 0)
        while left:
            piece = await self.reader.read(min(left, 65_536))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece

    async def _line(self) -> bytes:
        return await self.reader.readuntil(b"\r\n")

    async def closed(self) -> bool:
        """Whether the server ends the connection without another byte."""
        try:
            return await asyncio.wait_for(self.reader.read(1), 10) == b""
        except ConnectionError:
            return True


def asks(target: str, *headers: str, method: str = "GET", body: bytes | None = None) -> bytes:
    length = [f"Content-Length: {len(body)}"] if body is not None else []
    lines = [f"{method} {target} HTTP/1.1", "Host: api.example", *length, *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + (body or b"")


class Server(uvicorn.Server):
    """uvicorn in this event loop, which leaves the process's signals alone and looks at no clock while it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def run_on(self, listener: socket.socket) -> None:
        await self._serve([listener])

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.wait_for(asyncio.gather(*self.server_state.tasks), 10)


@asynccontextmanager
async def gateway(
    url: str,
    *routes: Route,
    policy: Policy | None = None,
    trusted: Sequence[Any] = (),
    http: Any = Http1,
    **settings: Any,
) -> AsyncIterator[Gateway]:
    name = (routes or (ALL,))[0].upstream
    wire = Wire(name, url, connect_timeout=ROOM["connect_timeout"])
    upstream = build(
        name,
        UpstreamSettings(**({"url": url} | ROOM | settings)),
        wire,
        Silent(),
        through=lambda most: Tunnels(name, url, max_size=most),
    )
    observer = Failures()
    proxy = Proxy(
        routes or (ALL,),
        {name: upstream},
        policy or OpenPolicy(),
        name="gw",
        trusted=trusted,
        observer=observer,
    )
    running = Gateway(0, upstream, proxy, observer)
    server = Server(
        uvicorn.Config(
            Guard(proxy, name="gw"),
            http=http,
            ws=WebSocket,
            ws_max_size=65_536,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running.port = listener.getsockname()[1]
        serving = asyncio.ensure_future(server.run_on(listener))
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
                await asyncio.sleep(0.001)
            yield running
        finally:
            proxy.stop()
            server.stopping.set()
            await serving
            await upstream.aclose()


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the network sets no event
            await asyncio.sleep(0.001)
