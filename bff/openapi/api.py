"""Paths and operations, as both dialects have them. What goes in and comes out of one is the dialect's own matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from bff.openapi.frame import METHODS, Reading, extensions, flag, items, mapping, members, text, texts
from bff.openapi.model import Body, Method, Operation, Parameter, Response, Server
from bff.openapi.refs import Node
from bff.openapi.report import Report
from bff.openapi.security import needs, servers
from bff.openapi.wrong import Wrong

Wanted = Callable[[str, str, tuple[str, ...]], bool]  # method, path, tags

MOST = 20_000  # operations

_NEWER = frozenset({"query", "additionalOperations"})  # 3.2
_PATH_WORDS = frozenset({"$ref", "parameters", "servers", "summary", "description", *METHODS})
_VARIABLE = re.compile(r"\{([^{}/]*)\}")
_NO_BODY = frozenset({"GET", "HEAD", "DELETE", "TRACE"})


class Dialect(Protocol):
    """How a dialect says what goes in and what comes out."""

    def parameters(self, nodes: list[Node], operation: Node) -> tuple[Parameter, ...]:
        """Of an operation and its path."""

    def body(self, nodes: list[Node], operation: Node) -> Body | None:
        """What the request carries."""

    def responses(self, operation: Node) -> tuple[Response, ...]:
        """What may be answered."""


def operations(reading: Reading, dialect: Dialect, wanted: Wanted) -> Iterator[Operation]:
    """The operations that are wanted; one that cannot be read is a problem, and left out."""
    count = 0
    for path, node in members(reading.root, "paths"):
        if path.startswith("x-"):
            continue
        if "?" in path:
            reading.report.guess("query-in-path", node.at, "a path has no query: what follows ? should be parameters")
        for place in _readable(path, node, reading):
            tags = texts(place.node, "tags") if isinstance(place.node.value, dict) else ()
            if not wanted(place.method, path, tags):
                continue
            count += 1
            if count > MOST:
                raise Wrong(place.node.at, f"must not have more than {MOST} operations", "take a part with --only")
            yield from _guarded(place, reading, dialect)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an operation is described; `shared` are the parameters of all its path's operations."""

    method: Method
    path: str
    node: Node
    shared: list[Node]
    around: tuple[Server, ...]  # where all its path's operations are


def _readable(path: str, node: Node, reading: Reading) -> Iterator[_Place]:
    """The operations of a path; none of one that cannot be read."""
    try:
        yield from _of_path(path, node, reading)
    except Wrong as wrong:
        reading.leave_out_calls("path-left-out", path, wrong)


def _of_path(path: str, node: Node, reading: Reading) -> Iterator[_Place]:
    if not path.startswith("/"):
        raise Wrong(node.at, "a path must begin with /", f'such as "/{path}"')
    own = mapping(node)
    places = [own, reading.follow(own)] if "$ref" in own.value else [own]
    shared = [parameter for place in places for parameter in items(place, "parameters")]
    around = tuple(server for place in places for server in servers(place))
    for place in places:
        for word in place.value:
            if word in METHODS:
                yield _Place(cast("Method", word.upper()), path, place / word, shared, around)
            elif word in _NEWER:
                reading.report.loss(
                    "unknown-method", place.at / word, f"{word} of {path} are no calls of a graph; left out"
                )
            elif word not in _PATH_WORDS and not word.startswith("x-"):
                reading.report.loss("unknown-method", place.at / word, f"{word!r} is no HTTP method; it is left out")


def _guarded(place: _Place, reading: Reading, dialect: Dialect) -> Iterator[Operation]:
    try:
        yield _operation(place, reading, dialect)
    except Wrong as wrong:
        reading.leave_out_calls("operation-left-out", f"{place.method} {place.path}", wrong)


def _operation(place: _Place, reading: Reading, dialect: Dialect) -> Operation:
    node = mapping(place.node)
    declared = [*items(node, "parameters"), *place.shared]
    if node.value.get("callbacks"):
        reading.report.info(
            "callbacks", node.at / "callbacks", "callbacks are calls of the service: docs/subscriptions.md"
        )
    body = dialect.body(declared, node)
    if body and place.method in _NO_BODY:
        reading.report.guess("body-unusual", body.at, f"a {place.method} with a body: servers on the way may drop it")
    return Operation(
        method=place.method,
        path=place.path,
        at=node.at,
        operation_id=text(node, "operationId"),
        tags=texts(node, "tags"),
        summary=text(node, "summary"),
        description=text(node, "description"),
        deprecated=flag(node, "deprecated"),
        parameters=_complete(place.path, dialect.parameters(declared, node), node, reading),
        body=body,
        responses=dialect.responses(node),
        security=needs(node if "security" in node.value else reading.root),
        servers=tuple(servers(node)) or place.around,
        extensions=extensions(node),
    )


def _complete(path: str, found: tuple[Parameter, ...], node: Node, reading: Reading) -> tuple[Parameter, ...]:
    """The parameters, with those of the path that nobody described, without those that the path does not have."""
    names = dict.fromkeys(_VARIABLE.findall(path))
    kept = []
    for parameter in found:
        if parameter.where == "path" and parameter.name not in names:
            reading.report.loss("path-parameter", parameter.at, f"{path} has no {{{parameter.name}}}; it is left out")
        else:
            kept.append(parameter)
    for name in names.keys() - {parameter.name for parameter in kept if parameter.where == "path"}:
        reading.report.guess("path-parameter", node.at, f"{{{name}}} of the path is not described; read as text")
        schema = reading.shapes.of(Node({"type": "string"}, node.at))
        kept.append(Parameter(name, "path", schema, node.at, required=True, style="simple", explode=False))
    return tuple(kept)


def note_ids(found: Sequence[Operation], report: Report) -> None:
    """Notes what several operations call themselves alike."""
    first: dict[str, Operation] = {}
    for operation in found:
        other = first.setdefault(operation.operation_id, operation)
        if operation.operation_id and other is not operation:
            twice = f"operationId {operation.operation_id!r} is that of {other.key} too"
            report.guess("operation-id-twice", operation.at, twice)
