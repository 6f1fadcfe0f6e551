"""The reference graph over its real services, one of them slowed by its lever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from tests.incremental.reader import reading
from tests.reference.conftest import controls
from tests.reference.test_server import served
from tests.reference.travel import travel_over

__all__ = ["controls"]

QUERY = """{ airport(iata: "LIS") {
    name
    country {
        name
        ... @defer(label: "holidays") { holidays(year: 2026) { date } }
        ... @defer(label: "rates") { currency { rate(base: "USD") } }
    }
} }"""
FOREVER = 3_600_000  # milliseconds


async def test_a_service_slowed_by_its_lever_delays_its_own_part_alone(controls: Mapping[str, httpx.Client]) -> None:
    async with travel_over(controls) as travel, served(travel) as url, httpx.AsyncClient(trust_env=False) as http:
        travel.pull("rates", latency_ms=FOREVER)
        async with reading(http, f"{url}/graphql", {"query": QUERY}) as parts:
            first = await parts.next()
            assert first["data"]["airport"]["country"] == {"name": "Portugal"}
            labels = {promise["id"]: promise["label"] for promise in first["pending"]}
            second = await parts.next()
            assert [labels[over["id"]] for over in second["completed"]] == ["holidays"]
            assert len(second["incremental"][0]["data"]["holidays"]) > 5
            while not travel.calls.get("rates"):  # noqa: ASYNC110 - a service in another process
                await asyncio.sleep(0.005)
            travel.pull("rates")  # ends the wait
            (third,) = await parts.all()
        assert [labels[over["id"]] for over in third["completed"]] == ["rates"]
        assert float(third["incremental"][0]["data"]["currency"]["rate"]) > 0
        assert travel.calls == {"airports": 1, "countries": 1, "holidays": 1, "rates": 1}
        assert not travel.failures.seen
