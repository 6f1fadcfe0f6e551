"""The seam between the gateway and the wire: a request in, a reply out, streaming bodies both ways.

Every layer of an upstream's stack is a `Sender` around a `Sender`. The records hold no vendor's types, know no JSON and
follow no redirect. Header names are lower case; targets are already percent-encoded (RFC 3986).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from bff.telemetry import Exchange

Headers = tuple[tuple[str, str], ...]


def ignore(fact: Exchange) -> None:
    """The record of a call that nobody asked to see."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call to an upstream."""

    method: str
    target: str  # path and query below the upstream's base URL: "/cities?id=1"
    deadline: float  # absolute, on the event loop's clock, seconds
    headers: Headers = ()
    body: bytes | AsyncIterator[bytes] | None = None
    label: str = ""  # what telemetry calls it: "GET /cities{?id*}"
    record: Callable[[Exchange], None] = field(default=ignore)  # told once, when the exchange is over


class Reply:
    """An answer whose body has not been read. Whoever gets one reads it to its end or closes it, always.

    `body` yields bytes as they came over the wire (content-encoding untouched). Layers wrap `body` and add closers;
    closers run once, last added first, when the body has ended, failed, or `aclose` was called.
    """

    __slots__ = ("_closed", "_closers", "body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: AsyncIterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self._closers: list[Callable[[], None]] = []
        self._closed = False

    def on_close(self, closer: Callable[[], None]) -> None:
        """Run `closer` when the reply is over. Closers are synchronous, so that cancellation cannot skip them."""
        self._closers.append(closer)

    def header(self, name: str) -> str | None:
        """The first value of the header `name` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)

    def close(self) -> None:
        """End the reply now. A body that was not read to its end costs the connection."""
        if self._closed:
            return
        self._closed = True
        while self._closers:
            self._closers.pop()()

    def __repr__(self) -> str:
        return f"<Reply {self.status} {'closed' if self._closed else 'open'}>"


class Sender(Protocol):
    """What every layer is, and the wire too."""

    async def send(self, request: Request) -> Reply:
        """Raises a subclass of `UpstreamError`; cancellation passes through and leaves nothing behind."""

    async def aclose(self) -> None:
        """Release what is held for good: connections, tasks."""
