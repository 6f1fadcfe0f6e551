"""What hand-written code is told of the field it computes: graphql-core's `GraphQLResolveInfo`, made when asked for.

A plan shapes thousands of rows without keeping where each stands, so `path` is looked up in the answer as it has grown
so far, which costs a walk; everything else is at hand.
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


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The operation that runs."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    context: Context


class Info:
    """The same names as graphql-core's record, which Strawberry's `Info` reads."""

    __slots__ = ("_answer", "_asked", "_node", "_parent", "_type_name")

    abort_signal = None
    async_helpers = None
    root_value = None
    is_awaitable = staticmethod(inspect.isawaitable)

    def __init__(self, asked: Asked, type_name: str, node: Node, parent: Any, answer: Any) -> None:
        self._asked = asked
        self._type_name = type_name
        self._node = node
        self._parent = parent
        self._answer = answer

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
        path: Path | None = None
        for key in _find(self._answer, self._parent) or []:
            path = Path(path, key, None)
        return Path(path, self._node.key, self._type_name)

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


def _find(within: Any, wanted: Any) -> list[str | int] | None:
    if within is wanted:
        return []
    members = within.items() if isinstance(within, dict) else enumerate(within) if isinstance(within, list) else ()
    for key, value in members:
        below = _find(value, wanted)
        if below is not None:
            return [key, *below]
    return None
