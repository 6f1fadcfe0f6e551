"""multipart/mixed (RFC 2046 5.1), written so that each part can be read when it arrives. Pure; knows no GraphQL."""

from __future__ import annotations

_HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"


class Multipart:
    """The bytes of one such body. A part ends with the delimiter of the next, for which readers would wait."""

    __slots__ = ("_delimiter", "_opened")

    def __init__(self, boundary: str) -> None:
        self._delimiter = f"--{boundary}".encode()
        self._opened = False

    def part(self, json: bytes) -> bytes:
        """One part; the first one opens the body."""
        opening = b"" if self._opened else self._delimiter
        self._opened = True
        return b"%b%b%b\r\n%b" % (opening, _HEAD, json, self._delimiter)

    def end(self) -> bytes:
        return b"%b--\r\n" % (b"" if self._opened else self._delimiter)
