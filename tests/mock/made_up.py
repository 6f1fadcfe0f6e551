"""A gateway whose services are all made up, as tests drive it: ask, and count the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import strawberry

from bff import codec, config
from bff.auth import Caller
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.limits import Price
from bff.load_graph import load_graph
from bff.mock import Fault, Mock, MockWire, mock_wires
from bff.operation import EVERYBODY, Asking
from bff.plan.graph import read_graph
from tests.kit import Listener

ROOT = Path(__file__).parents[2]
ANYBODY = Caller("tests", "tests", scopes=frozenset({"trips:read", "trips:write"}))


@dataclass(frozen=True)
class Answered:
    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class MadeUp:
    caller: Caller
    gateway: Gateway
    wires: Mapping[str, MockWire]
    listener: Listener

    async def ask(self, query: str, **variables: Any) -> Answered:
        asking = Asking(Envelope(query, variables=variables), self.caller, (), trace_id="trace")
        answer = await self.gateway.operations.run(asking)
        return Answered(answer.status, codec.decode(answer.text))

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer without an error."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer.body, answer.body["errors"]
        return answer.body["data"]

    def price(self, query: str, **variables: Any) -> Price:
        return self.gateway.operations.prepare(Envelope(query, variables=variables), self.caller).price

    @property
    def calls(self) -> Counter[str]:
        """How often each connector was called, by upstream and label."""
        return Counter(
            {f"{name} {label}": count for name, wire in self.wires.items() for label, count in wire.calls.items()}
        )


@asynccontextmanager
async def made_up(
    schema: strawberry.Schema, settings: config.Config, seed: int = 0, **faults: Fault
) -> AsyncIterator[MadeUp]:
    """A gateway over `schema` that calls nothing."""
    wires = mock_wires(read_graph(schema), tuple(settings.upstreams), Mock(seed, faults))
    listener = Listener()
    gateway = open_gateway(settings, ROOT, observer=listener, schema=schema, wires=wires)
    try:
        yield MadeUp(
            EVERYBODY if settings.auth is None else ANYBODY, gateway, cast("Mapping[str, MockWire]", wires), listener
        )
    finally:
        await gateway.aclose()


@asynccontextmanager
async def made_up_travel(seed: int = 0, timeout: float = 20.0, **faults: Fault) -> AsyncIterator[MadeUp]:  # noqa: ASYNC109
    """The reference graph without its services, for whoever asks as much as `limits` allow. `timeout` is of a call."""
    settings = config.load(ROOT / "bff.yaml", {})
    tier = config.Tier(points_per_minute=10**9, max_price=settings.limits.max_price, max_concurrent=1_000)
    patient = {name: each.model_copy(update={"timeout": timeout}) for name, each in settings.upstreams.items()}
    settings = settings.model_copy(update={"tiers": {**settings.tiers, "tests": tier}, "upstreams": patient})
    async with made_up(load_graph(settings.graph, ROOT), settings, seed, **faults) as opened:
        yield opened
