"""The reference graph, made anew from its services' own documents, answers what the hand-written one answers.

What is imported calls things as the services do, so the queries differ from the hand-written graph's where names do;
the data they ask for is the same. Joins between services stand in LINKS, as an adopter would write them.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry

from bff import config
from bff.app import create_app
from bff.gateway import open_gateway
from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from tests.controls import running
from tests.reference.travel import bearer, reset

SERVICES = ("airports", "cities", "countries", "holidays", "rates", "trips")

LINKS = '''
"""Joins between the services."""

from bff import connect, constant, extend

from resolvers import airports, cities, countries, holidays
from schema.airports.airport import Airport
from schema.cities.city import City
from schema.countries.country import Country
from schema.holidays.calendar_year import CalendarYear
from schema.trips.stop import Stop


@extend(Airport)
class AirportLinks:
    city_there: City | None = connect(cities.cities_by_id, id="city_id")
    country: Country | None = connect(countries.countries_by_code, code="country_code")


@extend(City)
class CityLinks:
    country_there: Country | None = connect(countries.countries_by_code, code="country")
    airports: list[Airport] | None = connect(
        airports.airports_in_cities_by_city_id, city_id="id", assumed_size=15
    )


@extend(Country)
class CountryLinks:
    neighbours_there: list[Country] | None = connect(
        countries.countries_by_code, code="neighbours", assumed_size=16
    )
    capitals: list[City] | None = connect(cities.capitals_by_country, country="code", assumed_size=1)

    @connect(holidays.get_holidays, country="code")
    def holidays(self, year: int) -> CalendarYear | None:
        """Public holidays of a year."""


extend(Stop, airport=(Airport | None, connect(airports.get_airports, iatas="iata")))
'''


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("documents")
    for name in SERVICES:
        document = importlib.import_module(f"backends.{name}").create_app().openapi()
        (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")
    return {name: folder / f"{name}.json" for name in SERVICES}


@pytest.fixture(scope="module")
def schema(documents: Mapping[str, Path]) -> strawberry.Schema:
    report = Report()
    modules = source({name: str(path) for name, path in documents.items()}, report)
    return load({**modules, "schema.links": LINKS})


@pytest.fixture(scope="module")
def controls() -> Iterator[dict[str, httpx.Client]]:
    with running() as clients:
        yield clients


class Asked:
    """The gateway over the imported graph."""

    def __init__(self, http: httpx.AsyncClient, controls: Mapping[str, httpx.Client]) -> None:
        self._http = http
        self._controls = controls

    async def data(self, query: str, user: str | None = None, **variables: Any) -> Any:
        headers = bearer(user) if user else {}
        answer = await self._http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    @property
    def calls(self) -> dict[str, int]:
        counted = {name: client.get("/_control").json()["calls"] for name, client in self._controls.items()}
        return {name: calls for name, calls in counted.items() if calls}


@pytest.fixture
async def imported(schema: strawberry.Schema, controls: Mapping[str, httpx.Client]) -> AsyncIterator[Asked]:
    upstreams = {
        name: config.Upstream(url=str(client.base_url), timeout="20s", forward=("authorization",) * (name == "trips"))
        for name, client in controls.items()
    }
    settings = config.Config(graph="schema:schema", upstreams=upstreams, limits=config.Limits(max_price=100_000))
    gateway = open_gateway(settings, Path(), schema=schema)
    reset(controls)
    transport = httpx.ASGITransport(create_app(gateway))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            yield Asked(http, controls)
    finally:
        await gateway.aclose()


ANSWERS: dict[str, tuple[str, Any]] = {
    "an airport": (
        '{ airport(iata: "LIS") { __typename iata icao name tz geo { lat lon elevationFt } } }',
        {
            "airport": {
                "__typename": "Airport",
                "iata": "LIS",
                "icao": "LPPT",
                "name": "Lisbon Portela Airport",
                "tz": "Europe/Lisbon",
                "geo": {"lat": 38.7813, "lon": -9.13592, "elevationFt": 355},
            }
        },
    ),
    "a city": (
        '{ city(id: "2267057") { id name population timezone countryThere { code } airports { iata } } }',
        {
            "city": {
                "id": "2267057",
                "name": "Lisbon",
                "population": 517802,
                "timezone": "Europe/Lisbon",
                "countryThere": {"code": "PT"},
                "airports": [{"iata": "LIS"}],
            }
        },
    ),
    "a country": (
        """{ country(code: "PT") { code name officialName population areaKm2 continent languages currency { code name }
          capitals { name } neighboursThere { name } } }""",
        {
            "country": {
                "code": "PT",
                "name": "Portugal",
                "officialName": "Portuguese Republic",
                "population": 10281762,
                "areaKm2": 92391,
                "continent": "EU",
                "languages": ["pt", "mwl"],
                "currency": {"code": "EUR", "name": "Euro"},
                "capitals": [{"name": "Lisbon"}],
                "neighboursThere": [{"name": "Spain"}],
            }
        },
    ),
    "airports in the order asked for": (
        '{ getAirports(iatas: ["OPO", "XXX", "LIS", "OPO"]) { iata } }',
        {"getAirports": [{"iata": "OPO"}, None, {"iata": "LIS"}, {"iata": "OPO"}]},
    ),
    "no airports": ("{ getAirports(iatas: []) { iata } }", {"getAirports": []}),
    "what does not exist": (
        '{ airport(iata: "XXX") { name } city(id: "1") { name } country(code: "ZZ") { name } }',
        {"airport": None, "city": None, "country": None},
    ),
    "a country without capital, currency and neighbours": (
        '{ country(code: "AQ") { capitals { name } currency { code } neighboursThere { code } } }',
        {"country": {"capitals": [], "currency": None, "neighboursThere": []}},
    ),
    "rates, or why there are none": (
        """{ some: rates(base: "EUR", symbols: ["EUR"]) { ...found } none: rates(base: "ZZZ") { ...found } }
        fragment found on RatesAnswer {
          __typename ... on Rates { rates { currency rate } } ... on Failure { error { code } } }""",
        {
            "some": {"__typename": "Rates", "rates": [{"currency": "EUR", "rate": "1"}]},
            "none": {"__typename": "Failure", "error": {"code": "UNKNOWN_CURRENCY"}},
        },
    ),
    "a page of cities": (
        '{ cities(country: "PT", first: 2) { totalCount edges { node { name } } pageInfo { hasNextPage } } }',
        {
            "cities": {
                "totalCount": 179,
                "edges": [{"node": {"name": "Lisbon"}}, {"node": {"name": "Porto"}}],
                "pageInfo": {"hasNextPage": True},
            }
        },
    ),
    "a page by the service's own cursor": (
        '{ listAirports(country: "PT", first: 1) { edges { node { iata } } pageInfo { hasNextPage } } }',
        {"listAirports": {"edges": [{"node": {"iata": "BGC"}}], "pageInfo": {"hasNextPage": True}}},
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_was_imported_answers(name: str, imported: Asked) -> None:
    query, data = ANSWERS[name]
    assert await imported.data(query) == data


async def test_the_query_of_the_design_takes_as_many_calls_as_in_the_hand_written_graph(imported: Asked) -> None:
    query = """{ airport(iata: "LIS") { name cityThere { name population countryThere { name currency { code }
      holidays(year: 2026) { holidays { date name } } } } } }"""
    data = await imported.data(query)
    portugal = data["airport"]["cityThere"].pop("countryThere")
    assert data == {
        "airport": {"name": "Lisbon Portela Airport", "cityThere": {"name": "Lisbon", "population": 517802}}
    }
    assert portugal["holidays"]["holidays"][0] == {"date": "2026-01-01", "name": "New Year's Day"}
    assert len(portugal["holidays"]["holidays"]) == 13
    assert imported.calls == {"airports": 1, "cities": 1, "countries": 1, "holidays": 1}


async def test_all_countries_come_in_both_graphs(imported: Asked) -> None:
    assert len((await imported.data("{ countries { code } }"))["countries"]) == 250
    found = await imported.data("query($in: Continent) { countries(continent: $in) { continent } }", **{"in": "OC"})
    assert {row["continent"] for row in found["countries"]} == {"OC"}


async def test_trips_are_written_and_what_is_refused_is_a_type(imported: Asked) -> None:
    create = """mutation($input: NewTripInput!) { createTrip(input: $input) { __typename
      ... on Trip { id title startsOn status version stops { iata airport { name } } budget { amount } }
      ... on InvalidProblem { errors { field } } } }"""
    trip = {"title": "West", "startsOn": "2026-05-01", "endsOn": "2026-05-09", "stops": [{"iata": "OPO"}]}
    made = (await imported.data(create, user="ana", input=trip))["createTrip"]
    assert made.pop("id")
    assert made == {
        "__typename": "Trip",
        "title": "West",
        "startsOn": "2026-05-01",
        "status": "PLANNED",
        "version": 1,
        "stops": [{"iata": "OPO", "airport": {"name": "Francisco de Sá Carneiro Airport"}}],
        "budget": None,
    }
    refused = (await imported.data(create, user="ana", input={**trip, "endsOn": "2026-04-01"}))["createTrip"]
    assert refused == {"__typename": "InvalidProblem", "errors": [{"field": "ends_on"}]}
