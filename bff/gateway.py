"""The composition root: configuration -> objects. Nothing below it reads settings, nothing above builds parts."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import strawberry

from bff import config as settings
from bff.admission import Admissions
from bff.asking import EVERYBODY, OPEN, Rules
from bff.auth import ANONYMOUS, Authenticator, Caller, Client, Issuer, Trusted, open_source
from bff.config.urls import MEMORY
from bff.csrf import Crossing
from bff.document import DocumentLimits, Documents
from bff.errors import Audience, Problem, StartRefused
from bff.events import Streams
from bff.limits import Allowance
from bff.limits.line import StoreAway
from bff.limits.memory import MemoryLedger
from bff.limits.quota import Tier
from bff.limits.shared import SharedLedger
from bff.limits.store import Ledger
from bff.limits.valkey import Connection, valkey_ledger
from bff.load_graph import load_graph
from bff.operation import Operations
from bff.persisted import (
    Automatic,
    Kept,
    Persisted,
    SharedTexts,
    read_manifests,
)
from bff.plan.check import check_graph
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install
from bff.proxy import Proxy, Route
from bff.subscriptions import Slots, Subscriptions
from bff.telemetry import DocumentFact, DocumentObserver, Observer, Several, Silent
from bff.telemetry.metrics import MetricsObserver
from bff.telemetry.subscriptions import SubscriptionObserver
from bff.upstreams import (
    CacheSettings,
    EventSettings,
    Headers,
    Query,
    Sender,
    Sockets,
    Upstream,
    UpstreamSettings,
    Wire,
    build,
)
from bff.webhooks import Carrier, MemoryCarrier, SharedCarrier, Webhook, WebhookEndpoint

Callers = Callable[[Headers], Awaitable[Caller]]


@dataclass(frozen=True, slots=True, eq=False)
class Gateway:
    """A gateway, ready to answer once it is started. Close it when it is no longer needed."""

    config: settings.Config
    graph: Graph
    upstreams: Mapping[str, Upstream]
    issuers: tuple[Upstream, ...]  # where keys of tokens come from
    authenticator: Authenticator | None  # None: anyone may call
    operations: Operations
    persisted: Persisted
    crossing: Crossing | None  # None: no cookie is a credential
    streams: Streams
    carrier: Carrier  # of what webhooks publish
    webhooks: Mapping[str, WebhookEndpoint]  # by path
    subscriptions: Subscriptions
    proxy: Proxy
    metrics: MetricsObserver | None  # None: they are not kept
    warnings: tuple[Problem, ...]

    @property
    def sdl(self) -> str:
        """The graph's schema, as its clients see it, in the GraphQL schema language."""
        return self.graph.incremental_sdl if self.config.graphql.incremental else self.graph.strawberry.as_str()

    @property
    def callers(self) -> Callers:
        return _callers(self.authenticator)

    async def start(self) -> None:
        """Fetch what the first request should not wait for. Raises StartRefused without a store that is required."""
        await _reach(self.operations.ledger, required=self.config.store_required)
        await self.carrier.start()
        if self.authenticator:
            await self.authenticator.start()

    async def aclose(self) -> None:
        """Close what is open, once every operation has ended: a mutation is not cut short by a shutdown."""
        self.subscriptions.stop()
        await self.streams.aclose()
        await self.carrier.aclose()
        await self.operations.finished()
        if self.authenticator:
            await self.authenticator.aclose()
        await self.persisted.aclose()
        await self.operations.ledger.aclose()
        for upstream in (*self.upstreams.values(), *self.issuers):
            await upstream.aclose()
        if self.metrics:
            self.metrics.fold()


