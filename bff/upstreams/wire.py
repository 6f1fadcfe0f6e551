"""The wire: HTTP/1.1 to one origin, over connections that aiohttp makes. The only module that knows it.

It sends what it is given and nothing more: no redirect is followed, no cookie kept, no proxy taken from the
environment, no body unpacked. How many calls run at once and how long they may take is decided above; only making a
connection has its own limit here. What was sent on a kept connection that the other end was closing at that moment is
sent once more, on one of its own, if that can do no harm (RFC 9112 9.3.1).

Of aiohttp it takes what is hard to make a connection with: names, addresses, TLS, and patience with each. What happens
on one is `Link`'s affair: aiohttp's own parser and pool were four fifths of what a call cost.

`pyreqwest` was measured and not taken: behind this seam, where answers are read in pieces to be capped, it costs more,
and a call that is cancelled goes on without us, on a connection and a slot of the service that nobody counts.
"""

from __future__ import annotations

import asyncio
from collections import deque

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from bff.errors import UpstreamUnreachable
from bff.errors.upstream import Why
from bff.upstreams.head import Heads
from bff.upstreams.link import Link
from bff.upstreams.seam import Reply, Request
from bff.upstreams.seen import Seen

# Shorter than the idle timeout of common servers (uvicorn and Node.js: 5 s), so that we rarely send on a connection
# which the other end is closing at that moment; seconds.
KEEP_ALIVE = 4.0

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110 9.2.2

SPOILT = 8  # connections in a row that end, or speak, before they are used


_WHY: dict[type[BaseException], Why] = {  # the first class of a failure's MRO that stands here decides
    aiohttp.ClientConnectorDNSError: "dns_error",
    aiohttp.ClientConnectorCertificateError: "tls_certificate_error",
    aiohttp.ClientSSLError: "tls_protocol_error",
    TimeoutError: "connection_timeout",
    BaseException: "destination_unavailable",
}


class Wire:
    """Calls one upstream. Connections are made when they are needed and kept for reuse."""

    def __init__(self, name: str, url: str, *, connect_timeout: float) -> None:
        """`url` may have a path, below which every target lies; `connect_timeout` is in seconds and covers TLS."""
        self._name = name
        self._url = URL(url)
        self._heads = Heads(self._url.host_port_subcomponent or "", self._url.raw_path.rstrip("/"))
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._maker: tuple[aiohttp.TCPConnector, aiohttp.ClientRequest] | None = None
        self.seen = Seen()
        self._links: dict[Link, Connection] = {}
        self._idle: deque[Link] = deque()  # the longest kept first; some may have ended since
        self._closing: asyncio.TimerHandle | None = None  # of what nobody has used for KEEP_ALIVE
        self._closed = False

    async def send(self, request: Request) -> Reply:
        """Raises `ValueError` for a target or a header that is not encoded: a defect above, never the upstream's."""
        head, length = self._heads.write(request)
        link = self._kept() or await self._made()
        call = link.ask(request, head, length)
        try:
            return await call
        except BaseException as error:
            link.abandon(call)
            if not (link.unheard and link.since and request.method in IDEMPOTENT):
                raise
            if not isinstance(error, UpstreamUnreachable):  # somebody gave it up at that moment
                raise
        request.timing.repeated = True
        return await self._again(request, head, length)

    async def _again(self, request: Request, head: bytes, length: int) -> Reply:
        """On a new connection: of those that are kept, more may have ended in the same way."""
        link = await self._made()
        call = link.ask(request, head, length)
        try:
            return await call
        except BaseException:
            link.abandon(call)
            raise

    def _kept(self) -> Link | None:
        """One that was kept, not too long ago, and silent since. They take turns: each may be to another replica."""
        while self._idle:
            link = self._idle.popleft()
            if link.usable:
                if link.since >= self._loop.time() - KEEP_ALIVE:
                    return link
                link.close()
        return None

    async def _made(self) -> Link:
        connector, origin = self._maker or self._open()
        try:
            for _ in range(SPOILT):
                connection = await connector.connect(origin, [], self._timeout)
                made, transport = connection.protocol, connection.transport
                if made is not None and transport is not None and not made.should_close:
                    link = Link(self._name, transport, self, self._loop)
                    self._links[link] = connection
                    return link
                connection.close()
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise UpstreamUnreachable(self._name, detail=repr(error), why=_why(error)) from error
        raise UpstreamUnreachable(self._name, detail="its connections end, or speak, before they are used")

    def _open(self) -> tuple[aiohttp.TCPConnector, aiohttp.ClientRequest]:
        """Not in the constructor: a connector belongs to the event loop that runs. The request only tells it where."""
        if self._closed:
            raise UpstreamUnreachable(self._name, detail="the gateway is stopping")
        self._loop = asyncio.get_running_loop()
        self._maker = aiohttp.TCPConnector(limit=0), aiohttp.ClientRequest("GET", self._url, loop=self._loop)
        return self._maker

    def keep(self, link: Link) -> None:
        """Of a link: it is ready for another call."""
        link.since = self._loop.time()
        self._idle.append(link)
        if self._closing is None:
            self._closing = self._loop.call_later(KEEP_ALIVE, self._close_old)

    def _close_old(self) -> None:
        self._closing = None
        least = self._loop.time() - KEEP_ALIVE
        while self._idle and (self._idle[0].since <= least or not self._idle[0].ready):
            self._idle.popleft().close()
        if self._idle:
            self._closing = self._loop.call_at(self._idle[0].since + KEEP_ALIVE, self._close_old)

    def gone(self, link: Link, error: Exception | None) -> None:
        """Of a link: its connection has ended. aiohttp waits for that when it closes, and is told by us alone."""
        connection = self._links.pop(link)
        if connection.protocol is not None:
            connection.protocol.connection_lost(error)
        connection.close()

    async def aclose(self) -> None:
        self._closed = True
        if self._closing is not None:
            self._closing.cancel()
        self._idle.clear()
        for link in tuple(self._links):  # a closing connector waits for who takes no upload, and tells no reader
            link.fail(UpstreamUnreachable(self._name, detail="the gateway is stopping"))
        maker, self._maker = self._maker, None
        if maker is not None:
            await maker[0].close()

    def __repr__(self) -> str:
        return f"wire {self._url}".rstrip("/")


def _why(error: BaseException) -> Why:
    own = next(_WHY[kind] for kind in type(error).__mro__ if kind in _WHY)
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    refused = isinstance(cause, ConnectionRefusedError)
    return "connection_refused" if refused else own
