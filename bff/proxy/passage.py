"""One request on its way through the proxy: what is known about it as it becomes known, and the record of it after."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bff.errors import BffError, RequestTimeout, RequestTooLarge
from bff.proxy import headers as crossing
from bff.proxy.answer import Answer
from bff.proxy.hops import Origin
from bff.proxy.links import Links
from bff.proxy.places import Places
from bff.proxy.policy import Admission, Asked
from bff.proxy.routes import Route, WebSocket
from bff.telemetry import Exchange, Passage
from bff.telemetry.trace import Trace
from bff.upstreams import Headers, Reply, Sender

SMALL = 64 * 1024  # bytes of a body that are cheaper to read and forget than a connection is to make


@dataclass(frozen=True, slots=True)
class Through:
    """How WebSockets pass by a route."""

    limits: WebSocket
    sender: Sender
    places: Places


@dataclass(frozen=True, slots=True)
class Way:
    """A route with what its upstream gave at start."""

    route: Route
    sender: Sender
    forward: frozenset[str]
    fixed: Headers
    claims: frozenset[str]  # names of headers that hold verified claims, whatever a client sends by them
    links: Links | None = None  # None: what answers say of the service's own place is told as it is
    through: Through | None = None  # None: no WebSocket passes

    def returned(self, reply: Reply, name: str) -> Headers:
        """What a client gets of an answer's headers; `name` is ours in Via. Raises `UpstreamMalformed`."""
        passing = crossing.returned(reply, name)
        return self.links.told(passing) if self.links else passing


@dataclass(slots=True)
class Visit:
    """What is known about one request, as it becomes known."""

    method: str
    headers: Headers
    version: str
    trace: Trace
    origin: Origin
    answer: Answer
    started: float = field(default_factory=time.monotonic)
    way: Way | None = None
    caller: str | None = None
    code: str | None = None
    spent: int = 0
    exchange: Exchange | None = None
    more: Headers = ()  # for the client, whatever the answer is

    def called(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @property
    def has_body(self) -> bool:
        """RFC 9112 6.3: a request has one if its headers say so; one of no length is none that could come."""
        return bool(self.length) or any(name == "transfer-encoding" for name, _ in self.headers)

    @property
    def length(self) -> int | None:
        return next((int(value) for name, value in self.headers if name == "content-length"), None)

    def value(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def asked(self, route: Route, *, switching: bool = False) -> Asked:
        return Asked(
            route=route,
            method=self.method,
            headers=self.headers,
            client=self.origin.client,
            trace_id=self.trace.trace_id,
            switching=switching,
        )

    def holder(self, admission: Admission) -> str:
        """Whose WebSockets are counted together: a client's, or an address's where nobody knows who calls."""
        return self.origin.client or admission.caller if admission.anonymous else admission.caller

    def price(self, route: Route) -> int:
        """A call that was made is paid, however it ended."""
        return route.price if self.exchange is not None and self.exchange.made else 0

    def ends_with(self, error: BffError) -> bool:
        """Whether the connection has to end with this answer, because a body may follow that nobody wants to read.

        After a final answer to `Expect` a client may send its body or not (RFC 9110 10.1.1): nobody could tell that
        body from the next request.
        """
        if isinstance(error, RequestTooLarge | RequestTimeout):
            return True
        return self.has_body and (self.value("expect") is not None or self.length is None or self.length > SMALL)

    def passage(self) -> Passage:
        return Passage(
            trace_id=self.trace.trace_id,
            route=self.way.route.path if self.way else None,
            method=self.method,
            client=self.origin.client,
            caller=self.caller,
            status=self.answer.status,
            code=self.code,
            spent=self.spent,
            seconds=time.monotonic() - self.started,
            exchange=self.exchange,
        )
