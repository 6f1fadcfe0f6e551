"""How what a service streams becomes messages: server-sent events, or what a WebSocket brings. Opens nothing.

An ear outlives the stream that it hears: what the service asked of the next one is remembered in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bff.connectors import Stream
from bff.events.sse import Parser
from bff.upstreams import Headers, legal

Message = tuple[str, bytes]  # its name, and its text

MESSAGE = "message"  # the name of what has none
LONGEST_ID = 1_024  # bytes of an id that we send back; who tells longer ones begins anew each time


class Ear(Protocol):
    """Hears one kind of stream."""

    @property
    def retry(self) -> float | None:
        """Seconds after which the service wants to be asked again."""
        ...

    def begin(self) -> Headers:
        """A stream is about to be opened; with these headers."""
        ...

    def hear(self, chunk: bytes) -> Iterable[Message]:
        """The messages that are whole with this chunk. Raises bff.events.sse.TooLarge."""
        ...


class ServerSent:
    """Of server-sent events. The next stream is asked for from the last event on."""

    def __init__(self, most: int) -> None:
        """`most` bytes of one event."""
        self.retry: float | None = None
        self._most = most
        self._parser = Parser(most)

    def begin(self) -> Headers:
        last = self._parser.last_id
        self._parser = Parser(self._most, last)
        asked = (("cache-control", "no-store"), ("accept-encoding", "identity"))  # what is packed comes late
        told = last and len(last.encode()) <= LONGEST_ID and legal(last)
        return (*asked, ("last-event-id", last)) if told else asked

    def hear(self, chunk: bytes) -> Iterable[Message]:
        events = self._parser.feed(chunk)
        if self._parser.retry is not None:
            self.retry = self._parser.retry
        return [(event.name, event.data.encode()) for event in events]


class Socketed:
    """Of a WebSocket, whose chunks are messages already."""

    retry = None

    def begin(self) -> Headers:
        return ()

    def hear(self, chunk: bytes) -> Iterable[Message]:
        return ((MESSAGE, chunk),)


def ear_of(source: Stream, most: int) -> Ear:
    return Socketed() if source.socket else ServerSent(most)
