"""What a project's OpenAPI documents show, for services that are made up. Reads files, and fetches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bff.mock import Examples, Sketches
from bff.openapi.examples import examples
from bff.openapi.graph.lock import FILE, read_lock
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.sketch import sketches


def shown_by(folder: Path, documents: Mapping[str, str]) -> tuple[Examples, Sketches]:
    """Example answers by service, and what is said of their values, from the documents of its graph: these, else those
    that `bff import` noted. Raises StartRefused for a wrong one.
    """
    places = {name: Path(place) for name, place in documents.items()} or _imported(folder)
    found = {name: read([str(place)], Report()) for name, place in places.items() if place.is_file()}
    shown = {name: {key: each for one in many for key, each in examples(one).items()} for name, many in found.items()}
    said = {name: {key: each for one in many for key, each in sketches(one).items()} for name, many in found.items()}
    return shown, said


def _imported(folder: Path) -> dict[str, Path]:
    try:
        lock = read_lock((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: folder / place for name, place in lock.documents.items()}
