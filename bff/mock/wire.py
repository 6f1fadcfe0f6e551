"""A made-up service in the place of the network: the innermost sender of an upstream's stack.

Deadlines, limits and telemetry stand above it as they do above a real one. It knows a call by its label, which is its
connector's; code that calls by hand is told by the path of its target.
"""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as record

from bff import codec
from bff.connectors import Connector
from bff.connectors.events import EVENT_STREAM
from bff.connectors.media import is_json, is_text
from bff.errors import Problem, StartRefused
from bff.mock.answer import NOT_FOUND, Answer, Answers
from bff.mock.asked import asked, fits_path
from bff.mock.dice import Dice
from bff.mock.faults import NO_FAULT, Fault
from bff.mock.rows import Json
from bff.mock.shape import Shapes
from bff.mock.shown import Examples, Sketches
from bff.plan.graph import Graph
from bff.upstreams import Reply, Request, Sender

PROBLEM = "application/problem+json"  # RFC 9457


@dataclass(frozen=True, slots=True)
class Mock:
    """How services are made up: equal seeds, equal answers."""

    seed: int = 0
    faults: Mapping[str, Fault] = record(default_factory=dict)  # by upstream
    examples: Examples = record(default_factory=dict)  # what documents show
    sketches: Sketches = record(default_factory=dict)  # what they say of values


def mock_wires(graph: Graph, upstreams: Sequence[str], mock: Mock) -> dict[str, Sender]:
    """A wire for each upstream, that answers the graph's connectors. Raises StartRefused for faults of no upstream."""
    unknown = sorted(mock.faults.keys() - set(upstreams))
    if unknown:
        known = ", ".join(sorted(upstreams)) or "none"
        raise StartRefused(
            [Problem("--fault", f"there is no upstream '{name}'", f"it has {known}") for name in unknown]
        )
    dice = Dice(mock.seed)
    answers = Answers(Shapes(graph), dice, mock.examples, mock.sketches)
    return {
        name: MockWire(
            name,
            tuple(connector for connector in graph.connectors if connector.upstream == name),
            answers,
            dice,
            mock.faults.get(name, NO_FAULT),
        )
        for name in upstreams
    }


class MockWire:
    """One made-up service. `calls` counts what it was asked, by label."""

    def __init__(
        self, name: str, connectors: Sequence[Connector], answers: Answers, dice: Dice, fault: Fault = NO_FAULT
    ) -> None:
        self._name = name
        self._connectors = connectors
        self._answers = answers
        self._dice = dice
        self._fault = fault
        self.calls: Counter[str] = Counter()

    async def send(self, request: Request) -> Reply:
        self.calls[request.label] += 1
        if self._fault.latency:
            await asyncio.sleep(self._fault.latency)
        connector = self._connector(request)
        status, body, headers = self._answer(connector, request)
        accept = connector.accept if connector and status < 300 else PROBLEM
        return Reply(
            self._name, status, (("content-type", accept), *headers), b"" if status == 204 else _written(accept, body)
        )

    async def aclose(self) -> None:
        """Nothing is held."""

    def _answer(self, connector: Connector | None, request: Request) -> Answer:
        if connector is None:
            return NOT_FOUND
        if self._fails(request):
            return self._answers.refused(connector, self._fault.status or 500)
        return self._answers.to(connector, asked(connector, request), self._fault.gaps)

    def _connector(self, request: Request) -> Connector | None:
        declared = (each for each in self._connectors if each.label == request.label)
        by_hand = (
            each for each in self._connectors if each.method == request.method and fits_path(each, request.target)
        )
        return next(declared, None) or next(by_hand, None)

    def _fails(self, request: Request) -> bool:
        """Drawn for the call and for how many of its kind were made, so that another try may fare better."""
        made = self.calls[request.label]
        share = self._dice.share(self._name, request.method, request.target, made, "fault")
        return self._fault.status is not None and share < self._fault.rate

    def __repr__(self) -> str:
        return f"mock of {self._name}"


def _written(media: str, value: Json) -> bytes:
    """A value in the media type that a connector takes: what is neither JSON nor text is base64 in rows."""
    if is_json(media):
        return codec.encode(value)
    if media == EVENT_STREAM:  # one event, and its end: whoever hears it asks again
        return b"data: " + codec.encode(value) + b"\n\n"
    if is_text(media):
        return str(value).encode()
    try:
        return base64.b64decode(str(value))
    except ValueError:
        return b"mock"
