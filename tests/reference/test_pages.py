"""Relay connections over both ways to page: each row once, whatever the sizes of pages."""

from typing import Any

import pytest

from tests.reference.travel import Travel, bearer

CITIES = """query($first: Int!, $after: String) { page: cities(country: "PT", first: $first, after: $after) {
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }"""
AIRPORTS = """query($first: Int!, $after: String) { country(code: "PT") { page: airports(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } } }"""


async def _page(travel: Travel, query: str, first: int, after: str | None) -> dict[str, Any]:
    data = (await travel.ask(query, first=first, after=after)).data
    page: dict[str, Any] = data["page"] if "page" in data else data["country"]["page"]
    assert len(page["edges"]) <= first
    return page


def _ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


def _all_of(travel: Travel, service: str) -> list[str]:
    """Every row's id in the service's own order."""
    query: dict[str, str | int] = {"country": "PT", "limit": 100}
    found, more = list[str](), True
    while more:
        answer = travel.controls[service].get(f"/{service}", params=query).json()
        found += [str(row["id"] if service == "cities" else row["iata"]) for row in answer["items"]]
        more = len(found) < answer["total"] if service == "cities" else answer["next"] is not None
        query |= {"offset": len(found)} if service == "cities" else {"cursor": answer["next"] or ""}
    travel.reset()
    return found


@pytest.mark.parametrize("sizes", [(100,), (50,), (7,), (1, 30, 3), (99, 2)], ids=str)
@pytest.mark.parametrize(("service", "query"), [("cities", CITIES), ("airports", AIRPORTS)])
async def test_walking_the_pages_meets_every_row_once(
    travel: Travel, service: str, query: str, sizes: tuple[int, ...]
) -> None:
    walked, after, more, turn = list[str](), None, True, 0
    while more:
        page = await _page(travel, query, sizes[turn % len(sizes)], after)
        assert page["pageInfo"]["hasPreviousPage"] == (turn > 0)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        walked += _ids(page)
        after, more, turn = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"], turn + 1
    assert walked == _all_of(travel, service)


@pytest.mark.parametrize(("query", "service"), [(CITIES, "cities"), (AIRPORTS, "airports")], ids=["offset", "cursor"])
async def test_any_row_can_be_gone_on_from(travel: Travel, query: str, service: str) -> None:
    everything = _all_of(travel, service)
    page = await _page(travel, query, 20, None)
    for at, edge in enumerate(page["edges"]):
        assert _ids(await _page(travel, query, 3, edge["cursor"])) == everything[at + 1 : at + 4]


async def test_a_total_comes_from_services_that_tell_one(travel: Travel) -> None:
    assert (await _page(travel, CITIES, 1, None))["totalCount"] == len(_all_of(travel, "cities"))
    assert (await _page(travel, AIRPORTS, 1, None))["totalCount"] is None


@pytest.mark.parametrize("query", [CITIES, AIRPORTS], ids=["offset", "cursor"])
async def test_a_page_of_nothing_still_tells_whether_there_is_something(travel: Travel, query: str) -> None:
    page = await _page(travel, query, 0, None)
    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize(
    "after", ["", "x", "WyJvIl0", "WyJvIiwtMV0", "WyJvIiwwLjVd", "WyJvIiwxZTQwXQ", "é", "WyJ4IiwxXQ"]
)
@pytest.mark.parametrize(("query", "path"), [(CITIES, "page"), (AIRPORTS, "country.page")], ids=["offset", "cursor"])
async def test_what_is_no_cursor_is_refused_at_the_field(travel: Travel, query: str, path: str, after: str) -> None:
    answer = await travel.ask(query, first=3, after=after)
    if after == "":
        assert not answer.errors
    else:
        assert answer.errors == [(path, "BAD_USER_INPUT", None)]


async def test_a_cursor_of_another_list_is_refused(travel: Travel) -> None:
    cursor = (await _page(travel, CITIES, 1, None))["pageInfo"]["endCursor"]
    assert (await travel.ask(AIRPORTS, first=3, after=cursor)).errors == [("country.page", "BAD_USER_INPUT", None)]


@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_beyond_the_limit_is_refused_before_any_call(travel: Travel, first: int) -> None:
    answer = await travel.ask(CITIES, first=first)
    assert (answer.status, answer.errors) == (400, [("", "BAD_USER_INPUT", None)])
    assert travel.calls == {}


async def test_pages_are_named_by_their_own_parents(travel: Travel) -> None:
    query = """{ country(code: "PT") { ...Largest neighbours { code ...Largest } } }
      fragment Largest on Country { cities(first: 1) { edges { node { name } } } }"""
    country = (await travel.ask(query)).data["country"]
    assert country == {
        "neighbours": [{"code": "ES", "cities": {"edges": [{"node": {"name": "Madrid"}}]}}],
        "cities": {"edges": [{"node": {"name": "Lisbon"}}]},
    }


async def test_trips_page_too(travel: Travel) -> None:
    user = "pager"
    for day in (3, 1, 2):
        travel.controls["trips"].post(
            "/trips",
            json={"title": f"Day {day}", "starts_on": f"2026-01-0{day}", "ends_on": "2026-02-01"},
            headers=bearer(user),
        ).raise_for_status()
    query = "query($after: String) { trips(first: 2, after: $after) { totalCount edges { cursor node { title } } } }"
    first = (await travel.ask(query, user)).data["trips"]
    rest = (await travel.ask(query, user, after=first["edges"][-1]["cursor"])).data["trips"]
    titles = [edge["node"]["title"] for page in (first, rest) for edge in page["edges"]]
    assert (titles, first["totalCount"]) == (["Day 1", "Day 2", "Day 3"], 3)
