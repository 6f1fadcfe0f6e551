"""Subscriptions as numbers for Prometheus: how many there are, what they got, how they ended. Knows no other metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Gauge

from bff.telemetry.subscriptions import SubscriptionEnd, SubscriptionFact
from bff.telemetry.tally import Count, Series


class Declare(Protocol):
    """A new counter: its name, what it tells, and its labels."""

    def __call__(self, name: str, told: str, /, *labels: str) -> Series[Count]: ...


class SubscriptionMetrics:
    """A SubscriptionObserver that counts."""

    def __init__(
        self,
        registry: CollectorRegistry,
        counter: Declare,
        labels: Callable[[str, str | None], tuple[str, str]],
        fold: Callable[[], None],
    ) -> None:
        """`labels`: those of a client and an operation's name. `fold` is called when something was counted."""
        self._labels = labels
        self._fold = fold
        self._ended = counter(
            "bff_subscriptions_total", "Subscriptions that ended.", "client", "tier", "name", "transport", "end"
        )
        self._events = counter(
            "bff_subscription_events_total", "Events of subscriptions, answered.", "client", "tier", "name", "code"
        )
        self._live = Gauge(
            "bff_subscriptions_active",
            "Subscriptions that go on.",
            ["transport"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._sockets = Gauge(
            "bff_websockets_active", "WebSockets that are open.", registry=registry, multiprocess_mode="livesum"
        )

    def connected(self, sockets: int) -> None:
        self._sockets.set(sockets)

    def subscribed(self, fact: SubscriptionFact) -> None:
        self._live.labels(fact.transport).inc()

    def event(self, fact: SubscriptionFact, code: str | None) -> None:
        client, name = self._labels(fact.client, fact.name)
        self._events.labels(client, fact.tier, name, code or "OK").number += 1
        self._fold()

    def unsubscribed(self, fact: SubscriptionFact, end: SubscriptionEnd) -> None:
        self._live.labels(fact.transport).dec()
        client, name = self._labels(fact.client, fact.name)
        self._ended.labels(client, fact.tier, name, fact.transport, end.reason).number += 1
        self._fold()
