"""Putting a gateway together: from top to bottom, each part from its settings and from the parts above it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import strawberry

from bff.config import Config, doubts
from bff.events import Streams
from bff.gateway.callers import callers_of, crossing, open_authenticator
from bff.gateway.events import carrier_of, subscriptions, webhooks
from bff.gateway.gateway import Gateway
from bff.gateway.graph import checked_graph
from bff.gateway.issuers import open_issuers
from bff.gateway.listeners import listeners_of
from bff.gateway.persisted import persisted
from bff.gateway.proxy import proxy
from bff.gateway.rules import documents_of, rules
from bff.gateway.store import open_ledger
from bff.gateway.upstreams import open_upstreams
from bff.operation import Operations
from bff.telemetry import Observer
from bff.upstreams import Sender


def open_gateway(
    config: Config,
    folder: Path,
    *,
    observer: Observer | None = None,
    schema: strawberry.Schema | None = None,
    wires: Mapping[str, Sender] | None = None,
) -> Gateway:
    """Build everything. Raises StartRefused with every mistake of the graph.

    `schema` stands in for the graph that the configuration names; `wires` for the network towards the upstreams named.
    """
    graph, warnings = checked_graph(config, folder, schema)
    listeners = listeners_of(config, observer)
    told = listeners.everything
    upstreams = open_upstreams(config, wires or {}, told)
    trusted, issuers = open_issuers(config, told)
    authenticator = open_authenticator(config, trusted)
    callers = callers_of(authenticator)
    documents = documents_of(config, graph)
    operations = Operations(
        graph=graph,
        documents=documents(True, True),
        upstreams=upstreams,
        rules=rules(config, documents),
        ledger=open_ledger(config, told),
        max_page=config.limits.max_page,
        timeout=config.limits.timeout,
        observer=told,
    )
    streams = Streams()
    carrier = carrier_of(config, streams, told)
    return Gateway(
        config=config,
        graph=graph,
        upstreams=upstreams,
        issuers=issuers,
        authenticator=authenticator,
        callers=callers,
        operations=operations,
        persisted=persisted(config, folder, listeners),
        crossing=crossing(config),
        streams=streams,
        carrier=carrier,
        webhooks=webhooks(config, carrier, told),
        subscriptions=subscriptions(config, operations, streams, listeners),
        proxy=proxy(config, operations, callers),
        metrics=listeners.metrics,
        warnings=(*warnings, *doubts(config)),
    )
