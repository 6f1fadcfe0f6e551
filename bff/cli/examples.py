"""What a project's OpenAPI documents show, for services that are made up. Reads files, and fetches nothing."""

from __future__ import annotations

from pathlib import Path

from bff.mock import Examples
from bff.openapi.examples import examples
from bff.openapi.graph.lock import FILE, read_lock
from bff.openapi.read import read
from bff.openapi.report import Report


def examples_of(folder: Path) -> Examples:
    """Example answers by service, from the documents that `bff import` noted. Raises StartRefused for a wrong one."""
    try:
        lock = read_lock((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    places = {name: folder / place for name, place in lock.documents.items()}
    return {
        name: {key: bodies for document in read([str(place)], Report()) for key, bodies in examples(document).items()}
        for name, place in places.items()
        if place.is_file()
    }
