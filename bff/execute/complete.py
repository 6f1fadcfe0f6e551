"""Any value as the value of a field, the general way (GraphQL 6.4.3): rows, objects that code made, lists of either.

Generated functions hand over to this what is not plainly right, and the first run of a plan is made of it alone. A
value that fails is a `Fault`, and what is to be fetched or computed is left to the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    Undefined,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import inspect, is_iterable

from bff.errors import BffError
from bff.execute.fault import Fault
from bff.execute.parts import Group, Later, Objects, Part, Step, Tail
from bff.plan.graph import Graph
from bff.plan.model import Node
from bff.plan.resolve import Executable, Reading, forbidden


class Completion:
    """Completes values of one plan's fields.

    `parts` by identity of their nodes and concrete type, `step_of` and `tail_of` by identity of the node.
    """

    def __init__(self, graph: Graph, executables: Mapping[str, Executable]) -> None:
        self._graph = graph
        self._executables = executables
        self.parts: dict[tuple[int, str], Part] = {}
        self.step_of: dict[int, Step] = {}
        self.tail_of: dict[int, Tail] = {}

    def shape(self, part: Part, rows: Sequence[Any], later: Later) -> Objects:
        """An object for each row."""
        return [self._object(part, row, later) for row in rows]

    def present(self, part: Part, node: Node, parent: Any, later: Later) -> Any:
        """What a field has that is neither fetched nor computed."""
        if node.field.kind == "denied":
            return failed(forbidden(node.field), later)
        if node.field.kind == "meta":
            return part.type_name if node.field.name == "__typename" else later.run.introspected(node)
        return self.read(part.type_name, node, parent, later)

    def read(self, type_name: str, node: Node, parent: Any, later: Later) -> Any:
        """The value of a field that is in its parent."""
        reading = self._executables[node.field.coordinate]
        return self._made(type_name, node, reading.of if isinstance(reading, Reading) else _nothing, parent, later)

    def taken(self, type_name: str, node: Node, value: Any, later: Later) -> Any:
        """The same, of what stands at its place in the parent's JSON."""
        reading = self._executables[node.field.coordinate]
        return self._made(type_name, node, reading.made if isinstance(reading, Reading) else _nothing, value, later)

    def _made(self, type_name: str, node: Node, made: Callable[[Any], Any], given: Any, later: Later) -> Any:
        try:
            found = made(given)
        except Exception as error:  # noqa: BLE001 - whatever a value does, it fails at its field
            return failed(error, later)
        return self.value(type_name, node, found, later)

    def value(self, type_name: str, node: Node, value: Any, later: Later) -> Any:
        """The value of a field, from what was resolved."""
        return self._protected(type_name, node, node.field.declared.type, value, later)

    def one(self, tail: Tail, value: Any, later: Later) -> Any:
        """One item of a streamed list."""
        return self._protected(tail.type_name, tail.node, tail.item_type, value, later)

    def item(self, type_name: str, node: Node, value: Any, later: Later) -> Any:
        """One object in a list of objects, or the only one."""
        type_ = node.field.declared.type
        while is_list_type(type_) or is_non_null_type(type_):
            type_ = type_.of_type
        return self._protected(type_name, node, type_, value, later)

    def _object(self, part: Part, parent: Any, later: Later) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for node in part.nodes:
            step = self.step_of.get(id(node))
            if step is None:
                made[node.key] = self.present(part, node, parent, later)
            else:
                made[node.key] = None  # its place among the fields
                objects, rows = later.owed[step.number]
                objects.append(made)
                rows.append(parent)
        for group in part.groups:
            objects, rows = later.kept[group.number]
            objects.append(made)
            rows.append(parent)
        return made

    def _protected(self, type_name: str, node: Node, type_: Any, value: Any, later: Later) -> Any:
        try:
            return self._completed(type_name, node, type_, value, later)
        except Exception as error:  # noqa: BLE001 - whatever a value does, it fails at its field
            return failed(error, later)

    def _completed(self, type_name: str, node: Node, type_: Any, value: Any, later: Later) -> Any:
        """In the order of graphql-core's `complete_value`, so that the same comes out."""
        if isinstance(value, Fault):
            later.faulty = True
            return value
        if isinstance(value, Exception):
            raise value
        if is_non_null_type(type_):
            found = self._completed(type_name, node, type_.of_type, value, later)
            later.faulty = later.faulty or found is None  # where null may not stand is seen when faults are ended
            return found
        if value is None or value is Undefined:
            return None
        if is_list_type(type_):
            if not is_iterable(value):
                raise GraphQLError(
                    f"Expected Iterable, but did not find one for field '{type_name}.{node.field.name}'."
                )
            return self._list(type_name, node, type_, value, later)
        if is_leaf_type(type_):
            return _leaf(type_, value)
        return self._composite(type_name, node, type_, value, later)

    def _list(self, type_name: str, node: Node, type_: Any, value: Any, later: Later) -> list[Any]:
        tail = None if node.streamed is None else self.tail_of[id(node)]
        if tail is None or tail.item_type is not type_.of_type:  # it comes whole, as a list in a streamed one does
            return [self._protected(type_name, node, type_.of_type, item, later) for item in value]
        made: list[Any] = []
        first = later.first(tail, value, made)
        made += [self._protected(type_name, node, type_.of_type, item, later) for item in first]
        return made

    def _composite(self, type_name: str, node: Node, type_: Any, value: Any, later: Later) -> dict[str, Any]:
        concrete = type_
        if is_abstract_type(type_):
            concrete = self._concrete(type_name, node, type_, value, later)
        if concrete.is_type_of and not concrete.is_type_of(value, later.run.info(type_name, node)):
            raise GraphQLError(f"Expected value of type '{concrete.name}' but got: {inspect(value)}.")
        part = self.parts[id(node.children[concrete.name]), concrete.name]
        made = part.shape((value,), later)[0] if type(value) is dict else self._object(part, value, later)
        if concrete is not type_:
            later.types[id(made)] = concrete.name
        return made

    def _concrete(self, type_name: str, node: Node, abstract: Any, value: Any, later: Later) -> Any:
        info = later.run.info(type_name, node)
        name: Any = abstract.resolve_type(value, info, abstract) if abstract.resolve_type else None
        if name not in node.children:
            raise GraphQLError(f"Type {name!r} is none of the types of {abstract.name}.")
        return self._graph.schema.type_map[name]


