"""The most bytes an answer may have, counted as they come. What they unpack to is `body`'s affair.

An answer over the cap fails at the read that would exceed it, or at the first if its `content-length` already says so;
the connection is discarded unread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from bff.errors import UpstreamTooLarge
from bff.upstreams.seam import Reply

_LONGEST = 20  # digits: what has more has zeros in front, thousands of which Python makes no number of


def capped(reply: Reply, most: int) -> Reply:
    """The same reply, of whose body no more than `most` bytes can be read; a whole one within them is left as it is."""
    body = reply.body
    if not isinstance(body, bytes) or len(body) > most:
        reply.body = _Capped(reply.upstream, body, most if _announced(reply) <= most else -1)
    return reply


def _announced(reply: Reply) -> int:
    """How long the body is, as far as that is known before reading it; 0 if it is not.

    A whole body is measured, because `content-length` also stands in answers that have none (HEAD, 304).
    """
    if isinstance(reply.body, bytes):
        return len(reply.body)
    length = reply.header("content-length")
    return int(length) if length is not None and length.isdecimal() and len(length) <= _LONGEST else 0


class _Capped:
    """A body that may give `left` more bytes; below 0 it gives nothing."""

    __slots__ = ("_body", "_left", "_upstream")

    def __init__(self, upstream: str, body: bytes | AsyncIterator[bytes], left: int) -> None:
        self._upstream = upstream
        self._body = body
        self._left = left

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._left >= 0 and not isinstance(self._body, bytes):
            chunk = await anext(self._body)
            self._left -= len(chunk)
            if self._left >= 0:
                return chunk
        raise UpstreamTooLarge(self._upstream, detail="more bytes than max_response")
