"""How many calls the services get: counted by themselves."""

import httpx
import pytest

from tests.reference.travel import Travel, travel_over

STITCHED = "query($iatas: [ID!]!) { airports(iatas: $iatas) { iata city { name country { name } } } }"


def _iatas(travel: Travel, count: int) -> list[str]:
    """Codes of airports that have a city, from the service itself."""
    rows, cursor = list[str](), ""
    while len(rows) < count:
        page = travel.controls["airports"].get("/airports", params={"limit": 100, "cursor": cursor}).json()
        rows += [row["iata"] for row in page["items"] if row["city_id"]]
        cursor = page["next"]
    travel.reset()
    return rows[:count]


async def test_a_hundred_airports_with_city_and_country_are_four_calls(travel: Travel) -> None:
    iatas = _iatas(travel, 100)
    answer = await travel.ask(STITCHED, iatas=iatas)
    assert [row["iata"] for row in answer.data["airports"]] == iatas
    assert all(row["city"]["country"]["name"] for row in answer.data["airports"])
    assert travel.calls == {"airports": 2, "cities": 1, "countries": 1}


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (50, 1), (51, 2)])
async def test_keys_are_cut_into_batches_of_what_the_service_takes(travel: Travel, count: int, calls: int) -> None:
    answer = await travel.ask("query($i: [ID!]!) { airports(iatas: $i) { name } }", i=_iatas(travel, count))
    assert len(answer.data["airports"]) == count
    assert travel.calls == {"airports": calls}


async def test_equal_keys_are_asked_for_once(travel: Travel) -> None:
    query = """{ airports(iatas: ["LIS", "LIS", "OPO", "LIS"]) { iata country { name } }
      again: airport(iata: "OPO") { iata } }"""
    answer = await travel.ask(query)
    assert [row["iata"] for row in answer.data["airports"]] == ["LIS", "LIS", "OPO", "LIS"]
    assert answer.data["again"] == {"iata": "OPO"}
    assert travel.calls == {"airports": 1, "countries": 1}
    assert [request["query"] for request in travel.requests("countries")] == ["code=PT"]


async def test_the_capitals_of_all_countries_are_three_batches(travel: Travel) -> None:
    answer = await travel.ask("{ countries { code capital { name } } }")
    assert len(answer.data["countries"]) == 250
    named = {row["code"]: row["capital"] and row["capital"]["name"] for row in answer.data["countries"]}
    assert (named["PT"], named["JP"], named["IO"]) == ("Lisbon", "Tokyo", None)
    assert travel.calls == {"countries": 1, "cities": 3}


async def test_rates_are_batched_for_each_base(travel: Travel) -> None:
    query = '{ countries(continent: EUROPE) { currency { code usd: rate(base: "USD") gbp: rate(base: "GBP") } } }'
    answer = await travel.ask(query)
    worth = {row["currency"]["code"]: row["currency"] for row in answer.data["countries"] if row["currency"]}
    assert (worth["GBP"]["gbp"], worth["USD"]["usd"] if "USD" in worth else "1") == ("1", "1")
    bases = [request["query"].partition("&")[0] for request in travel.requests("rates")]
    assert sorted(bases) == ["base=GBP", "base=USD"]


async def test_links_in_both_directions_cost_one_call_for_each_step(travel: Travel) -> None:
    query = """{ country(code: "UY") { neighbours { code capital {
      name airports { iata } country { code } } } } }"""
    answer = await travel.ask(query)
    argentina, brazil = answer.data["country"]["neighbours"]
    assert brazil == {
        "code": "BR",
        "capital": {"name": "Brasília", "airports": [{"iata": "BSB"}], "country": {"code": "BR"}},
    }
    assert [row["iata"] for row in argentina["capital"]["airports"]] == ["AEP"]
    assert travel.calls == {"countries": 2, "cities": 1, "airports": 1}  # a capital's country is known by then


async def test_aliases_of_one_link_share_a_call(travel: Travel) -> None:
    query = """{ airport(iata: "LIS") {
      one: city { name } two: city { population } country { name } city { country { code } } } }"""
    assert (await travel.ask(query)).data["airport"]["two"] == {"population": 517802}
    assert travel.calls == {"airports": 1, "cities": 1, "countries": 1}


async def test_by_id_only_services_are_called_once_for_each_key_side_by_side_within_the_limit(
    controls: dict[str, httpx.Client],
) -> None:
    query = '{ country(code: "DE") { holidays(year: 2026) { date } neighbours { holidays(year: 2026) { date } } } }'
    async with travel_over(controls, max_in_flight=8) as travel:
        await travel.ask(query)  # the service loads a country's rules when it is first asked
        travel.reset()
        travel.pull("holidays", latency_ms=40)
        answer = await travel.ask(query)
        report = travel.report("holidays")
    neighbours = answer.data["country"]["neighbours"]
    assert len(neighbours) == 9
    assert all(row["holidays"] for row in neighbours)
    assert (report["calls"], report["peak_in_flight"]) == (10, 2)  # a quarter of the service's slots


async def test_a_key_that_is_null_is_not_asked_for(travel: Travel) -> None:
    rows = travel.controls["airports"].get("/airports", params={"limit": 100}).json()["items"]
    lonely = next(row["iata"] for row in rows if row["city_id"] is None)
    travel.reset()
    answer = await travel.ask("query($i: ID!) { airport(iata: $i) { city { name } } }", i=lonely)
    assert answer.data == {"airport": {"city": None}}
    assert travel.calls == {"airports": 1}
