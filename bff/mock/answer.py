"""What a made-up service answers to one call: a status and JSON in the form that its connector declares.

Rows carry the keys they were asked for by, so that batches match; what a key cannot be is not there. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from bff.connectors import Connector
from bff.connectors.paging import After, Paging
from bff.connectors.path import JsonPath, reader
from bff.mock.asked import Variables
from bff.mock.dice import Dice
from bff.mock.pages import Headers, slice_of, told
from bff.mock.rows import Json, Rows, Spot, distinct, put
from bff.mock.shape import Shapes, Target
from bff.mock.shown import Examples, Sketches, shown_rows, sketched_types

SOME = 5  # rows of a list that nobody bounds
MANY = 25  # rows of a list, however many were asked for
TOTAL = 40  # rows on all pages together, about


class Answer(NamedTuple):
    status: int
    body: Json
    headers: Headers = ()


NOT_FOUND = Answer(404, {"title": "Not Found", "status": 404})


class Answers:
    """Answers for the connectors of one graph, by one seed."""

    def __init__(
        self, shapes: Shapes, dice: Dice, examples: Examples | None = None, sketches: Sketches | None = None
    ) -> None:
        self._shapes = shapes
        self._dice = dice
        self._rows = Rows(shapes, dice, shown_rows(shapes, examples or {}), sketched_types(shapes, sketches or {}))

    def to(self, connector: Connector, asked: Variables, gaps: float = 0.0) -> Answer:
        """The answer to a call with these variables. `gaps` is the share of keys for which there is nothing."""
        target = self._shapes.targets[connector]
        if connector.paging:
            return self._page(connector, target, asked, connector.paging)
        if connector.batched:
            return self._batch(connector, target, asked, gaps)
        if connector.many:
            rows = [self._echoed(connector, row, asked) for row in self._list(connector, target, asked)]
            return Answer(200, within(connector.rows, rows))
        return self._one(connector, target, asked, gaps)

    def refused(self, connector: Connector, status: int) -> Answer:
        """The answer with an error status: data, where the connector says which, else a problem (RFC 9457)."""
        if name := connector.errors.get(status):
            return Answer(status, self._rows.of_type(name, Spot(f"{connector.label}#{status}")))
        return Answer(status, {"title": "Mock failure", "status": status, "detail": "This was asked for by --fault."})

    def _one(self, connector: Connector, target: Target, asked: Variables, gaps: float) -> Answer:
        if not target.types and not target.members and not connector.safe:
            return Answer(204, None)
        in_path = [variable.name for variable in connector.template.variables if variable.in_path]
        named = self._named(target, in_path)
        if named and not self._rows.possible(target, self._known_by(target), asked.get(named, "")):
            return self._missing(connector)
        if connector.safe and self._dice.share(connector.label, *sorted(asked.items()), "gap") < gaps:
            return self._missing(connector)
        where = [f"{name}={asked[name]}" for name in sorted(asked) if name in in_path] or [connector.label]
        row = self._rows.row(target, str(asked[named]) if named in asked else self._rows.identity(target, *where))
        return Answer(200, within(connector.rows, self._echoed(connector, row, asked)))

    def _known_by(self, target: Target) -> JsonPath:
        return next((self._shapes.identities[name] for name in target.types if name in self._shapes.identities), "")

    def _named(self, target: Target, in_path: list[str]) -> str:
        """The path variable that is a row's identity: the one that is called like it, or the only one."""
        known_by = self._known_by(target)
        if not known_by:
            return ""
        like = [name for name in in_path if name == known_by] or in_path
        return like[0] if len(like) == 1 else ""

    def _missing(self, connector: Connector) -> Answer:
        return NOT_FOUND if not connector.missing else Answer(min(connector.missing), NOT_FOUND.body)

    def _batch(self, connector: Connector, target: Target, asked: Variables, gaps: float) -> Answer:
        found: list[tuple[str, Json]] = []
        for key in keys_of(connector, asked):
            known = all(self._rows.possible(target, connector.key[name], value) for name, value in key.items())
            if known and self._dice.share(connector.label, *key.values(), "gap") >= gaps:
                rows = [self._keyed(connector, row, key, asked) for row in self._of_key(connector, target, key, asked)]
                found += [(str(next(iter(key.values()))), row) for row in rows]
        if not connector.by_key:
            return Answer(200, within(connector.rows, [row for _, row in found]))
        members: dict[str, Json] = {}
        for name, row in found:
            members[name] = [*members.get(name, ()), row] if connector.many else row
        return Answer(200, within(connector.rows, members))

    def _of_key(
        self, connector: Connector, target: Target, key: Mapping[str, Json], asked: Variables
    ) -> Iterator[Json]:
        if connector.many:
            count = self._count(connector, target, asked, key.values(), most=SOME)
            yield from self._drawn(target, range(count), connector.label, *key.values())
        elif list(connector.key.values()) == [self._known_by(target)] or not self._known_by(target):
            yield self._rows.row(target, "/".join(map(str, key.values())))
        else:
            yield self._rows.row(target, self._rows.identity(target, connector.label, *key.values()))

    def _keyed(self, connector: Connector, row: Json, key: Mapping[str, Json], asked: Variables) -> Json:
        row = self._echoed(connector, row, {name: value for name, value in asked.items() if name not in connector.key})
        if not isinstance(row, dict):
            return row
        for name, value in key.items():
            types = self._shapes.targets[connector].types
            put(row, connector.key[name], self._rows.key(types[0], connector.key[name], value) if types else value)
        return row

    def _list(self, connector: Connector, target: Target, asked: Variables) -> list[Json]:
        filters = [f"{name}={value}" for name, value in sorted(asked.items()) if name not in target.limits]
        count = self._count(connector, target, asked, filters, most=SOME)
        return list(self._drawn(target, range(count), connector.label, *filters))

    def _drawn(self, target: Target, places: range, *what: object) -> Iterator[Json]:
        """Rows at these places of a list: those that documents show stand first in it."""
        shown = self._rows.known(target)
        first = shown[places.start : places.stop]
        others = distinct(
            lambda at: self._rows.identity(target, *what, at), range(places.start + len(first), places.stop), shown
        )
        return (self._rows.row(target, identity) for identity in (*first, *others))

    def _count(self, connector: Connector, target: Target, asked: Variables, what: Iterable[Json], most: int) -> int:
        """As many rows as were asked for; else some, and no more than the field may have."""
        wanted = [int(text) for name in target.limits if (text := str(asked.get(name, ""))).isdecimal()]
        if wanted:
            return min(max(wanted), MANY)
        return min(1 + self._dice.number(most, connector.label, *what, "rows"), target.most)

    def _page(self, connector: Connector, target: Target, asked: Variables, paging: Paging) -> Answer:
        filters = [f"{name}={value}" for name, value in sorted(asked.items()) if name not in paging.variables]
        total = TOTAL // 2 + self._dice.number(TOTAL, connector.label, *filters, "total")

        def rows(places: range) -> list[Json]:
            return list(self._drawn(target, places, connector.label, *filters))

        def keys() -> list[str]:
            read = reader(paging.key) if isinstance(paging, After) else str
            return [str(read(row)) for row in rows(range(total))]

        shown = slice_of(paging, asked, total, keys)
        page = [self._echoed(connector, row, asked) for row in rows(range(shown.start, shown.stop))]
        body = within(connector.rows, page)
        return Answer(200, body, told(paging, shown, partial(put, body)))

    def _echoed(self, connector: Connector, row: Json, asked: Variables) -> Json:
        """The row, with what was asked for where it says the same: cities of PT are in PT, a new trip has its title."""
        if not isinstance(row, dict):
            return row
        target = self._shapes.targets[connector]
        given: dict[str, Json] = {}
        for name, value in asked.items():
            if isinstance(value, dict) and connector.body == name:
                given |= value
            elif isinstance(value, str) and name in row and self._rows.possible(target, name, value):
                given[name] = self._rows.key(target.types[0], name, value) if target.types else value
        return overlaid(row, given)


def keys_of(connector: Connector, asked: Variables) -> list[dict[str, Json]]:
    """Each key that a batch asks for, by its variables."""
    lists = [each if isinstance(each, list) else [each] for each in (asked.get(name, []) for name in connector.key)]
    return [dict(zip(connector.key, key, strict=True)) for key in zip(*lists, strict=True)]


def within(path: JsonPath, rows: Json) -> Json:
    """An answer that has `rows` at `path`."""
    if not path:
        return rows
    body: dict[str, Json] = {}
    put(body, path, rows)
    return body


def overlaid(row: Json, given: Json) -> Json:
    """`row` with what was given in the place of what it has; what it has not, and null, are left out."""
    if isinstance(row, dict) and isinstance(given, dict):
        return {name: overlaid(value, given[name]) if name in given else value for name, value in row.items()}
    if isinstance(row, list) and isinstance(given, list):
        return [overlaid(row[0], item) for item in given] if row else row
    return row if given is None or isinstance(row, dict | list) else given
