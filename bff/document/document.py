"""One valid document: its operations, their variables, and their plans, which are remembered. Runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    validate,
)
from graphql.execution.values import VariableValues

from bff.document.limits import MAX_ERRORS, DocumentLimits
from bff.document.refusal import Refusal, refusal
from bff.document.reticent import without_names
from bff.errors import BadUserInput, OperationNotFound, OperationTooComplex
from bff.execute import Codes, Program
from bff.plan.compile import compile_plan
from bff.plan.compile_parts import compile_in_parts
from bff.plan.graph import Graph
from bff.plan.inputs import Variables
from bff.plan.kept import Plans
from bff.plan.model import Plan


@dataclass(slots=True, eq=False)
class Document:
    """One valid document."""

    graph: Graph
    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    switches: tuple[str, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    limits: DocumentLimits
    schema: GraphQLSchema  # with the directives that it may have
    in_parts: bool  # something in it may come later
    programs: Plans[Program] = record(default_factory=Plans)
    codes: Codes = record(default_factory=Codes)
    inputs: dict[int, Variables] = record(default_factory=dict)  # of its operations, by identity
    mark: Any = record(default_factory=object)  # tells its plans apart, and does not hold it

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run (GraphQL 6.1 GetOperation). Raises Refusal."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        found = self.operations.get(name) if name else None
        if found is None:
            raise refusal(OperationNotFound(_no_operation(name)))
        return found

    def plan(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any], lacking: frozenset[str] = frozenset()
    ) -> Plan:
        """The plan of `operation` with these coerced variables, for a caller without the scopes in `lacking`.

        It is that of a client that takes parts, which is the dearer one. Raises Refusal for a document beyond analysis.
        """
        return self.program(operation, variables, lacking, in_parts=self.in_parts).plan

    def program(
        self,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        lacking: frozenset[str] = frozenset(),
        *,
        in_parts: bool = False,
    ) -> Program:
        """The same plan, ready to run; with `in_parts` one that heeds @defer and @stream."""
        for switch in self.switches:
            if variables.get(switch, True) is None:
                raise Refusal(BadUserInput("The variables do not fit."), (GraphQLError(_no_switch(switch)),))
        switches = {name: variables.get(name) for name in self.switches}
        name = operation.name.value if operation.name else None
        compiled = compile_in_parts if in_parts else compile_plan
        key = (self.mark, name, lacking, compiled, *switches.values())
        try:
            return self.programs.get(
                key,
                lambda: Program(
                    self.graph, compiled(self.graph, self.node, operation, switches, lacking=lacking), self.codes
                ),
            )
        except OperationTooComplex as error:
            raise refusal(error) from None
        except RecursionError:
            raise refusal(OperationTooComplex("The document is nested too deeply.")) from None

    def deprecated(self) -> tuple[str, ...]:
        """What it asks for and better would not, in the schema's words. Read anew each time."""
        found = validate(self.graph.schema, self.node, (NoDeprecatedCustomRule,), max_errors=MAX_ERRORS)
        return tuple(dict.fromkeys(error.message for error in found if error.locations))

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """Coerced variables (GraphQL 6.1.2). Raises Refusal with every mistake."""
        known = self.inputs.get(id(operation))
        if known is None:
            known = self.inputs[id(operation)] = Variables(self.graph.schema, operation)
        found = known.coerced(given, max_errors=MAX_ERRORS, hide_suggestions=not self.limits.suggestions)
        if isinstance(found, list):
            errors = without_names(found) if self.limits.reticent else tuple(found)
            raise Refusal(BadUserInput("The variables do not fit."), errors)
        return found


def _no_switch(name: str) -> str:
    """A default lets `$name: Boolean = true` stand where Boolean! is asked for, and an explicit null still through."""
    return f"Variable '${name}' must not be null: it says what is skipped or included."


def _no_operation(name: str | None) -> str:
    if name:
        return f'The document has no operation named "{name}".'
    return "The document has several operations, or none: name the one to run in operationName."
