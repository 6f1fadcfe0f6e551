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
    """A plan with its parts and steps.

    `still`: nothing in it is waited for, so that it has run when it has begun. `waits`: something is, and nothing is
    changed. `has_code`: hand-written code runs in it.
    """

    __slots__ = ("_built", "_runs", "_upstreams", "has_code", "plan", "still", "waits")

    def __init__(self, graph: Graph, plan: Plan) -> None:
        """Raises RecursionError for a plan that is too deep."""
        self.plan = plan
        self._built = built = build(graph, plan, executables(graph))
        self._runs = 0
        self._upstreams: frozenset[str] | None = None
        self.still = not built.waits
        self.waits = built.waits and plan.kind != "mutation"
        self.has_code = built.coded

    @property
    def steps(self) -> int:
        """How much memory it takes, counted as plans are."""
        return self.plan.steps

    @property
    def upstreams(self) -> frozenset[str]:
        """The services that its steps may call."""
        if self._upstreams is not None:
            return self._upstreams
        steps = self._built.steps
        calls = {call.connector.upstream for step in steps for call in step.node.field.calls}
        self._upstreams = frozenset(calls | {used.upstream for step in steps for used in step.node.field.source.uses})
        return self._upstreams

    def begun(self) -> Built:
        """What to run."""
        self._runs += 1
        if self._runs == EMIT_AT:
            generate(self._built).install()
        return self._built

    def source(self) -> Source:
        """The code of its parts, for people to read."""
        return generate(self._built)
