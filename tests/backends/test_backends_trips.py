"""Trips: tokens, privacy, validation, versions."""

import base64
import json
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from jose import jwt

from backends import tokens
from backends.run import Services

TRIP = {
    "title": " West ",
    "starts_on": "2026-05-01",
    "ends_on": "2026-05-09",
    "stops": [{"iata": "LIS", "note": "two nights"}, {"iata": "OPO"}],
    "budget": {"amount": "123.45", "currency": "EUR"},
}


def created(trips: httpx.Client, who: dict[str, str], **fields: Any) -> dict[str, Any]:
    answer = trips.post("/trips", json={**TRIP, **fields}, headers=who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_trip_is_made_read_and_deleted(trips: httpx.Client, ana: dict[str, str]) -> None:
    answer = trips.post("/trips", json=TRIP, headers=ana)
    trip = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/trips/{trip['id']}"
    assert trip == {
        "id": trip["id"],
        "title": "West",
        "starts_on": "2026-05-01",
        "ends_on": "2026-05-09",
        "stops": [{"iata": "LIS", "note": "two nights"}, {"iata": "OPO", "note": None}],
        "budget": {"amount": "123.45", "currency": "EUR"},
        "status": "planned",
        "version": 1,
    }
    assert trips.get(f"/trips/{trip['id']}", headers=ana).json() == trip
    assert trips.delete(f"/trips/{trip['id']}", headers=ana).status_code == 204
    assert trips.delete(f"/trips/{trip['id']}", headers=ana).status_code == 404
    assert trips.get(f"/trips/{trip['id']}", headers=ana).status_code == 404


def test_a_user_sees_only_their_own_trips(trips: httpx.Client, ana: dict[str, str], ben: dict[str, str]) -> None:
    trip = created(trips, ana)
    path = f"/trips/{trip['id']}"
    assert trip["id"] not in {row["id"] for row in trips.get("/trips?limit=100", headers=ben).json()["items"]}
    assert trips.get(path, headers=ben).status_code == 404
    assert trips.patch(path, json={"title": "mine"}, headers=ben).status_code == 404
    assert trips.delete(path, headers=ben).status_code == 404
    assert trips.get(path, headers=ana).json() == trip


def test_trips_are_paged_by_the_day_they_start(trips: httpx.Client) -> None:
    cleo = {"authorization": f"Bearer {tokens.issue('cleo', tokens.secret())}"}
    days = ["2026-03-01", "2026-01-01", "2026-02-01"]
    for day in days:
        created(trips, cleo, starts_on=day)
    page = trips.get("/trips?limit=2&offset=1", headers=cleo).json()
    assert page["total"] == 3
    assert [row["starts_on"] for row in page["items"]] == sorted(days)[1:]


def test_a_change_touches_what_it_names_and_counts_versions(trips: httpx.Client, ana: dict[str, str]) -> None:
    trip = created(trips, ana)
    path = f"/trips/{trip['id']}"
    changed = trips.patch(path, json={"status": "booked", "budget": None}, headers=ana).json()
    assert changed == {**trip, "status": "booked", "budget": None, "version": 2}
    again = trips.patch(path, json={"stops": [], "version": 2}, headers=ana).json()
    assert again == {**changed, "stops": [], "version": 3}


def test_a_change_of_an_older_version_is_a_conflict_and_changes_nothing(
    trips: httpx.Client, ana: dict[str, str]
) -> None:
    trip = created(trips, ana)
    path = f"/trips/{trip['id']}"
    trips.patch(path, json={"title": "East"}, headers=ana)
    answer = trips.patch(path, json={"title": "North", "version": 1}, headers=ana)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["current_version"] == 2
    assert trips.get(path, headers=ana).json()["title"] == "East"


@pytest.mark.parametrize(
    ("fields", "mistakes"),
    [
        ({"ends_on": "2026-04-30"}, ["ends_on"]),
        ({"title": "  "}, ["title"]),
        ({"starts_on": "soon", "ends_on": None}, ["starts_on", "ends_on"]),
        ({"stops": [{"iata": "LIS"}, {"iata": "lisbon"}]}, ["stops.1.iata"]),
        ({"budget": {"amount": "1e3", "currency": "EUR"}}, ["budget.amount"]),
        ({"budget": {"amount": "1\n", "currency": "EUR"}}, ["budget.amount"]),
        ({"owner": "ben"}, ["owner"]),
    ],
)
def test_a_trip_that_makes_no_sense_is_refused_with_every_mistake(
    trips: httpx.Client, ana: dict[str, str], fields: Any, mistakes: list[str]
) -> None:
    answer = trips.post("/trips", json={**TRIP, **fields}, headers=ana)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [mistake["field"] for mistake in answer.json()["errors"]] == mistakes


@pytest.mark.parametrize(
    ("change", "field"),
    [({"ends_on": "2026-04-30"}, "ends_on"), ({"title": None}, "title"), ({"status": "lost"}, "status")],
)
def test_a_change_that_makes_no_sense_is_refused(
    trips: httpx.Client, ana: dict[str, str], change: Any, field: str
) -> None:
    trip = created(trips, ana)
    answer = trips.patch(f"/trips/{trip['id']}", json=change, headers=ana)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert trips.get(f"/trips/{trip['id']}", headers=ana).json() == trip


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def signed(claims: Any) -> str:
    return str(jwt.encode(claims, tokens.secret(), algorithm="HS256"))


FAR = 4102444800

BAD_TOKENS = {
    "garbage": "x.y.z",
    "expired": tokens.issue("ana", tokens.secret(), now=0),
    "another secret": tokens.issue("ana", "another-secret-of-32-bytes-or-more"),
    "no exp": signed({"sub": "ana"}),
    "no sub": signed({"exp": FAR}),
    "empty sub": signed({"exp": FAR, "sub": ""}),
    "sub is a number": signed({"exp": FAR, "sub": 7}),
    "exp is null": signed({"exp": None, "sub": "ana"}),
    "unsigned": f"{encoded({'alg': 'none'})}.{encoded({'exp': FAR, 'sub': 'ana'})}.",
    "too long": signed({"exp": FAR, "sub": "ana", "more": "x" * 9000}),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_token_that_is_not_valid_is_a_401(trips: httpx.Client, token: str) -> None:
    answer = trips.get("/trips", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="trips", error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer"}])
def test_no_bearer_token_is_a_401_too(trips: httpx.Client, headers: dict[str, str]) -> None:
    answer = trips.post("/trips", json={}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="trips"')


def test_writes_are_told_to_who_listens_for_the_owner(
    trips: httpx.Client, ana: dict[str, str], ben: dict[str, str]
) -> None:
    with trips.stream("GET", "/trips/events", headers=ana) as listening:
        assert listening.headers["content-type"].startswith("text/event-stream")
        lines = listening.iter_lines()
        assert [next(lines), next(lines)] == [": hello", ""]
        created(trips, ben)
        trip = created(trips, ana)
        trips.patch(f"/trips/{trip['id']}", json={"title": "Later"}, headers=ana).raise_for_status()
        trips.delete(f"/trips/{trip['id']}", headers=ana).raise_for_status()
        told = [(next(lines), json.loads(next(lines).removeprefix("data: ")), next(lines)) for _ in range(3)]
    assert [(how, row["id"], row["title"]) for how, row, _ in told] == [
        ("event: created", trip["id"], "West"),
        ("event: changed", trip["id"], "Later"),
        ("event: deleted", trip["id"], "Later"),
    ]


def test_nobody_listens_without_a_token(trips: httpx.Client) -> None:
    assert trips.get("/trips/events").status_code == 401


def test_a_service_that_stops_ends_its_streams(ana: dict[str, str]) -> None:
    with httpx.Client(trust_env=False) as client, ExitStack() as stack:
        with Services(["trips"]) as urls:
            listening = stack.enter_context(client.stream("GET", f"{urls['trips']}/trips/events", headers=ana))
            lines = listening.iter_lines()
            assert next(lines) == ": hello"
        assert list(lines) == ["", ":", ""]
