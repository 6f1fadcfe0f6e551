"""Trips: writes with typed errors, and rows that are private to the user in the token."""

import secrets
from typing import Any

import pytest

from tests.reference.travel import Travel, bearer, bearer_from_elsewhere

CREATE = """mutation($input: CreateTripInput!) { createTrip(input: $input) { __typename
  ... on Trip { id title startsOn endsOn nights status version budget { amount currency }
    stops { iata note airport { name } } }
  ... on Problem { message } ... on TripInvalid { mistakes { path message } } } }"""
UPDATE = """mutation($id: ID!, $input: UpdateTripInput!) { updateTrip(id: $id, input: $input) { __typename
  ... on Trip { title startsOn status version budget { amount } stops { iata } }
  ... on Problem { message } ... on TripConflict { currentVersion } ... on TripInvalid { mistakes { path } } } }"""
DELETE = """mutation($id: ID!) { deleteTrip(id: $id) { __typename ... on TripDeleted { id }
  ... on Problem { message } } }"""
ONE = "query($id: ID!) { trip(id: $id) { title } }"

WEST = {"title": "West", "startsOn": "2026-05-01", "endsOn": "2026-05-09"}


@pytest.fixture
def ana() -> str:
    """A user who has no trips yet: the service keeps them for the session."""
    return f"ana-{secrets.token_hex(4)}"


async def _created(travel: Travel, user: str, **more: Any) -> str:
    answer = await travel.ask(CREATE, user, input=WEST | more)
    found: str = answer.data["createTrip"]["id"]
    return found


async def test_a_trip_is_made(travel: Travel, ana: str) -> None:
    answer = await travel.ask(
        CREATE,
        ana,
        input=WEST
        | {
            "stops": [{"iata": "LIS"}, {"iata": "XXX", "note": "?"}],
            "budget": {"amount": "1200.50", "currency": "EUR"},
        },
    )
    trip = answer.data["createTrip"]
    assert trip.pop("id")
    assert trip == {
        "__typename": "Trip",
        "title": "West",
        "startsOn": "2026-05-01",
        "endsOn": "2026-05-09",
        "nights": 8,
        "status": "PLANNED",
        "version": 1,
        "budget": {"amount": "1200.50", "currency": "EUR"},
        "stops": [
            {"iata": "LIS", "note": None, "airport": {"name": "Lisbon Portela Airport"}},
            {"iata": "XXX", "note": "?", "airport": None},
        ],
    }
    assert travel.calls == {"trips": 1, "airports": 1}


async def test_what_was_made_is_found(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana)
    assert (await travel.ask(ONE, ana, id=trip)).data == {"trip": {"title": "West"}}
    trips = (await travel.ask("{ trips { totalCount edges { node { id status } } } }", ana)).data["trips"]
    assert trips == {"totalCount": 1, "edges": [{"node": {"id": trip, "status": "PLANNED"}}]}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"endsOn": "2026-04-30"}, "endsOn"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"stops": [{"iata": "LIS"}, {"iata": "lisbon"}]}, "stops.1.iata"),
        ({"budget": {"amount": "-1", "currency": "EUR"}}, "budget.amount"),
    ],
)
async def test_an_input_that_is_no_trip_is_told_field_by_field(
    travel: Travel, ana: str, wrong: dict[str, Any], path: str
) -> None:
    refused = (await travel.ask(CREATE, ana, input=WEST | wrong)).data["createTrip"]
    assert (refused["__typename"], refused["message"]) == ("TripInvalid", "The request has mistakes.")
    assert [mistake["path"] for mistake in refused["mistakes"]] == [path]
    assert all(mistake["message"] for mistake in refused["mistakes"])


@pytest.mark.parametrize("wrong", [{"startsOn": "tomorrow"}, {"endsOn": "2026-02-30"}, {"title": 7}])
async def test_an_input_that_is_not_of_its_type_never_reaches_the_service(
    travel: Travel, ana: str, wrong: dict[str, Any]
) -> None:
    answer = await travel.ask(CREATE, ana, input=WEST | wrong)
    assert (answer.status, [code for _, code, _ in answer.errors]) == (400, ["BAD_USER_INPUT"])
    assert travel.calls == {}


async def test_only_the_fields_that_were_given_are_changed(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana, stops=[{"iata": "LIS"}], budget={"amount": "10", "currency": "EUR"})
    changed = (await travel.ask(UPDATE, ana, id=trip, input={"status": "BOOKED"})).data["updateTrip"]
    assert changed == {
        "__typename": "Trip",
        "title": "West",
        "startsOn": "2026-05-01",
        "status": "BOOKED",
        "version": 2,
        "budget": {"amount": "10"},
        "stops": [{"iata": "LIS"}],
    }


async def test_null_takes_a_budget_away_and_is_not_a_title(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana, budget={"amount": "10", "currency": "EUR"})
    assert (await travel.ask(UPDATE, ana, id=trip, input={"budget": None})).data["updateTrip"]["budget"] is None
    refused = (await travel.ask(UPDATE, ana, id=trip, input={"title": None})).data["updateTrip"]
    assert (refused["__typename"], refused["mistakes"]) == ("TripInvalid", [{"path": "title"}])


async def test_a_change_of_an_old_version_is_a_conflict(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana)
    await travel.ask(UPDATE, ana, id=trip, input={"title": "East", "version": 1})
    refused = (await travel.ask(UPDATE, ana, id=trip, input={"title": "North", "version": 1})).data["updateTrip"]
    assert (refused["__typename"], refused["currentVersion"]) == ("TripConflict", 2)
    assert (await travel.ask(ONE, ana, id=trip)).data == {"trip": {"title": "East"}}


