"""Services that fail in every way they can: an error at the field, the rest intact, nothing internal told."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.reference.travel import Travel, reset, travel_over

FAULTS = {
    "500": ({"body_kind": "json"}, "UPSTREAM_STATUS"),
    "429": ({"body_kind": "json", "status": 429}, "UPSTREAM_STATUS"),
    "302": ({"body_kind": "json", "status": 302, "headers": {"location": "/elsewhere"}}, "UPSTREAM_STATUS"),
    "500 in HTML": ({"body_kind": "html"}, "UPSTREAM_STATUS"),
    "200 in HTML": ({"body_kind": "html", "status": 200}, "UPSTREAM_MALFORMED"),
    "nothing": ({"body_kind": "empty"}, "UPSTREAM_MALFORMED"),
    "half of the JSON": ({"body_kind": "truncated"}, "UPSTREAM_MALFORMED"),
    "another shape": ({"body_kind": "wrong_shape"}, "UPSTREAM_MALFORMED"),
    "ten times the size": ({"body_kind": "oversize"}, "UPSTREAM_TOO_LARGE"),
    "half of the bytes": ({"body_kind": "short"}, "UPSTREAM_MALFORMED"),
    "a closed connection": ({"body_kind": "close"}, "UPSTREAM_UNREACHABLE"),
    "no end": ({"body_kind": "hang"}, "UPSTREAM_TIMEOUT"),
}

QUERY = """{ airport(iata: "LIS") { name city { name } country { name currency { code rate(base: "USD") }
  holidays(year: 2026) { date } } } trips { totalCount } }"""

# where the error is when a service fails
PLACES = {
    "airports": "airport",
    "cities": "airport.city",
    "countries": "airport.country",
    "rates": "airport.country.currency.rate",
    "holidays": "airport.country.holidays",
    "trips": "trips",
}


def _without(data: dict[str, Any], path: str) -> dict[str, Any]:
    """The same data with null at this path."""
    *above, last = path.split(".")
    place = data
    for step in above:
        place = place[step]
    place[last] = None
    return data


@asynccontextmanager
async def failing(controls: Mapping[str, httpx.Client], service: str, fault: str) -> AsyncIterator[Travel]:
    """A service in trouble; the gateway does not wait long for one that hangs."""
    async with travel_over(controls, impatient=service if fault == "no end" else "") as travel:
        travel.pull(service, fail=FAULTS[fault][0])
        yield travel
        reset(controls)
        assert not travel.failures.seen


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", PLACES)
async def test_a_failing_service_is_an_error_at_its_field_and_the_rest_is_intact(
    controls: Mapping[str, httpx.Client], service: str, fault: str
) -> None:
    async with travel_over(controls) as travel:
        expected = (await travel.ask(QUERY, "nobody")).data
    async with failing(controls, service, fault) as travel:
        answer = await travel.ask(QUERY, "nobody")
    assert answer.errors == [(PLACES[service], FAULTS[fault][1], service)]
    assert answer.partial == _without(expected, PLACES[service])


# each way to call a service but the batches above
OTHER_WAYS = {
    "by id": ('{ country(code: "PT") { name } }', "country", "countries"),
    "list": ("{ countries(continent: AFRICA) { name } }", "countries", "countries"),
    "pages by offset": ('{ cities(country: "PT") { edges { node { name } } } }', "cities", "cities"),
    "pages by cursor": (
        '{ country(code: "PT") { airports { edges { node { iata } } } } }',
        "country.airports",
        "airports",
    ),
    "many for each key": ('{ country(code: "PT") { largestCities { name } } }', "country.largestCities", "cities"),
    "search": ('{ search(text: "por") { name } }', "search", "airports"),
    "code": ('{ airport(iata: "LIS") { distanceTo(iata: "OPO") } }', "airport", "airports"),
    "create": (
        'mutation { createTrip(input: {title: "x", startsOn: "2026-01-01", endsOn: "2026-01-02"}) { __typename } }',
        "createTrip",
        "trips",
    ),
    "delete": ('mutation { deleteTrip(id: "x") { __typename } }', "deleteTrip", "trips"),
}


@pytest.mark.parametrize(
    ("way", "fault"),
    [(way, fault) for way in OTHER_WAYS for fault in FAULTS if (way, fault) != ("delete", "nothing")],
)
async def test_every_way_to_call_a_service_can_fail(controls: Mapping[str, httpx.Client], way: str, fault: str) -> None:
    query, path, service = OTHER_WAYS[way]
    async with failing(controls, service, fault) as travel:
        answer = await travel.ask(query, "nobody")
    assert answer.errors == [(path, FAULTS[fault][1], service)]


async def test_a_write_that_is_owed_no_answer_may_be_answered_with_nothing(travel: Travel) -> None:
    travel.pull("trips", fail={"body_kind": "empty"})
    answer = await travel.ask('mutation { deleteTrip(id: "x") { __typename } }', "nobody")
    assert answer.data == {"deleteTrip": {"__typename": "TripDeleted"}}


async def test_a_resolver_that_loads_fails_as_its_load_does(travel: Travel) -> None:
    travel.pull("airports", fail={"path": "/airports/batch"})
    query = '{ country(code: "PT") { name airports(first: 1) { edges { node { iata distanceTo(iata: "OPO") } } } } }'
    answer = await travel.ask(query)
    assert answer.errors == [("country.airports.edges.0.node.distanceTo", "UPSTREAM_STATUS", "airports")]
    assert answer.partial["country"]["airports"]["edges"] == [{"node": {"iata": "BGC", "distanceTo": None}}]


async def test_an_error_inside_a_200_is_one(travel: Travel) -> None:
    answer = await travel.ask('{ rate(base: "ZZZ", currency: "EUR") good: rate(base: "EUR", currency: "EUR") }')
    assert answer.partial == {"rate": None, "good": "1"}
    assert answer.errors == [("rate", "UPSTREAM_REFUSED", "rates")]
    assert "unknown_currency" not in answer.text


async def test_a_failing_batch_fails_only_its_own_keys(travel: Travel) -> None:
    travel.pull("cities", fail={"times": 1})
    answer = await travel.ask("{ countries { code capital { name } } }")
    failed = {int(path.split(".")[1]) for path, *_ in answer.errors}
    assert len(failed) == 100
    assert {error[1:] for error in answer.errors} == {("UPSTREAM_STATUS", "cities")}
    rows = answer.partial["countries"]
    assert all((row["capital"] is None) for at, row in enumerate(rows) if at in failed)
    assert sum(row["capital"] is not None for row in rows) > 140
    assert travel.calls == {"countries": 1, "cities": 3}


async def test_a_failing_batch_of_a_list_argument_fails_only_its_own_items(travel: Travel) -> None:
    rows = travel.controls["airports"].get("/airports", params={"limit": 80}).json()["items"]
    travel.reset()
    travel.pull("airports", fail={"times": 1})
    answer = await travel.ask("query($i: [ID!]!) { airports(iatas: $i) { iata } }", i=[row["iata"] for row in rows])
    failed = {int(path.split(".")[1]) for path, *_ in answer.errors}
    assert len(failed) in {30, 50}
    expected = [None if at in failed else {"iata": row["iata"]} for at, row in enumerate(rows)]
    assert answer.partial["airports"] == expected


async def test_an_operation_that_runs_out_of_time_answers_what_it_has(controls: Mapping[str, httpx.Client]) -> None:
    async with travel_over(controls, limits={"timeout": 1.0}) as travel:
        travel.pull("cities", fail={"body_kind": "hang"})
        answer = await travel.ask('{ airport(iata: "LIS") { name city { name } country { name } } }')
        travel.reset()
    assert answer.partial["airport"] == {
        "name": "Lisbon Portela Airport",
        "city": None,
        "country": {"name": "Portugal"},
    }
    assert answer.errors == [("airport.city", "UPSTREAM_TIMEOUT", "cities")]


async def test_a_service_that_recovered_is_asked_again(travel: Travel) -> None:
    travel.pull("airports", fail={"times": 1})
    answers = [await travel.ask('{ airport(iata: "LIS") { iata } }') for _ in range(2)]
    assert [answer.partial for answer in answers] == [{"airport": None}, {"airport": {"iata": "LIS"}}]


async def test_a_service_that_is_not_there_is_unreachable(controls: Mapping[str, httpx.Client]) -> None:
    async with travel_over(controls, urls={"cities": f"http://127.0.0.1:{_closed_port()}"}) as travel:
        answer = await travel.ask('{ airport(iata: "LIS") { name city { name } } }')
    assert answer.partial == {"airport": {"name": "Lisbon Portela Airport", "city": None}}
    assert answer.errors == [("airport.city", "UPSTREAM_UNREACHABLE", "cities")]


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
