"""Trips as their service tells of them: written through the gateway, and past it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

from tests.reference.test_server import served
from tests.reference.test_subscriptions import watching
from tests.reference.test_trips import CREATE, UPDATE, WEST
from tests.reference.travel import bearer, travel_over
from tests.subscriptions.conftest import Lines

WRITTEN = "subscription { tripWritten { id title stops { airport { city { name } } } } }"


async def titled(events: Lines, title: str) -> dict[str, Any]:
    """The next trip of this title, whatever comes before it."""
    while True:
        _, found = await events.event()
        trip: dict[str, Any] = found["data"]["tripWritten"]
        if trip["title"] == title:
            return trip


async def test_who_listens_hears_of_own_trips_and_of_nobody_elses(controls: Mapping[str, httpx.Client]) -> None:
    ana, bob = f"ana-{secrets.token_hex(4)}", f"bob-{secrets.token_hex(4)}"
    async with travel_over(controls) as travel, served(travel) as url:
        made = (await travel.ask(CREATE, ana, input={**WEST, "stops": [{"iata": "LIS"}]})).data["createTrip"]
        async with watching(url, WRITTEN, ana) as events:
            first = asyncio.ensure_future(events.event())
            while not first.done():  # until the service is listened to
                await travel.send(UPDATE, ana, id=made["id"], input={"title": "East"})
                await asyncio.wait([first], timeout=0.05)
            await travel.send(CREATE, bob, input={**WEST, "title": "Past"})
            past = controls["trips"].patch(f"/trips/{made['id']}", json={"title": "Past"}, headers=bearer(ana))
            assert past.status_code == 200
            trip = await titled(events, "Past")
    assert trip == {"id": made["id"], "title": "Past", "stops": [{"airport": {"city": {"name": "Lisbon"}}}]}
