"""What happened, as records that nobody changes. Knows no vendor and formats nothing; who listens is an `Observer`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from bff.codec import Record


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long an answer may be used again, and by whom."""

    until: float  # the event loop's clock, seconds; what is past was stale when it came
    private: bool  # by nobody but a caller who sends the same headers


class Exchange(Record, gc=False):
    """One call that was made to an upstream, from the moment it was asked for to the last byte of its body.

    Times are seconds: `started` on the event loop's clock, `waited` in the in-flight queue, `seconds` in all.
    `response_bytes` are counted as they came, before decompression. To be read only.
    """

    upstream: str
    label: str  # "GET /cities{?id*}": the connector's template, never a URL with values in it
    method: str
    status: int | None  # None: no answer came
    error: str | None  # an UPSTREAM_… code, "CANCELLED", or None
    started: float
    waited: float
    seconds: float
    request_bytes: int
    response_bytes: int
    # "hit" | "stale" | "revalidated" | "miss" | "bypass"; "fallback": stale, because the call failed; "refresh": a call
    # that nobody waited for; "" where nothing is kept.
    cache: str = ""
    shared: bool = False  # an equal call was under way, and this one got what that brought
    fresh: Freshness | None = None  # None: not known, so not to be used again
    repeated: bool = False  # it was sent twice: the connection on which it was sent first had been closed

    @property
    def made(self) -> bool:
        """Whether the service was asked, by this call or by one that it shared."""
        return self.error not in NOT_MADE and self.cache not in {"hit", "stale"}


NOT_MADE = frozenset({"UPSTREAM_OVERLOADED", "UPSTREAM_UNAVAILABLE"})
EXPLAINED = "explain"


class OperationFact(Record, gc=False):
    """One GraphQL operation that was answered or refused. To be read only."""

    trace_id: str  # of the request: what `x-request-id` says
    client: str
    tier: str
    name: str | None
    kind: str  # "query" | "mutation" | "subscription" | "explain" where only its plan was told | "" when unknown
    status: int
    code: str | None  # extensions.code of the first error
    errors: int
    price: int
    planned_calls: int
    upstream_calls: int
    seconds: float
    trace: str = ""  # the W3C trace that its calls are part of
    shared: bool = False  # an equal operation was under way, and this one got what that came to


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One request that the proxy answered or refused."""

    trace_id: str
    route: str | None  # its path template; None when no route matched
    method: str
    client: str | None  # address
    caller: str | None  # None when it was refused before that was known
    status: int | None  # that the client got; None when it had left
    code: str | None  # of the gateway's error, also when the answer had begun and was cut
    spent: int  # points
    seconds: float
    exchange: Exchange | None  # the call; None when none was asked for


class Observer(Protocol):
    """Receives facts. Must not block and must not raise."""

    def exchange(self, fact: Exchange) -> None: ...

    def operation(self, fact: OperationFact) -> None: ...

    def passage(self, fact: Passage) -> None: ...

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        """An exception that was masked for the client; `place` is where: a coordinate or a path."""

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        """Who calls could not be established; `detail` is the cause, of which clients hear nothing. No credential."""

    def store(self, state: Literal["up", "down"], reason: str) -> None:
        """The shared store of quotas went away or came back. Told once a transition."""

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None:
        """An upstream is called no more but now and then, since calls failed, or all are made again. Likewise."""


class Silent:
    """The observer of those who listen to nothing."""

    def exchange(self, fact: Exchange) -> None: ...

    def operation(self, fact: OperationFact) -> None: ...

    def passage(self, fact: Passage) -> None: ...

    def failure(self, trace_id: str, place: str, error: BaseException) -> None: ...

    def denied(self, trace_id: str, code: str, detail: str) -> None: ...

    def store(self, state: Literal["up", "down"], reason: str) -> None: ...

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None: ...
