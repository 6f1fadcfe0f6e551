"""What is said over a WebSocket, as pieces of a body: whole messages, and the last word. Knows no connection.

A message of bytes is `bytes`; what else it may be are kinds of them, so that whatever counts or waits for the pieces of
a body need not know that these are messages.
"""

from __future__ import annotations

from typing import Self

LONGEST_REASON = 123  # bytes; RFC 6455 5.5: a control frame has 125, the code takes two
NO_CODE = 1005  # what is said of a close frame that has none; never on the wire (RFC 6455 7.4.1)


class Text(bytes):
    """A message that is text, in UTF-8."""

    __slots__ = ()


class Goodbye(bytes):
    """The payload of a close frame (RFC 6455 5.5.1): a code and a reason, or nothing. Nothing follows it."""

    __slots__ = ()

    @classmethod
    def saying(cls, code: int | None, reason: str = "") -> Self:
        if code is None or code == NO_CODE:
            return cls()
        cut = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
        return cls(code.to_bytes(2, "big") + cut.encode())

    @property
    def code(self) -> int | None:
        return int.from_bytes(self[:2], "big") if self else None

    @property
    def reason(self) -> str:
        return self[2:].decode()
