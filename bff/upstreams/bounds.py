"""What one call may take: time, and bytes of its answer.

Its time is its own timeout or what remains of the operation's deadline, whichever ends first. It covers everything
below: waiting for a slot, connecting, the headers, and each read of the body. Cancellation from outside passes through
as what it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any, Self

from bff.errors import UpstreamTimeout
from bff.upstreams.alarms import Alarms
from bff.upstreams.cap import capped
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender


class Bounds:
    """Ends a call, and the reading of its reply, when its time is over. No call is made when it already is.

    Of an answer it lets nobody read more than `most` bytes.
    """

    def __init__(self, inner: Sender, *, name: str, timeout: float, most: int, clock: Clock) -> None:
        """`clock` is read for the moment a call begins and must run with the event loop's."""
        self._inner = inner
        self._name = name
        self._timeout = timeout
        self._most = most
        self._clock = clock
        self._alarms = Alarms(name)

    def send(self, request: Request) -> Coroutine[Any, Any, Reply]:
        now = self._clock()
        if request.deadline <= now:
            raise UpstreamTimeout(self._name, detail="the deadline had passed before the call")
        until = min(request.deadline, now + self._timeout)
        return self._alarms.within(until, self._inner.send(request), self._bounded)

    def _bounded(self, reply: Reply, until: float) -> Reply:
        """A reply whose body has the bounds of its call. One that came whole has taken its time."""
        body = reply.body
        if not isinstance(body, bytes):
            reply.body = _Timed(self._alarms, until, body)
        elif len(body) <= self._most:
            return reply
        return capped(reply, self._most)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"bounds {self._timeout:g}s, {self._most} bytes → {self._inner!r}"


class _Timed:
    """A body of which every read ends by the same deadline."""

    __slots__ = ("_alarms", "_body", "_until")

    def __init__(self, alarms: Alarms, until: float, body: AsyncIterator[bytes]) -> None:
        self._alarms = alarms
        self._until = until
        self._body = body

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return await self._alarms.within(self._until, anext(self._body))
