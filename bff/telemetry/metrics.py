"""Facts as numbers for Prometheus.

Every label is a word of ours, a word of `bff.yaml` or of the graph, or goes through `Names`: what clients invent cannot
fill the memory. No label holds a path with values, a header, a subject or an address. docs/metrics.md lists everything.

What is counted is kept as plain numbers and folded in when somebody reads (`bff.telemetry.tally`). Under
`bff serve --workers N` the processes count into files of one folder, a moment later, and each of them answers for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from threading import Lock
from typing import Final, Literal, NamedTuple

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bff.errors import UpstreamUnavailable
from bff.telemetry.cardinality import Names
from bff.telemetry.documents import DocumentFact
from bff.telemetry.facts import EXPLAINED, Exchange, OperationFact, Passage
from bff.telemetry.processes import TOGETHER, Plain
from bff.telemetry.subscription_metrics import SubscriptionMetrics
from bff.telemetry.surface import Surface
from bff.telemetry.tally import Count, Series, Spread

MOST_NAMES, NAMES_EACH, LONGEST_NAME = 200, 50, 64  # of operations
MOST_CALLS, LONGEST_CALL = 500, 200  # declared ones; a route may be written without end
MOST_FAILURES = 50  # types of exceptions
ANY_TOKEN: Final = "(token)"  # noqa: S105 - whoever calls with a token that names no client of bff.yaml
NOBODY: Final = "(unknown)"  # refused before it was known who calls

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
POINTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
CALLS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)

OperationKind = tuple[str, str, str | None, str, str | None]  # client, tier, name, kind, code
ExchangeKind = tuple[str, str, str | None, int, str, bool]  # upstream, label, error, class of status, cache, shared

MOMENT = 0.2  # seconds until what one process counted can be read by all


class MetricsObserver:
    """An observer that counts what it is told, in a registry of its own."""

    def __init__(self, clients: Collection[str]) -> None:
        """`clients` are the names that may be labels; whoever else calls does so by a token, and is counted as such."""
        self._clients = clients
        self._names = Names(MOST_NAMES, NAMES_EACH, LONGEST_NAME)
        self._calls = Names(MOST_CALLS, MOST_CALLS, LONGEST_CALL)
        self._raised = Names(MOST_FAILURES, MOST_FAILURES, LONGEST_NAME)
        self._registry = CollectorRegistry()
        self._series: list[Series[Count] | Series[Spread]] = []
        self._surfaces: dict[str, Surface] = {}
        self._folding = False
        self._one_at_a_time = Lock()
        self._declare_operations()
        self._declare_exchanges()
        self._declare_passages()
        self.subscriptions = SubscriptionMetrics(self._registry, self._counter, self._named, self._fold_soon)
        self._declare_gateway()

    def _declare_operations(self) -> None:
        self._operations = self._counter(
            "bff_operations_total", "GraphQL operations answered or refused.", "client", "tier", "name", "kind", "code"
        )
        self._operation_seconds = self._histogram(
            "bff_operation_seconds", "Duration of GraphQL operations.", SECONDS, "client", "name"
        )
        self._price = self._histogram("bff_operation_price", "Price of operations in points, planned.", POINTS, "tier")
        self._planned = self._histogram(
            "bff_operation_planned_calls", "Upstream calls of operations, at worst.", CALLS, "tier"
        )
        self._shared = self._counter(
            "bff_operations_shared_total", "Operations that got what an equal one under way came to.", "tier"
        )
        self._made = self._histogram("bff_operation_upstream_calls", "Upstream calls that were made.", CALLS, "tier")

        self._operation_kinds: dict[OperationKind, _Operations] = {}

        self._documents = self._counter(
            "bff_documents_total", "Requests that named their document, or should have.", "tier", "outcome"
        )

    def _declare_exchanges(self) -> None:
        self._exchanges = self._counter(
            "bff_exchanges_total", "Upstream calls, asked for.", "upstream", "call", "outcome", "source"
        )
        self._repeated = self._counter(
            "bff_exchanges_repeated_total", "Upstream calls that were sent twice, since a connection ended.", "upstream"
        )
        self._cached = self._counter("bff_cache_total", "Reads of upstreams that have a cache.", "upstream", "status")
        self._exchange_seconds = self._histogram(
            "bff_exchange_seconds", "Duration of upstream calls to the last byte.", SECONDS, "upstream", "call"
        )
        self._waited = self._histogram(
            "bff_exchange_wait_seconds", "Time that upstream calls waited for a slot.", SECONDS, "upstream"
        )

        self._kinds: dict[ExchangeKind, _Exchanges] = {}

    def _declare_passages(self) -> None:
        self._passages = self._counter(
            "bff_passages_total", "Requests that came by a route, or by none.", "client", "route", "outcome"
        )
        self._passage_seconds = self._histogram(
            "bff_passage_seconds", "Duration of requests that passed through.", SECONDS, "route"
        )

    def _declare_gateway(self) -> None:
        self._requests = self._counter("bff_requests_total", "HTTP requests answered.", "surface", "status")
        self._running = Gauge(
            "bff_requests_in_flight",
            "HTTP requests being answered.",
            ["surface"],
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._failures = self._counter("bff_failures_total", "Exceptions that were masked for clients.", "error")
        self._store = Gauge(
            "bff_store_up",
            "Whether the store of quotas can be reached.",
            registry=self._registry,
            multiprocess_mode="livemin",
        )
        self._store.set(1)
        self._circuits = Gauge(
            "bff_circuit_open",
            "Whether calls to an upstream fail at once, since it does not answer.",
            ["upstream"],
            registry=self._registry,
            multiprocess_mode="livemax",
        )

    def operation(self, fact: OperationFact) -> None:
        kind = (self._client(fact.client), fact.tier, fact.name, fact.kind, fact.code)
        found = self._operation_kinds.get(kind) or self._operations_of(*kind)
        found.answered.number += 1
        found.seconds.add(fact.seconds)
        if fact.shared:
            found.shared.number += 1
        if found.numbers:  # else nothing was run, and zeros would only water the figures down
            price, planned, made = found.numbers
            price.add(fact.price)
            planned.add(fact.planned_calls)
            made.add(fact.upstream_calls)
        self._fold_soon()

    def _operations_of(self, client: str, tier: str, asked: str | None, kind: str, code: str | None) -> _Operations:
        """Kept by the label of the operation's name, so that only names that are labels are found at once."""
        name = self._names.label(client, asked)
        key = (client, tier, name if asked else asked, kind, code)
        found = self._operation_kinds.get(key)
        if found is None:
            ran = kind not in {"", EXPLAINED}
            numbers = (self._price.labels(tier), self._planned.labels(tier), self._made.labels(tier)) if ran else None
            found = self._operation_kinds[key] = _Operations(
                self._operations.labels(client, tier, name, kind or "unknown", code or "OK"),
                self._operation_seconds.labels(client, name),
                self._shared.labels(tier),
                numbers,
            )
        return found

    def document(self, fact: DocumentFact) -> None:
        self._documents.labels(fact.tier, fact.outcome).number += 1
        self._fold_soon()

    def _named(self, client: str, name: str | None) -> tuple[str, str]:
        """The labels of a client and of an operation that it named."""
        label = self._client(client)
        return label, self._names.label(label, name)

    def exchange(self, fact: Exchange) -> None:
        kind = (fact.upstream, fact.label, fact.error, (fact.status or 0) // 100, fact.cache, fact.shared)
        found = self._kinds.get(kind) or self._exchanges_of(kind)
        for count in found.counts:
            count.number += 1
        if found.times:
            seconds, waited = found.times
            seconds.add(fact.seconds)
            waited.add(fact.waited)
        if fact.repeated:
            self._repeated.labels(fact.upstream).number += 1
        self._fold_soon()

    def _exchanges_of(self, told: ExchangeKind) -> _Exchanges:
        """Kept by the label of the call, as with operations."""
        upstream, asked, error, family, cache, shared = told
        call = self._calls.label(upstream, asked)
        key = (upstream, call, error, family, cache, shared)
        found = self._kinds.get(key)
        if found is None:
            source = _source(cache, shared=shared)
            counts = [self._exchanges.labels(upstream, call, error or f"{family}xx", source)]
            if cache:
                counts.append(self._cached.labels(upstream, cache))
            times = None  # what cost no call of its own must not make the service look faster than it is
            if source == "service" and error != UpstreamUnavailable.code:
                times = self._exchange_seconds.labels(upstream, call), self._waited.labels(upstream)
            found = self._kinds[key] = _Exchanges(counts, times)
        return found

    def passage(self, fact: Passage) -> None:
        client = NOBODY if fact.caller is None else self._client(fact.caller)
        outcome = fact.code or (str(fact.status) if fact.status else "GONE")
        self._passages.labels(client, fact.route or "none", outcome).number += 1
        self._passage_seconds.labels(fact.route or "none").add(fact.seconds)
        self._fold_soon()

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:  # noqa: ARG002 - an observer's shape
        self._failures.labels(self._raised.label("", type(error).__name__)).number += 1
        self._fold_soon()

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        """Counted already, as a request that was answered 401."""

    def store(self, state: Literal["up", "down"], reason: str) -> None:  # noqa: ARG002 - an observer's shape
        self._store.set(1 if state == "up" else 0)

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None:  # noqa: ARG002 - likewise
        self._circuits.labels(upstream).set(1 if state == "open" else 0)

    def _client(self, name: str) -> str:
        return name if name in self._clients else ANY_TOKEN

    def surface(self, name: str) -> Surface:
        """What counts the requests that come in there."""
        found = self._surfaces.get(name)
        if found is None:
            found = self._surfaces[name] = Surface(name, self._requests, self._fold_soon if TOGETHER else None)
        return found

    def render(self) -> tuple[bytes, str]:
        """Everything counted so far, and its media type: Prometheus' text format 0.0.4. Takes milliseconds."""
        self.fold()
        return generate_latest(Plain(self._registry)), CONTENT_TYPE_PLAIN_0_0_4

    def fold(self) -> None:
        """Put what was counted where it is read."""
        self._folding = False
        with self._one_at_a_time:
            for series in self._series:
                series.fold()
            for name, surface in list(self._surfaces.items()):
                self._running.labels(name).set(surface.running)

    def _fold_soon(self) -> None:
        """Processes that count together are read by any of them."""
        if TOGETHER and not self._folding:
            self._folding = True
            asyncio.get_running_loop().call_later(MOMENT, self.fold)

    def _counter(self, name: str, told: str, *labels: str) -> Series[Count]:
        metric = Counter(name, told, labels, registry=self._registry)
        counts = Series[Count](lambda values: Count(metric.labels(*values)))
        self._series.append(counts)
        return counts

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Series[Spread]:
        metric = Histogram(name, told, labels, buckets=buckets, registry=self._registry)

        def spread(values: tuple[str, ...]) -> Spread:
            """Into the cells of the library's own histogram: it has no way to add to a bucket more than one at once."""
            found = metric.labels(*values)
            return Spread(found._upper_bounds, found._buckets, found._sum)  # noqa: SLF001

        spreads = Series(spread)
        self._series.append(spreads)
        return spreads


class _Operations(NamedTuple):
    """Where operations of one kind are counted."""

    answered: Count
    seconds: Spread
    shared: Count
    numbers: tuple[Spread, Spread, Spread] | None  # price, planned calls, calls made


class _Exchanges(NamedTuple):
    """Where upstream calls of one kind are counted."""

    counts: list[Count]
    times: tuple[Spread, Spread] | None = None  # in all, and in the queue


def _source(cache: str, *, shared: bool) -> str:
    """Where an answer came from: a call of its own, one that was shared, or none at all."""
    if cache in {"hit", "stale"}:
        return "cache"
    return "shared" if shared else "service"
