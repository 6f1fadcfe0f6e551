"""A plan in the form in which it runs: parts that shape rows, and steps that bring them. Records only.

A part is the fields of one type that are asked for at one place; a step is a field whose value is fetched or computed,
for all its parents at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bff.execute.wants import Wants
from bff.plan.fetch import Arguments
from bff.plan.model import Node
from bff.plan.resolve import Coding, Fetching

Objects = list[dict[str, Any]]


class Running(Protocol):
    """What values may ask of the run they are completed in."""

    def info(self, type_name: str, node: Node, parent: dict[str, Any] | None = None) -> Any:
        """What graphql-core would tell a resolver of this field (`GraphQLResolveInfo`)."""

    def introspected(self, node: Node) -> Any:
        """The value of `__schema` or `__type`."""


class Later:
    """What shaping leaves to be done: for each step, the objects that miss its field beside the rows they came from."""

    __slots__ = ("faulty", "owed", "run", "types")

    def __init__(self, run: Running, steps: int) -> None:
        self.run = run
        self.owed: list[tuple[Objects, list[Any]]] = [([], []) for _ in range(steps)]
        self.faulty = False  # a fault stands in the answer, or a null where none may be
        self.types: dict[int, str] = {}  # of objects in abstract fields: identity -> concrete type

    def take(self, step: int) -> tuple[Objects, list[Any]]:
        """What is owed to the step; from then on, nothing."""
        found = self.owed[step]
        if found[0]:
            self.owed[step] = ([], [])
        return found


Shape = Callable[[Sequence[Any], Later], Objects]
Value = Callable[[Any, Later], Any]


@dataclass(slots=True, eq=False, repr=False)  # it would be as long as the answer
class Part:
    """The fields asked of one concrete type at one place. `steps`: those its objects, or objects in them, may owe."""

    number: int
    type_name: str
    nodes: tuple[Node, ...]
    steps: tuple[int, ...]
    shape: Shape


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
    constant: bool  # its arguments are the same whenever it runs
    wants: Wants | None  # for what is fetched
    coerced: dict[str, Any] | None = field(default=None)  # those, once they are known
