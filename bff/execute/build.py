"""Plan -> parts and steps, on the general way. Pure; each node is visited once, however often it is shared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from graphql import GraphQLSchema, get_nullable_type, is_object_type

from bff.execute.complete import Built, Completion
from bff.execute.direct import Direct, lonely
from bff.execute.parts import Group, Part, Step, Tail
from bff.execute.wants import Wants
from bff.plan.deferral import Deferred
from bff.plan.graph import Graph
from bff.plan.inputs import Arguments
from bff.plan.model import Node, Plan
from bff.plan.resolve import Coding, Executable, Fetching, Reading, to_wire


def build(graph: Graph, plan: Plan, executables: Mapping[str, Executable]) -> Built:
    """All parts and steps of the plan. Raises RecursionError for one too deep."""
    builder = _Builder(graph, executables)
    root = builder.part(root_type(graph.schema, plan.kind), plan.roots)
    completion = builder.completion
    _part_the_lonely(builder)
    waits = any(not isinstance(step.executable, Coding) or step.executable.waits for step in builder.steps)
    coded = any(step.node.field.kind == "code" for step in builder.steps)
    return Built(root, completion, tuple(builder.steps), waits, coded, tuple(builder.waiting))


def root_type(schema: GraphQLSchema, kind: str) -> str:
    """The name of the type whose fields stand at the top of such an operation."""
    found = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    root = found.get(kind)
    return root.name if root else ""


def _part_the_lonely(builder: _Builder) -> None:
    """Let those steps that can share nothing run without what sharing takes."""
    if builder.meets or builder.waiting or any(isinstance(step.executable, Coding) for step in builder.steps):
        return  # code may load what it likes, and what comes later what came before
    alone = lonely(step.node for step in builder.steps)
    for step in builder.steps:
        if step.wants and isinstance(step.executable, Fetching) and step.wants.connector in alone:
            step.wants.alone = True
            step.direct = Direct(step.node, step.executable, step.wants)


class _Builder:
    def __init__(self, graph: Graph, executables: Mapping[str, Executable]) -> None:
        self._executables = executables
        self._parts = 0
        self.completion = Completion(graph, executables)
        self.steps: list[Step] = []
        self.waiting: list[Group | Tail] = []
        self.meets = False  # something stands at several places, and may run more than once

    def part(self, type_name: str, nodes: tuple[Node, ...]) -> Part:
        parts = self.completion.parts
        key = (id(nodes), type_name)
        if key in parts:
            self.meets = True
        else:
            later = any(node.deferred for node in nodes)
            parts[key] = self._apart(type_name, nodes) if later else self._part(type_name, nodes)
        return parts[key]

    def _part(self, type_name: str, nodes: tuple[Node, ...]) -> Part:
        owed = tuple(dict.fromkeys(step for node in nodes for step in self._owed(type_name, node)))
        made = Part(self._parts, type_name, nodes, owed, lambda *_: [])
        self._parts += 1
        made.shape = partial(self.completion.shape, made)
        return made

    def _apart(self, type_name: str, nodes: tuple[Node, ...]) -> Part:
        """A part of what comes at once, which knows the groups of the rest."""
        made = self._part(type_name, tuple(node for node in nodes if node.deferred is None))
        made.groups = tuple(self._group(type_name, nodes, each) for each in _deferrals(nodes))
        return made

    def _group(self, type_name: str, nodes: tuple[Node, ...], deferred: Deferred) -> Group:
        own = tuple(node for node in nodes if node.deferred is deferred)
        part = self.completion.parts[id(own), type_name] = self._part(type_name, own)
        made = Group(len(self.waiting), deferred, part)
        self.waiting.append(made)
        return made

    def _owed(self, type_name: str, node: Node) -> tuple[int, ...]:
        """The steps that a field leaves to be done at once: itself, or those of what is inside its value."""
        parts = {name: self.part(name, nodes) for name, nodes in node.children.items()}
        inside = tuple(dict.fromkeys(step for part in parts.values() for step in part.steps))
        if node.streamed is not None and id(node) not in self.completion.tail_of:
            made = Tail(len(self.waiting), type_name, node, node.streamed, inside)
            self.completion.tail_of[id(node)] = made
            self.waiting.append(made)
        if node.field.kind not in {"fetch", "code"}:
            return inside
        if id(node) in self.completion.step_of:
            self.meets = True
        else:
            self._step(type_name, node, parts, inside)
        return (self.completion.step_of[id(node)].number,)

    def _step(self, type_name: str, node: Node, parts: Mapping[str, Part], below: tuple[int, ...]) -> None:
        executable = self._executables[node.field.coordinate]
        if isinstance(executable, Reading):
            raise TypeError(f"{node.field.coordinate} is neither fetched nor computed")
        single = is_object_type(get_nullable_type(node.field.declared.type))
        made = Step(
            number=len(self.steps),
            type_name=type_name,
            node=node,
            executable=executable,
            wired=to_wire(node.field),
            below=below,
            part=next(iter(parts.values())) if single else None,
            value=partial(self.completion.value, type_name, node),
            inputs=Arguments(node.field.declared, node.written[0]),
            wants=Wants(executable) if isinstance(executable, Fetching) else None,
        )
        self.steps.append(made)
        self.completion.step_of[id(node)] = made


def _deferrals(nodes: tuple[Node, ...]) -> tuple[Deferred, ...]:
    return tuple(dict.fromkeys(node.deferred for node in nodes if node.deferred is not None))
