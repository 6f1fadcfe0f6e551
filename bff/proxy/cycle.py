"""One request of a client and the answer to it: ASGI on one side, the bytes of HTTP/1.1 on the other.

Knows neither sockets nor other requests: how these are read, and what becomes of a connection, is `bff.proxy.http1`'s.
An answer that is not ended is cut, so that it does not look whole. Whoever cuts one means it: nothing is said of it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from starlette.types import ASGIApp, Message, Scope

CHUNKED, TO_THE_END = -1, -2  # in place of a length
ONE_PIECE = 65_536  # bytes: what is shorter is copied behind its head, so that both leave by one call of the kernel
BODILESS = (204, 304)  # RFC 9112 6.3
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FAILED = b"Internal Server Error"
FAILED_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"%d" % len(FAILED)),
    (b"connection", b"close"),
]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_LINES = {status: f"HTTP/1.1 {status} {_PHRASES.get(status, '')}".encode() for status in range(200, 600)}
_NO_NAME = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9a-z]")  # RFC 9110 5.6.2, in lower case
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # 5.5
_log = logging.getLogger(__name__)

Pairs = Sequence[tuple[bytes, bytes]]


class Flow(Protocol):
    """Whether the client takes what is sent."""

    write_paused: bool

    async def drain(self) -> None:
        """Until it takes more."""


class Served(Protocol):
    """What all connections of a server have in common."""

    default_headers: list[tuple[bytes, bytes]]  # of every answer


class Connection(Protocol):
    """Where requests come from, one after the other."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    @property
    def flow(self) -> Flow: ...

    @property
    def server_state(self) -> Served: ...

    def read_on(self) -> None:
        """What the client sent is wanted, and whether it leaves."""

    def answered(self, cycle: Cycle) -> None:
        """The answer is whole."""

    def cut(self) -> None:
        """The answer has come as far as it will."""


