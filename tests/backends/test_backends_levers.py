"""The levers at /_control: counts, latency, faults, rows out of order."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from backends.faults import OVERSIZE_BYTES, Settings, rewritten

LISBON, MADRID = 2267057, 3117735


def pull(client: httpx.Client, **levers: Any) -> None:
    answer = client.put("/_control", json=levers)
    assert answer.status_code == 200, answer.text


def report(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/_control").json())


def iatas(answer: httpx.Response) -> list[str]:
    return [row["iata"] for row in answer.json()]


async def until_in_flight(client: httpx.Client, count: int) -> None:
    """Poll: a service knows of a call, or of a client that left, when its socket does."""
    async with asyncio.timeout(5):
        while report(client)["in_flight"] != count:  # noqa: ASYNC110 - the event is the service's
            await asyncio.sleep(0.01)


def test_calls_are_counted_by_route_and_remembered(cities: httpx.Client) -> None:
    cities.get("/cities/1", headers={"X-Trace": "a"})
    cities.get("/cities/2")
    cities.get("/cities", params={"id": [1, 2]})
    cities.get("/nowhere")
    seen = report(cities)
    assert seen["calls"] == 4
    assert seen["by_route"] == {"GET /cities/{id}": 2, "GET /cities": 1, "GET /nowhere": 1}
    assert [(call["method"], call["path"], call["query"]) for call in seen["last_requests"]] == [
        ("GET", "/cities/1", ""),
        ("GET", "/cities/2", ""),
        ("GET", "/cities", "id=1&id=2"),
        ("GET", "/nowhere", ""),
    ]
    assert seen["last_requests"][0]["headers"]["x-trace"] == "a"


def test_only_the_last_two_hundred_calls_are_remembered(holidays: httpx.Client) -> None:
    for _ in range(203):
        holidays.get("/nowhere")
    seen = report(holidays)
    assert (seen["calls"], len(seen["last_requests"])) == (203, 200)


def test_reset_forgets_counts_and_levers(cities: httpx.Client) -> None:
    pull(cities, fail={"status": 503})
    assert cities.get("/cities/1").status_code == 503
    assert cities.delete("/_control").status_code == 204
    assert report(cities) == {"calls": 0, "by_route": {}, "in_flight": 0, "peak_in_flight": 0, "last_requests": []}
    assert cities.get(f"/cities/{LISBON}").status_code == 200


@pytest.mark.parametrize("levers", [{"latency": 1}, {"latency_ms": -1}, {"fail": {"body_kind": "odd"}}, []])
def test_levers_that_do_not_exist_are_a_400(cities: httpx.Client, levers: Any) -> None:
    assert cities.put("/_control", json=levers).status_code == 400


def test_control_is_not_in_the_document_and_nothing_else_is_allowed_there(cities: httpx.Client) -> None:
    assert "/_control" not in cities.get("/openapi.json").json()["paths"]
    assert cities.post("/_control").status_code == 405


async def test_calls_in_flight_are_counted_while_they_wait(cities: httpx.Client) -> None:
    pull(cities, latency_ms=60_000)
    async with httpx.AsyncClient(base_url=cities.base_url, trust_env=False) as client:
        calls = [asyncio.create_task(client.get(f"/cities/{LISBON}")) for _ in range(5)]
        await until_in_flight(cities, 5)
        pull(cities)  # other levers end the wait
        assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
    seen = report(cities)
    assert (seen["in_flight"], seen["peak_in_flight"]) == (0, 5)


@pytest.mark.parametrize("levers", [{"latency_ms": 60_000}, {"fail": {"body_kind": "hang"}}])
async def test_a_caller_that_leaves_is_noticed(cities: httpx.Client, levers: Any) -> None:
    pull(cities, **levers)
    async with httpx.AsyncClient(base_url=cities.base_url, trust_env=False) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"/cities/{LISBON}", timeout=0.05)
    await until_in_flight(cities, 0)


def test_a_body_that_arrived_during_the_wait_still_reaches_the_service(
    trips: httpx.Client, ana: dict[str, str]
) -> None:
    pull(trips, latency_ms=20)
    trip = {"title": "x" * 100, "starts_on": "2026-01-01", "ends_on": "2026-01-01"}
    assert trips.post("/trips", json=trip, headers=ana).json()["title"] == "x" * 100


def test_a_fault_lasts_for_its_times(cities: httpx.Client) -> None:
    pull(cities, fail={"status": 503, "times": 2, "headers": {"retry-after": "1"}})
    answers = [cities.get(f"/cities/{LISBON}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert report(cities)["calls"] == 3


@pytest.mark.parametrize("path", ["/cities/{id}", f"/cities/{LISBON}"])
def test_a_fault_hits_only_its_path(cities: httpx.Client, path: str) -> None:
    pull(cities, fail={"path": path})
    assert cities.get(f"/cities/{LISBON}").status_code == 500
    assert cities.get("/cities?limit=1").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "media_type"),
    [
        ({"body_kind": "html"}, 500, "text/html"),
        ({"body_kind": "html", "status": 200}, 200, "text/html"),
        ({"body_kind": "empty"}, 200, "application/json"),
        ({"body_kind": "json", "status": 429}, 429, "application/problem+json"),
    ],
)
def test_a_canned_answer_takes_the_place_of_the_right_one(
    cities: httpx.Client, fault: Any, status: int, media_type: str
) -> None:
    pull(cities, fail=fault)
    answer = cities.get(f"/cities/{LISBON}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    assert (answer.content == b"") == (fault["body_kind"] == "empty")


def test_truncated_is_half_of_the_right_json_in_a_whole_answer(airports: httpx.Client) -> None:
    whole = airports.get("/airports/LIS").content
    pull(airports, fail={"body_kind": "truncated"})
    assert airports.get("/airports/LIS").content == whole[: len(whole) // 2]


def test_wrong_shape_is_an_object_for_an_array_and_an_array_for_an_object(airports: httpx.Client) -> None:
    pull(airports, fail={"body_kind": "wrong_shape"})
    assert airports.get("/airports/batch?iatas=LIS").json() == {"surprise": True}
    assert airports.get("/airports/LIS").json() == ["surprise"]


def test_oversize_is_json_of_more_than_ten_megabytes_without_a_length(airports: httpx.Client) -> None:
    pull(airports, fail={"body_kind": "oversize"})
    answer = airports.get("/airports/LIS")
    assert "content-length" not in answer.headers
    assert len(answer.content) > OVERSIZE_BYTES > 10_000_000
    assert len(json.loads(answer.content)["padding"]) == OVERSIZE_BYTES


@pytest.mark.parametrize(
    ("kind", "said"),
    [("close", "disconnected without sending a response"), ("short", "without sending complete message body")],
)
def test_close_and_short_end_the_connection(airports: httpx.Client, kind: str, said: str) -> None:
    pull(airports, fail={"body_kind": kind, "times": 1})
    with pytest.raises(httpx.RemoteProtocolError, match=said):
        airports.get("/airports/LIS")
    assert airports.get("/airports/LIS").status_code == 200


async def test_a_hanging_call_ends_when_the_levers_change(airports: httpx.Client) -> None:
    pull(airports, fail={"body_kind": "hang"})
    async with httpx.AsyncClient(base_url=airports.base_url, trust_env=False) as client:
        call = asyncio.create_task(client.get("/airports/LIS"))
        await until_in_flight(airports, 1)
        pull(airports)
        with pytest.raises(httpx.RemoteProtocolError):
            await call


def test_rows_are_shuffled_dropped_doubled_and_joined_by_strangers(airports: httpx.Client) -> None:
    batch = "/airports/batch?iatas=FAO,LIS,OPO"
    pull(airports, shuffle=True)
    assert iatas(airports.get(batch)) == ["OPO", "LIS", "FAO"]
    pull(airports, drop=["LIS"])
    assert iatas(airports.get(batch)) == ["FAO", "OPO"]
    pull(airports, duplicate=True)
    assert iatas(airports.get(batch)) == ["FAO", "FAO", "LIS", "LIS", "OPO", "OPO"]
    pull(airports, surplus=True)
    assert iatas(airports.get(batch)) == ["FAO", "LIS", "OPO", "???"]
    pull(airports, drop=[LISBON])
    assert iatas(airports.get(batch)) == ["FAO", "OPO"]


def test_rows_in_an_envelope_are_rewritten_too_and_the_rest_is_not(cities: httpx.Client) -> None:
    pull(cities, drop=[MADRID])
    page = cities.get(f"/cities?id={LISBON}&id={MADRID}").json()
    assert [row["id"] for row in page["items"]] == [LISBON]
    assert page["total"] == 2
    assert cities.get(f"/cities/{MADRID}").json()["name"] == "Madrid"


def test_a_rewritten_answer_does_not_carry_the_tag_of_the_right_one(countries: httpx.Client) -> None:
    pull(countries, duplicate=True)
    answer = countries.get("/countries?code=PT")
    assert [row["code"] for row in answer.json()] == ["PT", "PT"]
    assert "etag" not in answer.headers


ROW = {"id": 7, "country": "PT"}


@pytest.mark.parametrize(
    ("document", "levers", "expected"),
    [
        ([], {"surplus": True, "shuffle": True}, []),
        ([ROW], {"surplus": True}, [ROW, {"id": -1, "country": "??"}]),
        ([ROW], {"surplus": True, "drop": [7]}, [{"id": -1, "country": "??"}]),
        ({"n": 1, "items": [ROW]}, {"drop": ["PT"]}, {"n": 1, "items": []}),
        ({"stops": [ROW]}, {"duplicate": True}, {"stops": [ROW]}),
        ("text", {"duplicate": True}, "text"),
    ],
)
def test_rewriting_touches_rows_and_nothing_else(document: Any, levers: Any, expected: Any) -> None:
    settings = Settings.model_validate(levers)
    assert json.loads(rewritten(json.dumps(document).encode(), settings, ("id", "country"))) == expected
