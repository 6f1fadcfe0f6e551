"""Which member of a union a value is: by discriminator, constant, JSON type, or what it must have. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bff.openapi.schema import (
    Array,
    Discriminator,
    Enum,
    Free,
    Map,
    Object,
    Ref,
    Scalar,
    Schema,
    Schemas,
    Union,
    resolved,
)

Kind = Literal["object", "array", "string", "integer", "number", "boolean", "any"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a member is known by: its JSON type; among several objects, values of the telling property, or names."""

    kind: Kind
    tags: tuple[Any, ...] = ()  # JSON scalars
    names: tuple[str, ...] = ()  # members that it must have and no other object knows; any of them tells


@dataclass(frozen=True, slots=True)
class Telling:
    """How to tell a union's members apart: one mark a member, in their order.

    `by` says what tells the objects apart: "discriminator" and "const" look at `property`; "names" at which members are
    there; "kind": at most one is an object. `certain`: every value fits one mark at most; if not, the first that fits
    has to do (by "names", a member without names is what is left).
    """

    by: Literal["discriminator", "const", "names", "kind"]
    marks: tuple[Mark, ...]
    certain: bool
    property: str = ""


def tell(union: Union, schemas: Schemas) -> Telling:
    """How to tell the members of `union` apart."""
    members = [resolved(member, schemas) for member in union.members]
    kinds = [_kind(member) for member in members]
    objects = [index for index, kind in enumerate(kinds) if kind == "object"]
    plain = [index for index, kind in enumerate(kinds) if kind != "object"]
    apart = len({kinds[index] for index in plain}) == len(plain) and "any" not in kinds
    if len(objects) < 2:
        return Telling("kind", tuple(Mark(kind) for kind in kinds), apart)
    by, name, marks = _objects([(union.members[index], members[index]) for index in objects], union.discriminator)
    told = dict(zip(objects, marks, strict=True))
    full = tuple(told.get(index, Mark(kind)) for index, kind in enumerate(kinds))
    return Telling(by, full, apart and _certain(marks), name)


def _certain(marks: Sequence[Mark]) -> bool:
    return all(mark.tags for mark in marks) or (
        sum(not mark.names for mark in marks) <= 1 and not any(m.tags for m in marks)
    )


def _kind(schema: Schema) -> Kind:
    if isinstance(schema, (Object, Map)) or (isinstance(schema, Free) and schema.kind == "object"):
        return "object"
    if isinstance(schema, Array):
        return "array"
    if isinstance(schema, (Scalar, Enum)):
        return "any" if schema.kind == "mixed" else schema.kind
    return "any"


def _objects(
    members: list[tuple[Schema, Schema]], declared: Discriminator | None
) -> tuple[Literal["discriminator", "const", "names"], str, list[Mark]]:
    if declared and (marks := [_declared(member, declared) for member, _ in members]) and any(m.tags for m in marks):
        return "discriminator", declared.property, marks
    bodies = [body for _, body in members]
    for name in _constants(bodies[0]):
        tags = [_constants(body).get(name, ()) for body in bodies]
        if all(tags) and len({(type(tag), tag) for each in tags for tag in each}) == sum(map(len, tags)):
            return "const", name, [Mark("object", tags=each) for each in tags]
    return "names", "", [Mark("object", names=_own_names(body, bodies)) for body in bodies]


def _declared(member: Schema, declared: Discriminator) -> Mark:
    """The texts of a member: they lead to its key, or to the place where it stands."""
    key = member.key if isinstance(member, Ref) else ""
    return Mark("object", tags=tuple(text for text, ref in declared.mapping if ref.key == key or ref.at == member.at))


def _constants(schema: Schema) -> dict[str, tuple[Any, ...]]:
    """Required members of an object that have few values."""
    if not isinstance(schema, Object):
        return {}
    return {
        each.name: each.schema.values for each in schema.properties if each.required and isinstance(each.schema, Enum)
    }


def _own_names(schema: Schema, all_of_them: list[Schema]) -> tuple[str, ...]:
    """What this one must have, and no other may be thought to have."""
    known = {name for other in all_of_them if other is not schema for name in _known(other)}
    if not isinstance(schema, Object):
        return ()
    return tuple(each.name for each in schema.properties if each.required and each.name not in known)


def _known(schema: Schema) -> set[str]:
    return {each.name for each in schema.properties} if isinstance(schema, Object) else set()
