"""Bodies that are sent as they come: each thing of a source is a part of the body. Knows no GraphQL and no socket.

Who sends the parts closes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from bff.endpoint.reply import Pairs, answered
from bff.errors import GatewayStopping
from bff.negotiate import Form
from bff.operation import Answer
from bff.upstreams import NO_STORE

Told = TypeVar("Told")
Told_co = TypeVar("Told_co", covariant=True)


class Source(Protocol[Told_co]):
    """What a body is of; whoever has it closes it."""

    def __anext__(self) -> Awaitable[Told_co]: ...

    async def aclose(self) -> None: ...


class Framed(AsyncGenerator[bytes, None], Generic[Told]):
    """The parts of one body. Unlike with a generator, closing what was never begun closes its source too."""

    def __init__(
        self,
        source: Source[Told],
        told: Callable[[Told], bytes],
        end: Callable[[], bytes],
        *,
        stopping: Callable[[], bytes] | None = None,
        opening: bytes = b"",
    ) -> None:
        """`told` frames one thing, `end` says that nothing more will come, `stopping` that it could, but not here."""
        self._source = source
        self._told = told
        self._end = end
        self._stopping = stopping
        self._opening = opening
        self._over = False

    async def asend(self, value: None) -> bytes:
        del value
        if self._over:
            raise StopAsyncIteration
        if self._opening:
            opening, self._opening = self._opening, b""
            return opening
        try:
            return self._told(await self._source.__anext__())
        except StopAsyncIteration:
            self._over = True
            return self._end()
        except GatewayStopping:
            if self._stopping is None:
                raise
            self._over = True
            return self._stopping()

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> bytes:
        del val, tb
        await self.aclose()
        raise typ

    async def aclose(self) -> None:
        self._over = True
        await self._source.aclose()


def headers_of(media_type: str, vary: tuple[bytes, bytes]) -> Pairs:
    """Nobody on the way may keep, wait for, or repack what is still to come."""
    return [
        (b"content-type", media_type.encode()),
        vary,
        (b"cache-control", f"{NO_STORE}, no-transform".encode()),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]


def standing(answer: Answer, form: Form) -> Pairs:
    """Where the client is with its quota."""
    return [pair for pair in answered(answer, form).headers if pair[0].startswith((b"ratelimit", b"retry-after"))]
