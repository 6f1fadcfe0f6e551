"""What a project's OpenAPI documents show, for services that are made up. Reads files, and fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bff.mock import Examples
from bff.openapi.examples import examples
from bff.openapi.graph.lock import FILE, read_lock
from bff.openapi.read import read
from bff.openapi.report import Report


def examples_of(folder: Path, documents: Mapping[str, str]) -> Examples:
    """Example answers by service, from the documents of its graph: these, else those that `bff import` noted.

    Raises StartRefused for a wrong one.
    """
    places = {name: Path(place) for name, place in documents.items()} or _imported(folder)
    return {
        name: {key: bodies for document in read([str(place)], Report()) for key, bodies in examples(document).items()}
        for name, place in places.items()
        if place.is_file()
    }


def _imported(folder: Path) -> dict[str, Path]:
    try:
        lock = read_lock((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: folder / place for name, place in lock.documents.items()}
