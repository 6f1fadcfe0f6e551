"""The answers on one connection, from bytes, as HTTP/1.1: llhttp, by httptools, says where each begins and ends.

What it refuses is malformed (RFC 9112), and a little that it lets through. An answer that comes whole and begins with
the very bytes that another began with needs no second parsing. Knows no connection and no call.
"""

from __future__ import annotations

import httptools

from bff.upstreams.seam import Raw
from bff.upstreams.seen import Seen

MOST_HEAD = 1_048_576  # bytes of a head that is not complete
MOST_HEADERS = 128
MOST_HEADER = 8_190  # bytes of a header


class Parser:
    """One answer after another; what is known of the present one stands in public members."""

    __slots__ = (
        "_arrived",
        "_bodiless",
        "_chunked",
        "_fresh",
        "_http",
        "_raw",
        "_seen",
        "chunks",
        "ended",
        "headers",
        "lasts",
        "status",
    )

    def __init__(self, seen: Seen) -> None:
        """`seen` is what all parsers of the upstream's answers have in common."""
        self._seen = seen
        self._http = _http(self)
        self.expect(bodiless=False)

    def expect(self, *, bodiless: bool) -> None:
        """The next answer is that to a new request; to HEAD it is `bodiless`, whatever its headers say."""
        self._bodiless = bodiless
        self._fresh = not bodiless  # llhttp has heard nothing of an answer that may be known by its head
        self._chunked = False
        self._arrived = 0
        self._raw: Raw = []
        self.status = 0
        self.headers: Raw | None = None  # None: not complete
        self.chunks: list[bytes] = []  # of the body; who takes some removes them
        self.ended = False
        self.lasts = False  # whether another answer may follow on the connection

    def feed(self, data: bytes) -> None:
        """Raises ValueError for what is no answer."""
        fresh, self._fresh = self._fresh, False
        if fresh and self._knows(data):
            return
        self._arrived += len(data)
        try:
            self._http.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ValueError(repr(error.__context__ or error)) from None
        if self.headers is None and self._arrived > MOST_HEAD:
            raise ValueError("a head without end")
        if fresh and self.lasts and not self._chunked and self.headers is not None:
            self._seen.keep(data, self.status, self.headers, sum(map(len, self.chunks)))

    def _knows(self, data: bytes) -> bool:
        """Whether this is an answer with a head that was seen before: llhttp would end where it now begins."""
        found = self._seen.of(data)
        if found is None:
            return False
        (self.status, self.headers, _), body = found
        self.chunks.append(body)
        self.ended = self.lasts = True
        return True

    def renew(self) -> None:
        """After an answer: forget what the parser may wait for, a body that never comes, or hold, a trailer."""
        if self._bodiless or self._chunked:
            self._http = _http(self)

    @property
    def until_close(self) -> bool:
        """Whether the end of the connection is that of the body (RFC 9112 6.3)."""
        headers = self.headers or []
        codings = [value for name, value in headers if name == b"transfer-encoding"]
        if codings:
            return codings[-1].rpartition(b",")[2].strip().lower() != b"chunked"
        return all(name != b"content-length" for name, _ in headers)

    # Of httptools

    def on_message_begin(self) -> None:
        if self.ended:
            self.lasts = False  # a second answer, and nobody knows whose

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._raw) == MOST_HEADERS:
            raise ValueError("more headers than anybody sends")
        if b"\0" in value:
            raise ValueError("a header with a NUL")
        # RFC 9112 5.1: llhttp heeds a name before a space, and so must whoever asks for it
        self._raw.append((name.rstrip(b" \t").lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self.ended:
            return
        raw, self._raw = self._raw, []
        status = self._http.get_status_code()
        if 100 <= status < 200 and status != 101:
            if any(name == b"transfer-encoding" for name, _ in raw):
                raise ValueError("an interim answer with a body")
            return
        if not 200 <= status <= 599:
            # RFC 9110 15: anything else is invalid, and nobody asked to switch protocols.
            raise ValueError(f"status {status}")
        if self._arrived > MOST_HEADER and any(len(name) + len(value) > MOST_HEADER for name, value in raw):
            raise ValueError("a header that is longer than anybody sends")
        self.status = status
        self.headers = raw
        if self._bodiless:
            self._end()

    def on_chunk_header(self) -> None:
        self._chunked = True

    def on_body(self, data: bytes) -> None:
        if self.ended:
            self.lasts = False
        elif self.headers is None:
            raise ValueError("an interim answer with a body")  # llhttp knows of four kinds that they have none
        else:
            self.chunks.append(data)

    def on_message_complete(self) -> None:
        if self.headers is None:
            self._arrived = 0  # an interim answer
        elif not self.ended:
            self._end()

    def _end(self) -> None:
        self.ended = True
        self.lasts = self._http.should_keep_alive()


def _http(parser: Parser) -> httptools.HttpResponseParser:
    made = httptools.HttpResponseParser(parser)
    # what services are forgiven, and clients are not: none of it moves the end of a message
    made.set_dangerous_leniencies(
        lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
    )
    return made
