"""The time that one call may take: its own timeout, or what remains of the operation's deadline, whichever ends first.

It covers everything below: waiting for a slot, connecting, the headers, and each read of the body. Cancellation from
outside passes through as what it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from bff.errors import UpstreamTimeout
from bff.upstreams.alarms import Alarms
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender


class Deadline:
    """Ends a call, and the reading of its reply, when its time is over. No call is made when it already is."""

    def __init__(self, inner: Sender, *, name: str, timeout: float, clock: Clock) -> None:
        """`clock` is read for the moment a call begins and must run with the event loop's."""
        self._inner = inner
        self._name = name
        self._timeout = timeout
        self._clock = clock
        self._alarms = Alarms(name)

    async def send(self, request: Request) -> Reply:
        now = self._clock()
        if request.deadline <= now:
            raise UpstreamTimeout(self._name, detail="the deadline had passed before the call")
        until = min(request.deadline, now + self._timeout)
        reply = await self._alarms.within(until, self._inner.send(request))
        if not isinstance(reply.body, bytes):
            reply.body = _Timed(self._alarms, until, reply.body)
        return reply

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"deadline {self._timeout:g}s → {self._inner!r}"


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
