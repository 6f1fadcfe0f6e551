"""The wire: HTTP/1.1 through aiohttp, the only module that knows it.

It sends what it is given and nothing more: no redirect is followed, no cookie kept, no proxy taken from the
environment, no body unpacked, no call repeated. How many calls run at once and how long they may take is decided above;
only making a connection has its own limit here.

It stands on aiohttp's connector, parser and writer, below `ClientSession`: that would build a URL, maps of headers, a
request and a response for every call, half of what a call cost, and would repeat idempotent calls unseen.

`pyreqwest` was measured and not taken: behind this seam, where answers are read in pieces to be capped, it costs more,
and a call that is cancelled goes on without us, on a connection and a slot of the service that nobody counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage, StreamWriter
from yarl import URL

from bff.errors import UpstreamMalformed, UpstreamUnreachable
from bff.upstreams.head import CHUNKED, Heads
from bff.upstreams.seam import Headers, Reply, Request

# Shorter than the idle timeout of common servers (uvicorn and Node.js: 5 s), so that we rarely send on a connection
# which the other end is closing at that moment; seconds.
KEEP_ALIVE = 4.0

ONE_PIECE = 65_536  # bytes: a body up to here is copied behind its head, so that both leave in one packet
SPOILT = 8  # connections in a row that end, or speak, before they are used


class _SourceError(Exception):
    """A streamed request body failed at its source, with `failure`: that is not the upstream's doing."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(repr(failure))
        self.failure = failure


_FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, _SourceError)  # TimeoutError is an OSError
_MALFORMED = (aiohttp.ClientPayloadError, HttpProcessingError)


class Wire:
    """Calls one upstream. Connections are made when they are needed and kept for reuse."""

    def __init__(self, name: str, url: str, *, connect_timeout: float) -> None:
        """`url` may have a path, below which every target lies; `connect_timeout` is in seconds and covers TLS."""
        self._name = name
        self._url = URL(url)
        self._heads = Heads(self._url.host_port_subcomponent or "", self._url.raw_path.rstrip("/"))
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._pool: tuple[aiohttp.TCPConnector, aiohttp.ClientRequest] | None = None
        self._calls: set[_Call] = set()
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Raises `ValueError` for a target or a header that is not encoded: a defect above, never the upstream's."""
        head, length = self._heads.write(request)
        try:
            call = _Call(self._name, await self._connection(), self._calls)
        except _FAILURES as error:
            raise _ours(self._name, error) from error
        try:
            call.ask(request, head, length)
            return await call.answer()
        except _FAILURES as error:
            call.drop()
            raise _ours(self._name, error) from error
        except BaseException:
            call.drop()
            raise

    async def _connection(self) -> Connection:
        """A new one, or one that was kept and silent since: else what it said would be taken for the answer."""
        connector, origin = self._pool or self._open()
        for _ in range(SPOILT):
            connection = await connector.connect(origin, [], self._timeout)
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        raise UpstreamUnreachable(self._name, detail="its connections end, or speak, before they are used")

    def _open(self) -> tuple[aiohttp.TCPConnector, aiohttp.ClientRequest]:
        """Not in the constructor: a connector belongs to the event loop that runs. The request only tells it where."""
        if self._closed:
            raise UpstreamUnreachable(self._name, detail="the gateway is stopping")
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE)
        self._pool = connector, aiohttp.ClientRequest("GET", self._url, loop=asyncio.get_running_loop())
        return self._pool

    async def aclose(self) -> None:
        self._closed = True
        for call in tuple(self._calls):
            call.drop()  # a closing connector does not wake who reads a body, and waits for who takes no upload
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool[0].close()

    def __repr__(self) -> str:
        return f"wire {self._url}".rstrip("/")


