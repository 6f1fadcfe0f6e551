"""One field of the graph: where its value comes from, how long its list can be, what it weighs. Knows no other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from graphql import (
    GraphQLField,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    is_enum_type,
    is_specified_scalar_type,
)

from bff.connectors import Binding, Connector, Rule, Source
from bff.connectors.path import JsonPath, Read, reader, segments

Kind = Literal["path", "fetch", "code", "event", "meta", "denied"]
FIRST, AFTER = "first", "after"


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

    def most(self, asked: int | None = None) -> int | None:
        """How long the list can be, where the client asks for so many (see `largest`).

        None: as long as what `length_of` names, as the parent says, or nobody knows. What is priced, what is called for
        and what is let through ask here, so that no price is below what it pays for.
        """
        if asked is not None:
            return asked
        return None if self.length_of else self.assumed


def largest(asked: Iterable[int | None]) -> int | None:
    """What several slicing arguments ask for: the largest counts (IBM 3.4). None: nothing."""
    return max((size for size in asked if size is not None), default=None)


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


def may_hold_list(field: Field, argument: str) -> bool:
    """Whether a value of this argument may have lists in it: one of a custom scalar may have anything."""
    type_ = field.declared.args[argument].type
    named = get_named_type(type_)
    return "[" in str(type_) or not (is_specified_scalar_type(named) or is_enum_type(named))
