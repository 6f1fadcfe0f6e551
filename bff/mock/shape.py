"""What a service's rows must hold so that the graph can read them: members by name, from the fields that read them.

Read once from a graph's facts. Draws no value and knows no call that was made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as record
from functools import cached_property
from typing import Any

from graphql import GraphQLOutputType, get_named_type, get_nullable_type, is_leaf_type, is_list_type, is_non_null_type

from bff.connectors import Connector, FromArgument, FromParent
from bff.connectors.path import JsonPath, segments
from bff.plan.brought import Brought, Use, brought_by, likely_members
from bff.plan.field import Call, Field
from bff.plan.graph import Graph

LIMITS = frozenset({"limit", "first", "size", "count", "max", "per_page", "page_size", "pagesize", "take", "top"})


@dataclass(frozen=True, slots=True)
class Link:
    """That a member holds the key of what a field's call brings."""

    field: Field
    call: Call
    variable: str

    @property
    def several(self) -> bool:
        """Whether it holds a list of keys, one for each item of the field's list."""
        return self.field.lists > 0 and not self.call.connector.many


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field reads a value."""

    type_: GraphQLOutputType
    most: int | None = None  # items of a list
    entries: bool = False  # it is an object, and the type a list of its members


@dataclass(slots=True)
class Member:
    """One member of a row: how it is read, the calls whose keys it is, and what is read inside it."""

    readings: list[Reading] = record(default_factory=list)
    links: list[Link] = record(default_factory=list)
    inside: dict[str, Member] = record(default_factory=dict)
    hidden: str = ""  # as Python annotates what clients do not see

    @property
    def nullable(self) -> bool:
        """Whether null offends nobody who reads it."""
        readers = [each.type_ for each in self.readings] + [link.field.declared.type for link in self.links]
        return bool(readers) and not self.inside and not any(is_non_null_type(type_) for type_ in readers)

    @property
    def strictest(self) -> Reading | None:
        """Of the ways it is read, the one that takes least: what fits it fits the others."""
        return max(self.readings, key=lambda each: _strictness(each.type_), default=None)


Members = dict[str, Member]


@dataclass(frozen=True, slots=True)
class Target:
    """What one connector's rows are."""

    types: tuple[str, ...]  # concrete where that is known; abstract ones are told by `__typename`
    members: Members  # beside those of the types: what fields read out of the rows themselves
    whole: Reading | None  # rows are no objects, but values that are read like this
    most: int  # rows in a list, at most
    limits: frozenset[str]  # the variables that say how many rows


def _strictness(type_: GraphQLOutputType) -> int:
    named = get_named_type(type_)
    order = ["ID", "String", "Float", "Int", "Boolean"]
    if not is_leaf_type(named):
        return 99
    return order.index(named.name) if named.name in order else 50


