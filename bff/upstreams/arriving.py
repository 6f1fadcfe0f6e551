"""The body of an answer while it arrives: what has come and nobody has read, and how it ended. Knows no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self


class Arriving:
    """Gives what is there, or waits. One reads it, one fills it: `chunks` is the other end of both."""

    __slots__ = ("_chunks", "_failure", "_loop", "_over", "_taken", "_waiter")

    def __init__(self, chunks: list[bytes], taken: Callable[[Arriving], None], loop: asyncio.AbstractEventLoop) -> None:
        """`taken` is told whenever all that had come has been read."""
        self._chunks = chunks
        self._taken = taken
        self._loop = loop
        self._over = False
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def arrived(self) -> None:
        """There may be more in `chunks`."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def end(self) -> None:
        """It is whole."""
        self._over = True
        self.arrived()

    def fail(self, failure: Exception) -> None:
        """It never will be; `failure` is what its reader gets."""
        self._failure = failure
        self.end()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks and not self._over:
            self._waiter = waiter = self._loop.create_future()
            await waiter
        if self._chunks:
            data = b"".join(self._chunks)
            self._chunks.clear()
            self._taken(self)
            return data
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration
