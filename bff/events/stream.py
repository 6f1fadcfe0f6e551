"""A service's stream of events: opened, heard, and opened again when it breaks. Knows no subscriber.

What the service says once and for all ends it: 204 and `until`, that there is nothing more; 404, that there is no such
thing; another status, or another kind of answer, that it will not have it.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

from bff import codec
from bff.connectors import Stream
from bff.connectors.path import reader
from bff.connectors.rows import stamped
from bff.errors import (
    BadUserInput,
    UpstreamError,
    UpstreamMalformed,
    UpstreamRefused,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from bff.events.ears import Message, ear_of
from bff.events.hub import Hub
from bff.events.opening import Opening
from bff.events.pace import Outage, Pace
from bff.events.sse import TooLarge
from bff.plan.call import MAX_TARGET, fill, target_of
from bff.plan.carried import carried
from bff.upstreams import Headers, Reply, Request

STATE = "state"  # the name of events that each say all there is to know

# After so many events those who hear them get a turn, however many have come at once; half of what they may leave
# waiting. It is also the most that one stream can keep this process busy with.
BURST = 50
BREATH = 0.001  # seconds

_NO_CONTENT = 204
_SWITCHED, _OK = 101, 200
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # statuses after which asking again may help
_MEDIA = "text/event-stream"


class Streaming:
    """One stream, as often as it has to be opened."""

    def __init__(self, source: Stream, opening: Opening, pace: Pace) -> None:
        """Raises BadUserInput for values that nothing can be asked with."""
        self._source = source
        self._opening = opening
        self._pace = pace
        self._ear = ear_of(source, opening.upstream.settings.events.max_size)
        self._outage = Outage(opening.upstream.settings.events.patience)
        self._target, self._body = _asks(source, opening)
        self._headers = _headers(source, opening)
        self._heard_of = 0  # messages
        self._row = reader(source.connector.rows)
        self._clock = asyncio.get_running_loop().time

    async def run(self, hub: Hub) -> None:
        """Until it is over. Raises the UpstreamError for which it cannot be had."""
        while True:
            if await self._over(hub):
                return
            await asyncio.sleep(self._pace.reopen(self._ear.retry, self._outage.failures))

    async def _over(self, hub: Hub) -> bool:
        """Hear one stream to its end; whether that was for good."""
        opened = math.inf
        try:
            with await self._asked() as reply:
                if reply.status in self._source.connector.missing:
                    hub.put(None)
                    return True
                if reply.status == _NO_CONTENT:
                    return True
                self._accept(reply)
                opened = self._clock()
                return await self._heard(reply, hub)
        except UpstreamError as error:
            now = self._clock()
            if opened + self._outage.patience < now:  # it stood for long enough, though it was silent
                self._outage.over()
            may_pass = opened < math.inf or _passes(error)
            if not may_pass or not self._outage.failed(now):
                raise
            hub.tell(error)
            return False

    async def _asked(self) -> Reply:
        upstream, begun = self._opening.upstream, self._ear.begin()
        sender = upstream.socket if self._source.socket else upstream.events
        if sender is None:
            raise UpstreamUnreachable(upstream.name, detail="there is no network to dial")
        named = {name for name, _ in begun}
        headers = (*begun, *(pair for pair in self._headers if pair[0] not in named))
        return await sender.send(Request("GET", self._target, math.inf, headers, self._body, label=self._source.label))

    def _accept(self, reply: Reply) -> None:
        """Raises what the answer says, if it is no stream."""
        label, media = self._source.label, (reply.header("content-type") or "").partition(";")[0].strip().lower()
        if reply.status != (_SWITCHED if self._source.socket else _OK):
            detail = f"{label}: status {reply.status}"
            raise UpstreamStatus(reply.upstream, http_status=reply.status, detail=detail)
        packed = (reply.header("content-encoding") or "identity").lower() != "identity"
        if not self._source.socket and (media != _MEDIA or packed):
            raise UpstreamMalformed(reply.upstream, detail=f"{label}: no plain {_MEDIA}, but {media or 'nothing'}")

    async def _heard(self, reply: Reply, hub: Hub) -> bool:
        async for chunk in reply:
            self._outage.over()
            try:
                messages = self._ear.hear(chunk)
            except TooLarge as error:
                raise UpstreamTooLarge(reply.upstream, detail=f"{self._source.label}: {error}") from None
            for message in messages:
                if self._last(message):
                    return True
                self._put(message, hub)
                self._heard_of += 1
                if not self._heard_of % BURST:
                    await asyncio.sleep(BREATH)
        return False

    def _last(self, message: Message) -> bool:
        name, text = message
        until = self._source.until
        return until is not None and (name == until or text == until.encode())

    def _put(self, message: Message, hub: Hub) -> None:
        """Give a message to those who hear it; a failure in it is theirs too, and ends nothing."""
        name, text = message
        source = self._source
        if source.only and name not in source.only:
            return
        try:
            hub.put(self._meant(text), STATE if source.state else None)
        except UpstreamError as error:
            hub.tell(error)

    def _meant(self, text: bytes) -> Any:
        """The row of a message. Raises UpstreamMalformed or UpstreamRefused."""
        connector = self._source.connector
        try:
            value = codec.decode_answer(text)
        except ValueError as error:
            raise UpstreamMalformed(connector.upstream, detail=f"{connector.label}: not JSON: {error}") from None
        if connector.failed and connector.failed(value) is not None:
            raise UpstreamRefused(connector.upstream, detail=f"{connector.label}: error in an event")
        row = self._row(value)
        return [stamped(connector, each) for each in row] if isinstance(row, list) else stamped(connector, row)


def _asks(source: Stream, opening: Opening) -> tuple[str, bytes | None]:
    """The target that a stream is asked for at, and the first message of a socket."""
    connector, values = source.connector, opening.values
    target = target_of(connector, values)
    if len(target) > MAX_TARGET:
        raise BadUserInput("This value cannot be looked up: it is too long.")
    return target, None if connector.body is None else codec.encode(fill(connector.body, values, ()))


def _headers(source: Stream, opening: Opening) -> Headers:
    forward = opening.upstream.settings.forward
    return carried(source.connector, opening.values, None, opening.headers, forward)


def _passes(error: UpstreamError) -> bool:
    """Whether a stream that could not be opened may be opened later."""
    if isinstance(error, UpstreamStatus):
        return error.http_status in _PASSING
    return isinstance(error, UpstreamUnreachable | UpstreamTimeout)
