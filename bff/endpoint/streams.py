"""Answers that are streams: the events of a subscription -> parts of a body, with what says that it lives."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bff import codec
from bff.endpoint import sse
from bff.endpoint.framed import Framed, Source, Told, headers_of, standing
from bff.endpoint.multipart import Multipart
from bff.endpoint.pulse import Beat
from bff.endpoint.reply import Pairs, Reply, answered
from bff.errors import GatewayStopping
from bff.negotiate import EVENT_STREAM, MULTIPART, Form
from bff.operation import Answer
from bff.persisted import Run
from bff.subscriptions import Subscriptions

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
            return self._streaming(framing, answer.events, framing.answer)
        return _in_stream(answer, form) if form.media_type in {EVENT_STREAM, MULTIPART} else answered(answer, form)

    def in_parts(self, answer: Answer, parts: AsyncGenerator[bytes, None], form: Form) -> Reply:
        """What is deferred, as events; each as it is written for `form.parts`."""
        framing = EventStream()
        reply = self._streaming(framing, parts, sse.following)
        return replace(reply, headers=[*reply.headers, *standing(answer, form)])

    def _streaming(self, framing: Framing, source: Source[Told], told: Callable[[Told], bytes]) -> Reply:
        """Begins with a beat, so that clients see at once that it stands."""
        parts = Framed(source, told, framing.complete, stopping=framing.stopping, opening=framing.beat())
        beat = Beat(self.heartbeat, framing.beat)
        return Reply(200, _headers(framing), parts=parts, stall=self.stall, beat=beat)


def _in_stream(answer: Answer, form: Form) -> Reply:
    """An answer that is whole, to who accepts streams alone: there refusals have status 200."""
    framing = framing_of(form)
    return Reply(200, [*_headers(framing), *standing(answer, form)], framing.answer(answer) + framing.complete())


def _headers(framing: Framing) -> Pairs:
    return headers_of(framing.media_type, (b"vary", b"Accept"))
