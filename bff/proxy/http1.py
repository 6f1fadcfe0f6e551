"""uvicorn's HTTP/1.1 protocol, with limits on heads of requests while they still come, and their targets as they came.

An ASGI application is called only once a head is complete: what never completes (slow, silent or endless headers) has
to be ended here. So has a body that stops coming, and a client that reads nothing: either would keep its connection,
and what is left for it, for ever. What a complete head may say is judged by `bff.proxy.Guard`. A WebSocket's handshake
goes on to uvicorn's protocol for those. To be given to uvicorn as `http=Http1`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIMEOUT = 10.0  # seconds from a connection's first byte (or its beginning) to the end of the request's head
LINGER = 2.0  # seconds that a client has to notice an answer which came before its body had ended
STALL = 60.0  # seconds that a body may stand still, on its way in or out; so long nginx waits too
PARTING = 5.0  # the same while the server stops, which waits for nobody longer than it has to
MOST_HEAD = 128 * 1024  # bytes of a head that is not complete, or of trailers; what is complete is judged by Guard
NOWHERE: Any = deque(maxlen=0)  # a list that stays empty
BODILESS = (b"204", b"304")  # RFC 9112 6.3
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Http1(HttpToolsProtocol):
    """One connection. The scope's extensions say what ASGI has no word for.

    `bff.target` holds the raw request target. `bff.leaving` tells at once that the client is gone, for which others
    need a task that waits.
    """

    head_timeout = HEAD_TIMEOUT
    stall = STALL

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience: asyncio.TimerHandle | None = None
        self._unfinished = 0  # bytes of a head that has not ended; -1 while none is being read
        self._body_follows = False
        self._beside = 0  # bytes of what is in a body and not of it, one after the other: trailers, extensions
        self._lingering: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None  # looks whether the client reads
        self._leave: Callable[[], None] | None = None
        self._before: list[
            Any
        ] = []  # what others were sent behind before it was answered; uvicorn knows the last alone

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._lingering is not None:
            self._lingering.cancel()
        self._stop_looking()
        for cycle in self._before:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        super().connection_lost(exc)
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def tell(self, leave: Callable[[], None] | None) -> None:
        """Call `leave` once the client is gone: for the request that is being answered, until there is another."""
        self._leave = leave
        if leave is not None and self.cycle.disconnected:
            self._leave = None
            leave()

    def data_received(self, data: bytes) -> None:
        """As uvicorn's, but that a wish to upgrade does not cost the request its body."""
        if self._lingering is not None:
            return
        self._unset_keepalive_if_required()
        before = len(self.cycle.body) if self._body_follows else 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as wish:
            rest = data[wish.args[0] :]
            if self._is_handshake(rest):
                self._stop_waiting()
                self.scope["method"] = "GET"
                self.handle_websocket_upgrade()
                del self.parser  # it knows this object, which would wait for the collector
                return
            self._read_again(rest)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        if self._unfinished >= 0:
            self._unfinished += len(data)
            if self._unfinished > MOST_HEAD:
                self._end(b"431 Request Header Fields Too Large")
        elif self._body_follows:
            self._wait_for_body()
            self._count(len(data), grown=len(self.cycle.body) > before)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unfinished = 0
        self._wait()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            return
        self._unfinished = -1
        self._stop_waiting()
        self.scope["extensions"] = {"bff.target": {"raw": self.url}, "bff.leaving": {"tell": self.tell}}
        if self.expect_100_continue and self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # which has no such answer (RFC 9110 10.1.1)
        self._body_follows = True
        before = self.cycle
        super().on_headers_complete()
        if self.pipeline:
            self._before = [cycle for cycle in (*self._before, before) if not cycle.response_complete]
        self.headers = NOWHERE  # trailers, which must not become headers (RFC 9110 6.5.1)
        self._beside = 0
        bodiless = self.scope["method"] == "HEAD"
        self.cycle.transport = _Considerate(self.transport, self.loop, self.close_considerately, bodiless=bodiless)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self._body_follows = False
            if self._patience is not None:  # the body came in more than one piece
                self._stop_waiting()
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def shutdown(self) -> None:
        super().shutdown()
        self.stall = PARTING
        if self._body_follows and self._patience is not None:
            self._wait_for_body()
        self._look()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def close_considerately(self) -> None:
        """Close; while the client still sends a body that nobody wants, our side only (RFC 9112 9.6).

        A connection that is closed with something unread is reset, and the answer is lost on its way.
        """
        if self._lingering is not None or self.transport.is_closing():
            return
        if not self._body_follows or not self.transport.can_write_eof():
            self._close()
            if not self.cycle.response_complete:  # it was cut, maybe for not being read
                self.loop.call_later(LINGER, self.transport.abort)
            return
        self._lingering = self.loop.call_later(LINGER, self._close)
        self.flow.resume_reading()
        self.transport.write_eof()

    def _is_handshake(self, rest: bytes) -> bool:
        """Whether this opens a WebSocket (RFC 6455 4.1), with nothing on its way before or after it."""
        line = (self.parser.get_method(), self.parser.get_http_version())
        if not self._should_upgrade() or line != (b"GET", "1.1") or rest:
            return False
        names = {name for name, _ in self.headers}
        alone = getattr(self.cycle, "response_complete", True)  # there is no cycle before the first request
        return alone and b"sec-websocket-key" in names and not names & {b"content-length", b"transfer-encoding"}

    def _read_again(self, rest: bytes) -> None:
        """Read a request as if it had not wished for another protocol (RFC 9110 7.8 lets a server ignore it).

        The parser takes such a wish for granted and reads no body; Java's client wishes for h2c with every request.
        """
        wishes = {b"upgrade", b"http2-settings"}
        lines = [b"%s: %s\r\n" % (name, value) for name, value in self.headers if name not in wishes]
        version = self.parser.get_http_version().encode()
        head = b"%s %s HTTP/%s\r\n%s\r\n" % (self.parser.get_method(), self.url, version, b"".join(lines))
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.head_timeout, self._end, b"408 Request Timeout")

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _wait_for_body(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.stall, self._body_stands_still)

    def _count(self, size: int, *, grown: bool) -> None:
        """End a request whose body brings nothing but what frames it. One that is answered is read and forgotten."""
        self._beside = 0 if grown or self.cycle.response_complete else self._beside + size
        if self._beside > MOST_HEAD:
            self.transport.close()

    def _body_stands_still(self) -> None:
        if self.flow.read_paused:  # by whoever is to read it
            self._wait_for_body()
            return
        if not self.pipeline and not self.cycle.response_started and not self.transport.is_closing():
            self.transport.write(_LATE)
        self._close()

    def _close(self) -> None:
        """Once what is left has been taken."""
        self.transport.close()
        self._look()

    def _look(self, before: int = 0) -> None:
        """Let go of a client that has taken nothing since there were so many bytes left for it."""
        self._stop_looking()
        left = self.transport.get_write_buffer_size()
        if left and left == before:
            self.transport.abort()
        elif left:
            self._sending = self.loop.call_later(self.stall, self._look, left)

    def _stop_looking(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _end(self, status: bytes) -> None:
        """Refuse what is coming; without a word if an answer to an earlier request is still going out."""
        if self.transport.is_closing():
            return
        if getattr(self.cycle, "response_complete", True):  # there is no cycle before the first request
            self.transport.write(b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
        self.transport.close()


class _Considerate(asyncio.Transport):
    """What one answer is written to; closing it is the connection's affair.

    The head waits for what is written in the same turn of the event loop, so that a whole answer leaves by one call of
    the kernel, in one packet if it fits.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        close: Callable[[], None],
        *,
        bodiless: bool = False,
    ) -> None:
        """`bodiless`: whatever the answer says, it has no body."""
        super().__init__()
        self._bodiless = bodiless
        self._transport = transport
        self._loop = loop
        self._close = close
        self._head: bytes | bytearray | memoryview | None = b""  # None: it has left

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._head is None:
            self._transport.write(data)
        elif self._head:
            head, self._head = self._head, None
            self._transport.writelines([head, data])
        elif self._bodiless or data[9:12] in BODILESS:  # the answer is over with its head, and may be the last
            self._head = None
            self._transport.write(data)
        else:
            self._head = data
            self._loop.call_soon(self._send_head)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._send_head()
        self._close()

    def _send_head(self) -> None:
        head, self._head = self._head, None
        if head and not self._transport.is_closing():
            self._transport.write(head)
