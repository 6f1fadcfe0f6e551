"""The graph's static facts, read once at start from a Strawberry schema.

What each field is, where its value comes from, how long its list can be. Runs nothing; later stages look here and never
reflect upon Strawberry again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, cast

import strawberry
from graphql import (
    GraphQLDeferDirective,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_specified_scalar_type,
    is_wrapping_type,
    print_directive,
)
from strawberry.types.field import StrawberryField

from bff.connectors import (
    Binding,
    Connector,
    FromArgument,
    Published,
    Rule,
    Source,
    field_scopes,
    source_of,
)
from bff.connectors.entries import as_entries
from bff.connectors.path import JsonPath, Read, reader, segments
from bff.plan.returned import BACKREF, Returned, returned
from bff.plan.wire import wire_name

Kind = Literal["path", "fetch", "code", "event", "meta", "denied"]
FIRST, AFTER = "first", "after"
INCREMENTAL = (GraphQLDeferDirective, GraphQLStreamDirective)

About = Callable[[GraphQLNamedType], Returned]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One connector of a field, with every template variable bound."""

    connector: Connector
    bindings: Mapping[str, Binding]

    @property
    def unbound(self) -> tuple[str, ...]:
        paging = self.connector.paging.variables if self.connector.paging else ()
        return tuple(name for name in self.connector.variables if name not in self.bindings and name not in paging)


@dataclass(frozen=True, slots=True)
class Bound:
    """How long a list can be. All empty: nobody knows, which `bff check` refuses.

    `slicing` and `length_of` name arguments as clients do; `asked` are the slicing ones as services do, paths into
    wired arguments. `inherited` is set by the parent's `sized_fields`.
    """

    assumed: int | None = None
    slicing: tuple[str, ...] = ()
    asked: tuple[JsonPath, ...] = ()
    length_of: tuple[str, ...] = ()
    inherited: bool = False

    @property
    def known(self) -> bool:
        return self.assumed is not None or bool(self.slicing or self.length_of) or self.inherited


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of one object type."""

    coordinate: str  # "Country.cities"
    name: str
    python_name: str
    declared: GraphQLField
    returns: str  # the named type
    rule: Rule | None  # how to tell which type of that a row is, where it does not say so itself
    composite: bool
    lists: int  # how many lists are around the named type
    connection: bool  # a Relay connection over a paged call
    kind: Kind
    source: Source
    read: Read
    calls: tuple[Call, ...]
    arguments: Mapping[str, str]  # name as clients write it -> Python name
    required: frozenset[str]  # arguments that may not be null
    bound: Bound | None  # None: not a list of objects
    sized_fields: frozenset[str]
    weight: float
    scopes: tuple[str, ...]  # that a caller needs: the field's own, its type's, and those of the type it returns

    @property
    def member(self) -> str | None:
        """The one member of the parent's JSON that is the value, if nothing else is to be done with it."""
        if self.kind == "event":  # what came is the value
            return None
        steps = (self.python_name,) if self.source.path is None else segments(self.source.path)
        return steps[0] if len(steps) == 1 and not self.source.entries else None

    @property
    def spreads(self) -> bool:
        """Whether it may have a row for each of a list of keys; the list of a map's entries is of one row."""
        return self.lists > 0 and not self.source.entries


def _meta(declared: GraphQLField, name: str) -> Field:
    return Field(
        coordinate=name,
        name=name,
        python_name=name,
        declared=declared,
        returns=get_named_type(declared.type).name,
        rule=None,
        composite=False,
        lists=0,
        connection=False,
        kind="meta",
        source=Source(),
        read=reader(name),
        calls=(),
        arguments={},
        required=frozenset(),
        bound=None,
        sized_fields=frozenset(),
        weight=0.0,
        scopes=(),
    )


# Answered from the schema: no service is asked, nothing below them is planned; graphql-core bounds their depth itself.
META = {
    "__typename": _meta(TypeNameMetaFieldDef, "__typename"),
    "__schema": _meta(SchemaMetaFieldDef, "__schema"),
    "__type": _meta(TypeMetaFieldDef, "__type"),
}


def denied(field: Field) -> Field:
    """The field for a caller who may not see it: it makes no call, brings nothing, and costs nothing."""
    return dataclasses.replace(
        field,
        kind="denied",
        calls=(),
        source=Source(),
        composite=False,
        bound=None,
        sized_fields=frozenset(),
        weight=0.0,
    )


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


def may_hold_list(field: Field, argument: str) -> bool:
    """Whether a value of this argument may have lists in it: one of a custom scalar may have anything."""
    type_ = field.declared.args[argument].type
    named = get_named_type(type_)
    return "[" in str(type_) or not (is_specified_scalar_type(named) or is_enum_type(named))


