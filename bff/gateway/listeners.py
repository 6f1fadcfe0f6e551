"""Who is told of what: the caller's observer and, where they are kept, the metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bff.auth import ANONYMOUS
from bff.config import Config
from bff.telemetry import DocumentFact, DocumentObserver, Observer, Several
from bff.telemetry.metrics import MetricsObserver
from bff.telemetry.subscriptions import SubscriptionObserver


@dataclass(frozen=True, slots=True, eq=False)
class Listeners:
    """Those that are told everything, and those that want to know of some things besides."""

    everything: Observer
    documents: tuple[DocumentObserver, ...]
    subscriptions: tuple[SubscriptionObserver, ...]
    metrics: MetricsObserver | None  # None: they are not kept

    def document(self, fact: DocumentFact) -> None:
        for observer in self.documents:
            observer.document(fact)


def listeners_of(config: Config, observer: Observer | None) -> Listeners:
    metrics = MetricsObserver({*config.clients, ANONYMOUS}) if config.telemetry.metrics else None
    present: list[Observer] = [each for each in (observer, metrics) if each is not None]
    return Listeners(
        everything=Several(present),
        documents=tuple(each for each in present if isinstance(each, DocumentObserver)),
        subscriptions=tuple(_of_subscriptions(observer, metrics)),
        metrics=metrics,
    )


def _of_subscriptions(observer: Observer | None, metrics: MetricsObserver | None) -> Iterable[SubscriptionObserver]:
    if isinstance(observer, SubscriptionObserver):
        yield observer
    if metrics:
        yield metrics.subscriptions
