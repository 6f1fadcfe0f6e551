"""Bodies in gzip (RFC 1952), Brotli (RFC 7932) and Zstandard (RFC 8878): the one module that imports their libraries.

Knows no request. Fast rather than small: JSON shrinks to a fifth at the lowest levels, and not to a sixth at those that
take ten times as long.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]  # it has no types
import zstandard

_GZIP = 16 + zlib.MAX_WBITS  # zlib's word for gzip's head and end around a deflated body
_LEVEL = 1  # of each
LARGE = 65_536  # bytes; more than that takes longer than others are to wait


class _Packer(Protocol):
    """A body on its way: what goes in can be read by whoever has what came out."""

    def part(self, raw: bytes) -> bytes:
        """What to send now."""

    def end(self) -> bytes:
        """What is left to send."""


class _Gzip:
    __slots__ = ("_deflate",)

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def part(self, raw: bytes) -> bytes:
        return self._deflate.compress(raw) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._deflate.flush()


class _Brotli:
    __slots__ = ("_brotli",)

    def __init__(self) -> None:
        self._brotli = brotli.Compressor(quality=_LEVEL)

    def part(self, raw: bytes) -> bytes:
        return bytes(self._brotli.process(raw) + self._brotli.flush())

    def end(self) -> bytes:
        return bytes(self._brotli.finish())


class _Zstd:
    __slots__ = ("_zstd",)

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdCompressor(level=_LEVEL).compressobj()

    def part(self, raw: bytes) -> bytes:
        return self._zstd.compress(raw) + self._zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._zstd.flush()


_WHOLE: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "gzip": lambda raw: zlib.compress(raw, _LEVEL, _GZIP),
        "br": lambda raw: bytes(brotli.compress(raw, quality=_LEVEL)),
        "zstd": lambda raw: zstandard.ZstdCompressor(level=_LEVEL).compress(raw),
    }
)
_PARTS: Mapping[str, Callable[[], _Packer]] = MappingProxyType({"gzip": _Gzip, "br": _Brotli, "zstd": _Zstd})


async def compressed(coding: str, raw: bytes) -> bytes:
    """The whole body in this coding."""
    return await _beside(_WHOLE[coding], raw)


async def _beside(work: Callable[[bytes], bytes], raw: bytes) -> bytes:
    """In a thread, where it would hold up the event loop: the libraries leave the interpreter to others meanwhile."""
    return work(raw) if len(raw) < LARGE else await asyncio.to_thread(work, raw)


class InParts(AsyncGenerator[bytes, None]):
    """Each part in this coding, readable as soon as it has come. Closing it closes `parts`, even if none was read."""

    def __init__(self, coding: str, parts: AsyncGenerator[bytes, None]) -> None:
        self._packer = _PARTS[coding]()
        self._parts = parts
        self._over = False

    async def asend(self, value: None) -> bytes:
        if self._over:
            raise StopAsyncIteration
        try:
            raw = await self._parts.asend(value)
        except StopAsyncIteration:
            self._over = True
            return self._packer.end()
        return await _beside(self._packer.part, raw)

    async def athrow(self, *error: Any) -> bytes:
        self._over = True
        return await self._parts.athrow(*error)

    async def aclose(self) -> None:
        self._over = True
        await self._parts.aclose()


def inflated(raw: bytes, most: int) -> bytes:
    """What a gzipped body unpacks to. However small it came, no more than `most` bytes of it are ever made.

    Raises ValueError for what is not gzip, or not one whole body of it; OverflowError for more than `most`.
    """
    inflate = zlib.decompressobj(_GZIP)
    try:
        found = inflate.decompress(raw, most + 1)
    except zlib.error:
        raise ValueError("it is not gzip") from None
    if len(found) > most:
        raise OverflowError
    if not inflate.eof or inflate.unused_data:
        raise ValueError("it ends early, or not with its end")
    return found
