"""Arguments as services get them: the JSON of an argument that clients wrote. Pure; knows inputs, and no operation."""

from __future__ import annotations

import enum
from typing import Any

from graphql import GraphQLInputObjectType, get_nullable_type, is_input_object_type, is_list_type
from strawberry.types.field import StrawberryField

from bff.connectors import File, source_of
from bff.connectors.entries import as_object
from bff.connectors.file import uploaded
from bff.connectors.path import segments

_BACKREF = "strawberry-definition"


def wire(type_: Any, value: Any) -> Any:
    """An argument's coerced value as the JSON a service gets: Python names, enum values, nothing that was not given.

    Raises BadUserInput for what no JSON of a service can be: an entry twice.
    """
    type_ = get_nullable_type(type_)
    if value is None:
        return None
    if is_list_type(type_):
        items = value if isinstance(value, list) else [value]
        return [wire(type_.of_type, item) for item in items]
    if is_input_object_type(type_) and isinstance(value, dict):
        if getattr(type_.extensions.get(_BACKREF), "origin", None) is File:
            return uploaded(value)
        found = {wire_name(type_, name): _member(type_.fields[name], item) for name, item in value.items()}
        return found[""] if type_.is_one_of and "" in found else found
    return value.value if isinstance(value, enum.Enum) else value


def _member(declared: Any, value: Any) -> Any:
    """A member of an input object as a service gets it."""
    found, definition = wire(declared.type, value), declared.extensions.get(_BACKREF)
    maps = isinstance(definition, StrawberryField) and source_of(definition).entries
    return as_object(found) if maps else found


def wire_name(type_: GraphQLInputObjectType, name: str) -> str:
    """What the service calls a member of an input object that clients call `name`."""
    declared = type_.fields[name].extensions.get(_BACKREF)
    if not isinstance(declared, StrawberryField):
        return name
    path = source_of(declared).path
    if path == "" and type_.is_one_of:  # the member's value stands for the whole object
        return ""
    return ".".join(segments(path or declared.python_name))
