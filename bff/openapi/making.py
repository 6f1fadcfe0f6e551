"""Documents to what is kept of their graph. What a start imports only where nothing was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bff.openapi.graph.lock import Lock
from bff.openapi.graph.memory import compiled
from bff.openapi.graph.project import source_modules
from bff.openapi.kept import Kept, home_of
from bff.openapi.model import Document
from bff.openapi.place import Fetch
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.source import services


def made(documents: Mapping[str, str], lock: Lock, fetch: Fetch) -> Kept:
    """The graph of these services, name -> path or URL of its document. Raises StartRefused with every problem."""
    report = Report()
    found = {name: read([place], report, fetch=fetch)[0] for name, place in documents.items()}
    code = compiled(source_modules(services(found, lock, report)))
    return Kept(_sources(found.values()), code, sum(note.level == "loss" for note in report.notes))


def _sources(documents: Iterable[Document]) -> tuple[tuple[str, str], ...]:
    return tuple((home_of(source.name), source.digest) for each in documents for source in each.sources)
