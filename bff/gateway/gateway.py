"""A gateway as its parts: what they are, and the order in which they start and end. Knows not how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bff.auth import Authenticator
from bff.config import Config
from bff.errors import Problem
from bff.events import Streams
from bff.gateway.callers import Callers
from bff.gateway.store import reach
from bff.operation import Operations
from bff.origins.csrf import Crossing
from bff.persisted import Persisted
from bff.plan.graph import Graph
from bff.proxy import Proxy
from bff.subscriptions import Subscriptions
from bff.telemetry.metrics import MetricsObserver
from bff.upstreams import Upstream
from bff.webhooks import Carrier, WebhookEndpoint


@dataclass(frozen=True, slots=True, eq=False)
class Gateway:
    """A gateway, ready to answer once it is started. Close it when it is no longer needed."""

    config: Config
    graph: Graph
    upstreams: Mapping[str, Upstream]
    issuers: tuple[Upstream, ...]  # where keys of tokens come from
    authenticator: Authenticator | None  # None: anyone may call
    callers: Callers
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

    async def start(self) -> None:
        """Fetch what the first request should not wait for. Raises StartRefused without a store that is required."""
        await reach(self.operations.ledger, required=self.config.store_required)
        await self.carrier.start()
        if self.authenticator:
            await self.authenticator.start()

    def stop(self) -> None:
        """End what would go on for ever: subscriptions, and WebSockets that pass through. None begins any more."""
        self.subscriptions.stop()
        self.proxy.stop()

    async def aclose(self) -> None:
        """Close what is open, once every operation has ended: a mutation is not cut short by a shutdown."""
        self.stop()
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
