"""A schema as its elements: everything that a schema coordinate names, with the facts of it that a client can notice.

Pure. Knows nothing of a second schema, and leaves out what no client meets: directives that no operation can hold, and
graphql-core's own types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
    is_scalar_type,
    is_specified_scalar_type,
    is_union_type,
    print_ast,
    value_from_ast_untyped,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast
from graphql.utilities.sort_value_node import sort_value_node

Kind = Literal["schema", "type", "field", "argument", "input field", "enum value", "directive"]
Facts = Mapping[str, Any]

EXECUTABLE = frozenset(
    {
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    }
)

KINDS: Mapping[type[GraphQLNamedType], str] = {
    GraphQLObjectType: "object type",
    GraphQLInterfaceType: "interface",
    GraphQLUnionType: "union",
    GraphQLEnumType: "enum",
    GraphQLInputObjectType: "input type",
    GraphQLScalarType: "scalar",
}

# The schema directives that tell clients something, by the fact that they are: who may ask, and what it costs.
TELLING = {"requiresScopes": "scopes", "cost": "cost", "listSize": "size"}


@dataclass(frozen=True, slots=True)
class Element:
    """What a coordinate names. Of two elements with one coordinate, each fact that differs is a change.

    Facts are `kind` (of a type), `type`, `default` (as GraphQL text), `required`, `description`, `deprecated` (the
    reason), `interfaces`, `members`, `roots`, `locations`, `repeatable`, `url`, `one_of`, `scopes`, `cost`, `size`;
    one that an element does not have is not there.
    """

    coordinate: str
    kind: Kind
    parent: str  # the coordinate that this one stands in; "" for types and directives
    facts: Facts


def elements(schema: GraphQLSchema) -> dict[str, Element]:
    """Every element of `schema` by its coordinate; the operations it has are those of the coordinate `schema`.

    What schema directives say is read from syntax trees, so the schema must have been built from its text.
    """
    roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    found = [Element("schema", "schema", "", {"roots": {name: type_.name for name, type_ in roots.items() if type_}})]
    for type_ in schema.type_map.values():
        if not (is_introspection_type(type_) or is_specified_scalar_type(type_)):
            found += _of_type(type_)
    for directive in schema.directives:
        if EXECUTABLE & set(directive.locations):
            found += _of_directive(directive)
    return {element.coordinate: element for element in found}


def _of_type(type_: GraphQLNamedType) -> Iterator[Element]:
    facts = {"kind": _kind(type_), "description": type_.description, **_told(type_)}
    if is_object_type(type_) or is_interface_type(type_):
        facts["interfaces"] = frozenset(each.name for each in type_.interfaces)
        yield Element(type_.name, "type", "", facts)
        for name, field in type_.fields.items():
            yield from _of_field(f"{type_.name}.{name}", type_.name, field)
        return
    if is_union_type(type_):
        facts["members"] = frozenset(each.name for each in type_.types)
    if is_scalar_type(type_):
        facts["url"] = type_.specified_by_url
    if is_input_object_type(type_):
        facts["one_of"] = type_.is_one_of
    yield Element(type_.name, "type", "", facts)
    yield from _inside(type_)


def _inside(type_: GraphQLNamedType) -> Iterator[Element]:
    if is_input_object_type(type_):
        for name, field in type_.fields.items():
            facts = {**_value(field), "required": is_required_input_field(field)}
            yield Element(f"{type_.name}.{name}", "input field", type_.name, facts)
    if is_enum_type(type_):
        for name, value in type_.values.items():
            facts = {"description": value.description, "deprecated": value.deprecation_reason}
            yield Element(f"{type_.name}.{name}", "enum value", type_.name, facts)


def _of_field(coordinate: str, parent: str, field: GraphQLField) -> Iterator[Element]:
    facts = {"type": field.type, "description": field.description, "deprecated": field.deprecation_reason}
    yield Element(coordinate, "field", parent, {**facts, **_told(field)})
    yield from _arguments(coordinate, field.args)


def _of_directive(directive: GraphQLDirective) -> Iterator[Element]:
    coordinate = f"@{directive.name}"
    facts = {
        "description": directive.description,
        "repeatable": directive.is_repeatable,
        "locations": frozenset(each.name for each in EXECUTABLE & set(directive.locations)),
    }
    yield Element(coordinate, "directive", "", facts)
    yield from _arguments(coordinate, directive.args)


def _arguments(owner: str, arguments: Mapping[str, GraphQLArgument]) -> Iterator[Element]:
    for name, argument in arguments.items():
        facts = {**_value(argument), "required": is_required_argument(argument)}
        yield Element(f"{owner}({name}:)", "argument", owner, facts)


def _value(value: GraphQLArgument | GraphQLInputField) -> dict[str, Any]:
    default = get_default_value_ast(value)
    return {
        "type": value.type,
        "default": print_ast(sort_value_node(default)) if default else None,
        "description": value.description,
        "deprecated": value.deprecation_reason,
    }


def _told(definition: GraphQLNamedType | GraphQLField) -> dict[str, Any]:
    """What schema directives say of it."""
    nodes = (definition.ast_node, *getattr(definition, "extension_ast_nodes", ()))
    found: dict[str, Any] = {}
    for directive in (each for node in nodes if node for each in node.directives or ()):
        if fact := TELLING.get(directive.name.value):
            found[fact] = {each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()}
    return found


def _kind(type_: GraphQLNamedType) -> str:
    return next(name for kind, name in KINDS.items() if isinstance(type_, kind))
