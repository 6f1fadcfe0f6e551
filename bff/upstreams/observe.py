"""One `Exchange` for every call, told exactly once: when its body has ended or failed, or nobody wants it any more.

Knows no vendor and keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Self

from bff.errors import BffError, InternalError
from bff.telemetry import Exchange, Observer
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender

CANCELLED = "CANCELLED"


class Observe:
    """The outermost layer: it sees every call, also those that a layer below refuses or answers itself."""

    def __init__(self, inner: Sender, *, name: str, observer: Observer, clock: Clock) -> None:
        self._inner = inner
        self._name = name
        self._observer = observer
        self._clock = clock

    async def send(self, request: Request) -> Reply:
        if request.body is not None and not isinstance(request.body, bytes):
            request = replace(request, body=_Counted(request.body))
        call = _Call(self._name, request, self._observer, self._clock)
        try:
            reply = await self._inner.send(request)
        except BaseException as error:
            call.over(error)
            raise
        call.answered(reply)
        return reply

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"observe → {self._inner!r}"


def outcome(error: BaseException | None) -> str | None:
    """The name under which a call's failure is counted; None if it did not fail."""
    if error is None:
        return None
    if isinstance(error, BffError):
        return error.code
    return CANCELLED if isinstance(error, asyncio.CancelledError | GeneratorExit) else InternalError.code


class _Call:
    """What is known about one call until it is over."""

    __slots__ = ("_clock", "_observer", "_received", "_request", "_started", "_status", "_upstream")

    def __init__(self, upstream: str, request: Request, observer: Observer, clock: Clock) -> None:
        """A body of `request` that is streamed is one that counts itself."""
        self._upstream = upstream
        self._request = request
        self._observer = observer
        self._clock = clock
        self._started = clock()
        self._status: int | None = None
        self._received: bytes | _Counted = b""

    def answered(self, reply: Reply) -> None:
        self._status = reply.status
        body = reply.body
        if not isinstance(body, bytes):
            body = reply.body = _Counted(body)
        self._received = body
        reply.on_close(self.over)

    def over(self, error: BaseException | None) -> None:
        request = self._request
        timing, sent = request.timing, request.body
        fact = Exchange(
            upstream=self._upstream,
            label=request.label,
            method=request.method,
            status=self._status,
            error=None if error is None else outcome(error),
            started=self._started,
            waited=timing.waited,
            seconds=self._clock() - self._started,
            request_bytes=len(sent) if isinstance(sent, (bytes, _Counted)) else 0,
            response_bytes=len(self._received),
            cache=timing.cache,
            shared=timing.shared,
            fresh=timing.fresh,
        )
        request.record(fact)
        self._observer.exchange(fact)


class _Counted:
    """A body that knows how many bytes have passed."""

    __slots__ = ("_body", "_passed")

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self._passed = 0

    def __len__(self) -> int:
        return self._passed

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._body)
        self._passed += len(chunk)
        return chunk