def _object_types(core: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for name, type_ in core.type_map.items():
        if is_object_type(type_) and not name.startswith("__"):
            yield type_


def _fields(type_: GraphQLObjectType, about: About) -> Iterator[Field]:
    for name, declared in type_.fields.items():
        definition = declared.extensions.get(BACKREF)
        if isinstance(definition, StrawberryField):
            yield _field(about(type_), name, declared, definition, about)


def _field(parent: Returned, name: str, declared: GraphQLField, definition: StrawberryField, about: About) -> Field:
    source = source_of(definition)
    named, lists = _unwrapped(declared.type)
    found = about(named)
    arguments = {name: argument.extensions[BACKREF].python_name for name, argument in declared.args.items()}
    calls = tuple(Call(connector, _bindings(source, connector, arguments)) for connector in source.connectors)
    connection = any(call.connector.paging for call in calls)
    kind = _kind(source, definition)
    cost = source.cost
    return Field(
        coordinate=f"{parent.name}.{name}",
        name=name,
        python_name=definition.python_name,
        declared=declared,
        returns=found.name,
        rule=found.rule,
        composite=found.composite,
        lists=lists,
        connection=connection,
        kind=kind,
        source=source,
        read=_read(source, definition.python_name, kind),
        calls=calls,
        arguments=arguments,
        required=frozenset(name for name, each in declared.args.items() if is_non_null_type(each.type)),
        bound=_bound(source, calls, arguments, declared)
        if found.composite and (lists or connection or cost.sized_fields)
        else None,
        sized_fields=frozenset(cost.sized_fields or (("edges",) if connection else ())),
        weight=found.weight if cost.weight is None else cost.weight,
        scopes=tuple(dict.fromkeys((*field_scopes(definition), *parent.scopes, *found.scopes))),
    )


def _kind(source: Source, definition: StrawberryField) -> Kind:
    if source.events is not None or definition.is_subscription:
        return "event"
    return "fetch" if source.connectors else "code" if definition.base_resolver else "path"


def _opening(source: Source) -> tuple[Connector, ...]:
    """The call that a subscription field's events come by."""
    return () if source.events is None or isinstance(source.events, Published) else (source.events.connector,)


def _read(source: Source, python_name: str, kind: Kind) -> Read:
    """Where the value stands: in the parent's row, or, of what calls and events bring, in the row that came."""
    own = "" if kind in {"fetch", "event"} else python_name
    read = reader(own if source.path is None else source.path)
    return (lambda row: as_entries(read(row))) if source.entries else read


def _bindings(source: Source, connector: Connector, arguments: Mapping[str, str]) -> dict[str, Binding]:
    python_names = set(arguments.values())
    found: dict[str, Binding] = {name: FromArgument(name) for name in connector.variables if name in python_names}
    return found | {name: bound for name, bound in source.bindings.items() if name in connector.variables}


def _bound(source: Source, calls: tuple[Call, ...], arguments: Mapping[str, str], declared: GraphQLField) -> Bound:
    cost = source.cost
    paged = any(call.connector.paging for call in calls)
    names = {python: name for name, python in arguments.items()}
    spread = [_spread(call, declared, names) for call in calls]
    lengths = tuple(name for name in spread if name) if all(spread) else ()
    slicing = cost.slicing_arguments or ((FIRST,) if paged and FIRST in names else ())
    clients = tuple(".".join((names.get(head, head), *rest)) for head, *rest in (name.split(".") for name in slicing))
    return Bound(cost.assumed_size, clients, tuple(_wired(declared, arguments, name) for name in clients), lengths)


def _spread(call: Call, declared: GraphQLField, names: Mapping[str, str]) -> str | None:
    """The list argument, as clients name it, that brings one row for each of its items; None if there is none."""
    for variable in call.connector.key if not call.connector.many else ():
        bound = call.bindings.get(variable)
        if isinstance(bound, FromArgument) and not bound.path and bound.name in names:
            name = names[bound.name]
            if _unwrapped(declared.args[name].type)[1]:
                return name
    return None


def _wired(declared: GraphQLField, arguments: Mapping[str, str], name: str) -> JsonPath:
    """The path "filter.pageSize" as it is in wired arguments: filter, page_size."""
    head, *members = name.split(".")
    wired, argument = [arguments.get(head, head)], declared.args.get(head)
    type_ = get_named_type(argument.type) if argument else None
    for member in members:
        known = isinstance(type_, GraphQLInputObjectType) and member in type_.fields
        wired.append(wire_name(cast("GraphQLInputObjectType", type_), member) if known else member)
        type_ = get_named_type(cast("GraphQLInputObjectType", type_).fields[member].type) if known else None
    return tuple(wired)


def _with_inherited(field: Field, sized: set[str]) -> Field:
    if field.coordinate not in sized or not field.composite or not field.lists:
        return field
    facts = {name: getattr(field, name) for name in Field.__slots__}
    return Field(**facts | {"bound": Bound(inherited=True)})


def _hidden(type_: GraphQLObjectType) -> frozenset[str]:
    origin = getattr(type_.extensions.get(BACKREF), "origin", None)
    if not dataclasses.is_dataclass(origin):
        return frozenset()
    shown = {field.extensions[BACKREF].python_name for field in type_.fields.values() if BACKREF in field.extensions}
    return frozenset(each.name for each in dataclasses.fields(origin) if each.name not in shown)


def _unwrapped(type_: Any) -> tuple[GraphQLNamedType, int]:
    """The named type, and how many lists are around it."""
    lists = 0
    while is_wrapping_type(type_):
        lists += is_list_type(type_)
        type_ = type_.of_type
    return type_, lists


def _possible(core: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, type_ in core.type_map.items():
        if is_object_type(type_):
            found[name] = (name,)
        elif is_abstract_type(type_):
            found[name] = tuple(sorted(concrete.name for concrete in core.get_possible_types(type_)))
    return found
