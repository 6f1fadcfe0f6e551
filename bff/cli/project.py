"""An adopter's project: a configuration, and the folder that its graph is imported from. Knows no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bff.config import Config, load
from bff.errors import Problem, StartRefused
from bff.gateway import Gateway, open_gateway
from bff.load_graph import load_graph
from bff.openapi.beside import beside
from bff.openapi.graph.lean import lean
from bff.openapi.graph.lock import lock_in
from bff.openapi.graph.memory import load as load_modules
from bff.openapi.place import is_url
from bff.openapi.quiet import without_collector
from bff.openapi.served import served
from bff.plan.graph import read_graph
from bff.telemetry import Observer

if TYPE_CHECKING:
    from bff.mock import Mock


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the configuration; None leaves it alone."""

    host: str | None = None
    port: int | None = None
    graphiql: bool | None = None  # these three of every tier
    introspection: bool | None = None
    explain: bool | None = None

    def applied(self, settings: Config) -> Config:
        listen = settings.listen.model_copy(update=_said(host=self.host, port=self.port))
        said = _said(graphiql=self.graphiql, introspection=self.introspection, explain=self.explain)
        graphql = settings.graphql.model_copy(update=said)
        tiers = {name: tier.model_copy(update=said) for name, tier in settings.tiers.items()}
        return settings.model_copy(update={"listen": listen, "graphql": graphql, "tiers": tiers})


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def kept_graphs(environ: Mapping[str, str]) -> Path | None:
    """The folder for graphs that were made of documents (XDG Base Directory); None where there is no home for it."""
    base = environ.get("XDG_CACHE_HOME") or (environ["HOME"] + "/.cache" if environ.get("HOME") else "")
    return Path(base) / "bff" if base.startswith("/") else None


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project is. Nothing is read before it is asked for, and everything is read anew each time."""

    config: Path
    folder: Path
    trusted: bool = False  # that graphs of documents were made a moment ago, by another process

    def settings(self) -> Config:
        """What `bff.yaml` says. Raises StartRefused."""
        return load(self.config, os.environ)

    def gateway(self, settings: Config, observer: Observer | None = None, mock: Mock | None = None) -> Gateway:
        """A gateway over the project's graph. Raises StartRefused. Imports the graph, so only once a process.

        With a `mock` no service is called: they are made up.
        """
        # An edit in the same second as the last one, of the same size, would meet the bytecode of the text before it.
        sys.dont_write_bytecode = True
        with without_collector():
            return self._gateway(settings, observer, mock)

    def _gateway(self, settings: Config, observer: Observer | None, mock: Mock | None) -> Gateway:
        doubts: tuple[Problem, ...] = ()
        places = self.documents(settings)
        if places:
            found = served(places, lock_in(self.folder), kept_graphs(os.environ), trusted=self.trusted)
            with lean():
                schema, doubts = load_modules(found.code), found.doubts
        else:
            schema = load_graph(settings.graph, self.folder)
        wires = None
        if mock:
            from bff.cli.examples import shown_by  # reads documents, which nothing else does here
            from bff.mock import mock_wires  # whoever has services does not wait for what makes them up

            examples, sketches = shown_by(self.folder, places)
            shown = replace(mock, examples=examples, sketches=sketches)
            wires = mock_wires(read_graph(schema), tuple(settings.upstreams), shown)
        gateway = open_gateway(settings, self.folder, observer=observer, schema=schema, wires=wires)
        return replace(gateway, warnings=(*doubts, *gateway.warnings))

    def documents(self, settings: Config) -> dict[str, str]:
        """The documents that the graph is made of, by service: URLs, and files as they are reached from here."""
        found = settings.documents
        return {name: place if is_url(place) else str(self.config.parent / place) for name, place in found.items()}

    def files(self) -> list[Path]:
        """The files beside its code that a project depends on, as far as its configuration can be read: its documents,
        and those that they refer to.
        """
        try:
            documents = self.documents(self.settings())
        except StartRefused:
            return []
        named = [Path(place) for place in documents.values() if not is_url(place)]
        return [*named, *beside(named)]

    def example(self) -> str:
        """The query that GraphiQL opens with: `example.graphql` beside the graph, if there is one."""
        return self._document("example.graphql")

    def users_example(self) -> str:
        """The query that a user's token is shown with: `example.user.graphql`, or the one that needs none."""
        return self._document("example.user.graphql") or self.example()

    def _document(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8").strip()
        except (OSError, ValueError):
            return ""
