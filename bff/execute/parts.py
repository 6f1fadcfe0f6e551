"""A plan in the form in which it runs: parts that shape rows, and steps that bring them. Records only.

A part is the fields of one type that are asked for at one place; a step is a field whose value is fetched or computed,
for all its parents at once. Of an answer in parts, a group is fields that come later, and a tail the later items of a
list: each is kept while it waits, and then runs for all objects and lists at once, as steps do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, cast

from graphql import GraphQLList, get_nullable_type

from bff.execute.direct import Direct
from bff.execute.source import Source
from bff.execute.wants import Wants
from bff.plan.deferral import Deferred, Streamed
from bff.plan.fetch import Arguments
from bff.plan.inputs import Arguments as Inputs
from bff.plan.model import Node, value_of
from bff.plan.resolve import Coding, Fetching

Objects = list[dict[str, Any]]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Running(Protocol):
    """What values may ask of the run they are completed in."""

    def info(self, type_name: str, node: Node, parent: dict[str, Any] | None = None) -> Any:
        """What graphql-core would tell a resolver of this field (`GraphQLResolveInfo`)."""

    def introspected(self, node: Node) -> Any:
        """The value of `__schema` or `__type`."""


class Later:
    """What shaping leaves to be done: for each step, the objects that miss its field beside the rows they came from.

    Of an answer in parts, `kept` is the same for groups, and for tails the lists beside what they miss.
    """

    __slots__ = ("_variables", "faulty", "kept", "owed", "run", "tails", "types")
    __deletable__ = ("run",)  # machine code wants to know (mypyc)

    def __init__(self, run: Running, steps: int, waiting: int = 0, variables: Mapping[str, Any] = NOTHING) -> None:
        self.run = run
        self.owed: list[tuple[Objects, list[Any]]] = [([], []) for _ in range(steps)]
        self.kept: list[tuple[list[Any], list[Any]]] = [([], []) for _ in range(waiting)] if waiting else []
        self.tails: dict[int, Tail] = {}  # by identity of the lists that miss items
        self._variables = variables
        self.faulty = False  # a fault stands in the answer, or a null where none may be
        self.types: dict[int, str] = {}  # of objects in abstract fields: identity -> concrete type

    def take(self, step: int) -> tuple[Objects, list[Any]]:
        """What is owed to the step; from then on, nothing."""
        found = self.owed[step]
        if found[0]:
            self.owed[step] = ([], [])
        return found

    def first(self, tail: Tail, items: Iterable[Any], made: list[Any]) -> Iterable[Any]:
        """The items that come at once into the list `made`; the others are kept."""
        rest = items if isinstance(items, Source) else deque(items)
        found = [rest.popleft() for _ in range(min(self.initial(tail), len(rest)))]
        if rest:
            self.tails[id(made)] = tail
            self.keep(tail, made, rest)
        return found

    def initial(self, tail: Tail) -> int:
        """How many items come at once."""
        count: int = value_of(tail.streamed.initial, self._variables)
        return count

    def keep(self, tail: Tail, made: list[Any], rest: Source | deque[Any]) -> None:
        """What is left of a list, until it is taken."""
        lists, rests = self.kept[tail.number]
        lists.append(made)
        rests.append(rest)


Put = Callable[[Objects, Sequence[Hashable], Mapping[Hashable, Any]], None]  # by ticket of each object
Shape = Callable[[Sequence[Any], Later], Objects]
Value = Callable[[Any, Later], Any]


@dataclass(slots=True, eq=False, repr=False)  # it would be as long as the answer
class Part:
    """The fields asked of one concrete type at one place. `steps`: those its objects, or objects in them, may owe."""

    number: int
    type_name: str
    nodes: tuple[Node, ...]  # without those of its groups
    steps: tuple[int, ...]
    shape: Shape
    groups: tuple[Group, ...] = ()  # of fields that come later


def _put(key: str, objects: Objects, tickets: Sequence[Hashable], values: Mapping[Hashable, Any]) -> None:
    for made, ticket in zip(objects, tickets, strict=True):
        made[key] = values[ticket]


@dataclass(slots=True, eq=False, repr=False)
class Group:
    """Fields of a part that come later, together, as a part of their own."""

    number: int
    deferred: Deferred
    part: Part


@dataclass(slots=True, eq=False, repr=False)
class Tail:
    """The items of a list that come later. `below`: the steps that they may owe."""

    number: int
    type_name: str  # its parent's
    node: Node
    streamed: Streamed
    below: tuple[int, ...]

    @property
    def item_type(self) -> Any:
        return cast("GraphQLList[Any]", get_nullable_type(self.node.field.declared.type)).of_type


@dataclass(slots=True, eq=False, repr=False)  # it would be as long as the answer
class Step:
    """A field that is fetched or computed. `below`: the steps that what it brings may owe."""

    number: int
    type_name: str  # its parent's
    node: Node
    executable: Fetching | Coding
    wired: Callable[[Mapping[str, Any]], Arguments]
    below: tuple[int, ...]
    part: Part | None  # of its objects, where each value is one object of one known type
    value: Value
    inputs: Inputs  # its arguments, as the document has them
    wants: Wants | None  # for what is fetched
    direct: Direct | None = None  # where no other step can share its calls
    typed: Shape | None = None  # as the part's, for rows of which only what is of use was read
    put: Put = field(init=False)  # where its values go

    def __post_init__(self) -> None:
        self.put = partial(_put, self.node.key)

    def shape(self, kind: type) -> Shape | None:
        """What makes objects of many values of this kind together, where each is one object of one known type."""
        if self.part is None:
            return None
        if kind is dict:
            return self.part.shape
        return self.typed if self.direct is not None and kind is self.direct.row else None
