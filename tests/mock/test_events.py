"""Subscriptions over made-up services: streams bring events, polls their first value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import strawberry

from bff import config, constant, poll, subscribe, upstream
from bff.events import open_events
from bff.gateway import open_gateway
from bff.mock import Mock, mock_wires
from bff.plan.brought import brought_by
from bff.plan.graph import read_graph
from bff.plan.scope import Scope

flights = upstream("flights")


@strawberry.type
class Position:
    lat: float
    airborne: bool


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


@strawberry.type
class Subscription:
    @subscribe(flights.events("/flights/{number}/positions"))
    def position(self, number: strawberry.ID) -> Position | None: ...

    @subscribe(poll(flights.get("/fares{?class_}"), every=5), class_=constant("y"))
    def fare(self) -> Position | None: ...

    @subscribe(flights.socket("/live"))
    def live(self) -> Position | None: ...


async def test_made_up_services_have_events_for_streams_and_polls() -> None:
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    graph = read_graph(schema)
    settings = config.parse("upstreams: {flights: {url: 'http://flights', events: {patience: 1ms}}}", {})
    gateway = open_gateway(settings, Path("/"), schema=schema, wires=mock_wires(graph, ["flights"], Mock()))
    found: dict[str, Any] = {}
    for name in ("position", "fare", "live"):
        source = gateway.graph.fields[f"Subscription.{name}"].source
        events = open_events(gateway.streams, source, {"number": "TP1"}, Scope(gateway.upstreams, 0.0))
        found[name] = await anext(events)
        await events.aclose()
    assert isinstance(found["position"]["lat"], float)
    assert isinstance(found["fare"]["airborne"], bool)
    assert found["live"].code == "UPSTREAM_UNREACHABLE"  # nothing is dialled
    await gateway.aclose()


def test_the_calls_that_events_come_by_are_among_those_of_the_graph() -> None:
    graph = read_graph(strawberry.Schema(query=Query, subscription=Subscription))
    assert {connector.label for connector in graph.connectors} == {
        "GET /flights/{number}/positions",
        "GET /fares{?class_}",
        "GET /live",
    }
    assert {found.types for found in brought_by(graph).values()} == {("Position",)}
