"""Rows that fit the graph: for a type and what its row is known by, always the same JSON. Knows no call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLOutputType, get_named_type, get_nullable_type, is_leaf_type, is_list_type, is_non_null_type

from bff.connectors.path import JsonPath, reader, segments, shown
from bff.mock.bounds import Bounds, Sketch, bounded
from bff.mock.dice import Dice
from bff.mock.leaves import as_leaf, fits, leaf
from bff.mock.shape import Link, Member, Members, Reading, Shapes, Target, member_at
from bff.mock.words import number_of, spelled, text_of

Json = Any
ABSENT = object()  # no example
NO_BOUNDS = Bounds()
DEPTH = 5  # objects inside objects; below, lists are empty and what may be null is
ITEMS = 3  # of a list inside a row, at most
NULLS = 12  # one of so many members is null that may be
MANY = 25  # of a list that an example shows, at most
UNIVERSE = 40  # as many keys of a type are drawn, so that rows meet again


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a row a value is made: what it is drawn for, how deep it lies, and what an example shows there."""

    place: str
    depth: int = 0
    example: Json = ABSENT
    sketch: Sketch | None = None  # what a document says of it

    def __truediv__(self, step: str | int) -> Spot:
        """The member, or the item, below this spot."""
        below: Json = ABSENT
        if isinstance(self.example, dict):
            below = self.example.get(step, ABSENT)
        elif isinstance(self.example, list) and isinstance(step, int) and step < len(self.example):
            below = self.example[step]
        sketch = self.sketch.inside(step) if self.sketch else None
        return Spot(f"{self.place}.{step}", self.depth, below, sketch)

    @property
    def bounds(self) -> Bounds:
        return self.sketch.bounds if self.sketch else NO_BOUNDS


