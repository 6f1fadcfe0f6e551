"""What is promised before an operation runs, held against what the services counted."""

import pytest

from bff.limits import Estimate, estimates
from tests.reference.test_answers import STITCHED
from tests.reference.travel import Travel

Step = tuple[int, str, str]


def _steps(found: list[Estimate]) -> list[Step]:
    return [(each.wave, each.coordinate, each.call) for each in found]


async def test_the_plan_of_the_designs_query_is_its_calls_in_waves(travel: Travel) -> None:
    found = estimates(travel.plan(STITCHED), {})
    assert _steps(found) == [
        (1, "Query.airport", "GET /airports/batch{?iatas}"),
        (2, "Airport.city", "GET /cities{?id*}"),
        (3, "City.country", "GET /countries{?code*}"),
        (4, "Currency.rate", "GET /rates{?base,symbols}"),
        (4, "Country.holidays", "GET /holidays/{country}/{year}"),
    ]
    await travel.ask(STITCHED)
    assert sum(travel.calls.values()) == sum(each.calls for each in found) == travel.price(STITCHED).calls == 5


@pytest.mark.parametrize(
    "query",
    [
        "{ countries { capital { name } } }",
        '{ countries(continent: EUROPE) { currency { rate(base: "USD") } } }',
        '{ country(code: "DE") { neighbours { largestCities { name } capital { airports { iata } } } } }',
        '{ country(code: "DE") { neighbours { neighbours { name } } } }',
        '{ search(text: "san", first: 30) { ... on Airport { city { name } } ... on City { airports { iata } } } }',
        "{ cities(first: 50) { edges { node { country { name } airports { iata } } } } }",
        '{ airports(iatas: ["LIS", "OPO", "FAO"]) { distanceTo(iata: "MAD") city { country { code } } } }',
        '{ a: airport(iata: "LIS") { name } b: airport(iata: "OPO") { city { name } } c: airport(iata: "LIS") { id } }',
    ],
)
async def test_no_more_calls_are_made_than_planned(travel: Travel, query: str) -> None:
    await travel.ask(query)  # which compares them
    assert 0 < sum(travel.calls.values()) <= travel.price(query).calls


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ countries { largestCities { airports { name } } } }", "OPERATION_TOO_EXPENSIVE"),
        ("{ countries { holidays(year: 2026) { date } } }", "OPERATION_TOO_EXPENSIVE"),
        ("{ countries { cities(first: 1) { edges { node { id } } } } }", "OPERATION_TOO_EXPENSIVE"),
        (
            '{ country(code: "PT") ' + "{ neighbours " * 14 + "{ name }" + " }" * 15,
            "OPERATION_TOO_COMPLEX",
        ),
    ],
)
async def test_what_costs_too_much_costs_the_services_nothing(travel: Travel, query: str, code: str) -> None:
    answer = await travel.ask(query)
    assert (answer.status, answer.errors) == (400, [("", code, None)])
    assert travel.calls == {}


async def test_a_service_without_a_batch_form_is_planned_as_one_call_for_each_key(travel: Travel) -> None:
    query = '{ country(code: "FR") { neighbours { holidays(year: 2026) { name } } } }'
    *_, holidays = estimates(travel.plan(query), {})
    assert (holidays.form, holidays.calls) == ("one per key", 16)


async def test_a_price_follows_the_size_that_was_asked_for(travel: Travel) -> None:
    query = "query($n: Int!) { cities(first: $n) { edges { node { name } } } }"
    assert [travel.price(query, n=n).points for n in (0, 1, 50)] == [1, 2, 51]


async def test_a_list_inside_what_is_written_is_one_call(travel: Travel) -> None:
    query = "mutation($input: CreateTripInput!) { createTrip(input: $input) { __typename } }"
    stops = [{"iata": "LIS"}, {"iata": "OPO"}]
    trip = {"title": "West", "startsOn": "2027-07-01", "endsOn": "2027-07-08", "stops": stops}
    assert (await travel.ask(query, "ana", input=trip)).data["createTrip"]["__typename"] == "Trip"
    assert sum(travel.calls.values()) == travel.price(query, input=trip).calls == 1