def open_gateway(
    config: settings.Config,
    folder: Path,
    *,
    observer: Observer | None = None,
    schema: strawberry.Schema | None = None,
    wires: Mapping[str, Sender] | None = None,
) -> Gateway:
    """Build everything. Raises StartRefused with every mistake of the graph.

    `schema` stands in for the graph that the configuration names; `wires` for the network towards the upstreams named.
    """
    graph = read_graph(schema or load_graph(config.graph, folder))
    findings = check_graph(graph, config.upstreams, {webhook.topic for webhook in config.webhooks})
    if findings.errors:
        raise StartRefused(findings.errors)
    install(graph)
    metrics = MetricsObserver({*config.clients, ANONYMOUS}) if config.telemetry.metrics else None
    listener = Several(filter(None, (observer, metrics)))
    upstreams = {
        name: _upstream(name, upstream, (wires or {}).get(name), listener)
        for name, upstream in config.upstreams.items()
    }
    trusted, issuers = _issuers(config, listener)
    authenticator = _authenticator(config, trusted)
    operations = _operations(config, graph, upstreams, listener)
    streams = Streams()
    carrier = _carrier(config, streams, listener)
    return Gateway(
        config=config,
        graph=graph,
        upstreams=upstreams,
        issuers=issuers,
        authenticator=authenticator,
        operations=operations,
        persisted=_persisted(config, folder, operations, (observer, metrics)),
        crossing=_crossing(config),
        streams=streams,
        carrier=carrier,
        webhooks=_webhooks(config, carrier, listener),
        subscriptions=_subscriptions(config, operations, streams, (observer, metrics and metrics.subscriptions)),
        proxy=_proxy(config, operations, _callers(authenticator)),
        metrics=metrics,
        warnings=(*findings.warnings, *settings.doubts(config)),
    )


def _callers(authenticator: Authenticator | None) -> Callers:
    return authenticator.caller if authenticator else _everybody


async def _everybody(_: Headers) -> Caller:
    return EVERYBODY


def _crossing(config: settings.Config) -> Crossing | None:
    """What of other sites' pages is refused, where a cookie may be a credential: ours, or a service's."""
    cookie = config.auth.cookie if config.auth else None
    forwarded = any("cookie" in upstream.forward for upstream in config.upstreams.values())
    if cookie is None and not forwarded:
        return None
    cors = config.graphql.cors
    return Crossing(cookie, forwarded, frozenset(cors.origins if cors.credentials else ()))


def _crossing_routes(config: settings.Config) -> Crossing | None:
    """The same for what passes through: a service that gets cookies there guards itself, as without us."""
    cookie = config.auth.cookie if config.auth else None
    return Crossing(cookie) if cookie is not None else None


def _proxy(config: settings.Config, operations: Operations, callers: Callers) -> Proxy:
    return Proxy(
        [_route(entry) for entry in config.routes],
        operations.upstreams,
        Admissions(callers, operations.rules, operations.ledger, operations.upstreams, _crossing_routes(config)),
        trusted=config.listen.trusted_proxies,
        observer=operations.observer,
    )


def _route(entry: settings.Route) -> Route:
    strip, put = entry.rewrite
    return Route(
        path=entry.path,
        upstream=entry.upstream,
        host=entry.host,
        methods=frozenset(entry.methods),
        strip_prefix=strip,
        replace_prefix=put,
        scopes=tuple(entry.scopes),
        price=entry.price,
        max_body=entry.max_body,
        timeout=entry.timeout,
        idle=entry.idle_timeout,
    )


def _authenticator(config: settings.Config, trusted: tuple[Trusted, ...]) -> Authenticator | None:
    if config.auth is None:
        return None
    clients = [
        Client(
            name=name,
            tier=client.tier,
            key_digests=tuple(bytes.fromhex(key.sha256) for key in client.keys),
            scopes=frozenset(client.scopes),
        )
        for name, client in config.clients.items()
    ]
    return Authenticator(clients, trusted, anonymous=config.auth.anonymous, cookie=config.auth.cookie)


