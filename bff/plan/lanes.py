"""A bounded number of jobs at a time, first come first served. Knows nothing of what the jobs do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

Job = Callable[[], Coroutine[Any, Any, None]]
Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Future[Any]]


class Lane:
    """One operation's way to one service: at most `width` of its jobs run at once."""

    __slots__ = ("_jobs", "_running", "_spawn", "_width")

    def __init__(self, width: int, spawn: Spawn) -> None:
        self._width = width
        self._spawn = spawn
        self._jobs: deque[Job] = deque()
        self._running = 0

    def submit(self, job: Job) -> None:
        self._jobs.append(job)
        self._pump()

    def close(self) -> None:
        """Forget the jobs that have not begun."""
        self._jobs.clear()

    def _pump(self) -> None:
        while self._jobs and self._running < self._width:
            self._running += 1
            self._spawn(self._jobs.popleft()()).add_done_callback(self._ended)

    def _ended(self, _task: asyncio.Future[Any]) -> None:
        self._running -= 1
        self._pump()

    def __repr__(self) -> str:
        return f"<Lane {self._running} of {self._width} running, {len(self._jobs)} waiting>"
