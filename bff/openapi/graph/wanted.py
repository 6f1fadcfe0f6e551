"""The graph that documents become: what will be printed. Knows no document and no source text.

Every name is chosen, every rule applied. All records are frozen; two runs over the same documents make equal ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bff.openapi.schema import MISSING, At

Root = Literal["query", "mutation"]


@dataclass(frozen=True, slots=True)
class Use:
    """A type where it is used. `module` is where its name comes from: "" is built in, "own" is a type of this graph."""

    name: str
    module: str = ""
    nullable: bool = False
    item: Use | None = None  # of a list or a Connection
    composite: bool = False  # an object or a union: something below it can be asked for

    @property
    def innermost(self) -> Use:
        return self.item.innermost if self.item else self

    @property
    def lists(self) -> int:
        return (self.name == "list") + (self.item.lists if self.item else 0)

    def or_null(self, nullable: bool = True) -> Use:
        return replace(self, nullable=nullable)


def list_of(item: Use, *, nullable: bool = False) -> Use:
    return Use("list", nullable=nullable, item=item, composite=item.composite)


STR, INT, FLOAT, BOOL = Use("str"), Use("int"), Use("float"), Use("bool")
ID = Use("strawberry.ID", "strawberry")
JSON = Use("JSON", "strawberry.scalars")
BASE64 = Use("Base64", "strawberry.scalars")
UPLOAD = Use("Upload", "strawberry.file_uploads")


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a type or an input that is in the JSON."""

    name: str  # GraphQL's
    python: str
    wire: str  # the service's
    use: Use
    description: str = ""
    deprecated: bool = False
    size: int | None = None  # assumed length of a list of objects
    default: Any = MISSING  # JSON; of inputs
    entries: bool = False  # a map, as a list of its keys and values


@dataclass(frozen=True, slots=True)
class Value:
    """A member of an enum."""

    name: str
    value: Any
    description: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How to tell which type of a union a value has: by the text of a member, by its members, or by its JSON kind."""

    by: str = ""
    values: tuple[tuple[str, str], ...] = ()  # text -> type
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()  # type -> members that only it has
    boxes: tuple[tuple[str, str], ...] = ()  # JSON kind -> type


@dataclass(frozen=True, slots=True)
class Link:
    """A field that another call fills: from OpenAPI's `links`."""

    name: str
    python: str
    use: Use
    connector: str
    bindings: tuple[tuple[str, Any], ...]  # variable -> path in the parent's JSON, or a Code
    description: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type, input, enum or union. `home` groups those that stand in one file: the component that they belong to."""

    kind: Literal["type", "input", "enum", "union"]
    name: str
    home: str
    at: At
    description: str = ""
    members: tuple[Member, ...] = ()
    links: tuple[Link, ...] = ()
    values: tuple[Value, ...] = ()
    types: tuple[str, ...] = ()
    rule: Rule = Rule()
    one_of: bool = False  # of an input: a client gives one member, whose value stands for the whole


class TypeKey(str):
    """The key of a type, where its name will stand."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Python that is no JSON value: `Offset(total="total")`. `name` is what it needs imported from bff."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """A connector: `name = upstream.method(template, **options)`."""

    name: str
    method: str
    template: str
    options: tuple[tuple[str, Any], ...] = ()  # JSON values, tuples and Codes
    comment: str = ""  # why it is there, where that is not plain
    row: str = ""  # the type of its rows, of those that have a key


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a root field."""

    name: str
    python: str
    use: Use
    description: str = ""
    deprecated: bool = False
    default: Any = MISSING


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of Query or Mutation."""

    root: Root
    name: str
    python: str
    use: Use
    connector: str
    operation: str  # "GET /cities"
    arguments: tuple[Argument, ...] = ()
    bindings: tuple[tuple[str, Code], ...] = ()  # variables that are not the argument of their own name
    description: str = ""
    deprecated: bool = False
    size: int | None = None
    slicing: str = ""  # the argument that says how long the list is
    entries: bool = False


@dataclass(frozen=True, slots=True)
class Upstream:
    """The service's entry in `bff.yaml`."""

    url: str
    forward: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """What one document becomes."""

    name: str  # in bff.yaml
    module: str  # of Python
    title: str
    description: str
    upstream: Upstream
    types: tuple[Wanted, ...] = ()
    connectors: tuple[Declared, ...] = ()
    fields: tuple[RootField, ...] = field(default=())

    def of(self, root: Root) -> tuple[RootField, ...]:
        return tuple(each for each in self.fields if each.root == root)
