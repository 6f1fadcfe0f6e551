"""Heads of answers that a service has sent before: what bytes have meant, they mean again. Pure; reads no HTTP itself.

A service says much the same before every answer, and to parse it costs more than all else that is done with a small
one. What was found is found again by all bytes of a head: nothing is guessed.
"""

from __future__ import annotations

from typing import NamedTuple

from bff.upstreams.seam import Raw

MOST = 64  # heads that are remembered; the oldest gives way
LONGEST = 2_048  # bytes of one
END = b"\r\n\r\n"


class Head(NamedTuple):
    """What one says, and so how many bytes of a body follow it. The list is everybody's: nobody changes it."""

    status: int
    headers: Raw
    length: int


class Seen:
    """Those of one upstream."""

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}

    def of(self, data: bytes) -> tuple[Head, bytes] | None:
        """What `data` is if it is an answer with such a head, and nothing more: that, and the body."""
        end = data.find(END) + len(END)
        head = self._heads.get(data[:end])
        return (head, data[end:]) if head is not None and len(data) - end == head.length else None

    def keep(self, data: bytes, status: int, headers: Raw, length: int) -> None:
        """`data` was an answer and nothing more, whose body are the last `length` bytes."""
        end = len(data) - length
        if end > LONGEST or data.find(END) + len(END) != end:
            return
        if len(self._heads) == MOST:
            del self._heads[next(iter(self._heads))]
        self._heads[data[:end]] = Head(status, headers, length)
