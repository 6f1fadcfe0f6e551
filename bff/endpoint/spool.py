"""Bytes that came before they were wanted. In memory while they are few, else in a file that has no name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import TypeVar

T = TypeVar("T")

MEMORY = 65_536  # bytes of it that are held in memory
PIECE = 65_536  # bytes that are read at once


class Spool:
    """Written at its end and read anywhere. What is in a file is gone with the process, however that ends."""

    __slots__ = ("_file", "_turn", "size")

    def __init__(self) -> None:
        self.size = 0
        self._file = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115 - `close` ends it
        self._turn = asyncio.Lock()  # a file has one position

    async def write(self, raw: bytes) -> None:
        await self._do(lambda: self._append(raw), self.size + len(raw))
        self.size += len(raw)

    async def read(self, start: int) -> bytes:
        """Some of what stands from `start` on."""
        return await self._do(lambda: self._from(start), self.size)

    def close(self) -> None:
        self._file.close()

    async def _do(self, work: Callable[[], T], size: int) -> T:
        async with self._turn:
            return work() if size <= MEMORY else await asyncio.to_thread(work)

    def _append(self, raw: bytes) -> None:
        self._file.seek(0, 2)
        self._file.write(raw)

    def _from(self, start: int) -> bytes:
        self._file.seek(start)
        return self._file.read(PIECE)
