"""Which scopes a caller needs to see a type or a field, held on it as data. Decides nothing.

The schema shows them as `@requiresScopes`, in the form of Apollo Federation: alternatives of sets, of which we use one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeVar

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

SCOPES = "bff.scopes"
_TYPE_SCOPES = "__bff_scopes__"
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")  # RFC 6749 3.3

Target = TypeVar("Target")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE], name="requiresScopes"
)
class RequiresScopesDirective:
    """The caller needs all of these scopes."""

    scopes: list[list[str]]


def requires(*scopes: str) -> Callable[[Target], Target]:
    """Demand all of `scopes` of whoever asks for a field, or for anything of a type.

    Around a field, `@requires("trips:write")` above `@connect(…)` or `requires("trips:read")(connect(…))`; or above
    `@strawberry.type`; what stands above an interface or a base class holds for each type that is made from it.
    Raises ValueError for what no token can carry (RFC 6749 3.3), TypeError for anything else.
    """
    for scope in scopes:
        if not _SCOPE.match(scope):
            raise ValueError(f"{scope!r} is not a scope: printable ASCII without spaces, quotes and backslashes")
    if not scopes:
        raise ValueError('requires() needs a scope: requires("trips:write")')

    def mark(target: Target) -> Target:
        if isinstance(target, StrawberryField):
            target.metadata = MappingProxyType({**target.metadata, SCOPES: scopes})
            target.directives = [*target.directives, RequiresScopesDirective(scopes=[list(scopes)])]
        elif isinstance(target, type) and hasattr(target, "__strawberry_definition__"):
            setattr(target, _TYPE_SCOPES, scopes)
            definition: Any = target.__strawberry_definition__
            definition.directives = [*definition.directives, RequiresScopesDirective(scopes=[list(scopes)])]
        else:
            raise TypeError("requires() stands above a field, or above @strawberry.type")
        return target

    return mark


def field_scopes(declared: StrawberryField) -> tuple[str, ...]:
    """What this field itself demands."""
    return tuple(declared.metadata.get(SCOPES, ()))


def type_scopes(origin: Any) -> tuple[str, ...]:
    """What this type demands: its own scopes, and those of every class it is made from, interfaces among them."""
    classes = origin.__mro__ if isinstance(origin, type) else ()
    return tuple(dict.fromkeys(scope for each in classes for scope in vars(each).get(_TYPE_SCOPES, ())))
