"""One `Exchange` for every call, told exactly once: when its body has ended or failed, or nobody wants it any more.

Knows no vendor and keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
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
            request = request.sending(_Counted(request.body))
        started = self._clock()
        try:
            reply = await self._inner.send(request)
        except BaseException as error:
            self._tell(request, started, None, b"", error)
            raise
        body = reply.body
        if not isinstance(body, bytes):
            body = reply.body = _Counted(body)
        reply.on_close(partial(self._tell, request, started, reply.status, body))
        return reply

    def _tell(
        self,
        request: Request,
        started: float,
        status: int | None,
        received: bytes | _Counted,
        error: BaseException | None,
    ) -> None:
        """The call is over. A body of `request` that is streamed is one that counts itself."""
        timing, sent = request.timing, request.body
        sent_bytes = len(sent) if isinstance(sent, (bytes, _Counted)) else 0
        fact = Exchange(  # by position: by name it would take four times as long, for every call
            self._name,
            request.label,
            request.method,
            status,
            None if error is None else outcome(error),
            started,
            timing.waited,
            self._clock() - started,
            sent_bytes,
            len(received),
            timing.cache,
            timing.shared,
            timing.fresh,
            timing.repeated,
        )
        request.record(fact)
        self._observer.exchange(fact)

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
