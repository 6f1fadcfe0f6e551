"""What a value may look like, as a small closed set of records. Knows no JSON Schema, no GraphQL, no Python type.

Every dialect ends here: Swagger 2.0, OpenAPI 3.0 and 3.1 differ in how they say it, not in what a `Schema` holds.
Composition is done with (`allOf` is merged, null members became `nullable`), and recursion goes through `Ref`, so every
schema is a finite tree. Two schemas are equal when they allow the same values; where they stand, what they are called
and what is said about them does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum as Closed
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True, order=True)
class At:
    """A place: a document, as it was named or found (a path or a URL), and a JSON pointer in it (RFC 6901)."""

    document: str
    pointer: str = ""

    def __truediv__(self, step: str | int) -> At:
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return At(self.document, f"{self.pointer}/{escaped}")

    def __str__(self) -> str:
        return f"{self.document}#{self.pointer}"


class Missing(Closed):
    """Nothing is written, which is not the same as `null`."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        return False


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is said about any schema."""

    at: At = field(compare=False)
    name: str = field(default="", compare=False)  # the component's, where it is one (or the last word of a $ref)
    title: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    deprecated: bool = field(default=False, compare=False)
    nullable: bool = False
    read_only: bool = False  # answers have it, bodies do not
    write_only: bool = False  # bodies have it, answers do not
    default: Any = field(default=MISSING, compare=False)  # JSON, or MISSING
    examples: tuple[Any, ...] = field(default=(), compare=False)  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a value must keep to. `minimum` and `maximum` are themselves out of bounds where they are `exclusive`."""

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""


ScalarKind = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Noted):
    """A string, number or boolean. `format` is as written; 3.1's contentEncoding and Swagger's `file` became one."""

    kind: ScalarKind
    format: str = ""  # "date-time", "int64", "byte" (base64 text), "binary" (bytes), … or what nobody knows
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(Noted):
    """One of these values; `const` is an enum of one. `null` among them became `nullable`."""

    kind: Literal["string", "integer", "number", "boolean", "mixed"]
    values: tuple[Any, ...]  # JSON, no two alike, at least one
    names: tuple[str, ...] = field(default=(), compare=False)  # of x-enum-varnames: one a value, or none
    descriptions: tuple[str, ...] = field(default=(), compare=False)  # of x-enum-descriptions: one a value, or none


@dataclass(frozen=True, slots=True)
class Property:
    """A member of an object."""

    name: str
    schema: Schema
    required: bool


@dataclass(frozen=True, slots=True)
class Discriminator:
    """The member whose text says which schema an object has."""

    property: str
    mapping: tuple[tuple[str, Ref], ...] = ()  # text -> schema; in the document's order, what is implicit written out
    default: Ref | None = None  # 3.2's defaultMapping: what all else is


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(Noted):
    """An object with members that are known by name."""

    properties: tuple[Property, ...]  # in the document's order, no name twice
    additional: Schema | None = None  # of other members; None: none are spoken of
    closed: bool = False  # `additionalProperties: false` is written
    discriminator: Discriminator | None = field(default=None, compare=False)  # others extend it by `allOf`


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Noted):
    """An object whose members' names are data. `most`: how many there can be."""

    values: Schema
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Array(Noted):
    """A list. `prefix`: the schemas of its first items where those differ (3.1 tuples); `items` allows them all."""

    items: Schema
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False
    prefix: tuple[Schema, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Union(Noted):
    """One of several schemas: two or more, no two alike, none null. `bff.openapi.tell` says how to tell which."""

    members: tuple[Schema, ...]
    discriminator: Discriminator | None = field(default=None, compare=False)
    several: bool = field(default=False, compare=False)  # `anyOf`: a value may fit more than one


@dataclass(frozen=True, slots=True, kw_only=True)
class Free(Noted):
    """Anything (`kind` "any"), or any object: the document does not say more."""

    kind: Literal["any", "object"] = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Never(Noted):
    """No value at all; with `nullable`, null alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref(Noted):
    """The schema of this key in `Document.schemas`, which is never itself a Ref. What else it holds was said here."""

    key: str


Schema = Scalar | Enum | Object | Map | Array | Union | Free | Never | Ref
Schemas = Mapping[str, Schema]  # by Ref.key; a lazy one normalises what is asked for, once


def resolved(schema: Schema, schemas: Schemas) -> Schema:
    """The schema itself, with what its Ref says added: what is said nearer counts, flags of either hold."""
    if not isinstance(schema, Ref):
        return schema
    target = schemas[schema.key]
    return replace(
        target,
        title=schema.title or target.title,
        description=schema.description or target.description,
        deprecated=schema.deprecated or target.deprecated,
        nullable=schema.nullable or target.nullable,
        read_only=schema.read_only or target.read_only,
        write_only=schema.write_only or target.write_only,
        default=target.default if schema.default is MISSING else schema.default,
        examples=schema.examples or target.examples,
    )