def _issuers(config: settings.Config, observer: Observer) -> tuple[tuple[Trusted, ...], tuple[Upstream, ...]]:
    """Each issuer with the source of its keys, and the upstreams that the sources ask."""
    trusted, upstreams = [], []
    for entry in config.auth.jwt if config.auth else ():
        url = urlsplit(entry.jwks or "")
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        issuer = Issuer(
            issuer=entry.issuer,
            audience=entry.audience,
            algorithms=tuple(entry.algorithms),
            tier=entry.tier,
            jwks=target if entry.jwks else "",
            secret=entry.secret.get_secret_value().encode() if entry.secret else b"",
            scopes_claim=entry.scopes_claim,
            client_claim=entry.client_claim,
            leeway=round(entry.leeway),
            max_lifetime=round(entry.max_lifetime),
        )
        upstream = None
        if entry.jwks:
            origin = settings.Upstream(url=f"{url.scheme}://{url.netloc}")
            upstream = _upstream(f"issuer {url.hostname}", origin, None, observer)
            upstreams.append(upstream)
        trusted.append(Trusted(issuer, open_source(issuer, upstream)))
    return tuple(trusted), tuple(upstreams)


def _operations(
    config: settings.Config, graph: Graph, upstreams: Mapping[str, Upstream], observer: Observer
) -> Operations:
    limits = config.limits

    @cache
    def documents(introspection: bool, suggestions: bool) -> Documents:
        incremental = config.graphql.incremental
        read = DocumentLimits(limits.max_tokens, limits.max_directives, introspection, suggestions, incremental)
        return Documents(graph, read, limits.documents)

    return Operations(
        graph=graph,
        documents=documents(True, True),
        upstreams=upstreams,
        rules=_rules(config, documents),
        ledger=_ledger(config, observer),
        max_page=config.limits.max_page,
        timeout=config.limits.timeout,
        observer=observer,
    )


def _rules(config: settings.Config, documents: Callable[[bool, bool], Documents]) -> dict[str, Rules]:
    """What each tier may have; without authentication, everybody has the limits of the configuration and no quota."""
    limits = config.limits
    allowed = allowance(config, limits.max_price, limits.max_upstream_calls)
    shown = config.graphql
    suggests = shown.introspection if shown.suggestions is None else shown.suggestions
    everybodys = Rules(
        allowed,
        documents(shown.introspection, suggests),
        explain=shown.explain,
        page=shown.graphiql,
        audience=Audience(shown.introspection or suggests, shown.error_sources),
    )
    found = {} if config.auth else {OPEN: everybodys}
    for name in config.tiers:
        tier = config.allotment(name)
        quota = Tier(
            points_per_window=tier.points_per_minute,
            burst=tier.burst,
            requests_per_second=tier.requests_per_second,
            max_concurrent=tier.max_concurrent,
        )
        allowed = allowance(config, tier.max_price, tier.max_upstream_calls)
        found[name] = Rules(
            allowed,
            documents(tier.introspection, tier.suggestions),
            quota,
            share=tier.share,
            explain=tier.explain,
            page=tier.graphiql,
            audience=Audience(tier.introspection or tier.suggestions, tier.error_sources),
        )
    return found


def allowance(config: settings.Config, points: int, calls: int) -> Allowance:
    """What one operation may have, with these most points and upstream calls."""
    limits = config.limits
    return Allowance(
        depth=limits.max_depth,
        aliases=limits.max_aliases,
        root_fields=limits.max_root_fields,
        points=points,
        calls=calls,
    )


def _persisted(config: settings.Config, folder: Path, operations: Operations, observers: Iterable[object]) -> Persisted:
    watching = [observer.document for observer in observers if isinstance(observer, DocumentObserver)]

    def tell(fact: DocumentFact) -> None:
        for document in watching:
            document(fact)

    return Persisted(
        trusted=read_manifests(folder / name for name in config.persisted.manifests),
        automatic=_automatic(config) if config.persisted.automatic else None,
        modes={OPEN: config.mode(None), **{name: config.mode(name) for name in config.tiers}},
        observer=operations.observer,
        tell=tell,
    )