class _Call:
    """One call on its connection, which is kept for others once the answer is whole, and dropped otherwise."""

    __slots__ = ("_connection", "_payload", "_running", "_upload", "_upstream")

    def __init__(self, upstream: str, connection: Connection, running: set[_Call]) -> None:
        """`running` holds it until its connection is kept or dropped."""
        self._upstream = upstream
        self._connection = connection
        self._payload: aiohttp.StreamReader | None = None
        self._upload: _Upload | None = None
        self._running = running
        running.add(self)

    def ask(self, request: Request, head: bytes, length: int) -> None:
        """Send the request; a body that is streamed follows in a task of its own."""
        protocol, transport = self._connection.protocol, self._connection.transport
        if protocol is None or transport is None:
            raise aiohttp.ServerDisconnectedError
        protocol.set_response_params(skip_payload=request.method == "HEAD", read_until_eof=True, auto_decompress=False)
        body = request.body
        if body is None:
            transport.write(head)
        elif not isinstance(body, bytes):
            transport.write(head)
            self._upload = _Upload(self, body, StreamWriter(protocol, asyncio.get_running_loop()), length)
        elif length <= ONE_PIECE:
            transport.write(head + body)
        else:
            transport.write(head)
            transport.write(body)

    async def answer(self) -> Reply:
        """The final answer: whole, if its body came together with its headers."""
        protocol = self._connection.protocol
        if protocol is None:
            raise aiohttp.ServerDisconnectedError
        message, payload = await protocol.read()
        while 100 <= message.code < 200 and message.code != 101:
            message, payload = await protocol.read()
        self._payload = payload
        if not 200 <= message.code <= 599:
            # RFC 9110 15: anything else is invalid, and nobody asked to switch protocols.
            self.drop()
            raise UpstreamMalformed(self._upstream, detail=f"status {message.code}")
        if payload.is_eof() and payload.exception() is None:
            reply = Reply(self._upstream, message.code, _headers(message), payload.read_nowait())
            self._over()
            return reply
        reply = Reply(self._upstream, message.code, _headers(message), _Body(self._upstream, payload))
        payload.on_eof(self._over)
        reply.on_close(self.drop)
        return reply

    def _over(self) -> None:
        """The answer is whole. If all of the request has left as well, the connection is good for another call."""
        protocol = self._connection.protocol
        unsent = self._upload is not None and not self._upload.complete
        if protocol is None or protocol.writing_paused or unsent:
            self.drop()
            return
        self._running.discard(self)
        self._connection.release()

    def fail(self, failure: Exception) -> None:
        """End the wait for the answer, or for more of it."""
        told = _SourceError(failure)
        if self._connection.protocol is not None:
            self._connection.protocol.set_exception(told)
        if self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(told)

    def drop(self, _error: BaseException | None = None) -> None:
        """Drop the connection, unless it has been kept.

        Closing it, as aiohttp does, would wait until the peer has taken the rest of an upload.
        """
        if self not in self._running:
            return
        self._running.discard(self)
        if self._upload is not None:
            self._upload.cancel()
        if self._connection.transport is not None:
            self._connection.transport.abort()
        self._connection.close()
        if self._payload is not None and not self._payload.is_eof():
            self._payload.set_exception(aiohttp.ClientConnectionError("the call was given up"))


class _Body:
    """A body as aiohttp receives it, with aiohttp's failures as ours."""

    __slots__ = ("_payload", "_upstream")

    def __init__(self, upstream: str, payload: aiohttp.StreamReader) -> None:
        self._upstream = upstream
        self._payload = payload

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._payload.readany()
        except _FAILURES as error:
            raise _ours(self._upstream, error) from error
        if not chunk:
            raise StopAsyncIteration
        return chunk


class _Upload:
    """A streamed request body on its way, while its answer may already be coming."""

    def __init__(self, call: _Call, body: AsyncIterator[bytes], writer: StreamWriter, length: int) -> None:
        self.complete = False
        self._call = call
        self._body = body
        self._writer = writer
        if length == CHUNKED:
            writer.enable_chunking()
        else:
            writer.length = length  # no byte more is sent: it would be the beginning of another request
        self._task = asyncio.ensure_future(self._write())

    async def _write(self) -> None:
        try:
            async for chunk in self._body:
                await self._writer.write(chunk)
            self.complete = not self._writer.length
            await self._writer.write_eof()
        except Exception as error:  # noqa: BLE001 - of the source, whatever it is
            if self._writer.transport is not None:  # a lost connection is told to who waits for the answer
                self._call.fail(error)
        else:
            if not self.complete:
                self._call.fail(ValueError("a body that is shorter than its header says"))

    def cancel(self) -> None:
        self._task.cancel()


def _headers(message: RawResponseMessage) -> Headers:
    return tuple([(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message.raw_headers])


def _ours(upstream: str, error: BaseException) -> Exception:
    """Broken, or never there: unreachable. There, but not HTTP or not whole: malformed."""
    if isinstance(error, _SourceError):
        return error.failure
    if isinstance(error, _MALFORMED):
        return UpstreamMalformed(upstream, detail=repr(error))
    return UpstreamUnreachable(upstream, detail=repr(error))
