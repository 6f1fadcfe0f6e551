"""A service's events as a client of the graph gets them: shaped, fetched below, and with errors where they belong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import strawberry

from bff import argument, config, connect, poll, subscribe, upstream
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.operation import EVERYBODY, Asking

from .service import Call, Service, serving

flights = upstream("flights")
by_iata = flights.get("/airports/{iata}")


@strawberry.type
class Airport:
    iata: str
    name: str


@strawberry.type
class Position:
    at: int
    near: Airport | None = connect(by_iata, iata="near_iata")


@strawberry.type
class Query:
    @connect(by_iata)
    def airport(self, iata: str) -> Airport | None: ...


@strawberry.type
class Subscription:
    @subscribe(flights.events("/flights/{number}/positions", rows="position"))
    def position(self, number: strawberry.ID) -> Position | None: ...

    @subscribe(flights.events("/flights/{flight}/positions"), path="position.at", flight=argument("number"))
    def at(self, number: strawberry.ID) -> int | None: ...

    @subscribe(poll(flights.get("/board", many=True), every=5), assumed_size=2)
    def board(self) -> list[Position] | None: ...


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription)


async def airports(call: Call) -> bool:
    """Whether it was a call for an airport, which then is answered."""
    if not call.target.startswith("/airports/"):
        return False
    body = json.dumps({"iata": call.target[-3:], "name": "Lisbon"})
    call.head(200, content_length=str(len(body)))
    call.say(body)
    return True


async def script(call: Call) -> None:
    if await airports(call):
        return
    if call.target == "/board":
        body = '[{"at": 1}, {"at": 2}, {"at": 3}]'
        call.head(200, content_length=str(len(body)))
        call.say(body)
        return
    call.stream('data: {"position": {"at": 1, "near_iata": "LIS"}}\n\n')
    call.say('data: {"position": null}\n\ndata: soon\n\ndata: {"position": {"at": "far"}}\n\n')
    call.say('data: {"position": 7}\n\ndata: {"position": {"at": 5}}\n\nevent: end\ndata: {}\n\n')
    await call.gone.wait()


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Gateway, Service]]:
    async with serving(script) as service:
        settings = config.parse(f"upstreams: {{flights: {{url: '{service.url}'}}}}", {})
        gateway = open_gateway(settings, Path("/"), schema=SCHEMA)
        yield gateway, service
        await gateway.aclose()
        assert len(gateway.streams) == 0


async def told(gateway: Gateway, query: str, number: int) -> list[Any]:
    """The first answers of a subscription, errors by path and code; then it is left."""
    asking = Asking(Envelope(query), EVERYBODY, (), trace_id="trace")
    events = (await gateway.subscriptions.run(asking, "sse")).events
    assert events is not None
    found = []
    for _ in range(number):
        answer = json.loads((await anext(events)).text)
        errors = [
            (".".join(map(str, each.get("path", ()))), each["extensions"]["code"]) for each in answer.get("errors", ())
        ]
        found.append((answer.get("data"), errors) if errors else answer["data"])
    await events.aclose()
    return found


async def test_events_are_rows_of_the_graph_and_a_failed_one_ends_nothing() -> None:
    query = 'subscription { position(number: "TP1") { at near { name } } }'
    async with running() as (gateway, service):
        assert await told(gateway, query, 6) == [
            {"position": {"at": 1, "near": {"name": "Lisbon"}}},
            {"position": None},
            ({"position": None}, [("position", "UPSTREAM_MALFORMED")]),
            ({"position": None}, [("position.at", "UPSTREAM_MALFORMED")]),
            ({"position": None}, [("position", "UPSTREAM_MALFORMED")]),
            {"position": {"at": 5, "near": None}},
        ]
        await service.until(lambda found: found.open == 0)
        assert [call.target for call in service.calls] == ["/flights/TP1/positions", "/airports/LIS"]


async def test_a_field_may_be_one_value_out_of_the_row() -> None:
    async with running() as (gateway, _):
        assert (await told(gateway, 'subscription { at(number: "TP1") }', 2)) == [{"at": 1}, {"at": None}]


async def test_a_list_keeps_to_its_bound() -> None:
    async with running() as (gateway, _):
        assert await told(gateway, "subscription { board { at } }", 1) == [
            ({"board": None}, [("board", "LIST_TOO_LONG")])
        ]
