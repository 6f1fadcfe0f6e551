"""The walk over what comes of an answer in parts: it ends faults as `Ending` does, and finds where more is to come.

Each piece is walked once for each place where it stands, when it has come: first what comes at once, then fields of an
object that was walked before, or further items of a list. What was found in a region that an error ended is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError

from bff.execute.fault import Ending, Path
from bff.execute.parts import Group, Part, Tail
from bff.plan.model import Node

Parts = Mapping[tuple[int, str], Part]
Standing = tuple[Path | None, dict[str, Any]]  # where an object stands, and the object as the client has it


class Place(NamedTuple):
    """Where something comes later: `stack` are the objects around it, from the top down to the nearest.

    `into` is what it becomes part of as the client has it: an object for a group, a list for a tail.
    """

    of: Group | Tail
    at: int  # identity of the object or list, as it is while the plan runs
    path: Path | None
    into: Any
    stack: tuple[Standing, ...]


class Ended(NamedTuple):
    """One piece as the client gets it: None, and why, where an error ended all of it."""

    value: Any
    errors: list[GraphQLError]
    places: list[Place]
    failed: bool = False


class Placing(Ending):
    """All walks of one run. `tails` by identity of the lists that miss items."""

    __slots__ = ("_parts", "_places", "_stack", "_tails")

    def __init__(self, types: Mapping[int, str], parts: Parts, tails: Mapping[int, Tail]) -> None:
        super().__init__(types)
        self._parts = parts
        self._tails = tails
        self._stack: list[Standing] = []
        self._places: list[Place] = []

    def first(self, part: Part, data: Mapping[str, Any]) -> Ended:
        """What comes at once."""
        try:
            return self._ended(self._walk(part, data, None))
        except GraphQLError as error:
            return self._lost(error)

    def fields(self, group: Group, patch: Mapping[str, Any], place: Place) -> Ended:
        """Fields that came for an object."""
        self._stack = list(place.stack)
        part = group.part
        try:
            value = {
                node.key: self._field(part.type_name, node, patch[node.key], (place.path, node.key))
                for node in part.nodes
            }
        except GraphQLError as error:
            return self._lost(error)
        return self._ended(value)

    def items(self, tail: Tail, items: Sequence[Any], place: Place, start: int) -> Ended:
        """Items that came for a list, the first of them at `start`."""
        self._stack = list(place.stack)
        try:
            value = [
                self._protected(tail.type_name, tail.node, tail.item_type, item, (place.path, start + at))
                for at, item in enumerate(items)
            ]
        except GraphQLError as error:
            return self._lost(error)
        return self._ended(value)

    def lost(self, tail: Tail, error: Exception, place: Place) -> Ended:
        """That no more items come for a list."""
        return self._lost(self._located(error, tail.node, place.path or (None, tail.node.key)))

    def _object(
        self, type_name: str, nodes: tuple[Node, ...], found: Mapping[str, Any], path: Path | None
    ) -> dict[str, Any]:
        return self._walk(self._parts[id(nodes), type_name], found, path)

    def _walk(self, part: Part, found: Mapping[str, Any], path: Path | None) -> dict[str, Any]:
        made: dict[str, Any] = {}
        self._stack.append((path, made))
        self._places += [Place(group, id(found), path, made, tuple(self._stack)) for group in part.groups]
        try:
            for node in part.nodes:
                made[node.key] = self._field(part.type_name, node, found[node.key], (path, node.key))
        finally:
            self._stack.pop()
        return made

    def _list(self, type_name: str, node: Node, of: Any, value: list[Any], path: Path) -> list[Any]:
        made = super()._list(type_name, node, of, value, path)
        if id(value) in self._tails:
            self._places.append(Place(self._tails[id(value)], id(value), path, made, tuple(self._stack)))
        return made

    def _protected(self, type_name: str, node: Node, type_: Any, value: Any, path: Path) -> Any:
        """Where an error ended a region, nothing comes later."""
        found = len(self._places)
        ended = super()._protected(type_name, node, type_, value, path)
        if ended is None:
            del self._places[found:]
        return ended

    def _lost(self, error: GraphQLError) -> Ended:
        self._note(error)
        return self._ended(None, failed=True)

    def _ended(self, value: Any, *, failed: bool = False) -> Ended:
        """The piece is over; what errors remain to be told is less by its own."""
        ended = Ended(value, self.errors, [] if failed else self._places, failed)
        self._most -= len(self._errors)
        self._errors, self._omitted, self._stack, self._places = [], 0, [], []
        return ended
