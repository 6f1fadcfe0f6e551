"""Document + schema -> Plan. Pure, memoised and step-bounded; expects a document that passed validation.

Doubling fragments cost what their text costs: a set of selections is compiled once for each parent type, and every
field, fragment and value visited counts as a step towards a fixed budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    Undefined,
    VariableNode,
)

from bff.errors import BadUserInput, OperationTooComplex
from bff.plan.field import META, denied
from bff.plan.graph import Graph
from bff.plan.model import Node, Plan, VariableRef

MAX_STEPS = 20_000  # a fifth of a second; of plans that are kept (`bff.plan.kept`), none takes the place of all others
SWITCHING = frozenset({"skip", "include", "defer", "stream"})

Switches = Mapping[str, bool | None]  # by the variable's name; None where it has no value


def compile_plan(
    graph: Graph,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    switches: Switches,
    *,
    lacking: frozenset[str] = frozenset(),
    max_steps: int = MAX_STEPS,
) -> Plan:
    """The Plan of `operation`, which brings everything at once; `switches` are the variables that say what is in it.

    A field that demands one of the scopes in `lacking` has nothing below it: it will be an error, and makes no call.

    Raises OperationTooComplex when the document takes more than `max_steps` to analyse.
    """
    root = graph.schema.get_root_type(operation.operation)
    if root is None:  # validation has refused it already; a plan of nothing is still a plan
        return Plan(operation.operation.value, None, (), (), 0)
    compiler = Compiler(graph, fragments_in(document), switches, lacking, max_steps)
    roots = compiler.selections((operation.selection_set,), root.name)
    return Plan(
        kind=operation.operation.value,
        name=operation.name.value if operation.name else None,
        roots=roots,
        denied=tuple(compiler.denied),
        steps=compiler.steps,
    )


def switches_in(document: DocumentNode) -> tuple[str, ...]:
    """Names of the variables that say what is in an answer, and what of it comes later; sorted."""
    names = {name for definition in document.definitions for name in _switch_names(definition)}
    return tuple(sorted(names))


def asks_for_parts(document: DocumentNode) -> bool:
    """Whether something in it is to come later, for a client that takes an answer in parts."""
    directives = (each for definition in document.definitions for each in _directives(definition))
    return any(directive.name.value in {"defer", "stream"} for directive in directives)


@dataclass(slots=True)
class Compiler:
    """Selections of one document as the nodes of one plan."""

    graph: Graph
    fragments: Mapping[str, FragmentDefinitionNode]
    switches: Switches
    lacking: frozenset[str]
    max_steps: int
    steps: int = 0
    denied: dict[str, None] = record(default_factory=dict)
    memo: dict[tuple[tuple[int, ...], str], tuple[Node, ...]] = record(default_factory=dict)

    def selections(self, sets: tuple[SelectionSetNode, ...], type_name: str) -> tuple[Node, ...]:
        key = (tuple(id(set_) for set_ in sets), type_name)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = tuple(self._nodes(sets, type_name))
        return found

    def _nodes(self, sets: tuple[SelectionSetNode, ...], type_name: str) -> Iterator[Node]:
        fields: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for set_ in sets:
            for selected in self._collect(set_.selections, type_name, seen):
                fields.setdefault(response_key(selected), []).append(selected)
        for key, nodes in fields.items():
            name = nodes[0].name.value
            found = self.graph.fields.get(f"{type_name}.{name}") or META[name]
            if self.lacking.intersection(found.scopes):
                self.denied.update(dict.fromkeys(scope for scope in found.scopes if scope in self.lacking))
                yield Node(key, denied(found), {}, {}, tuple(nodes))
                continue
            inner = tuple(node.selection_set for node in nodes if node.selection_set)
            children = {
                concrete: self.selections(inner, concrete)
                for concrete in (self.graph.possible.get(found.returns, ()) if inner and found.composite else ())
            }
            yield Node(key, found, self.arguments(found.declared, nodes[0]), children, tuple(nodes))

    def _collect(self, selections: Iterable[SelectionNode], type_name: str, seen: set[str]) -> Iterator[FieldNode]:
        """GraphQL 6.3.2 CollectFields: each named fragment counts once in a selection set."""
        for selection in selections:
            self.step()
            if not self.included(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self.applies(condition.name.value, type_name):
                    yield from self._collect(selection.selection_set.selections, type_name, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self.applies(fragment.type_condition.name.value, type_name):
                    yield from self._collect(fragment.selection_set.selections, type_name, seen)

    def arguments(self, declared: Any, node: FieldNode) -> dict[str, Any]:
        given = {argument.name.value: self.literal(argument.value) for argument in node.arguments or ()}
        for name, argument in declared.args.items():
            default = argument.default_value if argument.default is None else argument.default.value
            if default is Undefined:
                continue
            value = given.setdefault(name, default)
            if isinstance(value, VariableRef):
                given[name] = VariableRef(value.name, default)
        return given

    def literal(self, node: Any) -> Any:
        """A value in the document as Python, with variables left open."""
        self.step()
        if isinstance(node, VariableNode):
            return VariableRef(node.name.value)
        if isinstance(node, IntValueNode):
            return _integer(node.value)
        if isinstance(node, FloatValueNode):
            return float(node.value)
        if isinstance(node, (StringValueNode, BooleanValueNode, EnumValueNode)):
            return node.value
        if isinstance(node, ListValueNode):
            return [self.literal(item) for item in node.values]
        if isinstance(node, ObjectValueNode):
            return {item.name.value: self.literal(item.value) for item in node.fields}
        return None

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.max_steps:
            raise OperationTooComplex(f"The document takes more than {self.max_steps} steps to analyse.")

    def applies(self, condition: str, type_name: str) -> bool:
        return condition == type_name or type_name in self.graph.possible.get(condition, ())

    def included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        """GraphQL 3.13.1, 3.13.2: both may stand on one selection; it stays if neither takes it away."""
        for directive in directives or ():
            name = directive.name.value
            if name in {"skip", "include"} and self._flag(directive) == (name == "skip"):
                return False
        return True

    def _flag(self, directive: DirectiveNode) -> bool:
        value = next((argument.value for argument in directive.arguments or () if argument.name.value == "if"), None)
        if isinstance(value, VariableNode):
            return bool(self.switches.get(value.name.value))
        return isinstance(value, BooleanValueNode) and value.value


def _integer(digits: str) -> int:
    """Raises BadUserInput for more digits than Python reads: an ID may be written so, but no key is that long."""
    try:
        return int(digits)
    except ValueError:
        raise BadUserInput("An integer in the document has too many digits.") from None


def fragments_in(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by name."""
    definitions = document.definitions
    return {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}


def response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _switch_names(definition: Any) -> Iterator[str]:
    for directive in _directives(definition):
        for argument in directive.arguments or ():
            switches = directive.name.value in SWITCHING and argument.name.value == "if"
            if switches and isinstance(argument.value, VariableNode):
                yield argument.value.name.value


def _directives(definition: Any) -> Iterator[DirectiveNode]:
    """Those of all selections."""
    stack = [getattr(definition, "selection_set", None)]
    while stack:
        set_ = stack.pop()
        for selection in set_.selections if set_ else ():
            stack.append(getattr(selection, "selection_set", None))
            yield from selection.directives or ()
