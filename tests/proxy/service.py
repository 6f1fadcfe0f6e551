"""A service of raw sockets behind the proxy: what it got, byte for byte, and whatever answer a test wants."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.accepting import accepting, port_of

MIB = 2**20


@dataclass
class Received:
    line: str
    headers: list[tuple[str, str]]
    size: int = 0
    digest: str = ""
    body: bytes = b""  # its first MiB

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Service:
    answer: Callable[[Received, asyncio.StreamWriter], Awaitable[None]]
    eager: bool = False  # answers before it has read the body
    port: int = 0
    received: list[Received] = field(default_factory=list)
    open: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Received:
        return self.received[-1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while True:
                await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        finally:
            self.open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        request = Received(line, [(name, value) for name, _, value in (text.partition(": ") for text in lines)])
        self.received.append(request)
        if not self.eager:
            await _read(reader, request)
        answer = asyncio.ensure_future(self.answer(request, writer))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() or writer.is_closing():
                raise ConnectionResetError
            await answer
        finally:
            for task in (answer, gone):
                task.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)
        await writer.drain()


async def _read(reader: asyncio.StreamReader, request: Received) -> None:
    digest = hashlib.sha256()
    async for piece in _pieces(reader, request):
        digest.update(piece)
        request.size += len(piece)
        if request.size <= MIB:
            request.body += piece
    request.digest = digest.hexdigest()


async def _pieces(reader: asyncio.StreamReader, request: Received) -> AsyncIterator[bytes]:
    if request.values("transfer-encoding") == ["chunked"]:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            yield (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return
    left = int((request.values("content-length") or ["0"])[0])
    while left:
        piece = await reader.read(min(left, 65_536))
        if not piece:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(piece)
        yield piece


def whole(body: bytes = b"ok", status: str = "200 OK", *headers: str) -> bytes:
    return (
        "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode("latin-1") + body
    )


def head(status: str = "200 OK", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


def says(data: bytes, *, then_closes: bool = False) -> Callable[[Received, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if then_closes:
            await writer.drain()
            writer.close()

    return answer


@asynccontextmanager
async def listening(service: Service, port: int = 0) -> AsyncIterator[Service]:
    """At `port`, or at any that is free."""
    async with accepting(service.serve, port) as server:
        service.port = port_of(server)
        yield service
