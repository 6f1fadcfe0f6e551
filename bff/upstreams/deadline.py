"""The time that one call may take: its own timeout, or what remains of the operation's deadline, whichever ends first.

It covers everything below: waiting for a slot, connecting, the headers, and each read of the body. Cancellation from
outside passes through as what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from types import TracebackType
from typing import Self, TypeVar

from bff.errors import UpstreamTimeout
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender

T = TypeVar("T")


async def within(upstream: str, until: float, result: Awaitable[T]) -> T:
    """Await `result`, but not beyond `until` (the event loop's clock, seconds); raises `UpstreamTimeout`."""
    with _Alarm(upstream, until):
        return await result


class _Alarm:
    """Cancels its task when the time is over, and knows that cancellation from anybody else's.

    What `asyncio.timeout_at` does, by the same rule, at half its price: that one is two coroutines, and asks for the
    running loop three times, which before Python 3.12 is a call into the kernel each. It stands around every call.
    """

    __slots__ = ("_before", "_rang", "_task", "_timer", "_until", "_upstream")

    def __init__(self, upstream: str, until: float) -> None:
        self._upstream = upstream
        self._until = until
        self._rang = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task can be late")
        self._task = task
        self._before = task.cancelling()
        self._timer = loop.call_at(self._until, self._ring)

    def _ring(self) -> None:
        self._rang = True
        self._task.cancel()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        if self._rang and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise UpstreamTimeout(self._upstream) from None


class Deadline:
    """Ends a call, and the reading of its reply, when its time is over. No call is made when it already is."""

    def __init__(self, inner: Sender, *, name: str, timeout: float, clock: Clock) -> None:
        """`clock` is read for the moment a call begins and must run with the event loop's."""
        self._inner = inner
        self._name = name
        self._timeout = timeout
        self._clock = clock

    async def send(self, request: Request) -> Reply:
        now = self._clock()
        if request.deadline <= now:
            raise UpstreamTimeout(self._name, detail="the deadline had passed before the call")
        until = min(request.deadline, now + self._timeout)
        with _Alarm(self._name, until):
            reply = await self._inner.send(request)
        if not isinstance(reply.body, bytes):
            reply.body = _Timed(self._name, until, reply.body)
        return reply

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"deadline {self._timeout:g}s → {self._inner!r}"


class _Timed:
    """A body of which every read ends by the same deadline."""

    __slots__ = ("_body", "_until", "_upstream")

    def __init__(self, upstream: str, until: float, body: AsyncIterator[bytes]) -> None:
        self._upstream = upstream
        self._until = until
        self._body = body

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return await within(self._upstream, self._until, anext(self._body))
