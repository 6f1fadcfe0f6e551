"""The reference graph with no service behind it: any query is answered, by the same plan, and always alike."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bff.mock import Fault
from tests.mock.made_up import made_up_travel
from tests.reference.test_any_query import operations

# What a client can do wrong by itself; a made-up service is never to blame.
CLIENTS = {"BAD_USER_INPUT"}

DEEP = """{
  airport(iata: "LIS") {
    title distanceTo(iata: "OPO") location { latitude longitude }
    city { id name airports { iata city { id } } country { code neighbours { code currency { code } } } }
  }
}"""


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(operations, min_size=3, max_size=3))
def test_any_operation_is_answered_without_an_error_and_within_its_plan(asked: list[str]) -> None:
    async def ask_all() -> None:
        async with made_up_travel() as travel:
            for query in asked:
                before = travel.calls.total()
                answer = await travel.ask(query)
                codes = {error["extensions"]["code"] for error in answer.body.get("errors", [])}
                assert answer.status == 400 or codes <= CLIENTS, (query, answer.body)
                planned = travel.price(query).calls if answer.status == 200 else 0
                assert travel.calls.total() - before <= planned, query
            assert not travel.listener.failures

    asyncio.run(ask_all())


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ('{ airport(iata: "LIS") { name } }', 1),
        ('{ airport(iata: "LIS") { city { country { name } } } }', 3),
        ('{ airports(iatas: ["LIS", "OPO", "FAO"]) { city { country { name } } } }', 3),
        ("{ cities(first: 10) { edges { node { airports { name } } } } }", 2),
        ('{ country(code: "PT") { holidays(year: 2026) { name } capital { name } } }', 3),
        ('{ search(text: "por") { __typename id } }', 3),
        ("{ trips(first: 3) { edges { node { title } } } }", 1),
    ],
)
async def test_it_is_called_as_often_as_the_plan_says(query: str, calls: int) -> None:
    async with made_up_travel() as travel:
        await travel.data(query)
        assert travel.calls.total() == travel.price(query).calls == calls


async def test_equal_seeds_give_equal_answers_and_other_seeds_others() -> None:
    async def answer(seed: int) -> object:
        async with made_up_travel(seed) as travel:
            return await travel.data(DEEP)

    assert await answer(1) == await answer(1)
    assert await answer(1) != await answer(2)


async def test_a_row_is_the_same_whichever_call_brings_it() -> None:
    async with made_up_travel() as travel:
        city = (await travel.data('{ airport(iata: "LIS") { city { id name population timezone } } }'))["airport"][
            "city"
        ]
        again = await travel.data("query($id: ID!) { city(id: $id) { id name population timezone } }", id=city["id"])
        assert again["city"] == city


async def test_what_was_asked_for_is_in_the_rows_that_come() -> None:
    async with made_up_travel() as travel:
        data = await travel.data(
            """{
              airports(iatas: ["LIS", "OPO"]) { iata }
              country(code: "PT") { code cities { edges { node { country { code } } } } }
            }"""
        )
        assert [airport["iata"] for airport in data["airports"]] == ["LIS", "OPO"]
        assert data["country"]["code"] == "PT"
        assert {edge["node"]["country"]["code"] for edge in data["country"]["cities"]["edges"]} == {"PT"}


@pytest.mark.parametrize("field", ['cities(country: "PT", ', 'country(code: "PT") { airports('])
async def test_pages_lead_from_one_to_the_next_until_the_end(field: str) -> None:
    page = "first: 7, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }"
    query = f"query($after: String) {{ {field}{page} {'}' * field.count('{')} }}"
    async with made_up_travel() as travel:
        seen: list[str] = []
        after = None
        for _ in range(20):
            found = await travel.data(query, after=after)
            while "edges" not in found:
                (found,) = found.values()
            seen += [edge["cursor"] for edge in found["edges"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
        assert 20 <= len(seen) == len(set(seen)) < 60


async def test_what_is_written_comes_back() -> None:
    query = """mutation($input: CreateTripInput!) {
      createTrip(input: $input) { ... on Trip { id title startsOn nights stops { iata airport { iata } } } }
    }"""
    stops = [{"iata": "LIS"}, {"iata": "OPO", "note": "late"}]
    given = {"title": "West", "startsOn": "2026-05-01", "endsOn": "2026-05-09", "stops": stops}
    async with made_up_travel() as travel:
        trip = (await travel.data(query, input=given))["createTrip"]
        assert (trip["title"], trip["startsOn"], trip["nights"]) == ("West", "2026-05-01", 8)
        assert [stop["airport"]["iata"] for stop in trip["stops"]] == ["LIS", "OPO"]
        deleted = await travel.data('mutation { deleteTrip(id: "7") { ... on TripDeleted { id } } }')
        assert deleted == {"deleteTrip": {"id": "7"}}


async def test_a_fault_takes_away_its_own_fields_and_no_others() -> None:
    query = '{ airport(iata: "LIS") { name country { name } city { name } } }'
    async with made_up_travel(cities=Fault(status=503)) as travel:
        answer = await travel.ask(query)
        airport = answer.body["data"]["airport"]
        assert airport["name"]
        assert airport["country"]
        assert airport["city"] is None
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["UPSTREAM_STATUS"]


async def test_a_rate_fails_some_calls_and_gaps_leave_out_some_keys() -> None:
    codes = [f"{first}{second}A" for first in "ABCDEFG" for second in "ABCDEFG"]
    query = "query($iatas: [ID!]!) { airports(iatas: $iatas) { iata } }"
    async with made_up_travel(airports=Fault(gaps=0.5)) as travel:
        found = (await travel.data(query, iatas=codes))["airports"]
        assert 10 < sum(airport is None for airport in found) < 40
    async with made_up_travel(airports=Fault(status=500, rate=0.5)) as travel:
        failed = ["errors" in (await travel.ask(query, iatas=[code])).body for code in codes]
        assert 10 < sum(failed) < 40


async def test_an_error_status_that_is_data_is_answered_with_data() -> None:
    query = 'mutation { deleteTrip(id: "7") { __typename ... on Problem { message } } }'
    async with made_up_travel(trips=Fault(status=404)) as travel:
        found = (await travel.data(query))["deleteTrip"]
        assert found["__typename"] == "TripNotFound"
        assert found["message"]


async def test_latency_counts_towards_the_timeout_of_the_service() -> None:
    async with made_up_travel(timeout=0.05, airports=Fault(latency=60)) as travel:
        answer = await travel.ask('{ airport(iata: "LIS") { name } }')
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["UPSTREAM_TIMEOUT"]
