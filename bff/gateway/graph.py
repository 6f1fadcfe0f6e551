"""Which graph is served: found, read, held against the settings, and with resolvers for every field."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import strawberry

from bff.config import Config
from bff.errors import Problem, StartRefused
from bff.load_graph import load_graph
from bff.plan.check import check_graph
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install


def checked_graph(
    config: Config, folder: Path, schema: strawberry.Schema | None = None
) -> tuple[Graph, Iterable[Problem]]:
    """The graph, ready to be run, and what is doubtful in it; `schema` stands in for the one that `config` names.

    Raises StartRefused with every mistake.
    """
    graph = read_graph(schema or load_graph(config.graph, folder))
    findings = check_graph(graph, config.upstreams, {webhook.topic for webhook in config.webhooks})
    if findings.errors:
        raise StartRefused(findings.errors)
    install(graph)
    return graph, findings.warnings
