"""A streamed request body on its way, while its answer may already be coming. Frames it as its head has said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from bff.upstreams.head import CHUNKED


class Way(Protocol):
    """Where it goes."""

    writable: asyncio.Future[None] | None  # to be waited for, if there is one
    ready: bool  # False once nothing can be written any more

    def write(self, data: bytes) -> None: ...

    def fail(self, failure: Exception) -> None:
        """The body failed at its source: that is not the upstream's doing."""


class Upload:
    """Runs in a task of its own until the body has ended or somebody cancels it."""

    def __init__(self, way: Way, body: AsyncIterator[bytes], length: int, loop: asyncio.AbstractEventLoop) -> None:
        """`length` is what its header says, in bytes, or `CHUNKED`."""
        self.begun = False  # something was asked of its source, and would be missing from the same body again
        self.complete = False
        self._way = way
        self._body = body
        self._left = length
        self._task = loop.create_task(self._write())

    def cancel(self) -> None:
        self._task.cancel()

    async def _write(self) -> None:
        self.begun = True
        try:
            async for chunk in self._body:
                await self._put(self._framed(chunk))
            if self._left == CHUNKED:
                await self._put(b"0\r\n\r\n")
            elif self._left:
                raise ValueError("a body that is shorter than its header says")  # noqa: TRY301 - as any other of the source
        except Exception as error:  # noqa: BLE001 - of the source, whatever it is
            if self._way.ready:  # a lost connection is told to who waits for the answer
                self._way.fail(error)
        else:
            self.complete = True

    def _framed(self, chunk: bytes) -> bytes:
        if self._left == CHUNKED:
            return b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunk else b""
        chunk = chunk[: self._left]  # no byte more is sent: it would be the beginning of another request
        self._left -= len(chunk)
        return chunk

    async def _put(self, data: bytes) -> None:
        if not self._way.ready:
            raise ConnectionResetError
        if data:
            self._way.write(data)
        if self._way.writable is not None:
            await self._way.writable
