"""Facts as numbers for Prometheus. The only module that knows prometheus_client.

Every label is a word of ours, a word of `bff.yaml` or of the graph, or goes through `Names`: what clients invent cannot
fill the memory. No label holds a path with values, a header, a subject or an address. docs/metrics.md lists everything.

Under `bff serve --workers N` the processes count into files of one folder, and each of them answers for all.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, Literal, TypeVar

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bff.telemetry.cardinality import Names
from bff.telemetry.documents import DocumentFact
from bff.telemetry.facts import Exchange, OperationFact, Passage

MOST_NAMES, NAMES_EACH, LONGEST_NAME = 200, 50, 64  # of operations
MOST_CALLS, LONGEST_CALL = 500, 200  # declared ones; a route may be written without end
MOST_FAILURES = 50  # types of exceptions
ANY_TOKEN = "(token)"  # noqa: S105 - whoever calls with a token that names no client of bff.yaml
NOBODY = "(unknown)"  # refused before it was known who calls

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
POINTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
CALLS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)

# Where processes that share a socket count together. The library reads it when it is imported, and so do we.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SHARED = os.environ.get(FOLDER)


class MetricsObserver:
    """An observer that counts what it is told, in a registry of its own."""

    def __init__(self, clients: Collection[str]) -> None:
        """`clients` are the names that may be labels; whoever else calls does so by a token, and is counted as such."""
        self._clients = clients
        self._names = Names(MOST_NAMES, NAMES_EACH, LONGEST_NAME)
        self._calls = Names(MOST_CALLS, MOST_CALLS, LONGEST_CALL)
        self._raised = Names(MOST_FAILURES, MOST_FAILURES, LONGEST_NAME)
        self._registry = CollectorRegistry()
        self._declare_operations()
        self._declare_exchanges()
        self._declare_passages()
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

        self._documents = self._counter(
            "bff_documents_total", "Requests that named their document, or should have.", "tier", "outcome"
        )

    def _declare_exchanges(self) -> None:
        self._exchanges = self._counter(
            "bff_exchanges_total", "Upstream calls, asked for.", "upstream", "call", "outcome", "source"
        )
        self._cached = self._counter("bff_cache_total", "Reads of upstreams that have a cache.", "upstream", "status")
        self._exchange_seconds = self._histogram(
            "bff_exchange_seconds", "Duration of upstream calls to the last byte.", SECONDS, "upstream", "call"
        )
        self._waited = self._histogram(
            "bff_exchange_wait_seconds", "Time that upstream calls waited for a slot.", SECONDS, "upstream"
        )

        self._kinds: dict[tuple[str, ...], _Kind] = {}

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
        self._surfaces: dict[str, Gauge] = {}
        self._failures = self._counter("bff_failures_total", "Exceptions that were masked for clients.", "error")
        self._store = Gauge(
            "bff_store_up",
            "Whether the store of quotas can be reached.",
            registry=self._registry,
            multiprocess_mode="livemin",
        )
        self._store.set(1)

    def operation(self, fact: OperationFact) -> None:
        client = self._client(fact.client)
        name = self._names.label(client, fact.name)
        self._operations.labels(client, fact.tier, name, fact.kind or "unknown", fact.code or "OK").inc()
        self._operation_seconds.labels(client, name).observe(fact.seconds)
        if fact.shared:
            self._shared.labels(fact.tier).inc()
        if fact.kind:  # else nothing was planned, and zeros would only water the figures down
            self._price.labels(fact.tier).observe(fact.price)
            self._planned.labels(fact.tier).observe(fact.planned_calls)
            self._made.labels(fact.tier).observe(fact.upstream_calls)

    def document(self, fact: DocumentFact) -> None:
        self._documents.labels(fact.tier, fact.outcome).inc()

    def exchange(self, fact: Exchange) -> None:
        call = self._calls.label(fact.upstream, fact.label)
        kind = (fact.upstream, call, _outcome(fact), _source(fact), fact.cache)
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = self._kind(*kind)
        found.count(fact)

    def _kind(self, upstream: str, call: str, outcome: str, source: str, cache: str) -> _Kind:
        counters = [self._exchanges.labels(upstream, call, outcome, source)]
        if cache:
            counters.append(self._cached.labels(upstream, cache))
        if source != "service":
            return _Kind(counters)  # what cost no call of its own must not make the service look faster than it is
        return _Kind(counters, self._exchange_seconds.labels(upstream, call), self._waited.labels(upstream))

    def passage(self, fact: Passage) -> None:
        client = NOBODY if fact.caller is None else self._client(fact.caller)
        outcome = fact.code or (str(fact.status) if fact.status else "GONE")
        self._passages.labels(client, fact.route or "none", outcome).inc()
        self._passage_seconds.labels(fact.route or "none").observe(fact.seconds)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:  # noqa: ARG002 - an observer's shape
        self._failures.labels(self._raised.label("", type(error).__name__)).inc()

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        """Counted already, as a request that was answered 401."""

    def store(self, state: Literal["up", "down"], reason: str) -> None:  # noqa: ARG002 - an observer's shape
        self._store.set(1 if state == "up" else 0)

    def _client(self, name: str) -> str:
        return name if name in self._clients else ANY_TOKEN

    def request(self, surface: str) -> AbstractContextManager[object]:
        """Count a request as in flight meanwhile."""
        running = self._surfaces.get(surface)
        if running is None:
            running = self._surfaces[surface] = self._running.labels(surface)
        return running.track_inprogress()

    def answered(self, surface: str, status: int) -> None:
        """A request got this status as its answer."""
        self._requests.labels(surface, str(status)).inc()

    def render(self) -> tuple[bytes, str]:
        """Everything counted so far, and its media type: Prometheus' text format 0.0.4. Takes milliseconds."""
        return generate_latest(_Plain(self._registry)), CONTENT_TYPE_PLAIN_0_0_4

    def _counter(self, name: str, told: str, *labels: str) -> _Series[Counter]:
        return _Series(Counter(name, told, labels, registry=self._registry))

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> _Series[Histogram]:
        return _Series(Histogram(name, told, labels, buckets=buckets, registry=self._registry))


