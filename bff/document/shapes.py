"""What a schema lets be selected: the fields of each type, and what they take. Read at first use. Knows no document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    GraphQLUnionType,
    TypeNameMetaFieldDef,
    do_types_overlap,
    get_named_type,
    is_composite_type,
    is_required_argument,
)


class Selectable(NamedTuple):
    """A field as a document may select it."""

    arguments: Mapping[str, GraphQLArgument]
    required: tuple[str, ...]  # arguments that have to be given
    inside: str | None  # the type of which fields are to be selected; None: it is a leaf


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A type that has fields."""

    type: GraphQLCompositeType
    fields: Mapping[str, Selectable]


class Shapes(dict[str, Shape | None]):
    """Those of a schema by name; None for a type that has no fields, or none of this name that is kept."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self._schema = schema

    def __missing__(self, name: str) -> Shape | None:
        type_ = self._schema.type_map.get(name)
        if not is_composite_type(type_):  # clients may think of any name: what there is not is not remembered
            return None
        fields = {"__typename": TypeNameMetaFieldDef, **({} if isinstance(type_, GraphQLUnionType) else type_.fields)}
        found = self[name] = Shape(type_, {each: _selectable(field) for each, field in fields.items()})
        return found

    def meet(self, one: GraphQLCompositeType, other: GraphQLCompositeType) -> bool:
        """Whether an object can be of both types."""
        return one is other or do_types_overlap(self._schema, one, other)


def _selectable(field: GraphQLField) -> Selectable:
    returned = get_named_type(field.type)
    required = tuple(name for name, argument in field.args.items() if is_required_argument(argument))
    return Selectable(field.args, required, returned.name if is_composite_type(returned) else None)
