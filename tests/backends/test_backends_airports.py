"""Airports: cursor pages, comma lists, and the city an airport belongs to."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.airports import Airport
from backends.city_match import NEARBY_KM, CityMatcher, distance_km
from backends.gazetteer import City


def test_one_airport_is_found_by_its_code(airports: httpx.Client) -> None:
    row = airports.get("/airports/LIS").json()
    assert row["name"] == "Lisbon Portela Airport"
    assert row["geo"] == {"lat": 38.7813, "lon": -9.13592, "elevation_ft": 355}
    assert row["city_id"] == 2267057


@pytest.mark.parametrize("code", ["lis", "ZZZ", "nowhere"])
def test_an_unknown_airport_is_a_404_problem(airports: httpx.Client, code: str) -> None:
    answer = airports.get(f"/airports/{code}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": f"There is no airport {code}.",
    }


def test_a_walk_over_all_pages_meets_every_airport_of_a_country_once(airports: httpx.Client) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = airports.get("/airports", params={"country": "PT", "limit": 7, "cursor": cursor}).json()
        assert 0 < len(page["items"]) <= 7
        seen += [row["iata"] for row in page["items"]]
        cursor = page["next"]
    everything = airports.get("/airports", params={"country": "PT", "limit": 100}).json()
    assert everything["next"] is None
    assert seen == sorted(set(seen)) == [row["iata"] for row in everything["items"]]
    assert {"LIS", "OPO", "FAO"} <= set(seen)


def test_the_last_page_has_no_next_even_if_it_is_full(airports: httpx.Client) -> None:
    count = len(airports.get("/airports", params={"country": "LU", "limit": 100}).json()["items"])
    assert airports.get("/airports", params={"country": "LU", "limit": count}).json()["next"] is None


@pytest.mark.parametrize("cursor", ["abc", "!", "TElT", "é"])
def test_a_foreign_cursor_is_a_400(airports: httpx.Client, cursor: str) -> None:
    assert airports.get("/airports", params={"cursor": cursor}).status_code == 400


def test_a_batch_has_its_own_order_and_leaves_out_what_does_not_exist(airports: httpx.Client) -> None:
    rows = airports.get("/airports/batch?iatas=OPO,ZZZ,LIS,OPO").json()
    assert [row["iata"] for row in rows] == ["LIS", "OPO"]


def test_a_batch_of_more_than_fifty_is_a_400(airports: httpx.Client) -> None:
    codes = [row["iata"] for row in airports.get("/airports", params={"limit": 51}).json()["items"]]
    assert len(airports.get("/airports/batch", params={"iatas": ",".join(codes[:50])}).json()) == 50
    refused = airports.get("/airports/batch", params={"iatas": ",".join(codes)})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")


def test_airports_of_several_cities_come_in_one_array(airports: httpx.Client) -> None:
    rows = airports.get("/airports/in-cities?city_id=5128581&city_id=2267057&city_id=1").json()
    assert {(row["iata"], row["city_id"]) for row in rows} >= {("LIS", 2267057), ("JFK", 5128581), ("LGA", 5128581)}
    assert {row["city_id"] for row in rows} == {2267057, 5128581}


def test_a_search_puts_the_airport_with_that_code_first(airports: httpx.Client) -> None:
    found = airports.get("/airports/search?q=lis&limit=3").json()["items"]
    assert found[0]["iata"] == "LIS"
    assert len(found) == len({row["iata"] for row in found}) == 3


def test_rows_are_as_declared(airports: httpx.Client) -> None:
    for row in airports.get("/airports?limit=100").json()["items"]:
        assert Airport.model_validate(row, strict=True).model_dump() == row


places = st.builds(
    City,
    id=st.integers(1, 10**6),
    name=st.sampled_from(["Springfield", "Portland"]),
    country=st.sampled_from(["US", "FJ"]),
    population=st.just(1),
    lat=st.floats(-90, 90) | st.floats(44, 45),
    lon=st.floats(-180, 180) | st.floats(179.5, 180) | st.floats(-180, -179.5),
    timezone=st.just("UTC"),
    aliases=st.just(()),
)


@given(st.lists(places, max_size=20, unique_by=lambda city: city.id), st.floats(44, 45), st.floats(179.5, 180))
def test_the_nearest_city_is_what_a_search_of_all_cities_would_find(cities: list[City], lat: float, lon: float) -> None:
    near = [(distance_km(lat, lon, city.lat, city.lon), city.id) for city in cities if city.country == "FJ"]
    distance, expected = min(near, default=(NEARBY_KM + 1, None))
    assert CityMatcher(cities).match("elsewhere", "FJ", lat, lon) == (expected if distance <= NEARBY_KM else None)


def test_of_two_cities_with_the_name_the_nearer_one_is_meant_unless_both_are_far() -> None:
    here = City(1, "Portland", "US", 9, 45.5, -122.6, "UTC", ())
    there = City(2, "Portland", "US", 9, 43.6, -70.2, "UTC", ())
    matcher = CityMatcher([here, there])
    assert matcher.match("portland", "US", 43.6, -70.3) == 2
    assert matcher.match("portland", "US", 30.0, -90.0) is None


def test_a_city_known_by_that_name_goes_before_a_nearer_one() -> None:
    nearer = City(1, "Kingston", "US", 9, 40.64, -73.78, "UTC", ())
    known = City(2, "New York City", "US", 9, 40.71, -74.0, "UTC", ("New York",))
    assert CityMatcher([nearer, known]).match("New York", "US", 40.64, -73.78) == 2