M = TypeVar("M", Counter, Histogram)


class _Series(Generic[M]):
    """A metric's series by their labels. The library takes longer to find one than to count in it."""

    __slots__ = ("_found", "_metric")

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._found: dict[tuple[str, ...], M] = {}

    def labels(self, *values: str) -> M:
        found = self._found.get(values)
        if found is None:
            found = self._found[values] = self._metric.labels(*values)
        return found


class _Kind:
    """The series in which upstream calls of one kind are counted: found once, for there are many such calls."""

    __slots__ = ("_counters", "_seconds", "_waited")

    def __init__(
        self, counters: list[Counter], seconds: Histogram | None = None, waited: Histogram | None = None
    ) -> None:
        self._counters = counters
        self._seconds = seconds
        self._waited = waited

    def count(self, fact: Exchange) -> None:
        for counter in self._counters:
            counter.inc()
        if self._seconds is not None and self._waited is not None:
            self._seconds.observe(fact.seconds)
            self._waited.observe(fact.waited)


class _Plain(Collector):
    """What is counted here or, where processes count together, by all; without when each series began.

    Those `_created` times are a series for each label set, which nobody asks for and a switch of the whole process
    would turn off.
    """

    def __init__(self, own: CollectorRegistry) -> None:
        self._own = own

    def collect(self) -> Iterable[Metric]:
        for metric in _all_processes(Path(_SHARED)) if _SHARED else self._own.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


@contextmanager
def counted_together() -> Iterator[None]:
    """Processes started meanwhile count together. Of no effect on this one, which has imported the library already."""
    with TemporaryDirectory(prefix="bff-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _all_processes(folder: Path) -> Iterable[Metric]:
    """Counters outlive the process that counted; what it was doing at the moment does not."""
    for file in folder.glob("gauge_live*.db"):
        if not _lives(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)
    found: Iterable[Metric] = MultiProcessCollector(None, str(folder)).collect()  # type: ignore[no-untyped-call]
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _outcome(fact: Exchange) -> str:
    """What became of a call: our error's code, else the class of its status: "2xx"."""
    return fact.error or f"{(fact.status or 0) // 100}xx"


def _source(fact: Exchange) -> str:
    """Where an answer came from: a call of its own, one that was shared, or none at all."""
    if fact.cache in {"hit", "stale"}:
        return "cache"
    return "shared" if fact.shared else "service"