def failed(error: Exception, later: Later) -> Fault:
    """What stands where a value failed.

    Of a mistake that is told by its words, without how it came up to here: those frames hold the answer, which would
    be freed by the collector alone.
    """
    later.faulty = True
    if isinstance(error, (BffError, GraphQLError)):
        error.__traceback__ = None
        error.__context__ = error.__cause__
    return Fault(error)


def _nothing(_: Any) -> None:
    """What a field has that is not in its parent."""


def _leaf(type_: Any, value: Any) -> Any:
    found = type_.coerce_output_value(value)
    if found is None or found is Undefined:
        raise TypeError(f"{type_.name} has no text for a value: {inspect(value)}")
    return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Built:
    """All parts and steps of a plan, and what completes their values."""

    root: Part
    completion: Completion
    steps: tuple[Step, ...]
    waits: bool  # some step is one to wait for
    coded: bool = False  # hand-written code runs in it
    waiting: tuple[Group | Tail, ...] = ()  # what comes later, by its number

    def end(self) -> None:
        """Let parts and steps go of each other. It cannot run after that."""
        for part in self.completion.parts.values():
            part.shape = _over
        self.completion.parts.clear()
        self.completion.step_of.clear()
        self.completion.tail_of.clear()


def _over(_rows: Sequence[Any], _later: Later) -> Objects:
    raise RuntimeError("a plan that nobody has cannot run")
