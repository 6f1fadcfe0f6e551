"""Documents, as they were named -> what the APIs in them offer. The front door of reading; knows no GraphQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from bff.errors import Problem, StartRefused
from bff.openapi import swagger2
from bff.openapi.api import Dialect, Wanted, note_ids, operations
from bff.openapi.fetch import fetch
from bff.openapi.frame import Reading, items, mapping, members, text
from bff.openapi.model import Dialect as Dialects
from bff.openapi.model import Document, Operation, Server
from bff.openapi.openapi3 import OpenApi3
from bff.openapi.place import Fetch
from bff.openapi.quiet import without_collector
from bff.openapi.refs import Node, References
from bff.openapi.report import Report
from bff.openapi.schema import At, Schema
from bff.openapi.security import schemes, servers
from bff.openapi.shapes import MOST_PROBLEMS, Shapes
from bff.openapi.sources import Sources, Written
from bff.openapi.swagger2 import Swagger2
from bff.openapi.wrong import Wrong

_VERSIONS = frozenset({"3.0", "3.1", "3.2"})
SUCH = 'begin with "openapi: 3.0.3", "openapi: 3.1.0" or "swagger: \'2.0\'"'


def everything(method: str, path: str, tags: tuple[str, ...]) -> bool:
    """Wants every operation."""
    del method, path, tags
    return True


def read(
    names: Sequence[str], report: Report, *, wanted: Wanted = everything, fetch: Fetch = fetch
) -> tuple[Document, ...]:
    """One Document for each of the named files and URLs that describes an API, in their order.

    What is named and is only a part (it has neither "openapi" nor "swagger") may be referred to by the others. Blocks:
    it reads files and the network. Raises StartRefused with every problem.
    """
    sources = Sources(fetch)
    try:
        with without_collector():
            return _documents(sources.name(names), sources, report, wanted)
    except Wrong as wrong:
        raise StartRefused([_problem(wrong, sources)]) from wrong


def _documents(found: list[Written], sources: Sources, report: Report, wanted: Wanted) -> tuple[Document, ...]:
    whole = [(each, dialect) for each in dict.fromkeys(map(_Same, found)) if (dialect := _dialect(each.written))]
    if not whole:
        raise Wrong(At(found[0].name if found else ""), "is no OpenAPI document", SUCH)
    return tuple(_document(each.written, dialect, sources, report, wanted) for each, dialect in whole)


@dataclass(frozen=True, slots=True)
class _Same:
    """A document that was named twice is one."""

    written: Written

    def __hash__(self) -> int:
        return id(self.written)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.written is self.written


def _dialect(written: Written) -> Dialects | None:
    """How a document is written; None if it is only a part of one. Raises Wrong for other versions."""
    root = mapping(Node(written.root, At(written.name))).value
    version = root.get("openapi", root.get("swagger"))
    if version is None:
        return None
    kind = str(version)[:3]
    if kind not in (_VERSIONS if "openapi" in root else {"2.0"}):
        raise Wrong(At(written.name), f"is written in OpenAPI {str(version)[:20]}, which is not read", SUCH)
    return cast("Dialects", kind)


def _document(written: Written, kind: Dialects, sources: Sources, report: Report, wanted: Wanted) -> Document:
    references = References(sources)
    shapes = Shapes(references, report, siblings=kind in {"3.1", "3.2"})
    reading = Reading(Node(written.root, At(written.name)), references, shapes, report)
    dialect: Dialect = Swagger2(reading) if kind == "2.0" else OpenApi3(reading, everywhere=kind == "3.2")
    if reading.root.value.get("webhooks"):
        report.info(
            "webhooks", reading.root.at / "webhooks", "webhooks are calls of the service: docs/subscriptions.md"
        )
    found = tuple(operations(reading, dialect, wanted))
    note_ids(found, report)
    made = _described(reading, kind, found, shapes.finish())
    if wrong := [*shapes.problems, *(() if found else reading.unread)]:
        raise StartRefused([_problem(each, sources) for each in wrong[:MOST_PROBLEMS]])
    return replace(made, sources=sources.of(dict.fromkeys([written.name, *references.used])))


def _described(reading: Reading, kind: Dialects, found: tuple[Operation, ...], schemas: dict[str, Schema]) -> Document:
    root = reading.root
    info = mapping(root / "info") if root.value.get("info") else Node({}, root.at)
    return Document(
        title=text(info, "title"),
        version=str(info.value.get("version") or ""),
        dialect=kind,
        at=root.at,
        operations=found,
        schemas=schemas,
        description=text(info, "description"),
        servers=_servers(root, kind),
        security_schemes=tuple(schemes(_schemes(root, kind), reading)),
        tags=tuple(_tags(root)),
    )


def _tags(root: Node) -> Iterator[tuple[str, str]]:
    for tag in items(root, "tags"):
        if isinstance(tag.value, dict):
            yield text(tag, "name"), text(tag, "description")


def _servers(root: Node, kind: Dialects) -> tuple[Server, ...]:
    return tuple(swagger2.servers(root) if kind == "2.0" else servers(root))


def _schemes(root: Node, kind: Dialects) -> Iterator[tuple[str, Node]]:
    if kind == "2.0":
        return members(root, "securityDefinitions")
    return members(mapping(root / "components"), "securitySchemes") if root.value.get("components") else iter(())


def _problem(wrong: Wrong, sources: Sources) -> Problem:
    spot = wrong.spot or sources.spot(wrong.at) or (0, 0)
    return Problem(wrong.at.pointer or "document", wrong.message, wrong.hint, wrong.at.document, *spot)
