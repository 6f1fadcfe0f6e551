"""One connection to a service, on which one call runs at a time: a request's bytes out, its answer in, as HTTP/1.1.

The parser is llhttp, by httptools: it frames (RFC 9112 6), and what it refuses is malformed. Made over a transport that
somebody else has opened; knows no address, no other connection, and nothing above a reply.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import httptools

from bff.errors import UpstreamMalformed, UpstreamUnreachable
from bff.upstreams.arriving import Arriving
from bff.upstreams.seam import Raw, Reply, Request
from bff.upstreams.upload import Upload

ONE_PIECE = 65_536  # bytes: a body up to here is copied behind its head, so that both leave in one packet
MOST_HEAD = 1_048_576  # bytes of a head that is not complete
MOST_HEADERS = 128
MOST_HEADER = 8_190  # bytes of a header
MOST_UNREAD = 524_288  # bytes of a body that nobody has taken yet: beyond, no more is read from the socket

Call = asyncio.Future[Reply]


class Owner(Protocol):
    """Who has opened a connection."""

    def keep(self, link: Link) -> None:
        """The link is ready for another call."""

    def gone(self, link: Link, error: Exception | None) -> None:
        """Its connection has ended."""


class Link(asyncio.Protocol):
    """The reading and writing end of one connection. Idle, or with a call that is asked and not over."""

    __slots__ = (
        "_bodiless",
        "_body",
        "_call",
        "_chunked",
        "_chunks",
        "_ended",
        "_headers",
        "_lasts",
        "_loop",
        "_owner",
        "_parser",
        "_paused",
        "_raw",
        "_status",
        "_transport",
        "_unread",
        "_upload",
        "_upstream",
        "ready",
        "since",
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
        self._parser = _parser(self)
        self._call: Call | None = None
        self._body: Arriving | None = None
        self._upload: Upload | None = None
        self._paused = False
        self.ready = True  # for a call
        self.since = 0.0  # when it was kept; for its owner
        self.writable: asyncio.Future[None] | None = None  # what an upload waits for while the peer takes nothing
        transport.set_protocol(self)

    def ask(self, request: Request, head: bytes, length: int) -> Call:
        """Send a request; a body that is streamed follows in a task of its own.

        What is awaited is the final answer, whole if its body came together with its headers. It raises
        UpstreamUnreachable, UpstreamMalformed, and what the source of a streamed body raises. Who stops waiting says
        so (`abandon`).
        """
        self._status = self._unread = 0
        self._raw: Raw = []
        self._headers: Raw | None = None
        self._chunks: list[bytes] = []
        self._ended = self._lasts = False
        self._bodiless = request.method == "HEAD"
        self._chunked = False
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
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.fail(self._malformed(repr(error.__context__ or error)))
            return
        if self._body is not None:
            self._more(self._body)
        elif self._headers is not None:
            self._begin(call, self._headers)
        elif self._unread > MOST_HEAD:
            self.fail(self._malformed("a head without end"))

    def _begin(self, call: Call, headers: Raw) -> None:
        """Hand the answer out: its head is complete."""
        if self._ended:
            chunks = self._chunks
            reply = Reply(self._upstream, self._status, headers, chunks[0] if len(chunks) == 1 else b"".join(chunks))
            self._finish()
        else:
            self._body = Arriving(self._chunks, self._taken, self._loop)
            reply = Reply(self._upstream, self._status, headers, self._body)
            reply.on_close(lambda _error: self.abandon(call))
        if not call.done():
            call.set_result(reply)

    def _more(self, body: Arriving) -> None:
        if self._ended:
            body.end()
            self._finish()
            return
        if self._unread > MOST_UNREAD and not self._paused:
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
        if not self._lasts:
            self.close()
            return
        if self._bodiless or self._chunked:  # it waits for a body that does not come, or may hold a trailer
            self._parser = _parser(self)
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
            detail = f"the connection ended without an answer: {error!r}"
            self.fail(UpstreamUnreachable(self._upstream, detail=detail, why="connection_terminated"))
        self.resume_writing()
        self._owner.gone(self, error)

    def _last(self, body: Arriving, error: Exception | None) -> None:
        """Nothing more comes of this body. That is its end if nothing else says where it is (RFC 9112 6.3)."""
        if error is None and _until_close(self._headers or []):
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

    # Of the parser

    def on_message_begin(self) -> None:
        if self._ended:
            self._lasts = False  # a second answer, and nobody knows whose

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._raw) == MOST_HEADERS:
            raise ValueError("more headers than anybody sends")
        if b"\0" in value:
            raise ValueError("a header with a NUL")
        self._raw.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self._ended:
            return
        raw, self._raw = self._raw, []
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            return
        if not 200 <= status <= 599:
            # RFC 9110 15: anything else is invalid, and nobody asked to switch protocols.
            raise ValueError(f"status {status}")
        self._status = status
        if self._unread > MOST_HEADER and any(len(name) + len(value) > MOST_HEADER for name, value in raw):
            raise ValueError("a header that is longer than anybody sends")
        self._headers = raw
        if self._bodiless:
            self._end()

    def on_body(self, data: bytes) -> None:
        if self._ended:
            self._lasts = False
        else:
            self._chunks.append(data)

    def on_chunk_header(self) -> None:
        self._chunked = True

    def on_message_complete(self) -> None:
        if self._headers is None:
            self._unread = 0  # an interim answer
        elif not self._ended:
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._lasts = self._parser.should_keep_alive()

    def _malformed(self, detail: str) -> UpstreamMalformed:
        return UpstreamMalformed(self._upstream, detail=detail)


def _parser(link: Link) -> httptools.HttpResponseParser:
    parser = httptools.HttpResponseParser(link)
    # what services are forgiven, and clients are not: none of it moves the end of a message
    parser.set_dangerous_leniencies(
        lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
    )
    return parser


def _until_close(headers: Raw) -> bool:
    """Whether the end of the connection is that of the body."""
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if codings:
        return codings[-1].rpartition(b",")[2].strip().lower() != b"chunked"
    return all(name != b"content-length" for name, _ in headers)