class Cycle:
    """What has come of the request's body and was not taken yet is `body`; whether there will be any, `more`."""

    __slots__ = (
        "_body",
        "_connection",
        "_event",
        "_head",
        "_left",
        "_more",
        "_news",
        "_scope",
        "_waits",
        "complete",
        "disconnected",
        "lasts",
        "started",
    )

    def __init__(self, connection: Connection, scope: Scope, *, lasts: bool, waits: bool) -> None:
        """`lasts`: the connection stays for other requests. `waits`: the client sends no body until it is told to."""
        self._connection = connection
        self._scope = scope
        self._waits = waits
        self._body: bytes | bytearray = b""  # that was not taken
        self._more = True
        self._news = False  # whether anything has come, or happened, since the application last asked
        self._event: asyncio.Event | None = None  # what it waits for if not
        self._head = b""  # of the answer, to leave with what is written in the same turn of the event loop
        self._left = 0  # bytes that the answer's body still has, or what stands for them
        self.lasts = lasts
        self.disconnected = False
        self.started = False
        self.complete = False

    async def run(self, app: ASGIApp) -> None:
        """Until the application has returned."""
        failed = False
        try:
            await app(self._scope, self.receive, self.send)
            if not self.started and not self.disconnected:
                raise RuntimeError("the application has returned without an answer")  # noqa: TRY301 - as any other failure
        except BaseException as error:  # noqa: BLE001 - who is told to stop still owes an answer
            _log.error("a request failed", exc_info=error)
            failed = True
        if failed:
            await self._fail()
        elif not self.complete and not self.disconnected:
            self._cut()

    async def _fail(self) -> None:
        if self.started:
            self._cut()
            return
        await self.send({"type": "http.response.start", "status": 500, "headers": FAILED_HEADERS})
        await self.send({"type": "http.response.body", "body": FAILED})

    def _cut(self) -> None:
        self._leave()
        self._connection.cut()

    # Of the connection

    def feed(self, data: bytes) -> int:
        """More of the request's body, which mostly comes in one piece. How much of it waits to be taken, in bytes."""
        if not self._body:
            self._body = data
        else:
            self._body = self._body if isinstance(self._body, bytearray) else bytearray(self._body)
            self._body += data
        self._tell()
        return len(self._body)

    def feed_end(self) -> None:
        self._more = False
        self._tell()

    def disconnect(self) -> None:
        """The client is gone."""
        self.disconnected = True
        self._tell()

    def _tell(self) -> None:
        self._news = True
        if self._event is not None:
            self._event.set()

    # Of the application

    async def receive(self) -> Message:
        connection = self._connection
        if self._waits and not connection.transport.is_closing():
            self._waits = False
            connection.transport.write(CONTINUE)
        if not self.disconnected and not self.complete:
            if not self._news:
                await self._heard()
            self._news = False
        if self.disconnected or self.complete:
            return {"type": "http.disconnect"}
        body, self._body = self._body, b""
        connection.read_on()  # there is room, and nothing else tells that the client leaves
        return {"type": "http.request", "body": bytes(body), "more_body": self._more}

    async def _heard(self) -> None:
        """There are news."""
        if self._event is None:
            self._event = asyncio.Event()
        self._event.clear()
        await self._event.wait()

    async def send(self, message: Message) -> None:
        """Raises RuntimeError for what is no answer of HTTP."""
        flow = self._connection.flow
        if flow.write_paused and not self.disconnected:
            await flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if self.complete or kind != ("http.response.body" if self.started else "http.response.start"):
            raise RuntimeError(f"{kind!r} is not what comes next of an answer")
        if self.started:
            self._go_on(message.get("body", b""), more=message.get("more_body", False))
        else:
            self._start(message["status"], message.get("headers", ()))

    def _start(self, status: int, headers: Pairs) -> None:
        self.started = True
        self._waits = False
        lines, length, closes = _framed([*self._connection.server_state.default_headers, *headers])
        if closes:
            self.lasts = False
        elif not self.lasts:
            lines.append(b"connection: close")
        bodiless = status in BODILESS or self._scope["method"] == "HEAD"
        if length is None and not bodiless:
            length = TO_THE_END if self._scope["http_version"] == "1.0" else CHUNKED  # RFC 9112 6.1
            lines += [b"transfer-encoding: chunked"] if length == CHUNKED else []
        self._left = 0 if bodiless or length is None else length
        self._head = b"%b\r\n%b\r\n\r\n" % (_LINES[status], b"\r\n".join(lines))
        if bodiless:  # the answer is over with its head, and may be the last
            self._leave()
        else:
            self._connection.loop.call_soon(self._leave)

    def _leave(self) -> None:
        """Of the head, if it is still here: the body does not come at once."""
        head, self._head = self._head, b""
        if head and not self._connection.transport.is_closing():
            self._connection.transport.write(head)

    def _go_on(self, body: bytes, *, more: bool) -> None:
        if self._left < 0:
            self._write(_chunk(body, more=more) if self._left == CHUNKED else body)
        elif self._scope["method"] != "HEAD":
            if len(body) > self._left:
                raise RuntimeError("a body that is longer than its header says")
            self._left -= len(body)
            self._write(body)
        if more:
            return
        if self._left > 0:
            raise RuntimeError("a body that is shorter than its header says")
        self.complete = True
        self._tell()
        self._connection.answered(self)

    def _write(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if head and len(data) > ONE_PIECE:
            self._connection.transport.writelines([head, data])
        elif head or data:
            self._connection.transport.write(head + data)


def _framed(headers: Pairs) -> tuple[list[bytes], int | None, bool]:
    """Their lines; the length of the body in bytes, `CHUNKED`, or None where nothing says it; and whether the answer is
    the last on its connection. Raises RuntimeError for what cannot be sent.

    All names, and all values, are looked at as one: joined by what any may have.
    """
    if not headers:
        return [], None, False
    names, values = zip(*headers, strict=True)
    if _NO_NAME.search(b"-".join(names)) or _NO_VALUE.search(b" ".join(values)):
        raise RuntimeError("a header that cannot be sent")
    length, closes = None, False
    if b"content-length" in names:
        length = int(values[names.index(b"content-length")])
    if b"transfer-encoding" in names and values[names.index(b"transfer-encoding")].lower() == b"chunked":
        length = CHUNKED
    if b"connection" in names:
        said = [value for name, value in headers if name == b"connection"]
        closes = b"close" in [token.strip() for token in b",".join(said).lower().split(b",")]
    return list(map(b": ".join, headers)), length, closes


def _chunk(body: bytes, *, more: bool) -> bytes:
    """RFC 9112 7.1: an empty one is the last."""
    said = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return said if more else said + b"0\r\n\r\n"