async def test_a_trip_is_deleted_once(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana)
    assert (await travel.ask(DELETE, ana, id=trip)).data["deleteTrip"] == {"__typename": "TripDeleted", "id": trip}
    refused = (await travel.ask(DELETE, ana, id=trip)).data["deleteTrip"]
    assert (refused["__typename"], refused["message"]) == ("TripNotFound", f"There is no trip {trip}.")
    assert (await travel.ask(ONE, ana, id=trip)).data == {"trip": None}


async def test_mutations_of_one_operation_run_in_their_order(travel: Travel, ana: str) -> None:
    trip = await _created(travel, ana)
    query = """mutation($id: ID!) {
      one: updateTrip(id: $id, input: {title: "1", version: 1}) { __typename }
      two: updateTrip(id: $id, input: {title: "2", version: 2}) { __typename }
      gone: deleteTrip(id: $id) { __typename }
      late: updateTrip(id: $id, input: {title: "3"}) { __typename } }"""
    found = (await travel.ask(query, ana, id=trip)).data
    assert [each["__typename"] for each in found.values()] == ["Trip", "Trip", "TripDeleted", "TripNotFound"]


async def test_equal_writes_are_made_as_often_as_they_are_asked_for(travel: Travel, ana: str) -> None:
    query = """mutation($input: CreateTripInput!) { a: createTrip(input: $input) { ... on Trip { id } }
      b: createTrip(input: $input) { ... on Trip { id } } }"""
    made = (await travel.ask(query, ana, input=WEST)).data
    assert made["a"]["id"] != made["b"]["id"]
    assert travel.calls == {"trips": 2}


async def test_nobody_sees_the_trips_of_another_user(travel: Travel, ana: str) -> None:
    trip, ben = await _created(travel, ana), f"ben-{ana}"
    assert (await travel.ask("{ trips { totalCount edges { node { id } } } }", ben)).data["trips"] == {
        "totalCount": 0,
        "edges": [],
    }
    assert (await travel.ask(ONE, ben, id=trip)).data == {"trip": None}
    assert (await travel.ask(DELETE, ben, id=trip)).data["deleteTrip"]["__typename"] == "TripNotFound"
    update = await travel.ask(UPDATE, ben, id=trip, input={"title": "mine"})
    assert update.data["updateTrip"]["__typename"] == "TripNotFound"
    assert (await travel.ask(ONE, ana, id=trip)).data == {"trip": {"title": "West"}}


MIXED = '{ trips { totalCount } trip(id: "1") { id } airport(iata: "LIS") { iata } }'


@pytest.mark.parametrize("headers", [{}, bearer("eve", scope="")], ids=["no token", "no scope"])
async def test_without_the_scope_trips_are_forbidden_and_the_rest_is_answered(
    travel: Travel, headers: dict[str, str]
) -> None:
    response = await travel.http.post("/graphql", json={"query": MIXED}, headers=headers)
    assert response.json()["data"] == {"trips": None, "trip": None, "airport": {"iata": "LIS"}}
    assert [(each["path"], each["extensions"]) for each in response.json()["errors"]] == [
        ([name], {"code": "FORBIDDEN", "requiredScopes": ["trips:read"]}) for name in ("trips", "trip")
    ]
    assert travel.calls == {"airports": 1}


async def test_a_token_that_the_service_refuses_is_told_at_its_fields(travel: Travel) -> None:
    response = await travel.http.post("/graphql", json={"query": MIXED}, headers=bearer_from_elsewhere("eve"))
    assert response.json()["data"] == {"trips": None, "trip": None, "airport": {"iata": "LIS"}}
    errors = sorted(response.json()["errors"], key=lambda each: str(each["path"]))  # they come as they happen
    assert [(each["path"], each["extensions"]) for each in errors] == [
        ([name], {"code": "UPSTREAM_STATUS", "upstream": "trips", "httpStatus": 401}) for name in ("trip", "trips")
    ]


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}])
async def test_a_bad_token_is_401_whatever_was_asked_for(travel: Travel, headers: dict[str, str]) -> None:
    response = await travel.http.post("/graphql", json={"query": MIXED}, headers=headers)
    assert (response.status_code, "data" in response.json()) == (401, False)
    assert travel.calls == {}


@pytest.mark.parametrize("headers", [{}, bearer("eve", scope="trips:read")], ids=["no token", "read only"])
async def test_without_the_scope_nothing_is_written(travel: Travel, headers: dict[str, str]) -> None:
    body = {"query": CREATE, "variables": {"input": WEST}}
    response = await travel.http.post("/graphql", json=body, headers=headers)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN", "requiredScopes": ["trips:write"]}
    assert travel.calls == {}


async def test_the_token_goes_to_trips_and_to_no_other_service(travel: Travel, ana: str) -> None:
    query = """{ trips { totalCount } airport(iata: "LIS") { city { name } country { currency { rate(base: "USD") }
      holidays(year: 2026) { date } } } }"""
    headers = {"cookie": "a=b", "x-real-ip": "10.0.0.2", "x-forwarded-for": "10.0.0.1"}
    travel.http.headers.update(headers)
    await travel.ask(query, ana)
    for name in travel.controls:
        (request,) = travel.requests(name)
        assert ("authorization" in request["headers"]) == (name == "trips"), name
        assert not headers.keys() & request["headers"].keys(), name


async def test_a_mutation_does_not_run_by_get(travel: Travel, ana: str) -> None:
    query = 'mutation { deleteTrip(id: "1") { __typename } }'
    response = await travel.http.get("/graphql", params={"query": query}, headers=bearer(ana))
    assert (response.status_code, response.headers["allow"], ana in response.text) == (405, "POST", False)
    assert travel.calls == {}
