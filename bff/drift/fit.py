"""Whether rows that came have what the graph reads from them: missing, null, of another type, too long. Pure.

Every row of a type is looked at by every field that clients can ask for of it, and by every key that leads on from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLOutputType, get_nullable_type, is_list_type, is_non_null_type

from bff.connectors import FromParent
from bff.connectors.entries import as_entries
from bff.connectors.path import JsonPath, segments, shown
from bff.drift.report import Kind
from bff.errors import ValueMalformed
from bff.plan.brought import Brought
from bff.plan.field import Field
from bff.plan.graph import Graph
from bff.plan.values import leaf, objects

Rows = Sequence[dict[str, Any]]
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Misfit:
    """One field that rows do not fit."""

    coordinate: str
    kind: Kind
    message: str


def misfits(graph: Graph, brought: Brought, rows: Sequence[Any]) -> Iterator[Misfit]:
    """What is wrong with the rows that a connector brought."""
    for use in brought.inside:
        values = [_seen(use.field, at(row, use.field.source.path or "")) for row in rows]
        yield from _of_field(use.field, _of_one(use.field), values, use.field.source.path or "")
    if not brought.types:
        return
    records = [row for row in rows if isinstance(row, dict)]
    if len(records) < len(rows):
        kinds = ", ".join(sorted({_kind_of(row) for row in rows if not isinstance(row, dict)}))
        message = f"{len(rows) - len(records)} of {_rows(len(rows))} are no objects, but {kinds}"
        yield Misfit(brought.uses[0].field.coordinate if brought.uses else brought.types[0], "SHAPE", message)
    for name in brought.types:
        yield from _of_type(graph, name, records)


def _of_type(graph: Graph, name: str, rows: Rows) -> Iterator[Misfit]:
    if not rows:
        return
    if len(graph.possible.get(name, ())) != 1 or graph.possible[name] != (name,):
        yield from _of_abstract(graph, name, rows)
        return
    for field in graph.fields.values():
        if field.coordinate.partition(".")[0] != name:
            continue
        if field.kind == "path":
            yield from _read(graph, field, rows)
        for path in {
            bound.path for call in field.calls for bound in call.bindings.values() if isinstance(bound, FromParent)
        }:
            if all(at(row, path) is ABSENT for row in rows):
                yield Misfit(field.coordinate, "MISSING", f"its key '{shown(path)}' is in none of {_rows(len(rows))}")
    for hidden in sorted(graph.hidden.get(name, ())):
        if all(at(row, hidden) is ABSENT for row in rows):
            yield Misfit(
                f"{name}.{hidden}", "MISSING", f"'{hidden}', which code reads, is in none of {_rows(len(rows))}"
            )


def _of_abstract(graph: Graph, name: str, rows: Rows) -> Iterator[Misfit]:
    untold = [row for row in rows if row.get("__typename") not in graph.possible.get(name, ())]
    if untold:
        yield Misfit(
            name, "TYPE", f"{len(untold)} of {_rows(len(rows))} do not say by __typename which {name} they are"
        )
    for each in graph.possible.get(name, ()):
        yield from _of_type(graph, each, [row for row in rows if row.get("__typename") == each])


def _read(graph: Graph, field: Field, rows: Rows) -> Iterator[Misfit]:
    path = field.python_name if field.source.path is None else field.source.path
    values = [_seen(field, at(row, path)) for row in rows]
    wrong = list(_of_field(field, field.declared.type, values, path))
    yield from wrong
    if field.composite and not wrong:
        yield from _of_type(graph, field.returns, list(_objects(values)))


def _of_field(field: Field, type_: GraphQLOutputType, values: Sequence[Any], path: JsonPath) -> Iterator[Misfit]:
    """What is wrong with one field's values, one for each kind of wrong."""
    found = Counter(filter(None, (_wrong(field, type_, value) for value in values)))
    needed = is_non_null_type(type_)
    absent = sum(value is ABSENT for value in values)
    if absent and (needed or absent == len(values)):
        where = f"'{shown(path)}' is in none" if absent == len(values) else f"'{shown(path)}' is missing in {absent}"
        yield Misfit(field.coordinate, "MISSING", f"{where} of {_rows(len(values))}")
    for (kind, message), count in sorted(found.items()):
        yield Misfit(field.coordinate, kind, f"{message} in {count} of {_rows(len(values))}")


def _wrong(field: Field, type_: GraphQLOutputType, value: Any) -> tuple[Kind, str] | None:
    if value is ABSENT:
        return None
    if value is None:
        return ("NULL", f"null where {type_} is promised") if is_non_null_type(type_) else None
    bare = get_nullable_type(type_)
    if is_list_type(bare):
        return _wrong_list(field, bare.of_type, value)
    return None if _accepts(field, value) else ("TYPE", f"{_kind_of(value)} where {bare} is promised")


def _wrong_list(field: Field, item: GraphQLOutputType, value: Any) -> tuple[Kind, str] | None:
    if not isinstance(value, list):
        return "TYPE", f"{_kind_of(value)} where a list is promised"
    most = field.bound.assumed if field.bound else None
    if most is not None and len(value) > most:
        return "TOO_LONG", f"a list longer than its assumed size of {most}"
    return next(filter(None, (_wrong(field, item, each) for each in value)), None)


def _accepts(field: Field, value: Any) -> bool:
    """Whether one value, no list and not null, is what the field's named type takes, as the plan would see it."""
    if field.composite:
        return isinstance(value, dict)
    convert: Callable[[Any], Any] | None = leaf(field, None)
    try:
        objects(field, value, None) if convert is None else convert([value] if field.lists else value)
    except ValueMalformed:
        return False
    return True


def _of_one(field: Field) -> GraphQLOutputType:
    """The type of the value in one row, where a field has a list of them."""
    bare = get_nullable_type(field.declared.type)
    several = not field.source.entries and any(call.connector.many or call.connector.batched for call in field.calls)
    return bare.of_type if several and is_list_type(bare) else field.declared.type


def at(row: Any, path: JsonPath) -> Any:
    """What stands at `path` of a row; ABSENT where the last object on the way lacks the member, None below a null."""
    for step in segments(path):
        if row is None:
            return None
        if isinstance(row, list) and step.isdecimal() and int(step) < len(row):
            row = row[int(step)]
        elif isinstance(row, dict) and step in row:
            row = row[step]
        else:
            return ABSENT
    return row


def _seen(field: Field, value: Any) -> Any:
    return as_entries(value) if field.source.entries and value is not ABSENT else value


def _objects(values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for value in values:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            yield from _objects(value)


def _kind_of(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}"
