"""Signs of life on a connection on which nothing happens: proxies, and clients, take silence for an end.

A timer, and no task until one is sent: most connections of a gateway with many are silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from starlette.types import Send


class Beat(NamedTuple):
    """`every`: the longest silence in seconds. `part` makes what breaks it."""

    every: float
    part: Callable[[], bytes]


class Pulse:
    """The signs of one connection."""

    __slots__ = ("_beat", "_send", "_sent", "_task", "_timer")

    def __init__(self, beat: Beat, send: Send) -> None:
        self._beat = beat
        self._send = send
        self._task: asyncio.Future[None] | None = None
        loop = asyncio.get_running_loop()
        self._sent = loop.time()
        self._timer = loop.call_later(beat.every, self._look)

    def note(self) -> None:
        """Something was sent."""
        self._sent = asyncio.get_running_loop().time()

    def end(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        silence = loop.time() - self._sent
        if silence >= self._beat.every and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._tell())
            silence = 0.0
        self._timer = loop.call_later(max(self._beat.every - silence, 0.001), self._look)

    async def _tell(self) -> None:
        self.note()
        await self._send({"type": "http.response.body", "body": self._beat.part(), "more_body": True})
