"""What can be watched in the reference graph, over its real services."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from tests.reference.test_server import served
from tests.reference.test_trips import CREATE, DELETE, UPDATE, WEST
from tests.reference.travel import bearer, travel_over
from tests.subscriptions.conftest import STREAM, Lines

TRIP = "subscription($id: ID!) { trip(id: $id) { title version stops { iata airport { city { name } } } } }"
STOPS = [{"iata": "LIS"}]


@asynccontextmanager
async def watching(url: str, query: str, user: str, **variables: str) -> AsyncIterator[Lines]:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
        http.stream(
            "POST",
            f"{url}/graphql",
            json={"query": query, "variables": variables},
            headers={**bearer(user), **STREAM},
        ) as answer,
    ):
        yield Lines(answer)


async def test_a_trip_is_watched_while_its_owner_changes_it(controls: Mapping[str, httpx.Client]) -> None:
    ana = f"ana-{secrets.token_hex(4)}"
    async with travel_over(controls) as travel, served(travel) as url:
        made = (await travel.ask(CREATE, ana, input={**WEST, "stops": STOPS})).data["createTrip"]
        async with watching(url, TRIP, ana, id=made["id"]) as events:
            _, first = await events.event()
            assert first["data"]["trip"] == {
                "title": "West",
                "version": 1,
                "stops": [{"iata": "LIS", "airport": {"city": {"name": "Lisbon"}}}],
            }
            await travel.send(UPDATE, ana, id=made["id"], input={"title": "East", "version": 1})
            _, changed = await events.event()
            assert (changed["data"]["trip"]["title"], changed["data"]["trip"]["version"]) == ("East", 2)
            await travel.send(DELETE, ana, id=made["id"])
            _, gone = await events.event()
            assert gone["data"] == {"trip": None}


async def test_nobody_watches_another_ones_trip(controls: Mapping[str, httpx.Client]) -> None:
    ana, bob = f"ana-{secrets.token_hex(4)}", f"bob-{secrets.token_hex(4)}"
    async with travel_over(controls) as travel, served(travel) as url:
        made = (await travel.ask(CREATE, ana, input=WEST)).data["createTrip"]
        async with watching(url, TRIP, bob, id=made["id"]) as events:
            assert await events.event() == ("next", {"data": {"trip": None}})


async def test_a_rate_is_watched_by_many_with_one_call(controls: Mapping[str, httpx.Client]) -> None:
    query = 'subscription { rate(base: "EUR", currency: "USD") }'
    async with travel_over(controls) as travel, served(travel) as url:
        async with watching(url, query, "ana") as one, watching(url, query, "bob") as two:
            (_, found), (_, same) = await one.event(), await two.event()
        assert found == same
        assert float(found["data"]["rate"]) > 0
        assert travel.calls == {"rates": 1}
