"""`__schema` and `__type`: asked of graphql-core, which answers them from the schema without any service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    experimental_execute_incrementally,
    visit,
)
from graphql import FragmentDefinitionNode as Fragment
from graphql.language.visitor import REMOVE

from bff.plan.model import Node


def introspected(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, Fragment],
    node: Node,
    variables: Mapping[str, Any],
) -> Any:
    """The value of one such field; `variables` as the client gave them. Raises what made it fail."""
    alone = OperationDefinitionNode(
        operation=operation.operation,
        variable_definitions=operation.variable_definitions,
        directives=(),
        selection_set=SelectionSetNode(selections=node.written),
    )
    document = visit(DocumentNode(definitions=(alone, *fragments.values())), _AtOnce())
    result = experimental_execute_incrementally(
        schema, document, variable_values=dict(variables), hide_suggestions=True
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("introspection answers at once")
    if result.errors:
        raise result.errors[0]
    return (result.data or {}).get(node.key)


class _AtOnce(Visitor):
    """Without @defer and @stream, which graphql-core would heed: what needs no service has nothing to wait for."""

    def enter_directive(self, node: DirectiveNode, *_: Any) -> Any:
        return REMOVE if node.name.value in {"defer", "stream"} else None
