"""Answers that are streams: the events of a subscription -> parts of a body, with what says that it lives.

Knows no socket: who sends the parts closes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from bff import codec
from bff.asking import Answer
from bff.endpoint import sse
from bff.endpoint.multipart import Multipart
from bff.endpoint.pulse import Beat
from bff.endpoint.reply import Pairs, Reply, answered
from bff.errors import GatewayStopping
from bff.negotiate import EVENT_STREAM, MULTIPART, Form
from bff.persisted import Run
from bff.subscriptions import Subscriptions
from bff.upstreams import NO_STORE

BOUNDARY = "graphql"


class Framing(Protocol):
    """How answers become parts of a body."""

    @property
    def media_type(self) -> str: ...

    def beat(self) -> bytes:
        """That the connection lives."""

    def answer(self, answer: Answer) -> bytes: ...

    def complete(self) -> bytes:
        """Nothing more will come."""

    def stopping(self) -> bytes:
        """It could go on, but not here."""


class EventStream:
    """Server-sent events. A stream that ends without `complete` is one that clients open again."""

    media_type = f"{EVENT_STREAM}; charset=utf-8"

    def beat(self) -> bytes:
        return sse.BEAT

    def answer(self, answer: Answer) -> bytes:
        return sse.following(answer.text)

    def complete(self) -> bytes:
        return sse.COMPLETE

    def stopping(self) -> bytes:
        return b""


class Parts:
    """Apollo's multipart protocol for subscriptions: what ends one stands beside its payload."""

    media_type = f'{MULTIPART};boundary="{BOUNDARY}";subscriptionSpec=1.0'

    def __init__(self) -> None:
        self._body = Multipart(BOUNDARY)

    def beat(self) -> bytes:
        return self._body.part(b"{}")

    def answer(self, answer: Answer) -> bytes:
        if answer.ran:
            return self._body.part(b'{"payload":%b}' % answer.text)
        return self._body.part(codec.encode({"payload": None, "errors": answer.errors}))

    def complete(self) -> bytes:
        return self._body.end()

    def stopping(self) -> bytes:
        error = GatewayStopping()
        told = {"message": str(error), "extensions": dict(error.extensions)}
        return self._body.part(codec.encode({"payload": None, "errors": [told]})) + self._body.end()


Told_co = TypeVar("Told_co", covariant=True)


class Source(Protocol[Told_co]):
    """What a stream is of; whoever has it closes it."""

    def __anext__(self) -> Awaitable[Told_co]: ...

    async def aclose(self) -> None: ...


Told = TypeVar("Told")


class Streaming(AsyncGenerator[bytes, None], Generic[Told]):
    """The parts of one stream. Unlike with a generator, closing what was never begun closes its events too."""

    def __init__(self, events: Source[Told], framing: Framing, told: Callable[[Told], bytes]) -> None:
        """`told` frames one of the events."""
        self._events = events
        self._framing = framing
        self._told = told
        self._begun = False
        self._over = False

    async def asend(self, value: None) -> bytes:
        del value
        if self._over:
            raise StopAsyncIteration
        if not self._begun:
            self._begun = True
            return self._framing.beat()  # so that clients see at once that it stands
        try:
            return self._told(await self._events.__anext__())
        except StopAsyncIteration:
            self._over = True
            return self._framing.complete()
        except GatewayStopping:
            self._over = True
            return self._framing.stopping()

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
        await self._events.aclose()


def framing_of(form: Form) -> Framing:
    return EventStream() if form.stream == "sse" else Parts()


@dataclass(frozen=True, slots=True, eq=False)
class Lasting:
    """How operations that may go on are answered over HTTP. Times are seconds."""

    subscriptions: Subscriptions
    heartbeat: float
    stall: float  # that a client may take nothing

    def run(self, form: Form) -> Run:
        return partial(self.subscriptions.run, transport="sse" if form.stream == "sse" else "multipart")

    def reply(self, answer: Answer, form: Form) -> Reply:
        if answer.events is not None:
            framing = framing_of(form)
            return self._streaming(framing, Streaming(answer.events, framing, framing.answer))
        return _in_stream(answer, form) if form.media_type in {EVENT_STREAM, MULTIPART} else answered(answer, form)

    def in_parts(self, answer: Answer, parts: AsyncGenerator[bytes, None], form: Form) -> Reply:
        """What is deferred, as events; each as it is written for `form.parts`."""
        framing = EventStream()
        reply = self._streaming(framing, Streaming(parts, framing, sse.following))
        return reply._replace(headers=[*reply.headers, *_standing(answer, form)])

    def _streaming(self, framing: Framing, parts: AsyncGenerator[bytes, None]) -> Reply:
        beat = Beat(self.heartbeat, framing.beat)
        return Reply(200, _headers(framing), parts=parts, stall=self.stall, beat=beat)


def _in_stream(answer: Answer, form: Form) -> Reply:
    """An answer that is whole, to who accepts streams alone: there refusals have status 200."""
    framing = framing_of(form)
    return Reply(200, [*_headers(framing), *_standing(answer, form)], framing.answer(answer) + framing.complete())


def _standing(answer: Answer, form: Form) -> Pairs:
    """Where the client is with its quota."""
    return [pair for pair in answered(answer, form).headers if pair[0].startswith((b"ratelimit", b"retry-after"))]


def _headers(framing: Framing) -> Pairs:
    """Nobody on the way may keep, wait for, or repack what is still to come."""
    return [
        (b"content-type", framing.media_type.encode()),
        (b"vary", b"Accept"),
        (b"cache-control", f"{NO_STORE}, no-transform".encode()),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]
