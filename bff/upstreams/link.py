"""One connection to a service, on which one call runs at a time: a request's bytes out, its answer in.

Made over a transport that somebody else has opened; knows no address, no other connection, and nothing above a reply.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from bff.errors import UpstreamMalformed, UpstreamUnreachable
from bff.upstreams.arriving import Arriving
from bff.upstreams.parser import Parser
from bff.upstreams.seam import Raw, Reply, Request
from bff.upstreams.seen import Seen
from bff.upstreams.upload import Upload

ONE_PIECE = 65_536  # bytes: a body up to here is copied behind its head, so that both leave in one packet
MOST_UNREAD = 524_288  # bytes of a body that nobody has taken yet: beyond, no more is read from the socket

Call = asyncio.Future[Reply]


class Owner(Protocol):
    """Who has opened a connection."""

    seen: Seen  # on all connections to the upstream

    def keep(self, link: Link) -> None:
        """The link is ready for another call."""

    def gone(self, link: Link, error: Exception | None) -> None:
        """Its connection has ended."""


class Link(asyncio.Protocol):
    """The reading and writing end of one connection. Idle, or with a call that is asked and not over."""

    __slots__ = (
        "_body",
        "_call",
        "_loop",
        "_owner",
        "_parser",
        "_paused",
        "_transport",
        "_unread",
        "_upload",
        "_upstream",
        "ready",
        "since",
        "unheard",
        "writable",
    )

    def __init__(
        self, upstream: str, transport: asyncio.Transport, owner: Owner, loop: asyncio.AbstractEventLoop
    ) -> None:
        """It takes `transport` over."""
        self._upstream = upstream
        self._transport = transport
        self._owner = owner
        self._loop = loop
        self._parser = Parser(owner.seen)
        self._call: Call | None = None
        self._body: Arriving | None = None
        self._upload: Upload | None = None
        self._paused = False
        self.ready = True  # for a call
        self.since = 0.0  # when it was kept; for its owner
        self.unheard = False  # its connection has ended, and of what was asked last nobody has said a byte
        self.writable: asyncio.Future[None] | None = None  # what an upload waits for while the peer takes nothing
        transport.set_protocol(self)

    def ask(self, request: Request, head: bytes, length: int) -> Call:
        """Send a request; a body that is streamed follows in a task of its own.

        What is awaited is the final answer, whole if its body came together with its headers. It raises
        UpstreamUnreachable, UpstreamMalformed, and what the source of a streamed body raises. Who stops waiting says
        so (`abandon`).
        """
        self._unread = 0
        self._parser.expect(bodiless=request.method == "HEAD")
        self._call = call = self._loop.create_future()
        body = request.body
        if body is None:
            self._transport.write(head)
        elif not isinstance(body, bytes):
            self._transport.write(head)
            self._upload = Upload(self, body, length, self._loop)
        elif length <= ONE_PIECE:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        return call

    def abandon(self, call: Call) -> None:
        """Nobody waits for this answer, or the rest of it, any more: unless it is whole, drop the connection."""
        if self._call is call:
            self.fail(UpstreamUnreachable(self._upstream, detail="the call was given up"))

    def fail(self, failure: Exception) -> None:
        """End the connection, and the call that is made on it, if there is one."""
        call, body = self._call, self._body
        if call is None:
            self.close()
            return
        self._drop()
        if body is not None:
            body.fail(failure)
        elif not call.done():
            call.set_exception(failure)

    @property
    def usable(self) -> bool:
        """Whether a call can be made on it: an end of which the loop will tell in a moment has come as well."""
        return self.ready and not self._transport.is_closing()

    def close(self) -> None:
        """End the connection as it should be ended; no call is made on it."""
        self.ready = False
        self._transport.close()

    def _drop(self) -> None:
        """End the connection at once: closing it would wait until the peer has taken the rest of an upload."""
        self.ready = False
        self._over()
        self._transport.abort()

    # Of the transport

    def data_received(self, data: bytes) -> None:
        call = self._call
        if call is None:
            self._drop()  # nobody has asked: else it would be taken for the next answer
            return
        self._unread += len(data)
        parser = self._parser
        try:
            parser.feed(data)
        except ValueError as error:
            self.fail(self._malformed(str(error)))
            return
        if self._body is not None:
            self._more(self._body)
        elif parser.headers is not None:
            self._begin(call, parser.headers)

    def _begin(self, call: Call, headers: Raw) -> None:
        """Hand the answer out: its head is complete."""
        status, chunks = self._parser.status, self._parser.chunks
        if self._parser.ended:
            reply = Reply(self._upstream, status, headers, chunks[0] if len(chunks) == 1 else b"".join(chunks))
            self._finish()
        else:
            self._unread = 0  # of the body; what came before it holds up nothing
            self._body = Arriving(chunks, self._taken, self._loop)
            reply = Reply(self._upstream, status, headers, self._body)
            reply.on_close(lambda _error: self.abandon(call))
        if not call.done():
            call.set_result(reply)

    def _more(self, body: Arriving) -> None:
        if self._parser.ended:
            body.end()
            self._finish()
            return
        if self._unread >= MOST_UNREAD and not self._paused:
            if not self._parser.chunks:  # nobody could take anything, and so go on
                self.fail(self._malformed("what frames the body is longer than anybody sends"))
                return
            self._paused = True
            self._transport.pause_reading()
        body.arrived()

    def _taken(self, body: Arriving) -> None:
        """What had arrived of a body has been read."""
        if self._body is body:
            self._unread = 0
            self._resume()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _finish(self) -> None:
        """The answer is whole. If all of the request has left as well, the connection is good for another call."""
        unsent = self.writable is not None or (self._upload is not None and not self._upload.complete)
        self._resume()
        if unsent:
            self._drop()
            return
        self._over()
        if not self._parser.lasts:
            self.close()
            return
        self._parser.renew()
        self._owner.keep(self)

    def _over(self) -> None:
        upload, self._upload = self._upload, None
        self._call = self._body = None
        if upload is not None:
            upload.cancel()

    def connection_lost(self, error: Exception | None) -> None:
        self.ready = False
        if self._body is not None:
            self._last(self._body, error)
        elif self._call is not None:
            self.unheard = not self._unread and (self._upload is None or not self._upload.begun)
            detail = f"the connection ended without an answer: {error!r}"
            self.fail(UpstreamUnreachable(self._upstream, detail=detail, why="connection_terminated"))
        self.resume_writing()
        self._owner.gone(self, error)

    def _last(self, body: Arriving, error: Exception | None) -> None:
        """Nothing more comes of this body. That is its end if nothing else says where it is."""
        if error is None and self._parser.until_close:
            body.end()
            self._over()
        else:
            self.fail(self._malformed(f"the body broke off: {error!r}"))

    def pause_writing(self) -> None:
        self.writable = self._loop.create_future()

    def resume_writing(self) -> None:
        writable, self.writable = self.writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def write(self, data: bytes) -> None:
        """More of a request whose head has been sent."""
        self._transport.write(data)

    def _malformed(self, detail: str) -> UpstreamMalformed:
        return UpstreamMalformed(self._upstream, detail=detail)
