"""What Strawberry knows of a field -> a Field: its source, its calls with everything bound, its length, its scopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_wrapping_type,
)
from strawberry.types.field import StrawberryField

from bff.connectors import Binding, Connector, FromArgument, Source, field_scopes, source_of
from bff.connectors.entries import as_entries
from bff.connectors.path import JsonPath, Read, reader
from bff.plan.field import FIRST, Bound, Call, Field, Kind
from bff.plan.returned import BACKREF, Returned
from bff.plan.wire import wire_name

About = Callable[[GraphQLNamedType], Returned]


def read_field(parent: Returned, name: str, declared: GraphQLField, definition: StrawberryField, about: About) -> Field:
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


def _unwrapped(type_: Any) -> tuple[GraphQLNamedType, int]:
    """The named type, and how many lists are around it."""
    lists = 0
    while is_wrapping_type(type_):
        lists += is_list_type(type_)
        type_ = type_.of_type
    return type_, lists
