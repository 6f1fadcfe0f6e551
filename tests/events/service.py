"""A service that streams, on a real socket: what it does with each call is the test's to say.

HTTP is written by hand, so that it can also be wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.asyncio.server import Server, ServerConnection, serve

PATIENCE = 30.0
STREAM = "text/event-stream"


@dataclass
class Call:
    """One call that came, and its connection."""

    target: str
    headers: dict[str, str]
    writer: asyncio.StreamWriter
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # the caller has left

    def left(self, watching: asyncio.Future[bytes]) -> None:
        if not watching.cancelled():
            watching.exception()  # a reset is a way to leave
        self.gone.set()

    def head(self, status: int = 200, **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} x", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        self.writer.write("\r\n".join([*lines, "connection: close", "\r\n"]).encode())

    def stream(self, text: str = "") -> None:
        """Begin a stream, and say this in it."""
        self.head(content_type=STREAM)
        self.say(text)

    def say(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    def break_off(self) -> None:
        """Reset the connection."""
        self.writer.transport.abort()


Script = Callable[[Call], Awaitable[None]]


@dataclass
class Service:
    """What has been asked; `script` is run for each call, whose connection is closed at its end."""

    script: Script
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    open: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        call = Call(first.split(" ")[1], headers, writer)
        self.calls.append(call)
        await self._count(1)
        watching = asyncio.ensure_future(reader.read())
        watching.add_done_callback(call.left)
        try:
            await self.script(call)
            await writer.drain()
        finally:
            watching.cancel()
            await self._count(-1)

    async def _count(self, change: int) -> None:
        async with self.changed:
            self.open += change
            self.changed.notify_all()

    async def until(self, condition: Callable[[Service], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: condition(self))


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Service]:
    service = Service(script)
    server = await asyncio.start_server(service.accept, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        for call in service.calls:
            call.break_off()
        await server.wait_closed()
        await service.until(lambda found: found.open == 0)


Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[tuple[str, Server]]:
    """A WebSocket server, and its URL as an upstream's."""
    async with serve(talk, "127.0.0.1", 0, ping_interval=None) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", server
