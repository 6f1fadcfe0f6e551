"""What becomes of subscriptions, as records. Knows no vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Transport = Literal["websocket", "sse", "multipart"]
End = Literal["complete", "left", "expired", "quota", "failed", "stopping"]


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """One subscription that began."""

    trace_id: str
    client: str
    tier: str
    name: str | None  # of the operation
    transport: Transport


@dataclass(frozen=True, slots=True)
class SubscriptionEnd:
    """How a subscription ended.

    `complete`: its source said that nothing more will come. `left`: the client ended it, hung up, or was cut off.
    `expired`: its credential. `quota`: an event was over the client's. `failed`: its source. `stopping`: we are.
    """

    reason: End
    code: str | None  # of the error that ended it
    events: int
    seconds: float


@runtime_checkable
class SubscriptionObserver(Protocol):
    """An observer that wants to know. Must not block and must not raise."""

    def connected(self, sockets: int) -> None:
        """How many WebSockets are open now."""

    def subscribed(self, fact: SubscriptionFact) -> None: ...

    def event(self, fact: SubscriptionFact, code: str | None) -> None:
        """One event was answered; `code` is of the first error in it."""

    def unsubscribed(self, fact: SubscriptionFact, end: SubscriptionEnd) -> None: ...
