"""A live check from its beginning to its report. Breadth first: what can be called with what is known is called, and
its rows say with what to call the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as record

from bff.connectors import Connector
from bff.connectors.events import EVENT_STREAM
from bff.drift.asking import Asking, Wanting, asking
from bff.drift.caller import Caller, Enough
from bff.drift.fit import misfits
from bff.drift.report import Batch, Checked, Drift, Report, Skipped
from bff.drift.samples import Samples
from bff.drift.visit import Visit
from bff.plan.brought import Brought, brought_by
from bff.plan.graph import Graph

AT_ONCE = 4


@dataclass(slots=True)
class Probe:
    """One live check of one graph. Run once."""

    graph: Graph
    caller: Caller
    samples: Samples
    _drift: set[Drift] = record(default_factory=set)
    _checked: list[Checked] = record(default_factory=list)
    _batches: list[Batch] = record(default_factory=list)
    _skipped: list[Skipped] = record(default_factory=list)

    async def run(self) -> Report:
        """Call what can be called, round by round, until nothing more is learnt by it."""
        brought = brought_by(self.graph)
        waiting = {connector: found for connector, found in brought.items() if _ends(connector)}
        for connector in brought.keys() - waiting.keys():
            self._skip(connector, Wanting(_first(brought[connector]), _why_not(connector)))
        while ready := self._ready(waiting):
            waiting = {each: found for each, found in waiting.items() if each not in ready}
            await self._round([Visit(ask, brought[each], self.caller) for each, ask in ready.items()])
        for connector, found in waiting.items():
            lacking = asking(self.samples, connector, found)
            if isinstance(lacking, Wanting):
                self._skip(connector, lacking)
        return self._report()

    def _ready(self, waiting: dict[Connector, Brought]) -> dict[Connector, Asking]:
        found = {connector: asking(self.samples, connector, brought) for connector, brought in waiting.items()}
        return {connector: ask for connector, ask in found.items() if isinstance(ask, Asking)}

    async def _round(self, visits: Iterable[Visit]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def made(visit: Visit) -> None:
            async with slots:
                try:
                    await visit.run()
                except Enough:
                    self._skip(visit.connector, Wanting(visit.coordinate, "as many calls were made as may be"))

        await asyncio.gather(*map(made, visits))
        for visit in visits:
            self._learn(visit)

    def _learn(self, visit: Visit) -> None:
        connector, brought = visit.connector, visit.brought
        self._drift.update(visit.drift)
        for each in misfits(self.graph, brought, visit.rows):
            self._drift.add(Drift(each.coordinate, each.kind, each.message, connector.upstream, connector.label))
        for name in brought.types:
            self.samples.learn(name, visit.rows)
        if visit.batch:
            self._batches.append(visit.batch)
        coordinates = tuple(use.field.coordinate for use in brought.uses)
        if visit.calls:
            rows = len(visit.rows)
            self._checked.append(Checked(connector.upstream, connector.label, coordinates, visit.calls, rows))
            if not rows and not visit.drift:
                self._skip(connector, Wanting(visit.coordinate, "no row came, so none was looked at"))

    def _skip(self, connector: Connector, lacking: Wanting) -> None:
        where = connector.upstream, connector.label, lacking.coordinate
        self._skipped.append(Skipped(*where, lacking.reason, lacking.sample))

    def _report(self) -> Report:
        return Report(
            drift=tuple(sorted(self._drift, key=lambda each: (each.coordinate, each.kind, each.message))),
            checked=tuple(sorted(self._checked, key=lambda each: (each.upstream, each.call))),
            batches=tuple(sorted(self._batches, key=lambda each: (each.upstream, each.call))),
            skipped=tuple(sorted(self._skipped, key=lambda each: (each.upstream, each.call))),
        )


def _first(brought: Brought) -> str:
    return brought.uses[0].field.coordinate if brought.uses else ""


def _ends(connector: Connector) -> bool:
    """Whether this is a read, and one that comes to its end."""
    return connector.repeatable and connector.accept != EVENT_STREAM and len(connector.key) < 2


def _why_not(connector: Connector) -> str:
    if not connector.repeatable:
        return f"{connector.method} is never called, unless its connector says that it reads"
    return "a stream has no end" if connector.accept == EVENT_STREAM else "a key of several variables is not made up"
