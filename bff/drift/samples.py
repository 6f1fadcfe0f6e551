"""Values to call with: those that somebody gave, and those that rows of earlier calls had. Calls nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from bff import codec
from bff.connectors.path import JsonPath
from bff.connectors.rows import key_text
from bff.drift.fit import ABSENT, at
from bff.plan.field import Field
from bff.plan.graph import Graph

ROWS = 40  # of a type, that are kept
VALUES = 20  # for one variable


def parse_sample(text: str) -> tuple[str, Any]:
    """`airport.iata=LIS` or `Query.airport.iata=LIS` as the argument and its value. Raises ValueError.

    A value that is JSON is what it says: a number, a list of several.
    """
    name, equals, value = text.partition("=")
    if not equals or not 2 <= len(name.split(".")) <= 3 or not all(name.split(".")):
        raise ValueError("is FIELD.ARGUMENT=VALUE, such as airport.iata=LIS or Query.airport.iata=LIS")
    try:
        return name, codec.decode(value.encode())
    except ValueError:
        return name, value


def parse_header(text: str) -> tuple[str, tuple[str, str]]:
    """`trips:authorization=Bearer …` as the upstream, and the header's name and value. Raises ValueError."""
    where, equals, value = text.partition("=")
    name, _, header = where.partition(":")
    if not equals or not name or not header:
        raise ValueError("is SERVICE:NAME=VALUE, such as trips:authorization=Bearer …")
    return name, (header.strip().lower(), value)


@dataclass(slots=True)
class Samples:
    """What is known so far. `given` are values by `field.argument` or `Type.field.argument`, in the order given."""

    graph: Graph
    given: Mapping[str, Sequence[Any]] = record(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = record(default_factory=dict)

    def learn(self, name: str, rows: Iterable[Any]) -> None:
        """Keep some rows of a type, and of the objects inside them."""
        kept = self.rows.setdefault(name, [])
        for row in rows:
            own = row.get("__typename", name) if isinstance(row, dict) else None
            if own is not None and own != name and own in self.graph.possible:
                self.learn(own, [row])
            elif isinstance(row, dict) and len(kept) < ROWS and row not in kept:
                kept.append(row)
                self._learn_inside(name, row)

    def _learn_inside(self, name: str, row: dict[str, Any]) -> None:
        for field in self.graph.fields.values():
            if field.kind == "path" and field.composite and field.coordinate.partition(".")[0] == name:
                found = field.read(row)
                self.learn(field.returns, found if isinstance(found, list) else [found])

    def members(self, name: str, path: JsonPath) -> list[Any]:
        """The different values that rows of a type have at a path, lists taken apart."""
        found: dict[str, Any] = {}
        for row in self.rows.get(name, ()):
            value = at(row, path)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str | int | float) and each is not ABSENT:
                    found.setdefault(key_text(each), each)
        return list(found.values())[:VALUES]

    def of_argument(self, field: Field, argument: str) -> list[Any]:
        """What was given for an argument, by the name that clients know it by."""
        for name in (f"{field.coordinate}.{argument}", f"{field.name}.{argument}"):
            if name in self.given:
                return list(self.given[name])
        return []