class Rows:
    """Rows by type and identity. What documents show comes first, with everything in it that fits."""

    def __init__(
        self,
        shapes: Shapes,
        dice: Dice,
        shown: Mapping[str, Sequence[Json]] | None = None,
        sketches: Mapping[str, Sketch] | None = None,
    ) -> None:
        """`shown` are rows and `sketches` what is said of them, by type."""
        self._shapes = shapes
        self._dice = dice
        self._shown = shown or {}
        self._sketches = sketches or {}

    def row(self, target: Target, identity: str) -> Json:
        """A row of what a connector brings, known by `identity`: for equal types and identities the same."""
        if target.whole:
            return self._read(target.whole, ("", "name"), Spot(f"value#{identity}"), {})
        found: dict[str, Json] = {}
        for name in target.types:
            place = f"{name}#{identity}"
            found = merged(found, self.of_type(name, Spot(place, example=self._example(name, identity, place))))
        place = f"{'|'.join(target.types)}#{identity}"
        found = merged(self._object(target.members, "", Spot(place)), found)
        for name in target.types[:1]:
            if name in self._shapes.identities:
                put(found, self._shapes.identities[name], self.key(name, self._shapes.identities[name], identity))
        return found

    def known(self, target: Target) -> list[str]:
        """What the rows that documents show are known by."""
        names = [name for name in target.types[:1] if name in self._shapes.identities]
        keys = [self._key_of(name, row) for name in names for row in self._shown.get(name, ())]
        return list(dict.fromkeys(key for key in keys if key is not None))

    def _key_of(self, name: str, row: Json) -> str | None:
        found = reader(self._shapes.identities[name])(row)
        return str(found) if isinstance(found, str | int) else None

    def _example(self, name: str, identity: str, place: str) -> Json:
        """What documents show of this row; of types that nothing is known by, one of what they show."""
        shown = self._shown.get(name, ())
        if not shown:
            return ABSENT
        if name not in self._shapes.identities:
            return self._dice.pick(shown, place, "example")
        return next((row for row in shown if self._key_of(name, row) == identity), ABSENT)

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

    def of_type(self, name: str, spot: Spot) -> dict[str, Json]:
        """A row of a type; of an abstract one it says which. What of the example fits is in it."""
        spot = spot if spot.sketch else replace(spot, sketch=self._sketches.get(name))
        possible = self._shapes.graph.possible.get(name, (name,))
        if possible == (name,):
            return self._object(self._shapes.of_type(name), name, spot)
        told = spot.example.get("__typename") if isinstance(spot.example, dict) else None
        concrete = told if told in possible else self._dice.pick(possible, spot.place, "type")
        return {"__typename": concrete, **self._object(self._shapes.of_type(concrete), concrete, spot)}

    def _object(self, members: Members, of: str, spot: Spot) -> dict[str, Json]:
        return {name: self._member(member, (of, name), spot / name) for name, member in members.items()}

    def _member(self, member: Member, names: tuple[str, str], spot: Spot) -> Json:
        if member.nullable and (spot.example is None or spot.depth > DEPTH):
            return None
        if member.nullable and spot.example is ABSENT and self._dice.number(NULLS, spot.place, "null") == 0:
            return None
        read = member.strictest
        if read is None and not member.inside:
            if isinstance(spot.example, str | int | list) and spot.example:
                return spot.example
            if member.links:
                return self._keys(member.links[0], spot.place)
            return self._hidden(member.hidden, names, spot.place)
        inside = self._object(member.inside, names[-1], spot)
        return inside if read is None else self._read(read, names, spot, inside)

    def _read(self, read: Reading, names: tuple[str, str], spot: Spot, inside: dict[str, Json]) -> Json:
        """A value as it is read: what the example shows, where it fits, with what is read `inside` of it."""
        if is_leaf_type(get_named_type(read.type_)) and accepts(read.type_, spot.example):
            return spot.example
        if read.entries and isinstance(spot.example, dict):
            entries = [{"key": key, "value": value} for key, value in spot.example.items()]
            spot = replace(spot, example=entries)

        def one(at: Spot) -> Json:
            return merged(self._one(read.type_, names, at), inside)

        found = self._wrapped(read.type_, read.most, spot, one)
        return {entry["key"]: entry.get("value") for entry in found} if read.entries and found is not None else found

    def _one(self, type_: GraphQLOutputType, names: tuple[str, str], spot: Spot) -> Json:
        named = get_named_type(type_)
        if is_leaf_type(named):
            drawn = leaf(named, spelled(*names), self._dice, spot.place)
            made = bounded(drawn, spot.bounds, self._dice, spot.place) if spot.sketch else drawn
            return made if fits(named, made) else drawn
        return self.of_type(named.name, replace(spot, depth=spot.depth + 1))

    def _wrapped(self, type_: GraphQLOutputType, most: int | None, spot: Spot, one: Callable[[Spot], Json]) -> Json:
        """`one`, or a list of some: as many as the example has."""
        bare = get_nullable_type(type_)
        if not is_list_type(bare):
            return one(spot)
        some = max(1 + self._dice.number(ITEMS, spot.place, "items"), spot.bounds.fewest or 0)
        some = min(some, MANY if spot.bounds.most is None else spot.bounds.most)
        count = min(len(spot.example), MANY) if isinstance(spot.example, list) else some
        count = 0 if spot.depth > DEPTH else count if most is None else min(count, most)
        return [self._wrapped(bare.of_type, None, spot / at, one) for at in range(count)]

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
        known = self._shown.get(type_name, ()) if self._shapes.identities.get(type_name) == path else ()
        if known and number % 2 and (key := self._key_of(type_name, known[number // 2 % len(known)])) is not None:
            return self.key(type_name, path, key)
        words, place = spelled(type_name, shown(path)), f"{type_name}.{shown(path)}.{number}"
        return leaf(get_named_type(types[0]), words, self._dice, place) if types else text_of(words, self._dice, place)

    def _hidden(self, annotation: str, names: tuple[str, str], place: str) -> Json:
        words = spelled(*names)
        if "int" in annotation or "float" in annotation:
            return number_of(words, self._dice, place)
        return True if "bool" in annotation else text_of(words, self._dice, place)


def accepts(type_: GraphQLOutputType, value: Json) -> bool:
    """Whether a field of leaves, or of lists of them, takes this value."""
    bare = get_nullable_type(type_)
    if value is None:
        return not is_non_null_type(type_)
    if is_list_type(bare):
        return isinstance(value, list) and all(accepts(bare.of_type, item) for item in value)
    return value is not ABSENT and fits(get_named_type(type_), value)


def distinct(draw: Callable[[object], Json], places: Iterable[object], but: Sequence[Json] = ()) -> list[Json]:
    """One draw for each place, none twice and none of `but`, as far as eight attempts can tell."""
    found: list[Json] = []
    for place in places:
        tries = (draw(place if attempt == 0 else f"{place}~{attempt}") for attempt in range(8))
        found.append(next((each for each in tries if each not in found and each not in but), draw(place)))
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
