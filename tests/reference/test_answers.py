"""What queries answer, word for word."""

from typing import Any

import pytest

from tests.reference.travel import Travel

STITCHED = """{ airport(iata: "LIS") { name city { name population country { name currency { code rate(base: "USD") }
  holidays(year: 2026) { date name } } } } }"""

GOLDEN: dict[str, tuple[str, Any]] = {
    "an airport": (
        """{ airport(iata: "LIS") { __typename id iata icao name title elevationFeet timezone
          location { latitude longitude } } }""",
        {
            "airport": {
                "__typename": "Airport",
                "id": "LIS",
                "iata": "LIS",
                "icao": "LPPT",
                "name": "Lisbon Portela Airport",
                "title": "Lisbon Portela Airport (LIS)",
                "elevationFeet": 355,
                "timezone": "Europe/Lisbon",
                "location": {"latitude": 38.7813, "longitude": -9.13592},
            }
        },
    ),
    "a city": (
        '{ city(id: "2267057") { id name population timezone country { code } airports { iata } } }',
        {
            "city": {
                "id": "2267057",
                "name": "Lisbon",
                "population": 517802,
                "timezone": "Europe/Lisbon",
                "country": {"code": "PT"},
                "airports": [{"iata": "LIS"}],
            }
        },
    ),
    "a country": (
        """{ country(code: "PT") { id code name officialName population areaKm2 continent languages
          currency { code name } capital { name } neighbours { name } largestCities { name } } }""",
        {
            "country": {
                "id": "PT",
                "code": "PT",
                "name": "Portugal",
                "officialName": "Portuguese Republic",
                "population": 10281762,
                "areaKm2": 92391,
                "continent": "EUROPE",
                "languages": ["pt", "mwl"],
                "currency": {"code": "EUR", "name": "Euro"},
                "capital": {"name": "Lisbon"},
                "neighbours": [{"name": "Spain"}],
                "largestCities": [
                    {"name": name}
                    for name in (
                        "Lisbon",
                        "Porto",
                        "Braga",
                        "Amadora",
                        "Coimbra",
                        "Leiria",
                        "Setúbal",
                        "Funchal",
                        "Viseu",
                        "Queluz",
                    )
                ],
            }
        },
    ),
    "airports in the order asked for": (
        '{ airports(iatas: ["OPO", "XXX", "LIS", "OPO"]) { iata } }',
        {"airports": [{"iata": "OPO"}, None, {"iata": "LIS"}, {"iata": "OPO"}]},
    ),
    "no airports": ("{ airports(iatas: []) { iata } }", {"airports": []}),
    "what does not exist": (
        """{ airport(iata: "XXX") { name } city(id: "1") { name } none: city(id: "Lisbon") { name }
          country(code: "ZZ") { name } rate(base: "EUR", currency: "ZZZ") }""",
        {"airport": None, "city": None, "none": None, "country": None, "rate": None},
    ),
    "a country without capital, currency, neighbours and cities": (
        """{ country(code: "AQ") { capital { name } currency { code } neighbours { code }
          largestCities { name } } }""",
        {
            "country": {
                "capital": None,
                "currency": None,
                "neighbours": [],
                "largestCities": [],
            },
        },
    ),
    "rates": (
        """{ same: rate(base: "EUR", currency: "EUR") country(code: "US") { currency { rate(base: "USD") } } }""",
        {"same": "1", "country": {"currency": {"rate": "1"}}},
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
async def test_the_answer_to(name: str, travel: Travel) -> None:
    query, data = GOLDEN[name]
    assert (await travel.ask(query)).data == data


async def test_the_query_of_the_design_works_word_for_word(travel: Travel) -> None:
    data = (await travel.ask(STITCHED)).data
    portugal = data["airport"]["city"].pop("country")
    assert data == {"airport": {"name": "Lisbon Portela Airport", "city": {"name": "Lisbon", "population": 517802}}}
    assert (portugal["name"], portugal["currency"]["code"]) == ("Portugal", "EUR")
    assert 0.5 < float(portugal["currency"]["rate"]) < 2
    assert portugal["holidays"][0] == {"date": "2026-01-01", "name": "New Year's Day"}
    assert len(portugal["holidays"]) == 13
    assert travel.calls == {"airports": 1, "cities": 1, "countries": 1, "rates": 1, "holidays": 1}


async def test_continents_are_an_enum_in_both_directions(travel: Travel) -> None:
    answer = await travel.ask("query($in: Continent) { countries(continent: $in) { continent } }", **{"in": "OCEANIA"})
    assert {row["continent"] for row in answer.data["countries"]} == {"OCEANIA"}
    assert travel.requests("countries")[0]["query"] == "continent=OC"


async def test_without_a_continent_all_countries_come(travel: Travel) -> None:
    assert len((await travel.ask("{ countries { code } }")).data["countries"]) == 250
    assert travel.requests("countries")[0]["query"] == ""


async def test_a_search_finds_places_of_every_kind_in_turn(travel: Travel) -> None:
    query = """{ search(text: "por", first: 4) { __typename id name ... on City { country { name } }
      ... on Airport { title city { name } } ... on Country { continent } } }"""
    assert (await travel.ask(query)).data["search"] == [
        {"__typename": "Country", "id": "PT", "name": "Portugal", "continent": "EUROPE"},
        {"__typename": "City", "id": "2324774", "name": "Port Harcourt", "country": {"name": "Nigeria"}},
        {
            "__typename": "Airport",
            "id": "POR",
            "name": "Pori Airport",
            "title": "Pori Airport (POR)",
            "city": {"name": "Pori"},
        },
        {"__typename": "City", "id": "3452925", "name": "Porto Alegre", "country": {"name": "Brazil"}},
    ]
    assert travel.calls == {"countries": 2, "cities": 2, "airports": 1}


async def test_a_search_for_nothing_asks_nobody(travel: Travel) -> None:
    assert (await travel.ask('{ search(text: "por", first: 0) { id } }')).data == {"search": []}
    assert travel.calls == {}


async def test_a_text_that_the_services_refuse_is_an_error_at_the_field(travel: Travel) -> None:
    answer = await travel.ask('{ search(text: "") { id } airport(iata: "LIS") { iata } }')
    assert answer.partial == {"search": None, "airport": {"iata": "LIS"}}
    assert [code for _, code, _ in answer.errors] == ["UPSTREAM_STATUS"]


@pytest.mark.parametrize("text", ["são", "Sao", "O'Hare", "100%", "a&b=c", "q#x", "Köln/Bonn", "東京", "  lis "])
async def test_a_search_takes_any_text(travel: Travel, text: str) -> None:
    answer = await travel.ask("query($t: String!) { search(text: $t) { id } }", t=text)
    assert len(answer.data["search"]) <= 10


async def test_the_distance_between_two_airports(travel: Travel) -> None:
    query = """{ airport(iata: "LIS") { porto: distanceTo(iata: "OPO") sydney: distanceTo(iata: "SYD")
      itself: distanceTo(iata: "LIS") none: distanceTo(iata: "XXX") } }"""
    found = (await travel.ask(query)).data["airport"]
    assert found["porto"] == pytest.approx(277, abs=1)
    assert found["sydney"] == pytest.approx(18_190, rel=0.01)
    assert (found["itself"], found["none"]) == (0, None)


async def test_distances_from_many_airports_to_one_are_one_call_more(travel: Travel) -> None:
    query = '{ airports(iatas: ["OPO", "FAO", "MAD", "CDG"]) { distanceTo(iata: "LIS") } }'
    assert all(0 < row["distanceTo"] < 2000 for row in (await travel.ask(query)).data["airports"])
    assert travel.calls == {"airports": 2}


async def test_an_airport_that_was_found_far_below_knows_its_distance_too(travel: Travel) -> None:
    query = '{ country(code: "PT") { capital { airports { title distanceTo(iata: "LIS") } } } }'
    assert (await travel.ask(query)).data["country"]["capital"]["airports"] == [
        {"title": "Lisbon Portela Airport (LIS)", "distanceTo": 0}
    ]


@pytest.mark.parametrize(
    "query",
    ['{ country(code: "") { name } }', '{ country(code: "..") { name } }', '{ city(id: "\\u0000") { name } }'],
)
async def test_what_no_url_can_carry_is_the_clients_mistake(travel: Travel, query: str) -> None:
    answer = await travel.ask(query)
    assert [code for _, code, _ in answer.errors] == ["BAD_USER_INPUT"]
    assert travel.calls == {}


@pytest.mark.parametrize("iata", ["LIS,OPO", "lis", "LIS ", "?", "L/S", "LIS&x=1", "LÍS", "%4CIS"])
async def test_a_strange_code_is_looked_up_as_it_is_and_not_found(travel: Travel, iata: str) -> None:
    answer = await travel.ask("query($i: ID!) { airport(iata: $i) { name } }", i=iata)
    assert answer.data == {"airport": None}
