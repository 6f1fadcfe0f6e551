"""Server-sent events from bytes, by the letter of the WHATWG HTML standard (9.2.6). Pure; knows no connection.

How the bytes were cut into chunks does not matter. An event that was begun and not ended with an empty line is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_LONGEST_WAIT = 86_400_000  # ms: what is beyond it is said by nobody who wants to be asked again
_DIGITS = re.compile(r"[0-9]{1,18}\Z")


class TooLarge(ValueError):
    """A line, or the data of an event, is over the limit."""


class ServerEvent(NamedTuple):
    """One event that was sent."""

    name: str
    data: str
    id: str  # the last one that was told, which may have come with an earlier event


class Parser:
    """What has come of one stream. `last_id` and `retry` (seconds) hold from where they stand in it."""

    def __init__(self, most: int, last_id: str = "") -> None:
        """`most` bytes of a line, and of the data of an event; `last_id` is that of the stream before this one."""
        self.last_id = last_id
        self.retry: float | None = None
        self._most = most
        self._begun = False
        self._after_cr = False  # a line feed that comes next belongs to it
        self._pieces: list[bytes] = []  # of a line whose end has not come
        self._length = 0  # of these
        self._id = last_id
        self._name = ""
        self._data: list[str] = []
        self._size = 0  # bytes of data

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that end in this chunk. Raises TooLarge; the stream is then of no use any more."""
        if not chunk:
            return []
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r") if chunk else False
        *lines, rest = _LINE_END.split(chunk)
        found = []
        for line in lines:
            self._hold(line)
            event = self._line(self._held())
            if event is not None:
                found.append(event)
        self._hold(rest)
        return found

    def _hold(self, piece: bytes) -> None:
        if not piece:
            return
        self._length += len(piece)
        if self._length > self._most:
            raise TooLarge(f"a line of more than {self._most} bytes")
        self._pieces.append(piece)

    def _held(self) -> str:
        """The line that has ended. What is no UTF-8 is replaced, as the standard's decoder does."""
        raw = b"".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        if not self._begun:
            self._begun = True
            raw = raw.removeprefix(_BOM)
        return raw.decode("utf-8", "replace")

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._more(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and _DIGITS.match(value):
            self.retry = min(int(value), _LONGEST_WAIT) / 1_000
        return None  # a comment has the empty name

    def _more(self, value: str) -> None:
        self._size += len(value.encode()) + 1
        if self._size > self._most + 1:
            raise TooLarge(f"an event of more than {self._most} bytes")
        self._data.append(value)

    def _dispatch(self) -> ServerEvent | None:
        self.last_id = self._id
        name, data = self._name or "message", self._data
        self._name, self._data, self._size = "", [], 0
        return ServerEvent(name, "\n".join(data), self.last_id) if data else None
