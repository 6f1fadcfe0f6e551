"""Cities: limit and offset, envelopes, repeated parameters; and the index behind every search."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.names import NameIndex, fold

LISBON, MADRID = 2267057, 3117735


def test_one_city_is_found_by_its_id(cities: httpx.Client) -> None:
    assert cities.get(f"/cities/{LISBON}").json() == {
        "id": LISBON,
        "name": "Lisbon",
        "country": "PT",
        "population": 517802,
        "location": {"lat": 38.72509, "lon": -9.1498},
        "timezone": "Europe/Lisbon",
    }


def test_an_unknown_city_is_a_404_and_a_word_is_a_422(cities: httpx.Client) -> None:
    assert cities.get("/cities/1").status_code == 404
    refused = cities.get("/cities/lisbon")
    assert refused.status_code == 422
    assert [mistake["field"] for mistake in refused.json()["errors"]] == ["id"]


def test_a_walk_over_all_pages_meets_every_city_of_a_country_once(cities: httpx.Client) -> None:
    rows: list[Any] = []
    total = 1
    while len(rows) < total:
        page = cities.get("/cities", params={"country": "PT", "limit": 50, "offset": len(rows)}).json()
        rows, total = rows + page["items"], page["total"]
        assert page["items"]
    assert len({row["id"] for row in rows}) == len(rows) == total
    assert {row["country"] for row in rows} == {"PT"}
    assert [row["population"] for row in rows] == sorted((row["population"] for row in rows), reverse=True)


def test_a_page_past_the_end_is_empty_and_knows_the_total(cities: httpx.Client) -> None:
    page = cities.get("/cities?country=LU&offset=1000").json()
    assert page["items"] == []
    assert page["total"] > 0


def test_a_batch_leaves_out_missing_ids_and_answers_each_id_once(cities: httpx.Client) -> None:
    page = cities.get(f"/cities?id={MADRID}&id=1&id={LISBON}&id={MADRID}").json()
    assert [row["id"] for row in page["items"]] == [LISBON, MADRID]
    assert page["total"] == 2


def test_filters_combine(cities: httpx.Client) -> None:
    page = cities.get(f"/cities?id={MADRID}&id={LISBON}&country=ES").json()
    assert [row["id"] for row in page["items"]] == [MADRID]


def test_a_batch_of_more_than_a_hundred_is_refused(cities: httpx.Client) -> None:
    ids = [row["id"] for row in cities.get("/cities?limit=100").json()["items"]]
    assert len(cities.get("/cities", params={"id": ids}).json()["items"]) == 100
    assert cities.get("/cities", params={"id": [*ids, 1]}).status_code == 422


def test_capitals_come_one_a_country(cities: httpx.Client) -> None:
    rows = cities.get("/cities/capitals?country=PT&country=AQ&country=ES&country=US").json()["items"]
    assert {row["country"]: row["name"] for row in rows} == {"PT": "Lisbon", "ES": "Madrid", "US": "Washington"}


def test_the_largest_cities_are_limited_for_each_country(cities: httpx.Client) -> None:
    rows = cities.get("/cities/largest?country=PT&country=ES&limit=2").json()["items"]
    assert [(row["country"], row["name"]) for row in rows] == [
        ("ES", "Madrid"),
        ("ES", "Barcelona"),
        ("PT", "Lisbon"),
        ("PT", "Porto"),
    ]


def test_a_search_finds_words_without_case_and_accents_largest_first(cities: httpx.Client) -> None:
    page = cities.get("/cities/search", params={"q": "SAO  p", "limit": 3}).json()
    assert page["items"][0]["name"] == "São Paulo"
    assert page["total"] >= 1
    assert cities.get("/cities/search", params={"q": "york"}).json()["items"][0]["name"] == "New York City"


@pytest.mark.parametrize("q", [" ", "--", "qqqqqq"])
def test_a_search_for_nothing_finds_nothing(cities: httpx.Client, q: str) -> None:
    assert cities.get("/cities/search", params={"q": q}).json()["items"] == []


words = st.text(alphabet="abÁ c-", max_size=8)


@given(st.lists(words, max_size=12), words, st.integers(1, 5))
def test_the_index_finds_what_reading_every_name_would_find(names: list[str], q: str, limit: int) -> None:
    start = fold(q)
    expected = [name for name in names if start and f" {fold(name)}".find(f" {start}") >= 0][:limit]
    assert NameIndex((name, [name]) for name in names).search(q, limit) == expected
