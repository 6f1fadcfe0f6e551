"""What all connections have in common: whom they ask, and what they may. A record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from bff.auth import Caller
from bff.persisted import Persisted
from bff.subscriptions import Slots, Subscriptions
from bff.telemetry import Observer
from bff.telemetry.subscriptions import SubscriptionObserver
from bff.upstreams import Headers

Callers = Callable[[Headers], Awaitable[Caller]]


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """Times are seconds."""

    subscriptions: Subscriptions
    persisted: Persisted
    callers: Callers
    slots: Slots  # of connections
    observer: Observer
    sockets: Iterable[SubscriptionObserver]  # who are told how many there are
    per_connection: int  # operations
    init_timeout: float
    stall: float  # that a client may take nothing

    @property
    def patience(self) -> float:
        """For what is under way when the gateway stops: no operation may take longer."""
        return self.subscriptions.operations.timeout
