"""A plan that can run, and is kept with its document.

It runs the general way the first time (`complete`). From the second time on its parts are functions that were generated
for it (`emit`): compiling them takes longer than one answer earns back, and most of what clients send comes again. A
plan of lists, whose first run may be a long one, has them at once if its form comes again, in whatever document.
"""

from __future__ import annotations

from typing import Any

from bff.execute.build import build
from bff.execute.codes import Codes
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

    __slots__ = ("_built", "_codes", "_names", "_runs", "_source", "_upstreams", "has_code", "plan", "still", "waits")

    def __init__(self, graph: Graph, plan: Plan, codes: Codes | None = None) -> None:
        """Raises RecursionError for a plan that is too deep."""
        self.plan = plan
        self._built = built = build(graph, plan, executables(graph))
        self._runs = 0
        self._codes = Codes() if codes is None else codes
        self._source: Source | None = None  # until it is installed
        self._names: dict[str, Any] = {}  # of the functions, once they are
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
        if self._runs < EMIT_AT:
            self._runs += 1
            self._generate()
        return self._built

    def source(self) -> Source:
        """The code of its parts, for people to read."""
        return generate(self._built)

    def __del__(self) -> None:
        """Nobody runs it any more: whoever does has it too.

        Its parts, their functions, and what completes values know each other, and with them the document; left to the
        collector, which looks rarely, they would be most of what many new documents take.
        """
        if hasattr(self, "_built"):  # it was not too deep
            self._built.end()
            self._names.clear()

    def _generate(self) -> None:
        """On its second run, or on its first where that costs little and may be worth much."""
        if self._runs < EMIT_AT and not any(step.node.field.bound for step in self._built.steps):
            return
        source = self._source = self._source or generate(self._built)
        if self._runs == EMIT_AT or self._codes.again(source.text):
            self._names = source.install(self._codes)
            self._runs, self._source = EMIT_AT, None
