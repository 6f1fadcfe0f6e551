"""Values for an operation's variables that make it as dear as it can be, where nobody says what they will be. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from graphql import (
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    type_from_ast,
)

DEEPEST = 4  # input objects inside each other: they may go on for ever
SWITCHES = 6  # variables of @skip and @include whose every combination is looked at: 64 plans


@dataclass(frozen=True, slots=True)
class Sizes:
    """What variables are taken to be that count something."""

    page: int  # every Int: some of them say how long a page is
    items: int  # how many items a list has


def worst_values(
    schema: GraphQLSchema, operation: OperationDefinitionNode, switches: tuple[str, ...], sizes: Sizes
) -> Iterator[Mapping[str, Any]]:
    """Coerced values for every variable, once for each combination of what is skipped and included."""
    values: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        kind: Any = type_from_ast(schema, definition.type)
        values[definition.variable.name.value] = _value(kind, sizes, DEEPEST)
    own = [name for name in switches if name in values]
    for chosen in product((True, False), repeat=min(len(own), SWITCHES)):
        rest = (True,) * (len(own) - len(chosen))
        yield values | dict(zip(own, (*chosen, *rest), strict=True))


def _value(kind: GraphQLInputType, sizes: Sizes, depth: int) -> Any:
    bare: Any = get_nullable_type(kind)
    if is_list_type(bare):
        return [_value(bare.of_type, sizes, depth)] * sizes.items
    if is_input_object_type(bare):
        inside = bare.fields.items() if depth else ()
        return {name: _value(field.type, sizes, depth - 1) for name, field in inside}
    return {"Int": sizes.page, "Boolean": True}.get(bare.name, "")
