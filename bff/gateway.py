"""The composition root: configuration -> objects. Nothing below it reads settings, nothing above builds parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import strawberry

from bff import config as settings
from bff.document import DocumentLimits, Documents
from bff.errors import Problem, StartRefused
from bff.limits import Allowance
from bff.load_graph import load_graph
from bff.operation import Operations
from bff.plan.check import check_graph
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install
from bff.telemetry import Observer, Silent
from bff.upstreams import Sender, Upstream, UpstreamSettings, Wire, build


@dataclass(frozen=True, slots=True, eq=False)
class Gateway:
    """A gateway, ready to answer. Close it when it is no longer needed."""

    config: settings.Config
    graph: Graph
    upstreams: Mapping[str, Upstream]
    operations: Operations
    warnings: tuple[Problem, ...]

    async def aclose(self) -> None:
        for upstream in self.upstreams.values():
            await upstream.sender.aclose()


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
    findings = check_graph(graph, config.upstreams)
    if findings.errors:
        raise StartRefused(findings.errors)
    install(graph)
    listener = observer or Silent()
    upstreams = {
        name: _upstream(name, upstream, (wires or {}).get(name), listener)
        for name, upstream in config.upstreams.items()
    }
    operations = _operations(config, graph, upstreams, listener)
    return Gateway(config, graph, upstreams, operations, tuple(findings.warnings))


def _operations(
    config: settings.Config, graph: Graph, upstreams: Mapping[str, Upstream], observer: Observer
) -> Operations:
    limits = config.limits
    document_limits = DocumentLimits(limits.max_tokens, limits.max_directives, config.graphql.introspection)
    return Operations(
        graph=graph,
        documents=Documents(graph, document_limits, limits.documents),
        upstreams=upstreams,
        allowed=Allowance(
            depth=limits.max_depth,
            aliases=limits.max_aliases,
            root_fields=limits.max_root_fields,
            points=limits.max_price,
            calls=limits.max_upstream_calls,
        ),
        max_page=limits.max_page,
        timeout=limits.timeout,
        observer=observer,
    )


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
        headers=tuple((header, value.get_secret_value()) for header, value in config.headers.items()),
    )
    return build(name, policies, wire or Wire(name, config.url, connect_timeout=config.connect_timeout), observer)
