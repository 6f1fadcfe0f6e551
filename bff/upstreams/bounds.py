"""What one call may take: time, and bytes of its answer.

Its time is its own timeout or what remains of the operation's deadline, whichever ends first. It covers everything
below: waiting for a slot, connecting, the headers, and each read of the body. Cancellation from outside passes through
as what it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any, Self

from bff.errors import UpstreamError, UpstreamTimeout
from bff.upstreams.alarms import Alarms
from bff.upstreams.cap import capped
from bff.upstreams.circuit import FROM, LASTING, Breaker
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender


class Bounds:
    """Ends a call, and the reading of its reply, when its time is over. No call is made when it already is.

    Of an answer it lets nobody read more than `most` bytes. What became of it is told to `breaker`.
    """

    def __init__(self, inner: Sender, *, name: str, timeout: float, most: int, breaker: Breaker, clock: Clock) -> None:
        """`clock` is read for the moment a call begins and must run with the event loop's."""
        self._inner = inner
        self._name = name
        self._timeout = timeout
        self._most = most
        self._enough = min(timeout, LASTING)
        self._breaker = breaker
        self._circuit = breaker.circuit
        self._clock = clock
        self._alarms = Alarms(name)

    def send(self, request: Request) -> Coroutine[Any, Any, Reply]:
        now = self._clock()
        if request.deadline <= now:
            raise UpstreamTimeout(self._name, detail="the deadline had passed before the call")
        until = min(request.deadline, now + self._timeout)
        if self._circuit.failed:
            return self._watched(request, now, until)
        return self._alarms.within(until, self._inner.send(request), self._first, self._failed)

    async def _watched(self, request: Request, now: float, until: float) -> Reply:
        """A call after one that failed: it is made unless the circuit is open, and all that becomes of it counts."""
        if self._circuit.open:
            self._breaker.enter(request.label, now)
        try:
            reply = await self._alarms.within(until, self._inner.send(request), self._bounded)
        except UpstreamError as error:
            if until - now >= self._enough:  # less is the operation's doing
                self._breaker.failed(request.label, error, self._clock())
            raise
        self._breaker.answered(request.label, reply.status, self._clock())
        return reply

    def _failed(self, error: BaseException) -> None:
        """A call failed after one that did not: from now on they are watched."""
        if isinstance(error, UpstreamError):
            self._breaker.failed("", error, self._clock())

    def _first(self, reply: Reply, until: float) -> Reply:
        """An answer after one that was as well."""
        if reply.status >= FROM:
            self._breaker.answered("", reply.status, self._clock())
        body = reply.body
        if isinstance(body, bytes) and len(body) <= self._most:
            return reply  # which came whole, and has taken its time
        return self._bounded(reply, until)

    def _bounded(self, reply: Reply, until: float) -> Reply:
        """A reply whose body has the bounds of its call."""
        if not isinstance(reply.body, bytes):
            reply.body = _Timed(self._alarms, until, reply.body)
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
