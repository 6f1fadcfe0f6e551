"""What holds of every field that returns one type: found once for each type of a graph, and not for each field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLNamedType, is_composite_type

from bff.connectors import Connection, Edge, PageInfo, Rule, rule_of, type_scopes

BACKREF = "strawberry-definition"


@dataclass(frozen=True, slots=True)
class Returned:
    """One named type, as fields return it."""

    name: str
    composite: bool
    rule: Rule | None  # how to tell which type of it a row is, where it does not say so itself
    weight: float  # of a field that says nothing else
    scopes: tuple[
        str, ...
    ]  # that it demands where its objects are asked for, and on its own fields: rows come by interfaces


def returned(type_: GraphQLNamedType) -> Returned:
    definition = type_.extensions.get(BACKREF)
    composite = is_composite_type(type_)
    return Returned(
        name=type_.name,
        composite=composite,
        rule=rule_of(definition),
        weight=1.0 if composite and not _wraps(definition) else 0.0,
        scopes=type_scopes(getattr(definition, "origin", None)),
    )


def _wraps(definition: Any) -> bool:
    """IBM's defaults, but that the wrappers of a Relay page are not rows and weigh nothing."""
    generic = getattr(definition, "concrete_of", None) or definition
    return getattr(generic, "origin", None) in {Connection, Edge, PageInfo}