def _subscriptions(
    config: settings.Config, operations: Operations, streams: Streams, observers: Iterable[object]
) -> Subscriptions:
    limits = config.subscriptions
    return Subscriptions(
        operations,
        streams,
        Slots("subscriptions", process=limits.per_process, client=limits.per_client),
        tuple(observer for observer in observers if isinstance(observer, SubscriptionObserver)),
    )


def _automatic(config: settings.Config) -> Automatic:
    store, shared = config.store.get_secret_value(), None
    if store != MEMORY:
        connection = Connection(store)
        shared = SharedTexts(connection.run, connection.aclose, ttl=config.persisted.ttl)
    return Automatic(Kept(config.persisted.size), shared, time.monotonic)


def _carrier(config: settings.Config, streams: Streams, observer: Observer) -> Carrier:
    store = config.store.get_secret_value()
    if store == MEMORY or not config.webhooks:
        return MemoryCarrier(streams.topics)
    shared = Connection(store)
    return SharedCarrier(streams.topics, shared.run, shared.listen, shared.aclose, observer=observer)


def _webhooks(config: settings.Config, carrier: Carrier, observer: Observer) -> dict[str, WebhookEndpoint]:
    found = [
        Webhook(
            path=entry.path,
            topic=entry.topic,
            secrets=tuple(map(settings.key_of, entry.secrets)),
            tolerance=entry.tolerance,
            max_body=entry.max_body,
        )
        for entry in config.webhooks
    ]
    return {webhook.path: WebhookEndpoint(webhook, carrier, observer) for webhook in found}


def _ledger(config: settings.Config, observer: Observer) -> Ledger:
    store = config.store.get_secret_value()
    if store == MEMORY:
        return MemoryLedger()
    return valkey_ledger(store, on_store=observer.store, share=config.store_share)


async def check_store(config: settings.Config) -> None:
    """Ask the store as a start does, before there is anything to start. Raises StartRefused where it is required."""
    ledger = _ledger(config, Silent())
    try:
        await _reach(ledger, required=config.store_required)
    finally:
        await ledger.aclose()


async def _reach(ledger: Ledger, *, required: bool) -> None:
    """Whoever observes a ledger whose store is away is told by it."""
    if not isinstance(ledger, SharedLedger):
        return
    try:
        await ledger.check()
    except StoreAway as away:
        if required:
            hint = "start it; or set store_required: false, and this starts with its share of every tier"
            raise StartRefused([Problem("store", f"cannot be used, and is required: {away}", hint)]) from None


def _upstream(name: str, config: settings.Upstream, wire: Sender | None, observer: Observer) -> Upstream:
    policies = UpstreamSettings(
        timeout=config.timeout,
        connect_timeout=config.connect_timeout,
        max_in_flight=config.max_in_flight,
        queue_size=config.queue.size,
        queue_wait=config.queue.wait,
        max_response=config.max_response,
        max_decoded=config.max_decoded,
        forward=frozenset(config.forward),
        claims=tuple(config.claims.items()),
        headers=tuple((header, value.get_secret_value()) for header, value in config.headers.items()),
        url=config.url,
        coalesce=config.coalesce,
        cache=CacheSettings(size=config.cache.size, heuristic=config.cache.heuristic) if config.cache else None,
        events=EventSettings(
            max_open=config.events.max_open,
            per_client=config.events.per_client,
            max_size=config.events.max_size,
            idle=config.events.idle,
            patience=config.events.patience,
        ),
    )
    dial: Sender | None = None  # what stands in for the network has no sockets
    if wire is None:
        wire = Wire(name, config.url, connect_timeout=config.connect_timeout)
        dial = Sockets(name, config.url, max_size=config.events.max_size)
    if config.query:
        parameters = tuple((parameter, value.get_secret_value()) for parameter, value in config.query.items())
        wire, dial = Query(wire, parameters), dial and Query(dial, parameters)
    return build(name, policies, wire, observer, dial=dial)
