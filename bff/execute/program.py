"""A plan that can run, and is kept with its document.

It runs the general way the first time (`complete`). From the second time on its parts are functions that were generated
for it (`emit`): making them takes milliseconds, which one answer does not earn back, and most of what clients send
comes again.
"""

from __future__ import annotations

from bff.execute.build import build
from bff.execute.complete import Built
from bff.execute.emit import Source, generate
from bff.plan.graph import Graph
from bff.plan.install import executables
from bff.plan.model import Plan

EMIT_AT = 2  # the run that generates


class Program:
    """A plan and, from its first run on, its parts and steps."""

    __slots__ = ("_built", "_graph", "_runs", "_upstreams", "plan")

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self._graph = graph
        self.plan = plan
        self._runs = 0
        self._built: Built | None = None
        self._upstreams: frozenset[str] | None = None

    @property
    def steps(self) -> int:
        """How much memory it takes, counted as plans are."""
        return self.plan.steps

    @property
    def upstreams(self) -> frozenset[str]:
        """The services that its steps may call."""
        if self._upstreams is not None:
            return self._upstreams
        steps = self._ready().steps
        calls = {call.connector.upstream for step in steps for call in step.node.field.calls}
        self._upstreams = frozenset(calls | {used.upstream for step in steps for used in step.node.field.source.uses})
        return self._upstreams

    @property
    def waits(self) -> bool:
        """Whether it has something to wait for, and changes nothing."""
        return self.plan.kind != "mutation" and self._ready().waits

    @property
    def still(self) -> bool:
        """Whether nothing in it is waited for: it has run when it has begun."""
        return not self._ready().waits

    @property
    def has_code(self) -> bool:
        """Whether hand-written code runs in it."""
        return self._ready().coded

    def begun(self) -> Built:
        """What to run. Raises RecursionError for a plan that is too deep."""
        self._runs += 1
        built = self._ready()
        if self._runs == EMIT_AT:
            generate(built).install()
        return built

    def source(self) -> Source:
        """The code of its parts, for people to read."""
        return generate(self._ready())

    def _ready(self) -> Built:
        if self._built is None:
            self._built = build(self._graph, self.plan, executables(self._graph))
        return self._built
