"""An answer in parts over HTTP: multipart/mixed, each part sent as soon as it is there. Knows no GraphQL.

Incremental delivery over HTTP, https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import TracebackType

from bff.asking import Answer
from bff.endpoint.multipart import Multipart
from bff.endpoint.reply import VARY, Pairs, Reply, answered
from bff.negotiate import MULTIPART, Form
from bff.upstreams import NO_STORE

BOUNDARY = "-"
TOLD = {"2022": ";deferSpec=20220824", "2023": ";incrementalSpec=v0.2"}  # what was asked for, as it was


class Framed(AsyncGenerator[bytes, None]):
    """Parts of an answer as those of a body. Closing what was never begun closes the answer too."""

    def __init__(self, parts: AsyncGenerator[bytes, None]) -> None:
        self._parts = parts
        self._body = Multipart(BOUNDARY)
        self._over = False

    async def asend(self, value: None) -> bytes:
        del value
        if self._over:
            raise StopAsyncIteration
        try:
            return self._body.part(await anext(self._parts))
        except StopAsyncIteration:
            self._over = True
            return self._body.end()

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
        await self._parts.aclose()


def in_parts(answer: Answer, parts: AsyncGenerator[bytes, None], form: Form, stall: float) -> Reply:
    """`stall`: for how many seconds the client may take nothing."""
    told = [pair for pair in answered(answer, form).headers if pair[0].startswith(b"ratelimit")]
    return Reply(200, [*_headers(form), *told], parts=Framed(parts), stall=stall)


def _headers(form: Form) -> Pairs:
    """Nobody on the way may keep, wait for, or repack what is still to come."""
    media_type = f'{MULTIPART};boundary="{BOUNDARY}"{TOLD.get(form.parts, "")}'
    return [
        (b"content-type", media_type.encode()),
        VARY,
        (b"cache-control", f"{NO_STORE}, no-transform".encode()),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]
