"""When time is over for whoever waits: their task is cancelled, and that told from a cancellation by somebody else.

What `asyncio.timeout_at` does, by the same rule, for many at once: one timer, at the earliest of their times or before.
A timer of its own for every call costs more than all that is done with one here, so one that was set is left to ring:
most calls find it set, and it looks again for whoever waits then.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bff.errors import UpstreamTimeout

T = TypeVar("T")

TICK = 0.001  # seconds: timers of uvloop may be so much early


class Alarms:
    """Those of one upstream. A task has one of them at a time."""

    __slots__ = ("_late", "_loop", "_next", "_timer", "_until", "_upstream")

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._loop: asyncio.AbstractEventLoop | None = None  # asking which one runs is a call into the kernel
        self._until: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._next = math.inf  # when the timer rings: not after the earliest of `_until`
        self._timer: asyncio.TimerHandle | None = None

    async def within(
        self,
        until: float,
        result: Awaitable[T],
        made: Callable[[T, float], T] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> T:
        """Await `result`, but not beyond `until` (the event loop's clock, seconds); raises `UpstreamTimeout`.

        What comes is what `made` makes of it, which is told of `until`; `failed` is told of what is raised.
        """
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task can be late")
        before = task.cancelling()
        self._until[task] = until
        if until < self._next:
            self._ring_at(until, loop)
        try:
            found = await result
        except BaseException as error:
            late = self._was_late(task, before) and isinstance(error, asyncio.CancelledError)
            if late:
                error = UpstreamTimeout(self._upstream)  # by this name, since a local one would hold itself
            if failed is not None:
                failed(error)
            if late:
                raise error from None
            raise
        finally:
            del self._until[task]
        if task in self._late:
            self._was_late(task, before)
        return found if made is None else made(found, until)

    def _was_late(self, task: asyncio.Task[object], before: int) -> bool:
        """Whether it was, and nobody else has cancelled it; `before`: how often it had been cancelled at first."""
        if task not in self._late:
            return False
        self._late.discard(task)
        return task.uncancel() <= before

    def _ring_at(self, until: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._next = loop.call_at(until, self._ring, loop), until

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time() + TICK
        for task, until in self._until.items():
            if until <= now and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._timer, self._next = None, math.inf
        waiting = [until for task, until in self._until.items() if task not in self._late]
        if waiting:
            self._ring_at(min(waiting), loop)

    def __repr__(self) -> str:
        return f"<Alarms of {len(self._until)}: {self._timer!r}>"
