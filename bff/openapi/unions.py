"""Members of `oneOf` and `anyOf` -> as few schemas as allow the same values. Pure, but for what it reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bff.openapi.report import Report
from bff.openapi.scalars import unique
from bff.openapi.schema import At, Enum, Free, Never, Scalar, Schema, Union


def simplified(members: Iterable[Schema], at: At, report: Report) -> tuple[list[Schema], bool]:
    """Members of which no two are alike, and whether null is allowed. None: no value is left."""
    flat = [inner for member in members for inner in _flat(member)]
    null = any(member.nullable for member in flat)
    kept = [replace(member, nullable=False) if member.nullable else member for member in flat]
    kept = _numbers([member for member in kept if not isinstance(member, Never)])
    if len(kept) > 1 and (free := next((member for member in kept if _anything(member)), None)):
        report.loss("union-with-anything", at, "one of its members allows anything, so what the others say is lost")
        return [free], null
    return _unlike(_enums(_scalars(kept, at, report), at, report)), null


def _flat(member: Schema) -> list[Schema]:
    """A union in a union is one, if it has no discriminator of its own."""
    if isinstance(member, Union) and member.discriminator is None:
        return [replace(inner, nullable=inner.nullable or member.nullable) for inner in member.members]
    return [member]


def _anything(member: Schema) -> bool:
    return isinstance(member, Free) and member.kind == "any"


def _unlike(members: list[Schema]) -> list[Schema]:
    kept: list[Schema] = []
    for member in members:
        if member not in kept:
            kept.append(member)
    return kept


def _numbers(members: list[Schema]) -> list[Schema]:
    """An integer is a number (JSON Schema 2020-12 6.1.1)."""
    if not any(isinstance(member, Scalar) and member.kind == "number" for member in members):
        return members
    return [member for member in members if not (isinstance(member, Scalar) and member.kind == "integer")]


def _scalars(members: list[Schema], at: At, report: Report) -> list[Schema]:
    """Scalars of one kind are one: nobody could tell them apart. What they differ in is given up."""
    kept: dict[str, Schema] = {}
    for index, member in enumerate(members):
        key = member.kind if isinstance(member, Scalar) else str(index)
        first = kept.setdefault(key, member)
        if first != member and isinstance(first, Scalar) and isinstance(member, Scalar):
            kept[key] = _either(first, member, at, report)
    return list(kept.values())


def _either(one: Scalar, other: Scalar, at: At, report: Report) -> Scalar:
    if one.format != other.format:
        formats = " and ".join(sorted({one.format or "none", other.format or "none"}))
        report.loss("union-of-formats", at, f"{one.kind}s of the formats {formats} are read without one")
    made = Scalar(at=at, kind=one.kind, format=one.format if one.format == other.format else "")
    return replace(made, limits=one.limits if one.limits == other.limits else made.limits)


def _enums(members: list[Schema], at: At, report: Report) -> list[Schema]:
    """Enums of one kind are one enum; beside a scalar of that kind they are only examples of it."""
    scalars = {member.kind for member in members if isinstance(member, Scalar)}
    kept: dict[str, Schema] = {}
    for index, member in enumerate(members):
        if not isinstance(member, Enum):
            kept[str(index)] = member
        elif member.kind in scalars:
            report.loss("open-enum", at, f"a {member.kind} that may be any is read as such; its known values are lost")
        else:
            first = kept.setdefault(member.kind, member)
            kept[member.kind] = _both(first, member, at) if isinstance(first, Enum) else first
    return list(kept.values())


def _both(one: Enum, other: Enum, at: At) -> Enum:
    if one is other:
        return one
    if _is_titled(one) and len(other.values) == 1 and other.title and other.values[0] not in one.values:
        return _titled(one, other, at)
    values = tuple(unique([*one.values, *other.values]))
    keep = values == one.values
    return Enum(
        at=at,
        kind=one.kind,
        values=values,
        names=one.names if keep else (),
        descriptions=one.descriptions if keep else (),
        description="" if one.description != other.description else one.description,
    )


def _is_titled(enum: Enum) -> bool:
    """Whether it is a constant with a title, or several of them: so JSON Schema says what an enum's values mean."""
    return bool(enum.title) if len(enum.values) == 1 else len(enum.descriptions) == len(enum.values)


def _titled(one: Enum, other: Enum, at: At) -> Enum:
    """Numbers are called by their titles; texts are their own names, and their titles tell more of them."""
    whole = one.kind in {"integer", "number"}
    names = (*(one.names or (one.title,)), other.title)
    said = (*(one.descriptions or (_told(one, whole=whole),)), _told(other, whole=whole))
    named = names if whole and len({*names}) == len(one.values) + 1 else ()
    return Enum(at=at, kind=one.kind, values=(*one.values, *other.values), names=named, descriptions=said)


def _told(enum: Enum, *, whole: bool) -> str:
    return enum.description or ("" if whole else enum.title)
