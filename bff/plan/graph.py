"""The graph's static facts, read once at start from a Strawberry schema: its fields, and what they are together.

Runs nothing; later stages look here and never reflect upon Strawberry again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import strawberry
from graphql import (
    GraphQLDeferDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    is_abstract_type,
    is_object_type,
    print_directive,
)
from strawberry.types.field import StrawberryField

from bff.connectors import Connector, Published, Source
from bff.plan.field import Bound, Field
from bff.plan.read_field import About, read_field
from bff.plan.returned import BACKREF, returned

INCREMENTAL = (GraphQLDeferDirective, GraphQLStreamDirective)


@dataclass(frozen=True, eq=False)
class Graph:
    """A schema and its fields by coordinate."""

    schema: GraphQLSchema
    strawberry: strawberry.Schema
    fields: Mapping[str, Field]
    possible: Mapping[str, tuple[str, ...]]  # composite type -> concrete types
    hidden: Mapping[str, frozenset[str]]  # type -> members of its rows that clients do not see: strawberry.Private

    @cached_property
    def weights(self) -> dict[tuple[str, str], float]:
        """Points of one call, by upstream and label."""
        return {(connector.upstream, connector.label): connector.weight for connector in self.connectors}

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Every scope that something in the graph demands."""
        return frozenset(scope for field in self.fields.values() for scope in field.scopes)

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Field, ...]]:
        """The fields of each object type."""
        found: dict[str, list[Field]] = {}
        for field in self.fields.values():
            found.setdefault(field.coordinate.partition(".")[0], []).append(field)
        return {name: tuple(fields) for name, fields in found.items()}

    @cached_property
    def incremental(self) -> GraphQLSchema:
        """The schema with @defer and @stream. One of its own: graphql-core runs nothing at once over such a schema."""
        facts = self.schema.to_kwargs()
        return GraphQLSchema(**facts | {"directives": (*facts["directives"], *INCREMENTAL)})

    @property
    def incremental_sdl(self) -> str:
        """The same as text: Relay's compiler refuses directives that a schema does not declare."""
        return "\n\n".join([*map(print_directive, INCREMENTAL), self.strawberry.as_str()])

    @property
    def connectors(self) -> dict[Connector, list[str]]:
        """Every connector that a field names, with the coordinates of those fields."""
        found: dict[Connector, list[str]] = {}
        for field in self.fields.values():
            for connector in (*(call.connector for call in field.calls), *field.source.uses, *_opening(field.source)):
                found.setdefault(connector, []).append(field.coordinate)
        return found


def read_graph(schema: strawberry.Schema) -> Graph:
    """The static facts of a schema. Raises nothing: mistakes are found by `bff.plan.check`."""
    core: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
    about = cache(returned)
    fields = {field.coordinate: field for type_ in _object_types(core) for field in _fields(type_, about)}
    sized = {f"{field.returns}.{name}" for field in fields.values() for name in field.sized_fields}
    return Graph(
        schema=core,
        strawberry=schema,
        fields={name: _with_inherited(field, sized) for name, field in fields.items()},
        possible=_possible(core),
        hidden={type_.name: _hidden(type_) for type_ in _object_types(core)},
    )


def _object_types(core: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for name, type_ in core.type_map.items():
        if is_object_type(type_) and not name.startswith("__"):
            yield type_


def _fields(type_: GraphQLObjectType, about: About) -> Iterator[Field]:
    for name, declared in type_.fields.items():
        definition = declared.extensions.get(BACKREF)
        if isinstance(definition, StrawberryField):
            yield read_field(about(type_), name, declared, definition, about)


def _opening(source: Source) -> tuple[Connector, ...]:
    """The call that a subscription field's events come by."""
    return () if source.events is None or isinstance(source.events, Published) else (source.events.connector,)


def _with_inherited(field: Field, sized: set[str]) -> Field:
    if field.coordinate not in sized or not field.composite or not field.lists:
        return field
    return dataclasses.replace(field, bound=Bound(inherited=True))


def _hidden(type_: GraphQLObjectType) -> frozenset[str]:
    origin = getattr(type_.extensions.get(BACKREF), "origin", None)
    if not dataclasses.is_dataclass(origin):
        return frozenset()
    shown = {field.extensions[BACKREF].python_name for field in type_.fields.values() if BACKREF in field.extensions}
    return frozenset(each.name for each in dataclasses.fields(origin) if each.name not in shown)


def _possible(core: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, type_ in core.type_map.items():
        if is_object_type(type_):
            found[name] = (name,)
        elif is_abstract_type(type_):
            found[name] = tuple(sorted(concrete.name for concrete in core.get_possible_types(type_)))
    return found
