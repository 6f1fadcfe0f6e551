"""A project for documents that belong to none: a `bff.yaml` in a folder of its own, gone when nobody needs it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bff.cli import terminal
from bff.cli.project import Project
from bff.errors import Problem, StartRefused
from bff.openapi.graph.build import service_name
from bff.openapi.graph.entry import upstream_of
from bff.openapi.graph.project import CONFIG, Part, config
from bff.openapi.graph.wanted import Upstream
from bff.openapi.model import Document
from bff.openapi.place import is_url
from bff.openapi.quiet import without_collector
from bff.openapi.read import read
from bff.openapi.report import Report

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}\Z")


@contextmanager
def made_up(places: Sequence[str], urls: Mapping[str, str], *, mocked: bool) -> Iterator[Project]:
    """A project whose graph is that of these documents, files or URLs.

    `urls` say where services are, by name; "" is that of the only one. With `mocked` nobody needs to know. Raises
    StartRefused with every problem of the documents.
    """
    with without_collector():
        parts = _parts(places, dict(urls), mocked=mocked)
    with TemporaryDirectory(prefix="bff-dev-") as folder:
        file = Path(folder) / CONFIG
        file.write_text(config(parts), "utf-8")
        yield Project(file, file.parent)


def _parts(places: Sequence[str], urls: dict[str, str], *, mocked: bool) -> list[Part]:
    found: dict[str, Part] = {}
    problems = []
    for document in read(places, report := Report()):
        place = document.at.document
        name = service_name(document.title or Path(place).stem)
        if name in found:
            raise StartRefused([Problem(name, f"{found[name].document} and {place} would have the same name")])
        url = urls.pop(name, None) or (urls.pop("", None) if len(places) == 1 else None)
        upstream = _with_keys(upstream_of(document, name, report))
        if url is None and not mocked and _nowhere(document, report):
            problems.append(Problem(place, "names no server", f"say --url {name}=http://…, or --mock"))
        upstream = replace(upstream, url=url) if url else upstream
        found[name] = Part(name, name, (), upstream, place if is_url(place) else str(Path(place).absolute()))
    problems += [Problem("--url", f"there is no service '{name}'", f"there is {', '.join(found)}") for name in urls]
    if problems:
        raise StartRefused(problems)
    return list(found.values())


def _nowhere(document: Document, report: Report) -> bool:
    return any(note.code == "server" and note.at.document == document.at.document for note in report.notes)


def _with_keys(upstream: Upstream) -> Upstream:
    """Without what the environment has no value for: nobody has to have a key to look at a graph."""
    return replace(upstream, headers=_there(upstream.headers), query=_there(upstream.query))


def _there(given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    found = [(name, "; ".join(_filled(name, value))) for name, value in given]
    return tuple((name, value) for name, value in found if value)


def _filled(name: str, value: str) -> Iterator[str]:
    """The cookies of a `cookie` whose variables are there; of all else, the value."""
    for part in value.split("; ") if name == "cookie" else (value,):
        variable = _VARIABLE.search(part)
        if variable and variable[1] not in os.environ:
            what = f"the cookie {part.partition('=')[0]}" if name == "cookie" else name
            terminal.note(f"{what} is not sent: {variable[1]} is not in the environment")
        else:
            yield part
