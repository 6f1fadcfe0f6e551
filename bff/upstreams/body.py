"""Reading a reply whole: bytes in, unpacked bytes out, never over a cap. Knows content codings and no media type."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Self

from bff.errors import UpstreamMalformed, UpstreamTooLarge
from bff.upstreams.seam import Reply

# zlib's window bits for the content codings of RFC 9110 8.4.1: "deflate" has the zlib wrapper, gzip its own.
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def at_once(reply: Reply, max_decoded: int) -> bytes | None:
    """What `read` gives where nothing is left to wait for, to unpack or to refuse; the reply is closed. Else None.

    None also for an answer that others get too: what is made of it is kept (`bff.upstreams.decoded`).
    """
    body = reply.body
    if reply.memo is not None or not isinstance(body, bytes) or len(body) > max_decoded:
        return None
    if reply.header("content-encoding") is not None:
        return None
    reply.close()
    return body


async def read(reply: Reply, *, max_decoded: int) -> bytes:
    """The whole body, unpacked; the reply is closed, whatever happens.

    `max_decoded` counts bytes after unpacking. Raises `UpstreamTooLarge` beyond it, `UpstreamMalformed` for a coding
    other than gzip and deflate or a body that does not unpack, and what the layers below raise.
    """
    with reply:
        body = reply.body
        unpack = _unpacker(reply, max_decoded)
        if isinstance(body, bytes):
            data = unpack.feed(body)
            unpack.end()
            return data
        reply.body = _Unpacked(body, unpack)
        return b"".join([chunk async for chunk in reply])


def _unpacker(reply: Reply, most: int) -> _Plain:
    told = reply.header("content-encoding")
    coding = told.strip().lower() if told else "identity"
    if coding == "identity":
        return _Plain(reply.upstream, most)
    if coding not in _WINDOW:
        raise UpstreamMalformed(reply.upstream, detail="a content-encoding that was not asked for")
    return _Packed(reply.upstream, most, _WINDOW[coding])


class _Plain:
    """Bytes that mean themselves."""

    __slots__ = ("_left", "_upstream")

    def __init__(self, upstream: str, most: int) -> None:
        self._upstream = upstream
        self._left = most

    def feed(self, chunk: bytes) -> bytes:
        self._left -= len(chunk)
        if self._left < 0:
            raise UpstreamTooLarge(self._upstream, detail="more unpacked bytes than max_decoded")
        return chunk

    def end(self) -> None:
        """Nothing can be missing."""


class _Packed(_Plain):
    """Bytes that zlib unpacks. An empty body is accepted: HEAD and 304 announce a coding and send nothing."""

    __slots__ = ("_begun", "_zlib")

    def __init__(self, upstream: str, most: int, window: int) -> None:
        super().__init__(upstream, most)
        self._zlib = zlib.decompressobj(window)
        self._begun = False

    def feed(self, chunk: bytes) -> bytes:
        self._begun = self._begun or bool(chunk)
        try:
            # One byte more than allowed is enough to know, so a bomb is never unpacked.
            data = super().feed(self._zlib.decompress(chunk, self._left + 1))
        except zlib.error as error:
            raise UpstreamMalformed(self._upstream, detail=f"does not unpack: {error}") from None
        if self._zlib.unused_data:
            # gzip allows several members (RFC 1952 2.2). No service sends them; thousands of empty ones are an attack.
            raise UpstreamMalformed(self._upstream, detail="bytes after the end of the packed body")
        return data

    def end(self) -> None:
        if self._begun and not self._zlib.eof:
            raise UpstreamMalformed(self._upstream, detail="the packed body was cut short")


class _Unpacked:
    """A body as its unpacker gives it. That something is missing is told before the end of the body is."""

    __slots__ = ("_body", "_unpack")

    def __init__(self, body: AsyncIterator[bytes], unpack: _Plain) -> None:
        self._body = body
        self._unpack = unpack

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return self._unpack.feed(await anext(self._body))
        except StopAsyncIteration:
            self._unpack.end()
            raise
