"""OpenAPI documents as the source of a graph: what `bff import` writes, as modules, for running without files."""

from __future__ import annotations

from collections.abc import Mapping

from bff.openapi.graph.build import Named, build
from bff.openapi.graph.lock import Lock
from bff.openapi.graph.project import source_modules
from bff.openapi.graph.wanted import Service
from bff.openapi.model import Document
from bff.openapi.read import read
from bff.openapi.report import Report


def services(documents: Mapping[str, Document], lock: Lock, report: Report) -> tuple[Service, ...]:
    """What the documents become, by the names that their services have in `bff.yaml`."""
    return build([Named(name, document) for name, document in documents.items()], lock, report)


def source(documents: Mapping[str, str], report: Report, lock: Lock | None = None) -> dict[str, str]:
    """The modules of a whole graph over these services: name -> path or URL of its document.

    Text by module name ("schema", "schema.cities.city", "resolvers.cities"); `bff.openapi.graph.memory.load` runs them.
    Blocks: it reads files and the network. Raises StartRefused with every problem of the documents.
    """
    found = {name: read([place], report)[0] for name, place in documents.items()}
    return source_modules(services(found, lock or Lock(), report))
