"""Services made up for any graph: they answer each call by chance, the same whenever they are asked the same again.

What they get wrong is drawn by hypothesis: rows that are missing, repeated, shuffled or nobody's, values that are not
what was declared, members that are not there, types that do not exist, answers that are no answers.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from graphql import get_named_type, get_nullable_type, is_enum_type, is_list_type

from bff.connectors import Connector, FromParent, Offset
from bff.connectors.path import JsonPath, segments
from bff.plan.field import Field
from bff.plan.graph import Graph
from bff.upstreams import Request
from tests.execute.faked import Faked, Raw

DEPTH = 4  # of objects inside rows
GOOD: dict[str, tuple[Any, ...]] = {
    "Int": (0, 7, -3, 2**31 - 1),
    "Float": (0.5, 7, -2.25e9, 1.0),
    "String": ("", "seven", "ß\n\"'\\", "7"),
    "ID": ("1", "2", 3, "x"),
    "Boolean": (True, False),
    "Date": ("2026-01-31", "1999-12-31"),
    "Decimal": ("1.50", "7", "-0.001"),
    "UUID": ("12345678-1234-5678-1234-567812345678",),
    "JSON": ({"a": [1, None]}, [1, [2]], "text", 7, True),
}
WRONG: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2**31,
    -(2**63),
    2**70,
    1.0,
    1.5,
    1e308,
    "NaN",
    "",
    "x",
    [],
    [1],
    [None],
    {},
    {"a": 1},
)


@dataclass(frozen=True)
class Behaviour:
    """How services behave; the numbers are percentages."""

    seed: int = 0
    wrong: int = 0  # of values, that they are none of their field's
    absent: int = 0  # of members, that they are not there
    missing: int = 0  # of rows, that there is none
    broken: int = 0  # of connectors, that every answer is useless

    def dice(self, *what: Any) -> Dice:
        return Dice(zlib.crc32(repr((self.seed, what)).encode()), self)


class Dice:
    """Chance for one thing; the same each time."""

    def __init__(self, seed: int, behaviour: Behaviour) -> None:
        self._random = random.Random(seed)
        self.behaviour = behaviour

    def hits(self, percent: int) -> bool:
        return percent > 0 and self._random.randrange(100) < percent

    def count(self, most: int) -> int:
        return self._random.randrange(most + 1)

    def one(self, of: Any) -> Any:
        return self._random.choice(of)

    def shuffled(self, rows: list[Any]) -> list[Any]:
        self._random.shuffle(rows)
        return rows


def services(graph: Graph, behaviour: Behaviour) -> dict[str, Faked]:
    """A service for each upstream that the graph calls."""
    fields: dict[Connector, Field] = {}
    for field in graph.fields.values():
        for call in field.calls:
            fields.setdefault(call.connector, field)
    connectors = {(each.upstream, each.label): each for each in graph.connectors}
    rows = Rows(graph)

    def service(name: str) -> Faked:
        def answer(request: Request) -> Any:
            connector = connectors[name, request.label]
            found = _Answer(rows, connector, fields.get(connector), behaviour, request).made()
            return found if isinstance(found, Raw) else Raw(200, json.dumps(found).encode())

        return Faked(answer)

    return {name: service(name) for name, _ in connectors}


class _Answer:
    """What one call brings."""

    def __init__(
        self, rows: Rows, connector: Connector, field: Field | None, behaviour: Behaviour, request: Request
    ) -> None:
        self._connector = connector
        self._field = field
        self._behaviour = behaviour
        self._request = request
        self._rows = rows

    def made(self) -> Any:
        connector, behaviour = self._connector, self._behaviour
        spoiled = behaviour.dice("broken", connector.label)
        if spoiled.hits(behaviour.broken):
            return spoiled.one(USELESS)
        dice = behaviour.dice(connector.label, self._request.target, _sent(self._request))
        if connector.errors and dice.hits(30):
            status = dice.one(sorted(connector.errors))
            return Raw(status, json.dumps(self._rows.of(connector.errors[status], dice)).encode())
        if connector.key:
            return _placed(connector.rows, self._batch(dice))
        if connector.paging:
            return self._page(dice)
        if connector.many:
            return _placed(connector.rows, [self._row(dice) for _ in range(dice.count(3))])
        return Raw(404) if dice.hits(behaviour.missing) else _placed(connector.rows, self._row(dice))

    def _batch(self, dice: Dice) -> Any:
        connector = self._connector
        found: list[tuple[tuple[str, ...], Any]] = []
        for key in keys_asked(connector, self._request):
            each = self._behaviour.dice(connector.label, key)
            if not each.hits(self._behaviour.missing):
                found += [(key, self._keyed(key, each)) for _ in range(each.count(3) if connector.many else 1)]
        if connector.by_key:
            members: dict[str, Any] = {}
            for key, row in found:
                members[key[0]] = [*members.get(key[0], ()), row] if connector.many else row
            return members
        if dice.hits(20) and not connector.many:
            found += found[:1]
        return _in_turn(found, dice.shuffled([key for key, _ in found]))

    def _keyed(self, key: tuple[str, ...], dice: Dice) -> Any:
        row = self._row(dice, sure=True)
        for path, text in zip(self._connector.key.values(), key, strict=True):
            put(row, path, int(text) if text.isdecimal() and dice.hits(50) else text)
        return row

    def _page(self, dice: Dice) -> Any:
        paging: Any = self._connector.paging
        limit = int(parse_qs(urlsplit(self._request.target).query)[paging.limit][0])
        rows = [self._row(dice) for _ in range(min(limit, dice.count(3)))]
        answer = _placed(self._connector.rows, rows)
        if isinstance(answer, dict):
            if paging.total:
                put(answer, paging.total, dice.one((len(rows), 10, None)))
            if not isinstance(paging, Offset):
                put(answer, paging.next, dice.one(("more", None)))
        return answer

    def _row(self, dice: Dice, *, sure: bool = False) -> Any:
        """One row; a `sure` one is an object, since it is to have a key."""
        if not sure and dice.hits(self._behaviour.wrong // 4):
            return dice.one(WRONG)
        if self._field is None:
            return {"name": "used", "lat": 1.0, "lon": 2.0, "geo": {"lat": 1.0, "lon": 2.0}}
        row = self._rows.of(self._rows.type_of(self._field), dice)
        if self._field.source.path:
            put(row, self._field.source.path, self._rows.value(self._field.declared.type, dice, 1))
        return row


class Rows:
    """Rows of a graph's types."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._fields: dict[str, list[Field]] = {}
        for field in graph.fields.values():
            self._fields.setdefault(field.coordinate.partition(".")[0], []).append(field)

    def type_of(self, field: Field) -> str:
        """The type of the rows that a field's call brings; of a page, that of its nodes."""
        if not field.connection:
            return field.returns
        edge = self._graph.fields[f"{field.returns}.edges"].returns
        return self._graph.fields[f"{edge}.node"].returns

    def of(self, name: str, dice: Dice, depth: int = 0) -> dict[str, Any]:
        possible = self._graph.possible.get(name, ())
        row: dict[str, Any] = {}
        if len(possible) > 1 or possible[:1] != (name,):
            chosen = dice.one(possible) if possible else name
            row["__typename"] = dice.one((*WRONG, "Query")) if dice.hits(dice.behaviour.wrong // 2) else chosen
            name = chosen
        for field in self._fields.get(name, ()):
            if not dice.hits(dice.behaviour.absent):
                for path, value in self._members(field, dice, depth):
                    put(row, path, value)
        for hidden in sorted(self._graph.hidden.get(name, ())):
            row.setdefault(hidden, dice.one(GOOD["ID"]))
        return row

    def _members(self, field: Field, dice: Dice, depth: int) -> Iterator[tuple[JsonPath, Any]]:
        if field.kind == "path":
            yield field.source.path or field.python_name, self.value(field.declared.type, dice, depth)
        for call in field.calls:
            for name, bound in call.bindings.items():
                if isinstance(bound, FromParent):
                    key = dice.one((1, 2, "3", None) if name in call.connector.key else (1, "2", 3))
                    listed = field.lists and not call.connector.many
                    yield bound.path, [key, 1, "2"][: dice.count(3)] if listed else key

    def value(self, type_: Any, dice: Dice, depth: int) -> Any:
        """JSON for a type of a field, most times."""
        if dice.hits(dice.behaviour.wrong):
            return dice.one(WRONG)
        inner = get_nullable_type(type_)
        if inner is type_ and dice.hits(15):
            return None
        if is_list_type(inner):
            return [self.value(inner.of_type, dice, depth) for _ in range(dice.count(3))]
        named = get_named_type(inner)
        if is_enum_type(named):
            return dice.one([getattr(each.value, "value", each.value) for each in named.values.values()])
        if named.name in GOOD:
            return dice.one(GOOD[named.name])
        return self.of(named.name, dice, depth + 1) if depth < DEPTH else None


def _in_turn(found: list[tuple[Any, Any]], keys: list[Any]) -> list[Any]:
    """The rows in the order of their keys; those of one key in their own, whatever else is asked for with it."""
    rows: dict[Any, list[Any]] = {}
    for key, row in found:
        rows.setdefault(key, []).append(row)
    return [rows[key].pop(0) for key in keys]


def keys_asked(connector: Connector, request: Request) -> list[tuple[str, ...]]:
    """The keys of a batch, read from its query or its body."""
    names = list(connector.key)
    sent = _sent(request)
    if sent:
        return [tuple(_key_text(value) for value in key) for key in _in_body(connector.body, json.loads(sent), names)]
    (name,) = names
    values = parse_qs(urlsplit(request.target).query, keep_blank_values=True).get(name, [])
    explode = next(variable.explode for variable in connector.template.variables if variable.name == name)
    return [(value,) for value in (values if explode else values[0].split(","))]


def _in_body(declared: Any, sent: Any, names: list[str]) -> list[tuple[Any, ...]]:
    if isinstance(declared, str):
        return [(value,) for value in sent]
    if isinstance(declared, dict):
        member = next(member for member, name in declared.items() if name == names[0])
        return [(value,) for value in sent[member]]
    members = {name: member for member, name in declared[0].items()}
    return [tuple(each[members[name]] for name in names) for each in sent]


def _key_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _sent(request: Request) -> str:
    return request.body.decode() if isinstance(request.body, bytes) else ""


def put(row: Any, path: JsonPath, value: Any) -> None:
    """Set what stands at a path, unless something else than objects is on the way."""
    *above, last = segments(path)
    for step in above:
        row = row.setdefault(step, {}) if isinstance(row, dict) else None
    if isinstance(row, dict):
        row[last] = value


def _placed(path: JsonPath, rows: Any) -> Any:
    if not path:
        return rows
    answer: dict[str, Any] = {}
    put(answer, path, rows)
    return answer


USELESS: tuple[Any, ...] = (
    *(Raw(500), Raw(503, b"{}"), Raw(200, b"<html>"), Raw(200), Raw(204), Raw(301)),
    *("text", 7, None, {}, [{}], [[1]], [None], {"error": "no"}, {"items": 7}, {"items": [{}]}),
)
