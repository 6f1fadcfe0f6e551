"""The wire: HTTP/1.1 through aiohttp, the only module that knows it.

It sends what it is given and nothing more: no redirect is followed, no cookie kept, no proxy taken from the
environment, no body unpacked, no call repeated. How many calls run at once and how long they may take is decided above;
only making a connection has its own limit here.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Self

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.connector import Connection
from yarl import URL

from bff.errors import UpstreamError, UpstreamMalformed, UpstreamUnreachable
from bff.upstreams.seam import Headers, Reply, Request

DEFAULT_HEADERS = {"user-agent": "bff", "accept-encoding": "gzip"}
UNASKED = ("accept", "content-type")  # what aiohttp would add by itself beside those

# Shorter than the idle timeout of common servers (uvicorn and Node.js: 5 s), so that we rarely send on a connection
# which the other end is closing at that moment; seconds.
KEEP_ALIVE = 4.0

# aiohttp warns about larger bodies in one piece, because writing one holds up the event loop.
LARGEST_PIECE = 2**20

# No space, control character, fragment or raw UTF-8 can reach the request line; nor can a target become a host.
_TARGET = re.compile(r"(?:[/?][!-\"$-~]*)?")
_FAILURES = (aiohttp.ClientError, OSError)  # TimeoutError is an OSError


class Wire:
    """Calls one upstream. Connections are made when they are needed and kept for reuse."""

    def __init__(self, name: str, url: str, *, connect_timeout: float) -> None:
        """`url` may have a path, below which every target lies; `connect_timeout` is in seconds and covers TLS."""
        base = URL(url)
        self._name = name
        self._scheme, self._authority, self._path = base.scheme, base.raw_authority, base.raw_path.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._unread: set[aiohttp.ClientResponse] = set()
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Raises `ValueError` for a target or a header that is not encoded: a defect above, never the upstream's."""
        session = self._session or self._open()
        upload = _upload(request.body)
        try:
            response = await session.request(
                request.method,
                self._url(request.target),
                headers=request.headers,
                data=upload,
                allow_redirects=False,
            )
        except _FAILURES as error:
            if isinstance(upload, _Upload) and upload.failure is not None:
                raise upload.failure from None
            raise _mapped(self._name, error) from error
        return self._reply(response)

    def _open(self) -> aiohttp.ClientSession:
        """Not in the constructor: a session belongs to the event loop that runs."""
        if self._closed:
            raise UpstreamUnreachable(self._name, detail="the gateway is stopping")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
            timeout=self._timeout,
            headers=DEFAULT_HEADERS,
            skip_auto_headers=UNASKED,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            request_class=_Call,
            auto_decompress=False,
            trust_env=False,
        )
        return self._session

    def _url(self, target: str) -> URL:
        """The base with `target` below it, put together and never resolved (RFC 3986 5.2 would let "//x" be a host)."""
        if _TARGET.fullmatch(target) is None:
            raise ValueError(f"not a percent-encoded path and query: {target!r}")
        path, mark, query = target.partition("?")
        if mark and not query:
            path = f"{path or '/'}?"  # an empty query is another URI than none (RFC 3986 6.2.3), and yarl would drop it
        return URL.build(
            scheme=self._scheme,
            authority=self._authority,
            path=self._path + path or "/",
            query_string=query,
            encoded=True,
        )

    def _reply(self, response: aiohttp.ClientResponse) -> Reply:
        if not 200 <= response.status <= 599:
            # RFC 9110 15: anything else is invalid, and nobody asked to switch protocols.
            self._end(response)
            raise UpstreamMalformed(self._name, detail=f"status {response.status}")
        content = response.content
        if response.connection is None and content.exception() is None:
            return Reply(self._name, response.status, _headers(response), content.read_nowait())
        reply = Reply(self._name, response.status, _headers(response), _Body(self._name, content))
        self._unread.add(response)
        reply.on_close(partial(self._end, response))
        return reply

    def _end(self, response: aiohttp.ClientResponse, _error: BaseException | None = None) -> None:
        self._unread.discard(response)
        if response.connection is not None and response.connection.transport is not None:
            response.connection.transport.abort()
        response.close()

    async def aclose(self) -> None:
        self._closed = True
        for response in tuple(self._unread):
            self._end(response)  # a closing session does not wake who reads a body
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def __repr__(self) -> str:
        return f"wire {self._scheme}://{self._authority}{self._path}"


class _Body:
    """A body as aiohttp receives it, with aiohttp's failures as ours."""

    __slots__ = ("_content", "_upstream")

    def __init__(self, upstream: str, content: aiohttp.StreamReader) -> None:
        self._upstream = upstream
        self._content = content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._content.readany()
        except _FAILURES as error:
            raise _mapped(self._upstream, error) from error
        if not chunk:
            raise StopAsyncIteration
        return chunk


class _Upload:
    """A streamed request body that remembers how its source failed: that is not the upstream's doing."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self.failure: Exception | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._body)
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise


def _upload(body: bytes | AsyncIterator[bytes] | None) -> bytes | io.BytesIO | _Upload | None:
    if body is None:
        return None
    if isinstance(body, bytes):
        return body if len(body) <= LARGEST_PIECE else io.BytesIO(body)
    return _Upload(body)


def _headers(response: aiohttp.ClientResponse) -> Headers:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers)


class _BrokenError(aiohttp.ClientError):
    """A connection that failed, under a name for which aiohttp does not repeat the request."""


class _StaleError(aiohttp.ClientError):
    """An idle connection on which something arrived that nobody had asked for. Nothing was sent on it."""


class _Call(aiohttp.ClientRequest):
    """A request that looks at its connection before it trusts it, and remembers it."""

    transport: asyncio.Transport | None = None

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        self.transport = conn.transport
        if conn.protocol is None or conn.protocol.should_close:
            # What arrived while the connection was idle would be taken for the answer to this request.
            raise _StaleError
        return await super().send(conn)


async def _once(request: aiohttp.ClientRequest, call: ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request exactly once, and leave no connection behind when that fails.

    `ClientSession._request` repeats an idempotent request, unseen, after `ClientOSError` and `ServerDisconnectedError`,
    on new connections too. Whether a call may be repeated is decided above, where it is counted and has a budget.
    """
    while True:
        try:
            return await call(request)
        except _StaleError:
            continue
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            _abort(request)
            raise _BrokenError(repr(error)) from error
        except BaseException:
            _abort(request)
            raise


def _abort(request: aiohttp.ClientRequest) -> None:
    """Drop the connection. Closing it, as aiohttp does, would wait until the peer has taken the rest of an upload."""
    if isinstance(request, _Call) and request.transport is not None:
        request.transport.abort()


def _mapped(upstream: str, error: BaseException) -> UpstreamError:
    """Broken, or never there: unreachable. There, but not HTTP or not whole: malformed."""
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return UpstreamMalformed(upstream, detail=repr(error))
    return UpstreamUnreachable(upstream, detail=repr(error))
