"""What hand-written code is told of the field it computes: graphql-core's `GraphQLResolveInfo`, made when asked for.

A plan shapes thousands of rows without keeping where each stands, so `path` is looked up in the answer as it has grown
so far, which costs a walk for each time that it has grown; everything else is at hand.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from bff.plan.context import Context
from bff.plan.model import Node


@dataclass(slots=True, eq=False)  # one is made for every operation, and a frozen one takes thrice as long to make
class Asked:
    """The operation that runs. To be read only."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    context: Context


class Places:
    """Where objects stand in an answer that grows: what has come since the last walk is found by the next."""

    __slots__ = ("_known", "answer")

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self._known: dict[int, Path | None] = {}  # by identity: the answer holds them all

    def of(self, wanted: Any) -> Path | None:
        """The first of its places; None for the answer itself."""
        if id(wanted) not in self._known:
            self._known = {}
            self._walk_all()
        return self._known.get(id(wanted))

    def _walk_all(self) -> None:
        self._walk(self.answer, None)

    def _walk(self, within: dict[str, Any] | list[Any], path: Path | None) -> None:
        if id(within) in self._known:
            return
        self._known[id(within)] = path
        for key, value in within.items() if isinstance(within, dict) else enumerate(within):
            if isinstance(value, (dict, list)):
                self._walk(value, Path(path, key, None))


class PlacesInParts(Places):
    """Where objects stand, those too that came later."""

    __slots__ = ("_patches",)

    def __init__(self, answer: dict[str, Any], patches: list[tuple[Any, Any]]) -> None:
        super().__init__(answer)
        self._patches = patches

    def _walk_all(self) -> None:
        super()._walk_all()
        for by, patch in self._patches:
            self._walk(patch, self._known.get(id(by)))


class Info:
    """The same names as graphql-core's record, which Strawberry's `Info` reads."""

    __slots__ = ("_asked", "_node", "_parent", "_places", "_type_name")

    abort_signal = None
    async_helpers = None
    root_value = None
    is_awaitable = staticmethod(inspect.isawaitable)

    def __init__(self, asked: Asked, type_name: str, node: Node, parent: Any, places: Places) -> None:
        self._asked = asked
        self._type_name = type_name
        self._node = node
        self._parent = parent
        self._places = places

    @property
    def field_name(self) -> str:
        return self._node.field.name

    @property
    def field_nodes(self) -> list[Any]:
        return list(self._node.written)

    @property
    def return_type(self) -> Any:
        return self._node.field.declared.type

    @property
    def parent_type(self) -> Any:
        return self._asked.schema.type_map[self._type_name]

    @property
    def path(self) -> Path:
        """Where the field stands in the answer; the first of its places, if what it belongs to stands in several."""
        return Path(self._places.of(self._parent), self._node.key, self._type_name)

    @property
    def schema(self) -> GraphQLSchema:
        return self._asked.schema

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        return dict(self._asked.fragments)

    @property
    def operation(self) -> OperationDefinitionNode:
        return self._asked.operation

    @property
    def variable_values(self) -> VariableValues:
        return self._asked.variables

    @property
    def context(self) -> Context:
        return self._asked.context
