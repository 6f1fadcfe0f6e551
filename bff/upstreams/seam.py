"""The seam between the gateway and the wire: a request in, a reply out, streaming bodies both ways.

Every layer of an upstream's stack is a `Sender` around a `Sender`. The records hold no vendor's types, know no JSON and
follow no redirect. Header names are lower case; targets are already percent-encoded (RFC 3986).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Protocol, Self

from bff.telemetry import Exchange, Freshness
from bff.upstreams.memo import Memo

Headers = tuple[tuple[str, str], ...]
Raw = list[tuple[bytes, bytes]]  # as they came; names in lower case


def ignore(fact: Exchange) -> None:
    """The record of a call that nobody asked to see."""


class Timing:
    """What layers note about one call while it runs, for the layer that records it when it is over. Seconds.

    Most calls note nothing: what is not noted is the class's.
    """

    waited: float = 0.0  # in the in-flight queue
    cache: str = ""  # as `Exchange` has it
    shared: bool = False
    repeated: bool = False
    fresh: Freshness | None = None


Body = bytes | AsyncIterator[bytes] | None


class Request:
    """One call to an upstream, made for that call and not kept. No layer changes it: those below get one of their own.

    A streamed `body` belongs to who gave it: whoever passes an async generator closes it once the reply is over.
    """

    __slots__ = ("body", "deadline", "headers", "label", "method", "record", "target", "timing")

    def __init__(  # noqa: PLR0917 - by position: it is made for every call
        self,
        method: str,
        target: str,
        deadline: float,
        headers: Headers = (),
        body: Body = None,
        label: str = "",
        record: Callable[[Exchange], None] = ignore,
        timing: Timing | None = None,
    ) -> None:
        """`deadline` is absolute, on the event loop's clock, in seconds."""
        self.method = method
        self.target = target  # path and query below the upstream's base URL: "/cities?id=1"
        self.deadline = deadline
        self.headers = headers
        self.body = body
        self.label = label  # what telemetry calls it: "GET /cities{?id*}"
        self.record = record  # told once, when the exchange is over
        self.timing = Timing() if timing is None else timing

    def by(self, deadline: float) -> Request:
        """The same call with another deadline; so are those below with what they name."""
        return self._with(self.target, deadline, self.headers, self.body)

    def to(self, target: str) -> Request:
        return self._with(target, self.deadline, self.headers, self.body)

    def under(self, headers: Headers) -> Request:
        return self._with(self.target, self.deadline, headers, self.body)

    def sending(self, body: Body) -> Request:
        return self._with(self.target, self.deadline, self.headers, body)

    def _with(self, target: str, deadline: float, headers: Headers, body: Body) -> Request:
        return Request(self.method, target, deadline, headers, body, self.label, self.record, self.timing)


Closer = Callable[[BaseException | None], None]


class Reply:
    """An answer whose body has not been read. Whoever gets one iterates it to its end or closes it, always.

    `async for chunk in reply` gives the body as it came over the wire (content-encoding untouched). Layers may replace
    `body` by an iterator around it and add closers. Closers run once, in the order they were added (the wire's first),
    when the body has ended, has failed, or `close` was called; they are told the failure, if there was one.
    """

    __slots__ = ("_closed", "_closers", "_headers", "body", "memo", "status", "upstream")

    def __init__(self, upstream: str, status: int, headers: Headers | Raw, body: bytes | AsyncIterator[bytes]) -> None:
        """`body` is bytes if it came together with its headers: then nothing is left to wait for.

        Header values are the bytes of the wire read as ISO-8859-1 (RFC 9110 5.5), as in ASGI: once somebody reads them.
        """
        self.upstream = upstream
        self.status = status
        self._headers = headers
        self.body = body
        self.memo: Memo | None = None  # of an answer that others get too
        self._closers: list[Closer] = []
        self._closed = False

    @property
    def headers(self) -> Headers:
        """All of them, in their order; names in lower case."""
        if isinstance(self._headers, list):
            self._headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._headers])
        return self._headers

    @headers.setter
    def headers(self, headers: Headers) -> None:
        self._headers = headers

    def header(self, name: str) -> str | None:
        """The first value of the header `name` (lower case), or None."""
        if isinstance(self._headers, list):
            wanted = name.encode()
            for said, raw in self._headers:  # a generator would cost twice as much, for every answer
                if said == wanted:
                    return raw.decode("latin-1")
            return None
        for key, value in self._headers:
            if key == name:
                return value
        return None

    def on_close(self, closer: Closer) -> None:
        """Run `closer` when the reply is over. Closers are synchronous, so that cancellation cannot skip them."""
        self._closers.append(closer)

    def close(self, error: BaseException | None = None) -> None:
        """End the reply now; `error` is why its reader gave up. A body that was not read whole costs the connection."""
        if self._closed:
            return
        self._closed = True
        for closer in self._closers:
            closer(error)
        self._closers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close(error)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._next()
        except StopAsyncIteration:
            self.close()
            raise
        except BaseException as error:
            self.close(error)
            raise

    async def _next(self) -> bytes:
        body = self.body
        if not isinstance(body, bytes):
            return await anext(body)
        self.body = b""
        if not body:
            raise StopAsyncIteration
        return body

    def __repr__(self) -> str:
        return f"<Reply {self.upstream} {self.status} {'closed' if self._closed else 'open'}>"


class Sender(Protocol):
    """What every layer is, and the wire too."""

    async def send(self, request: Request) -> Reply:
        """Raises a subclass of `UpstreamError`; cancellation passes through and leaves nothing behind."""

    async def aclose(self) -> None:
        """Release what is held for good: connections, tasks."""
