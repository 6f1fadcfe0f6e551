"""HTTP/1.1 for uvicorn's server, with limits on heads of requests while they come, and their targets as they came.

An ASGI application is called only once a head is complete: what never completes (slow, silent or endless headers) has
to be ended here. So has a body that stops coming, and a client that reads nothing: either would keep its connection,
and what is left for it, for ever. What a complete head may say is judged by `bff.proxy.Guard`. A WebSocket's handshake
goes on to uvicorn's protocol for those. What is asked and answered is `Cycle`'s affair.
To be given to uvicorn as `http=Http1`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httptools

from bff.proxy import wishes
from bff.proxy.accepted import MOST_UNTAKEN, Accepted
from bff.proxy.cycle import Cycle

HEAD_TIMEOUT = 10.0  # seconds from a connection's first byte (or its beginning) to the end of the request's head
LINGER = 2.0  # seconds that a client has to notice an answer which came before its body had ended
STALL = 60.0  # seconds that a body may stand still, on its way in or out; so long nginx waits too
PARTING = 5.0  # the same while the server stops, which waits for nobody longer than it has to
MOST_HEAD = 128 * 1024  # bytes of a head that is not complete, or of trailers; what is complete is judged by Guard
MOST_OPEN = 1_000  # requests on a connection that wait for their answers; what else came with them is not read
CONNECT = b"CONNECT"  # makes no tunnel here; what comes behind it was meant for one (RFC 9110 9.3.6)
EARLY = 0.001  # seconds: timers of uvloop may be so much early
_INVALID = b"Invalid HTTP request received."
_OF_INVALID = [b"content-type: text/plain; charset=utf-8", b"content-length: %d" % len(_INVALID), b"connection: close"]
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Http1(Accepted):
    """One connection. What comes at once is answered one after the other, in its order."""

    __deletable__ = ("parser",)  # for mypyc

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.head_timeout = HEAD_TIMEOUT
        self.stall = STALL
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is for us to say what is the last
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._continues = False  # the client sends no body until it is told to
        self._patience: asyncio.TimerHandle | None = None
        self._began = False  # a head, with what came last
        self._unfinished = 0  # bytes of a head that has not ended; -1 while none is being read
        self._body_follows = False
        self._grown = False  # a body, by what came last
        self._beside = 0  # bytes of what is in a body and not of it, one after the other: trailers, extensions
        self._lingering: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None  # looks whether the client reads
        self._keeping: asyncio.TimerHandle | None = None  # looks whether it asks for more
        self._leave: Callable[[], None] | None = None
        self._gone = False
        self._idle_since: float | None = None  # nothing has been asked since the last answer
        self._read: Cycle | None = None  # the last one: what comes belongs to it
        self._open: list[Cycle] = []  # not answered yet; the first one is being answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._lingering is not None:
            self._lingering.cancel()
        self._stop_looking()
        self._stop_keeping()
        for cycle in self._open:
            cycle.disconnect()
        self._open, self._read = [], None
        super().connection_lost(exc)
        self._end_reading()
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def tell(self, leave: Callable[[], None] | None) -> None:
        """Call `leave` once the client is gone: for the request that is being answered, until there is another."""
        self._leave = leave
        if leave is not None and self._gone:
            self._leave = None
            leave()

    def data_received(self, data: bytes) -> None:
        if self._lingering is not None:
            return
        self._began = self._grown = False
        left: bytes | None = data
        while left:
            left = self._fed(left)
        if left is None:
            return
        if self._unfinished >= 0:
            if self._began:
                self._wait()  # and how much of what came is of this head, nobody knows
            else:
                self._unfinished += len(data)
            if self._unfinished > MOST_HEAD:
                self._end(b"431 Request Header Fields Too Large")
        elif self._body_follows:
            self._wait_for_body()
            self._count(len(data))

    def _fed(self, data: bytes) -> bytes | None:
        """What is yet to be read: a wish to upgrade costs no request its body. None: there is no more to do."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            if self._is_handshake(rest):
                self._hand_over()
                return None
            return b"" if self.parser.get_method() == CONNECT else self._without_wish(rest)
        except httptools.HttpParserError:
            self._refuse()
            return None
        return b""

    def _hand_over(self) -> None:
        self._stop_waiting()
        self._stop_keeping()
        self.hand_over(wishes.written(b"GET %b HTTP/1.1" % self._url, self._headers))
        self._end_reading()

    def _end_reading(self) -> None:
        self._gone = True
        del self.parser  # it knows this object, which would wait for the collector

    def _refuse(self) -> None:
        """What is no request. Whatever was asked before is answered yet: a word of ours would be taken for that."""
        broken = self._read if self._body_follows else None
        before = [cycle for cycle in self._open if cycle is not broken]
        self._stop_waiting()
        if before:
            before[-1].lasts = False
        elif broken is None or not broken.started:
            self._say_invalid()
        else:
            self._close()

    def _say_invalid(self) -> None:
        lines = [b"HTTP/1.1 400 Bad Request", *map(b": ".join, self.server_state.default_headers), *_OF_INVALID]
        self.transport.write(b"\r\n".join([*lines, b"", _INVALID]))
        self.transport.close()

    def on_message_begin(self) -> None:
        self._url = b""
        self._continues = False
        self._headers = []
        self._idle_since = None
        self._unfinished = 0
        self._began = True

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._unfinished < 0:  # a trailer, which must not become a header (RFC 9110 6.5.1)
            return
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._continues = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        method = self.parser.get_method()
        if self.parser.should_upgrade() and method != CONNECT:
            return
        if len(self._open) >= MOST_OPEN:
            raise RuntimeError("too many requests at once")
        self._unfinished = -1
        self._stop_waiting()
        version = self.parser.get_http_version()
        lasts = version != "1.0" and method != CONNECT and self.parser.should_keep_alive()
        waits = version != "1.0" and self._continues  # 1.0 has no such answer (RFC 9110 10.1.1)
        scope = self._scopes.of(method, self._url, version, self._headers, self.tell)
        self._read = cycle = Cycle(self, scope, lasts=lasts, waits=waits)
        self._body_follows = True
        self._beside = 0
        self._open.append(cycle)
        if len(self._open) == 1:
            self._answer(cycle)
        else:
            self.flow.pause_reading()

    def _answer(self, cycle: Cycle) -> None:
        task = self.loop.create_task(cycle.run(self.app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_body(self, body: bytes) -> None:
        if self._read is None or self._read.complete:
            return
        self._grown = True
        if self._read.feed(body) > MOST_UNTAKEN:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() and self.parser.get_method() != CONNECT:
            return
        self._body_follows = False
        if self._patience is not None:  # the body came in more than one piece
            self._stop_waiting()
        if self._read is not None:
            self._read.feed_end()

    def answered(self, cycle: Cycle) -> None:
        """Go on to the next request: to one that has come, or one that may come."""
        self.server_state.total_requests += 1
        self._open.remove(cycle)
        if not cycle.lasts:
            self.cut()
        if self._lingering is not None or self.transport.is_closing():
            return
        self.read_on()
        if self._open:
            self._answer(self._open[0])
            return
        self._idle_since = self.loop.time()
        if self._keeping is None:
            self._keep(self.timeout_keep_alive)

    def read_on(self) -> None:
        """Unless requests wait already: there would be more and more of them."""
        if self.flow.read_paused and len(self._open) < 2:
            self.flow.resume_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def shutdown(self) -> None:
        if self._open:
            self._open[-1].lasts = False
        else:
            self.transport.close()
        self.stall = PARTING
        if self._body_follows and self._patience is not None:
            self._wait_for_body()
        self._look()

    def _pause_is_over(self) -> None:
        """One timer looks after all pauses of a connection. Where there is none now, the next will need another."""
        self._keeping = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > EARLY:
            self._keep(left)
        else:
            self._close()

    def _keep(self, left: float) -> None:
        self._keeping = self.loop.call_later(left, self._pause_is_over)

    def _stop_keeping(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None

    def cut(self) -> None:
        """Close; while the client still sends a body that nobody wants, our side only (RFC 9112 9.6).

        A connection that is closed with something unread is reset, and the answer is lost on its way.
        """
        if self._lingering is not None or self.transport.is_closing():
            return
        if not self._body_follows or not self.transport.can_write_eof():
            self._close()
            if self._open:  # an answer was cut, maybe for not being read
                self.loop.call_later(LINGER, self.transport.abort)
            return
        self._lingering = self.loop.call_later(LINGER, self._close)
        self.flow.resume_reading()
        self.transport.write_eof()

    def _is_handshake(self, rest: bytes) -> bool:
        """Whether a WebSocket is to be opened, with nothing on its way before or after it."""
        line = (self.parser.get_method(), self.parser.get_http_version())
        alone = not self._open and not rest
        return alone and line == (b"GET", "1.1") and self.takes_sockets() and wishes.for_socket(self._headers)

    def _without_wish(self, rest: bytes) -> bytes:
        """The parser takes a wish for another protocol for granted, and reads no body: another reads the same again."""
        line = b"%b %b HTTP/%b" % (self.parser.get_method(), self._url, self.parser.get_http_version().encode())
        self.parser = httptools.HttpRequestParser(self)
        return wishes.without(line, self._headers) + rest

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.head_timeout, self._head_stands_still)

    def _head_stands_still(self) -> None:
        if self.flow.read_paused:  # by us: requests before it are not answered yet
            self._wait()
        else:
            self._end(b"408 Request Timeout")

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _wait_for_body(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.stall, self._body_stands_still)

    def _count(self, size: int) -> None:
        """End a request whose body brings nothing but what frames it. One that is answered is read and forgotten."""
        answered = self._read is None or self._read.complete
        self._beside = 0 if self._grown or answered else self._beside + size
        if self._beside > MOST_HEAD:
            self.transport.close()

    def _body_stands_still(self) -> None:
        if self.flow.read_paused:  # by whoever is to read it
            self._wait_for_body()
            return
        if len(self._open) == 1 and not self._open[0].started and not self.transport.is_closing():
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
        if not self._open:
            self.transport.write(b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
        self.transport.close()
