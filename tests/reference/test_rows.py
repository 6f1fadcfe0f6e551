"""Services that answer with their rows in disorder: what comes back is right, or null, never another's."""

from typing import Any

import pytest

from tests.reference.travel import Travel

ONE_FOR_EACH_KEY = """{ airports(iatas: ["LIS", "OPO", "MAD", "CDG"]) { iata title city { id name } country { code
  name currency { code rate(base: "USD") } capital { name country { code } } neighbours { code } } } }"""
MANY_FOR_EACH_KEY = """{ airports(iatas: ["LIS", "MAD", "CDG"]) { city { name airports { iata } }
  country { largestCities { name } } } }"""


@pytest.mark.parametrize("lever", ["shuffle", "duplicate", "surplus"])
@pytest.mark.parametrize("service", ["airports", "cities", "countries", "rates"])
async def test_rows_are_matched_to_their_keys_by_value(travel: Travel, service: str, lever: str) -> None:
    expected = (await travel.ask(ONE_FOR_EACH_KEY)).data
    travel.pull(service, **{lever: True})
    assert (await travel.ask(ONE_FOR_EACH_KEY)).data == expected


@pytest.mark.parametrize("lever", ["shuffle", "surplus"])
@pytest.mark.parametrize("service", ["airports", "cities"])
async def test_many_rows_of_one_key_stay_with_it(travel: Travel, service: str, lever: str) -> None:
    def lists(data: Any) -> list[Any]:
        return [
            (
                row["city"]["name"],
                {each["iata"] for each in row["city"]["airports"]},
                {each["name"] for each in row["country"]["largestCities"]},
            )
            for row in data["airports"]
        ]

    expected = lists((await travel.ask(MANY_FOR_EACH_KEY)).data)
    travel.pull(service, **{lever: True})
    assert lists((await travel.ask(MANY_FOR_EACH_KEY)).data) == expected


async def test_rows_that_are_missing_are_null_at_their_own_place(travel: Travel) -> None:
    travel.pull("airports", drop=["OPO"])
    travel.pull("cities", drop=[2267057])
    answer = await travel.ask('{ airports(iatas: ["LIS", "OPO", "MAD"]) { iata city { name } } }')
    assert answer.data["airports"] == [{"iata": "LIS", "city": None}, None, {"iata": "MAD", "city": {"name": "Madrid"}}]


async def test_a_missing_country_is_null_in_a_link_and_absent_in_a_list(travel: Travel) -> None:
    travel.pull("countries", drop=["ES"])
    answer = await travel.ask(
        '{ airport(iata: "LIS") { country { neighbours { code } } } mad: airport(iata: "MAD") { country { code } } }'
    )
    assert answer.data == {"airport": {"country": {"neighbours": []}}, "mad": {"country": None}}


async def test_a_page_with_more_rows_than_asked_for_is_cut(travel: Travel) -> None:
    travel.pull("cities", surplus=True)
    travel.pull("airports", surplus=True)
    query = """{ country(code: "PT") { cities(first: 3) { edges { node { id } } }
      airports(first: 3) { edges { node { id } } } } }"""
    country = (await travel.ask(query)).data["country"]
    assert [len(country[name]["edges"]) for name in ("cities", "airports")] == [3, 3]


async def test_a_search_with_more_rows_than_asked_for_is_cut(travel: Travel) -> None:
    travel.pull("cities", duplicate=True)
    answer = await travel.ask('{ search(text: "por", first: 5) { id } }')
    assert len(answer.data["search"]) == 5


async def test_a_list_longer_than_its_field_says_is_refused(travel: Travel) -> None:
    travel.pull("cities", duplicate=True)
    answer = await travel.ask('{ country(code: "PT") { name largestCities { name } } }')
    assert answer.partial == {"country": {"name": "Portugal", "largestCities": None}}
    assert answer.errors == [("country.largestCities", "LIST_TOO_LONG", "cities")]
