"""The Plan of an operation: a pure record of every field it asks for and every call it can make.

Nodes are shared: a fragment that is spread twice under the same type is compiled once, so a plan is a graph without
cycles, and whoever walks it must remember what it has seen (`bff.limits.price` does) or stop by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any, Literal

from graphql import FieldNode

from bff.plan.deferral import Deferred, Streamed
from bff.plan.field import Field

OperationKind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class VariableRef:
    """A place in an argument that a variable fills when the operation runs; `default` holds if none is given."""

    name: str
    default: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One field of the operation under one parent type, with all selections of equal response key merged."""

    key: str  # the response key
    field: Field
    arguments: Mapping[str, Any]  # as clients name them; may hold VariableRef; defaults filled in
    # Concrete type -> its fields; empty for leaves. Written out, shared ones would be as many as the answer has.
    children: Mapping[str, tuple[Node, ...]] = record(repr=False)
    written: tuple[FieldNode, ...] = ()  # where it stands in the document, for errors and for code that looks
    deferred: Deferred | None = None  # None: it comes with what is around it
    streamed: Streamed | None = None  # None: its list comes whole

    @property
    def aliased(self) -> bool:
        return self.key != self.field.name


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What an operation will do, for one combination of its @skip and @include variables."""

    kind: OperationKind
    name: str | None
    roots: tuple[Node, ...]
    denied: tuple[str, ...]  # scopes for want of which fields in the plan are errors that make no call
    steps: int  # how much work compiling was
    in_parts: bool = False  # something in it is deferred or streamed
    kept: dict[Any, Any] = record(default_factory=dict, repr=False)  # what later stages worked out about it, by theirs


def value_of(value: Any, variables: Mapping[str, Any]) -> Any:
    """An argument with its variables filled in (GraphQL 6.4.1: a default holds for a variable that was not given)."""
    if isinstance(value, VariableRef):
        return variables.get(value.name, value.default)
    if isinstance(value, list):
        return [value_of(item, variables) for item in value]
    if isinstance(value, dict):
        return {name: value_of(item, variables) for name, item in value.items()}
    return value


def varies(value: Any) -> bool:
    """Whether an argument has a variable in it."""
    if isinstance(value, list):
        return any(map(varies, value))
    if isinstance(value, dict):
        return any(map(varies, value.values()))
    return isinstance(value, VariableRef)
