"""Rows that documents show, by type: taken out of example answers as the graph takes them out of real ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bff.connectors import Connector
from bff.connectors.path import JsonPath, reader, segments
from bff.mock.bounds import Sketch
from bff.mock.shape import Shapes
from bff.plan.graph import Graph

# Example answers, by upstream and by operation: "GET /pets/{petId}".
Examples = Mapping[str, Mapping[str, Sequence[Any]]]

# What documents say of answers, by upstream and by operation.
Sketches = Mapping[str, Mapping[str, Sketch]]

ROWS = 50  # of one type

_QUERY = re.compile(r"\{[?&][^{}]*\}|\?.*\Z")
_SEGMENT = re.compile(r"\{/([^{}]*)\}")
_VARIABLE = re.compile(r"\{[^{}]*\}")


def operation_of(label: str) -> str:
    """What a connector and the operation that it calls have in common: "GET /pets/{}"."""
    return _VARIABLE.sub("{}", _SEGMENT.sub(r"/{\1}", _QUERY.sub("", label)))


def shown_rows(shapes: Shapes, examples: Examples) -> dict[str, list[dict[str, Any]]]:
    """Rows by type, those inside other rows among them."""
    known = {(name, operation_of(key)): bodies for name, shown in examples.items() for key, bodies in shown.items()}
    found: dict[str, list[dict[str, Any]]] = {}
    for connector, target in shapes.targets.items():
        for body in known.get((connector.upstream, operation_of(connector.label)), ()):
            for row in _rows(connector, body):
                for name in target.types:
                    _keep(shapes.graph, found, name, row)
    return found


def sketched_types(shapes: Shapes, sketches: Sketches) -> dict[str, Sketch]:
    """What is said of rows, by type: by the first operation that brings them."""
    known = {(name, operation_of(key)): each for name, said in sketches.items() for key, each in said.items()}
    found: dict[str, Sketch] = {}
    for connector, target in shapes.targets.items():
        sketch = known.get((connector.upstream, operation_of(connector.label)))
        row = _within(sketch, connector.rows, lists=1)
        for name in target.types if row else ():
            _sketch(shapes.graph, found, name, row)
    return found


def _sketch(graph: Graph, found: dict[str, Sketch], name: str, sketch: Sketch | None) -> None:
    if sketch is None or name in found:
        return
    found[name] = sketch
    for field in graph.by_type.get(name, ()):
        if field.kind == "path" and field.composite:
            path = field.python_name if field.source.path is None else field.source.path
            _sketch(graph, found, field.returns, _within(sketch, path, lists=field.lists))


def _within(sketch: Sketch | None, path: JsonPath, lists: int) -> Sketch | None:
    """What is said of what stands at a path, or of its items."""
    for step in segments(path):
        sketch = sketch.inside(step) if sketch else None
    for _ in range(lists):
        items = sketch.inside(0) if sketch else None
        sketch = items or sketch
    return sketch


def _rows(connector: Connector, body: Any) -> Iterator[Any]:
    rows = reader(connector.rows)(body)
    if connector.by_key and isinstance(rows, dict):
        rows = list(rows.values())
    yield from _flat(rows)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _keep(graph: Graph, found: dict[str, list[dict[str, Any]]], name: str, row: Any) -> None:
    own = row.get("__typename", name) if isinstance(row, dict) else name
    kept = found.setdefault(own if own in graph.possible else name, [])
    if not isinstance(row, dict) or len(kept) >= ROWS or row in kept:
        return
    kept.append(row)
    for field in graph.fields.values():
        if field.kind == "path" and field.composite and field.coordinate.partition(".")[0] == own:
            for inside in _flat(field.read(row)):
                _keep(graph, found, field.returns, inside)
