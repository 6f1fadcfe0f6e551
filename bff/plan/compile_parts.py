"""Document + schema -> a Plan whose fields know when they come: at once, or with one of the @defer they stand under.

One plan, whatever is deferred: a field that is asked for at once and later too is one node, and comes at once. What is
asked for under several @defer comes with the first of them. The rules are those of graphql-core's execution plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any, NamedTuple

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

from bff.plan.compile import MAX_STEPS, Compiler, Switches, fragments_in, response_key
from bff.plan.deferral import At, Deferred, Streamed, Usage, inside
from bff.plan.field import META, Field, denied
from bff.plan.graph import Graph
from bff.plan.model import Node, Plan, VariableRef

Visited = dict[str, set[int | None]]  # named fragments, and by identity the @defer under which they were


class Selected(NamedTuple):
    """A field where it is selected, and the @defer that it stands under."""

    node: FieldNode
    at: At | None


class Inner(NamedTuple):
    """A selection set, and the @defer that it stands under."""

    set: SelectionSetNode
    at: At | None


def compile_in_parts(
    graph: Graph,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    switches: Switches,
    *,
    lacking: frozenset[str] = frozenset(),
    max_steps: int = MAX_STEPS,
) -> Plan:
    """As `compile_plan`, for a client that takes an answer in parts. Raises OperationTooComplex."""
    root = graph.schema.get_root_type(operation.operation)
    if root is None:
        return Plan(operation.operation.value, None, (), (), 0)
    compiler = _PartsCompiler(Compiler(graph, fragments_in(document), switches, lacking, max_steps))
    roots = compiler.selections((Inner(operation.selection_set, None),), root.name, frozenset())
    return Plan(
        kind=operation.operation.value,
        name=operation.name.value if operation.name else None,
        roots=roots,
        denied=tuple(compiler.whole.denied),
        steps=compiler.whole.steps,
        in_parts=compiler.in_parts,
    )


@dataclass(slots=True)
class _PartsCompiler:
    whole: Compiler
    in_parts: bool = False
    memo: dict[tuple[Any, ...], tuple[Node, ...]] = record(default_factory=dict)
    usages: dict[tuple[int, At | None], Usage] = record(default_factory=dict)
    directives: dict[Usage, int] = record(default_factory=dict)  # of each usage, by identity

    def selections(self, inner: tuple[Inner, ...], type_name: str, within: frozenset[At]) -> tuple[Node, ...]:
        """The fields of an object that itself comes with the usages `within`."""
        key = (tuple((id(each.set), each.at) for each in inner), type_name, within)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = tuple(self._nodes(inner, type_name, within))
        return found

    def _nodes(self, inner: tuple[Inner, ...], type_name: str, within: frozenset[At]) -> Iterator[Node]:
        fields: dict[str, list[Selected]] = {}
        visited: Visited = {}
        for each in inner:
            for selected in self._collect(each.set.selections, type_name, each.at, visited):
                fields.setdefault(response_key(selected.node), []).append(selected)
        groups: dict[frozenset[At], Deferred] = {}
        for key, chosen in fields.items():
            found = self._field(type_name, chosen[0].node.name.value)
            comes = _comes(chosen)
            deferred = None
            if comes != within:
                self.in_parts = True
                deferred = groups.setdefault(comes, Deferred(tuple(dict.fromkeys(_in_order(chosen, comes)))))
            yield self._node(key, found, chosen, comes, deferred)

    def _field(self, type_name: str, name: str) -> Field:
        found = self.whole.graph.fields.get(f"{type_name}.{name}") or META[name]
        lacking = [scope for scope in found.scopes if scope in self.whole.lacking]
        self.whole.denied.update(dict.fromkeys(lacking))
        return denied(found) if lacking else found

    def _node(
        self, key: str, found: Field, chosen: list[Selected], comes: frozenset[At], deferred: Deferred | None
    ) -> Node:
        written = tuple(each.node for each in chosen)
        if found.kind == "denied":
            return Node(key, found, {}, {}, written, deferred)
        inner = tuple(Inner(each.node.selection_set, _further(each.at)) for each in chosen if each.node.selection_set)
        within = frozenset((usage, up + 1) for usage, up in comes)
        children = {
            concrete: self.selections(inner, concrete, within)
            for concrete in (self.whole.graph.possible.get(found.returns, ()) if inner and found.composite else ())
        }
        arguments = self.whole.arguments(found.declared, written[0])
        return Node(key, found, arguments, children, written, deferred, self._streamed(written[0]))

    def _collect(
        self, selections: Iterable[SelectionNode], type_name: str, at: At | None, visited: Visited
    ) -> Iterator[Selected]:
        for selection in selections:
            self.whole.step()
            if not self.whole.included(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                yield Selected(selection, at)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self.whole.applies(condition.name.value, type_name):
                    inner = self._deferred(selection, at)
                    yield from self._collect(selection.selection_set.selections, type_name, inner, visited)
            elif isinstance(selection, FragmentSpreadNode):
                yield from self._spread(selection, type_name, at, visited)

    def _spread(
        self, spread: FragmentSpreadNode, type_name: str, at: At | None, visited: Visited
    ) -> Iterator[Selected]:
        """A named fragment counts once for each @defer that it stands under, and once in all where it comes at once."""
        fragment = self.whole.fragments[spread.name.value]
        inner = self._deferred(spread, at)
        ways = visited.setdefault(spread.name.value, set())
        way = None if inner is None else self.directives[inner[0]]
        if None in ways or way in ways or not self.whole.applies(fragment.type_condition.name.value, type_name):
            return
        ways.add(way)
        yield from self._collect(fragment.selection_set.selections, type_name, inner, visited)

    def _deferred(self, fragment: InlineFragmentNode | FragmentSpreadNode, at: At | None) -> At | None:
        """The usage that a fragment stands under: its own, or the one around it."""
        directive = self._active("defer", fragment.directives)
        if directive is None:
            return at
        key = (id(directive), at)
        if key not in self.usages:
            above, rise = at or (None, 0)
            self.usages[key] = Usage(_label(directive), above, rise)
            self.directives[self.usages[key]] = id(directive)
        return self.usages[key], 0

    def _streamed(self, field: FieldNode) -> Streamed | None:
        directive = self._active("stream", field.directives)
        if directive is None:
            return None
        self.in_parts = True
        given = {argument.name.value: argument.value for argument in directive.arguments or ()}
        initial: Any = self.whole.literal(given["initialCount"]) if "initialCount" in given else 0
        return Streamed(
            _label(directive), VariableRef(initial.name, 0) if isinstance(initial, VariableRef) else initial
        )

    def _active(self, name: str, directives: Iterable[DirectiveNode] | None) -> DirectiveNode | None:
        """The directive, unless it is switched off; without a value for its variable it is on."""
        found = next((each for each in directives or () if each.name.value == name), None)
        value = (
            next((each.value for each in (found.arguments or ()) if each.name.value == "if"), None) if found else None
        )
        off = isinstance(value, BooleanValueNode) and not value.value
        if isinstance(value, VariableNode):
            off = self.whole.switches.get(value.name.value) is False
        return None if off else found


def _comes(chosen: list[Selected]) -> frozenset[At]:
    """The usages that a field comes with: none if it is asked for at once; of two, one inside the other, the outer."""
    found = {each.at for each in chosen}
    return (
        frozenset(at for at in found if at is not None and not _within(at, found)) if None not in found else frozenset()
    )


def _within(at: At, usages: set[At | None]) -> bool:
    above = inside(at)
    while above is not None and above not in usages:
        above = inside(above)
    return above is not None


def _in_order(chosen: list[Selected], comes: frozenset[At]) -> Iterator[At]:
    return (each.at for each in chosen if each.at is not None and each.at in comes)


def _further(at: At | None) -> At | None:
    """The same usage, as seen from an object below."""
    return None if at is None else (at[0], at[1] + 1)


def _label(directive: DirectiveNode) -> str | None:
    value = next((each.value for each in directive.arguments or () if each.name.value == "label"), None)
    return value.value if isinstance(value, StringValueNode) else None