class Shapes:
    """The members of every type's rows, and the rows of every connector."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._members: dict[str, Members] = {}

    def of_type(self, name: str) -> Members:
        if name not in self._members:
            found: Members = {}
            self._members[name] = found
            for field in self._fields(name):
                self._read(field, found)
            for hidden, annotation in _hidden(self.graph, name):
                _at(found, hidden).hidden = annotation
        return self._members[name]

    def _fields(self, name: str) -> Iterator[Field]:
        return (field for coordinate, field in self.graph.fields.items() if coordinate.partition(".")[0] == name)

    def _read(self, field: Field, found: Members) -> None:
        for call in field.calls:
            for variable, bound in call.bindings.items():
                if isinstance(bound, FromParent):
                    _at(found, bound.path).links.append(Link(field, call, variable))
        if field.kind != "path":
            return
        path = field.python_name if field.source.path is None else field.source.path
        if path:
            _at(found, path).readings.append(_reading(field, field.declared.type))
        else:  # the row itself, seen as an object of another type
            found |= {name: member for name, member in self.of_type(field.returns).items() if name not in found}

    @cached_property
    def targets(self) -> dict[Connector, Target]:
        """What each connector of the graph brings."""
        return {connector: _target(connector, found) for connector, found in brought_by(self.graph).items()}

    @cached_property
    def identities(self) -> dict[str, JsonPath]:
        """For each type whose rows are asked for by a key, the member that they are known by.

        Of several, one that clients see as an ID goes first: a capital is asked for by its country, and is a city.
        """
        found: dict[str, list[JsonPath]] = {}
        for connector, target in self.targets.items():
            named = {variable.name for variable in connector.template.variables if variable.in_path}
            for name in target.types if not connector.many else ():
                paths = connector.key.values() if connector.key else self._members_named(name, named)
                found.setdefault(name, []).extend(paths)
        return {name: max(paths, key=lambda path: self._is_id(name, path)) for name, paths in found.items() if paths}

    def _members_named(self, name: str, variables: set[str]) -> list[JsonPath]:
        """The member that the one variable in a path names; of several, those that are called like it."""
        likely = [likely_members(each) if len(variables) == 1 else (each,) for each in sorted(variables)]
        members = self.of_type(name)
        return [next(each for each in names if each in members) for names in likely if set(names) & members.keys()]

    def _is_id(self, name: str, path: JsonPath) -> bool:
        return any(get_named_type(type_).name == "ID" for type_ in self.leaf_types(name, path))

    def leaf_types(self, name: str, path: JsonPath) -> list[GraphQLOutputType]:
        """The types that the member at `path` of a row is read as."""
        found = member_at(self.of_type(name), path)
        return [each.type_ for each in found.readings if is_leaf_type(get_named_type(each.type_))] if found else []


def member_at(members: Members, path: JsonPath) -> Member | None:
    first, *rest = segments(path) or ("",)
    found = members.get(first)
    return member_at(found.inside, tuple(rest)) if found and rest else found


def _at(members: Members, path: JsonPath) -> Member:
    first, *rest = segments(path)
    found = members.setdefault(first, Member())
    return _at(found.inside, tuple(rest)) if rest else found


def _reading(field: Field, type_: GraphQLOutputType) -> Reading:
    return Reading(type_, field.bound.assumed if field.bound else None, field.source.entries)


def _target(connector: Connector, brought: Brought) -> Target:
    members: Members = {}
    whole = None
    for use in brought.inside:
        reading = _reading(use.field, _of_one(use))
        if use.field.source.path:
            _at(members, use.field.source.path).readings.append(reading)
        else:
            whole = reading
    bounds = [use.field.bound.assumed for use in brought.uses if use.field.bound and use.field.bound.assumed]
    return Target(brought.types, members, whole, min(bounds, default=100), frozenset(_limits(connector, brought)))


def _of_one(use: Use) -> GraphQLOutputType:
    """The type of what stands in one row, where a call brings several for the field's list."""
    field, connector = use.field, use.call.connector
    type_ = get_nullable_type(field.declared.type)
    several = connector.many or (connector.batched and field.lists > 0 and not field.source.entries)
    return type_.of_type if several and is_list_type(type_) else field.declared.type


def _limits(connector: Connector, brought: Brought) -> Iterator[str]:
    yield from (name for name in connector.variables if name.lower() in LIMITS)
    for use in brought.uses:
        asked = {segments(path)[0] for path in (use.field.bound.asked if use.field.bound else ())}
        for variable, bound in use.call.bindings.items():
            if isinstance(bound, FromArgument) and bound.name in asked:
                yield variable


def _hidden(graph: Graph, name: str) -> Iterator[tuple[str, str]]:
    origin: Any = getattr(graph.schema.type_map[name].extensions.get("strawberry-definition"), "origin", None)
    if dataclasses.is_dataclass(origin):
        for each in dataclasses.fields(origin):
            if each.name in graph.hidden.get(name, ()):
                yield each.name, str(each.type)
