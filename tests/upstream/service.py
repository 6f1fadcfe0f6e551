"""A service made of a raw socket, so that it can also answer what no server would. The path says how it answers."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.accepting import accepting, port_of

JSON = b'{"id": 7}'


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass
class Service:
    """What it saw, and the lever that lets delayed answers go."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0  # open now
    accepted: int = 0
    answering: int = 0
    peak: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.accepted += 1
        try:
            while (request := await _request(reader)) is not None:
                self.received.append(request)
                await self._answer(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections -= 1
            writer.close()

    async def _answer(self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answering += 1
        self.peak = max(self.peak, self.answering)
        how = ANSWERS[request.target.partition("?")[0]]
        answer = asyncio.ensure_future(how(self, writer))
        gone = asyncio.ensure_future(reader.read(1))  # nothing is pipelined: whatever comes is the end
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.answering -= 1
            hung_up = gone.done()
            for task in (answer, gone):
                task.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)
        if hung_up or writer.is_closing():
            raise ConnectionResetError
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = start.split(" ")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Received(method, target, headers, await _body(reader, dict(headers)))


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


Answer = Callable[[Service, asyncio.StreamWriter], Awaitable[None]]
ANSWERS: dict[str, Answer] = {}


def answers(path: str) -> Callable[[Answer], Answer]:
    def register(answer: Answer) -> Answer:
        ANSWERS[path] = answer
        return answer

    return register


def head(status: str = "200 OK", **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def whole(body: bytes, status: str = "200 OK", **headers: object) -> bytes:
    return head(status, content_length=len(body), **headers) + body


def says(path: str, data: bytes, *, then_closes: bool = False) -> None:
    """The service writes `data` in one piece when asked for `path`."""

    @answers(path)
    async def _(service: Service, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if then_closes:
            writer.close()


@asynccontextmanager
async def running() -> AsyncIterator[Service]:
    service = Service()
    async with accepting(service.serve) as server:
        service.port = port_of(server)
        yield service


# How it answers --------------------------------------------------------------------------------------------------

says("/json", whole(JSON, content_type="application/json"))
says("/api/json", whole(JSON))
says("//192.0.2.1/x", whole(JSON))
says("/gzip", whole(gzip.compress(JSON), content_encoding="gzip"))
says("/empty", whole(b""))
says("/chunked", head(transfer_encoding="chunked") + b'4\r\n{"id\r\n5\r\n": 7}\r\n0\r\n\r\n')
says("/until-close", head(connection="close") + JSON, then_closes=True)
says("/redirect", whole(b"", "302 Found", location="/json"))
says("/elsewhere", whole(b"", "307 Temporary Redirect", location="http://192.0.2.1/"))
says("/cookie", whole(JSON, set_cookie="session=secret; Path=/"))
says("/early-hints", head("103 Early Hints", link="</x>") + head("100 Continue") + whole(JSON))
says("/no-content", head("204 No Content", content_length=5) + b"extra")
says("/not-modified", head("304 Not Modified", content_length=5) + b"extra")
says("/teapot", whole(b"short and stout", "418 I'm a teapot"))
says("/broken-inside", whole(b"{}", "500 Internal Server Error"))

says("/status-999", whole(JSON, "999 What"))
says("/status-099", whole(JSON, "099 What"))
says("/switching", head("101 Switching Protocols", upgrade="h2c", connection="upgrade"))
says("/garbage", b"\x00\x01\x02 no such thing\r\n\r\n", then_closes=True)
says("/http-0.9", JSON, then_closes=True)
says("/two-lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\ncontent-length: 3\r\n\r\n" + JSON)
says("/header-bomb", head(**{f"x-{number}": "y" for number in range(10_000)}) + JSON)
says("/long-header", head(x="y" * 100_000) + JSON)
says("/bad-chunk", head(transfer_encoding="chunked") + b"zz\r\n{}\r\n0\r\n\r\n")
says("/truncated", head(content_length=100) + JSON, then_closes=True)
says("/truncated-chunk", head(transfer_encoding="chunked") + b"64\r\n" + JSON, then_closes=True)
says("/truncated-gzip", whole(gzip.compress(JSON)[:-6], content_encoding="gzip"))
says("/not-gzip", whole(JSON, content_encoding="gzip"))
says("/brotli", whole(JSON, content_encoding="br"))
says("/closes", b"", then_closes=True)
says("/half-head", b"HTTP/1.1 200 OK\r\ncontent-le", then_closes=True)
says("/bomb", whole(gzip.compress(bytes(20_000_000)), content_encoding="gzip"))
says("/huge", whole(bytes(3_000_000)))
says("/head-of-huge", head(content_length=3_000_000, content_encoding="gzip"))
says("/huge-chunked", head(transfer_encoding="chunked") + b"2DC6C0\r\n" + bytes(3_000_000) + b"\r\n0\r\n\r\n")


@answers("/padded")
async def _padded(service: Service, writer: asyncio.StreamWriter) -> None:
    """A length with more zeros in front than Python reads digits of; the body comes later."""
    writer.write(head(content_length=f"{len(JSON):05000}"))
    await writer.drain()
    await service.released.wait()
    writer.write(JSON)


@answers("/resets")
async def _resets(service: Service, writer: asyncio.StreamWriter) -> None:
    _reset(writer)


@answers("/resets-inside")
async def _resets_inside(service: Service, writer: asyncio.StreamWriter) -> None:
    writer.write(head(content_length=100) + JSON)
    await writer.drain()
    await service.released.wait()
    _reset(writer)


@answers("/silent")
async def _silent(service: Service, writer: asyncio.StreamWriter) -> None:
    await service.released.wait()
    writer.write(whole(JSON))


@answers("/stalls")
async def _stalls(service: Service, writer: asyncio.StreamWriter) -> None:
    """Headers and the beginning of a body; the rest when it is released."""
    writer.write(head(content_length=len(JSON)) + JSON[:4])
    await service.released.wait()
    writer.write(JSON[4:])


@answers("/drips")
async def _drips(service: Service, writer: asyncio.StreamWriter) -> None:
    """A byte at a time, without end: never silent for long, never done."""
    writer.write(head(transfer_encoding="chunked"))
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.005)


@answers("/hints-for-ever")
async def _hints_for_ever(service: Service, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(head("103 Early Hints"))
        await writer.drain()
        await asyncio.sleep(0.005)


@answers("/haunted")
async def _haunted(service: Service, writer: asyncio.StreamWriter) -> None:
    """A whole answer, and when it is released a second one that nobody asked for."""
    writer.write(whole(JSON))
    await service.released.wait()
    writer.write(whole(b"a ghost"))


@answers("/spaced")
async def _spaced(service: Service, writer: asyncio.StreamWriter) -> None:
    """Headers and body in packets of their own."""
    writer.write(head(content_length=len(JSON)))
    await writer.drain()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writer.write(JSON)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
