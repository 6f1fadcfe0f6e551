"""An adopter's project: a configuration, and the folder that its graph is imported from. Knows no terminal."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bff.app import EXAMPLE
from bff.cli.examples import examples_of
from bff.config import Config, load
from bff.gateway import Gateway, open_gateway
from bff.load_graph import load_graph
from bff.mock import Mock, mock_wires
from bff.plan.graph import read_graph
from bff.telemetry import Observer


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the configuration; None leaves it alone."""

    host: str | None = None
    port: int | None = None
    graphiql: bool | None = None
    introspection: bool | None = None
    explain: bool | None = None  # to every tier

    def applied(self, settings: Config) -> Config:
        listen = settings.listen.model_copy(update=_said(host=self.host, port=self.port))
        said = _said(graphiql=self.graphiql, introspection=self.introspection, explain=self.explain)
        graphql = settings.graphql.model_copy(update=said)
        tiers = {name: tier.model_copy(update=_said(explain=self.explain)) for name, tier in settings.tiers.items()}
        return settings.model_copy(update={"listen": listen, "graphql": graphql, "tiers": tiers})


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project is. Nothing is read before it is asked for, and everything is read anew each time."""

    config: Path
    folder: Path

    def settings(self) -> Config:
        """What `bff.yaml` says. Raises StartRefused."""
        return load(self.config, os.environ)

    def gateway(self, settings: Config, observer: Observer | None = None, mock: Mock | None = None) -> Gateway:
        """A gateway over the project's graph. Raises StartRefused. Imports the graph, so only once a process.

        With a `mock` no service is called: they are made up.
        """
        # An edit in the same second as the last one, of the same size, would meet the bytecode of the text before it.
        sys.dont_write_bytecode = True
        if mock is None:
            return open_gateway(settings, self.folder, observer=observer)
        schema = load_graph(settings.graph, self.folder)
        shown = replace(mock, examples=examples_of(self.folder))
        wires = mock_wires(read_graph(schema), tuple(settings.upstreams), shown)
        return open_gateway(settings, self.folder, observer=observer, schema=schema, wires=wires)

    def example(self) -> str:
        """The query that GraphiQL opens with: `example.graphql` beside the graph, if there is one."""
        return self._document("example.graphql") or EXAMPLE

    def users_example(self) -> str:
        """The query that a user's token is shown with: `example.user.graphql`, or the one that needs none."""
        return self._document("example.user.graphql") or self.example()

    def _document(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8").strip()
        except (OSError, ValueError):
            return ""
