"""Patience with a call that streams: it may last as long as something moves.

For exchanges that are handed on while they happen, where a limit on the whole would cut large files and event streams.
What the layer measures is silence of the upstream; a source of a request body that is slow is not its fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from bff.errors import UpstreamError, UpstreamTimeout
from bff.upstreams.alarms import Alarms
from bff.upstreams.circuit import FROM, Breaker
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender


class Idle:
    """Ends a call when its upstream is silent for too long; the request's own deadline holds beside that."""

    def __init__(self, inner: Sender, *, name: str, head: float, idle: float, breaker: Breaker, clock: Clock) -> None:
        """Seconds. `head`: from the call, or from the last piece of its body that was taken, to the answer's headers;
        the queue and connecting count. `idle`: one read of the answer's body.
        """
        self._inner = inner
        self._name = name
        self._head = head
        self._idle = idle
        self._breaker = breaker
        self._circuit = breaker.circuit
        self._clock = clock
        self._alarms = Alarms(name)

    async def send(self, request: Request) -> Reply:
        if self._circuit.open:
            self._breaker.enter(request.label, self._clock())
        try:
            reply = await self._until_headers(request)
        except UpstreamError as error:
            self._breaker.failed(request.label, error, self._clock())
            raise
        if reply.status >= FROM or self._circuit.failed:
            self._breaker.answered(request.label, reply.status, self._clock())
        if not isinstance(reply.body, bytes):
            reply.body = _Awaited(self._alarms, reply.body, request.deadline, self._idle, self._clock)
        return reply

    async def _until_headers(self, request: Request) -> Reply:
        patience = _Patience(self._head, request.deadline, self._clock)
        if request.body is not None and not isinstance(request.body, bytes):
            request = request.sending(_Taken(request.body, patience))
        try:
            async with patience.scope:
                return await self._inner.send(request)
        except TimeoutError:
            if not patience.scope.expired():
                raise
            raise UpstreamTimeout(self._name) from None
        finally:
            patience.over = True

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"idle {self._head:g}s, {self._idle:g}s → {self._inner!r}"


class _Patience:
    """A time limit that begins again when something has moved."""

    def __init__(self, seconds: float, deadline: float, clock: Clock) -> None:
        self._seconds = seconds
        self._deadline = deadline
        self._clock = clock
        self.scope = asyncio.timeout_at(self._until())
        self.over = False  # an upload may outlive the wait for the answer's headers

    def pause(self) -> None:
        self._move(None)

    def resume(self) -> None:
        self._move(self._until())

    def _until(self) -> float:
        return min(self._deadline, self._clock() + self._seconds)

    def _move(self, until: float | None) -> None:
        if not self.over and not self.scope.expired():
            self.scope.reschedule(until)


class _Taken:
    """A request body that tells when a piece of it is taken. While its source thinks, nobody else is late."""

    __slots__ = ("_body", "_patience")

    def __init__(self, body: AsyncIterator[bytes], patience: _Patience) -> None:
        self._body = body
        self._patience = patience

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self._patience.pause()
        try:
            return await anext(self._body)
        finally:
            self._patience.resume()


class _Awaited:
    """A body of which every read may take so long and no longer."""

    __slots__ = ("_alarms", "_body", "_clock", "_deadline", "_idle")

    def __init__(self, alarms: Alarms, body: AsyncIterator[bytes], deadline: float, idle: float, clock: Clock) -> None:
        self._alarms = alarms
        self._body = body
        self._deadline = deadline
        self._idle = idle
        self._clock = clock

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        until = min(self._deadline, self._clock() + self._idle)
        return await self._alarms.within(until, anext(self._body))
