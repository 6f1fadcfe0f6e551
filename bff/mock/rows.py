"""Rows that fit the graph: for a type and what its row is known by, always the same JSON. Knows no call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLOutputType, get_named_type, get_nullable_type, is_leaf_type, is_list_type

from bff.connectors.path import JsonPath, segments, shown
from bff.mock.dice import Dice
from bff.mock.leaves import as_leaf, fits, leaf
from bff.mock.shape import Link, Member, Members, Reading, Shapes, Target, member_at
from bff.mock.words import number_of, spelled, text_of

Json = Any
DEPTH = 5  # objects inside objects; below, lists are empty and what may be null is
ITEMS = 3  # of a list inside a row, at most
NULLS = 12  # one of so many members is null that may be
UNIVERSE = 40  # as many keys of a type are drawn, so that rows meet again


class Rows:
    """Rows by type and identity."""

    def __init__(self, shapes: Shapes, dice: Dice) -> None:
        self._shapes = shapes
        self._dice = dice

    def row(self, target: Target, identity: str) -> Json:
        """A row of what a connector brings, known by `identity`: for equal types and identities the same."""
        if target.whole:
            return self._read(target.whole, ("", "name"), f"value#{identity}", 0, {})
        found: dict[str, Json] = {}
        for name in target.types:
            found = merged(found, self.of_type(name, f"{name}#{identity}"))
        place = f"{'|'.join(target.types)}#{identity}"
        found = merged(self._object(target.members, "", place, 0), found)
        for name in target.types[:1]:
            if name in self._shapes.identities:
                put(found, self._shapes.identities[name], self.key(name, self._shapes.identities[name], identity))
        return found

    def identity(self, target: Target, *what: object) -> str:
        """What a row is known by, where nobody asked for it by that: drawn for `what`."""
        place = "/".join(map(str, what))
        for name in target.types[:1]:
            if name in self._shapes.identities:
                return str(self._drawn_key(name, self._shapes.identities[name], self._dice.number(UNIVERSE, place)))
        return place

    def key(self, type_name: str, path: JsonPath, text: Json) -> Json:
        """A key as the member at `path` of its rows has it: a number where the field is one."""
        return as_leaf(get_named_type(types[0]), text) if (types := self._shapes.leaf_types(type_name, path)) else text

    def possible(self, target: Target, path: JsonPath, text: Json) -> bool:
        """Whether a row could have this key: a city whose id is a number has none that is called x."""
        types = [type_ for name in target.types for type_ in self._shapes.leaf_types(name, path)]
        own = member_at(target.members, path)
        types += [each.type_ for each in own.readings] if own else []
        return all(fits(get_named_type(type_), as_leaf(get_named_type(type_), text)) for type_ in types)

    def of_type(self, name: str, place: str, depth: int = 0) -> dict[str, Json]:
        """A row of a type; of an abstract one it says which."""
        possible = self._shapes.graph.possible.get(name, (name,))
        if possible == (name,):
            return self._object(self._shapes.of_type(name), name, place, depth)
        concrete = self._dice.pick(possible, place, "type")
        return {"__typename": concrete, **self._object(self._shapes.of_type(concrete), concrete, place, depth)}

    def _object(self, members: Members, of: str, place: str, depth: int) -> dict[str, Json]:
        return {name: self._member(member, (of, name), f"{place}.{name}", depth) for name, member in members.items()}

    def _member(self, member: Member, names: tuple[str, str], place: str, depth: int) -> Json:
        if member.nullable and (depth > DEPTH or self._dice.number(NULLS, place, "null") == 0):
            return None
        read = member.strictest
        if read is None and member.links:
            return self._keys(member.links[0], place)
        if read is None and not member.inside:
            return self._hidden(member.hidden, names, place)
        inside = self._object(member.inside, names[-1], place, depth)
        return inside if read is None else self._read(read, names, place, depth, inside)

    def _read(self, read: Reading, names: tuple[str, str], place: str, depth: int, inside: dict[str, Json]) -> Json:
        def one(at: str) -> Json:
            return merged(self._one(read.type_, names, at, depth), inside)

        found = self._wrapped(read.type_, read.most, place, depth, one)
        return {entry["key"]: entry.get("value") for entry in found} if read.entries and found is not None else found

    def _one(self, type_: GraphQLOutputType, names: tuple[str, str], place: str, depth: int) -> Json:
        named = get_named_type(type_)
        if is_leaf_type(named):
            return leaf(named, spelled(*names), self._dice, place)
        return self.of_type(named.name, place, depth + 1)

    def _wrapped(
        self, type_: GraphQLOutputType, most: int | None, place: str, depth: int, one: Callable[[str], Json]
    ) -> Json:
        """`one`, or a list of some."""
        bare = get_nullable_type(type_)
        if not is_list_type(bare):
            return one(place)
        count = (
            0 if depth > DEPTH else min(1 + self._dice.number(ITEMS, place, "items"), ITEMS if most is None else most)
        )
        return [self._wrapped(bare.of_type, None, f"{place}.{at}", depth, one) for at in range(count)]

    def _keys(self, link: Link, place: str) -> Json:
        bound = link.field.bound
        if not link.several:
            return self._linked(link, place)
        most = min(ITEMS, bound.assumed if bound and bound.assumed is not None else ITEMS)
        return distinct(
            lambda at: self._linked(link, f"{place}.{at}"), range(min(1 + self._dice.number(ITEMS, place), most))
        )

    def _linked(self, link: Link, place: str) -> Json:
        """A key of what the link's call brings."""
        connector = link.call.connector
        path = connector.key.get(link.variable, link.variable)
        types = self._shapes.targets[connector].types
        return self._drawn_key(types[0] if types else "", path, self._dice.number(UNIVERSE, place, "key"))

    def _drawn_key(self, type_name: str, path: JsonPath, number: int) -> Json:
        """The key with this number, of all that rows of a type are known by."""
        types = self._shapes.leaf_types(type_name, path) if type_name else []
        words, place = spelled(type_name, shown(path)), f"{type_name}.{shown(path)}.{number}"
        return leaf(get_named_type(types[0]), words, self._dice, place) if types else text_of(words, self._dice, place)

    def _hidden(self, annotation: str, names: tuple[str, str], place: str) -> Json:
        words = spelled(*names)
        if "int" in annotation or "float" in annotation:
            return number_of(words, self._dice, place)
        return True if "bool" in annotation else text_of(words, self._dice, place)


def distinct(draw: Callable[[object], Json], places: Iterable[object]) -> list[Json]:
    """One draw for each place, none twice as far as eight attempts can tell."""
    found: list[Json] = []
    for place in places:
        tries = (draw(place if attempt == 0 else f"{place}~{attempt}") for attempt in range(8))
        found.append(next((each for each in tries if each not in found), draw(place)))
    return found


def merged(one: Json, other: Json) -> Json:
    """`one`, with what only `other` has inside; where both are no objects, `one`."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one
    both = {name: merged(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def put(row: dict[str, Json], path: JsonPath, value: Json) -> None:
    """Set the member at `path` of a row."""
    *above, last = segments(path)
    for name in above:
        if not isinstance(row.get(name), dict):
            row[name] = {}
        row = row[name]
    row[last] = value
