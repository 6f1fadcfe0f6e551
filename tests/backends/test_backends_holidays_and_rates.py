"""Holidays: by id only. Rates: 200 with an error inside, and decimals as strings."""

from decimal import Decimal

import httpx
import pytest


def test_holidays_of_a_year_come_by_date_with_both_names(holidays: httpx.Client) -> None:
    year = holidays.get("/holidays/PT/2026").json()
    assert (year["country"], year["year"]) == ("PT", 2026)
    assert year["holidays"][0] == {"date": "2026-01-01", "name": "New Year's Day", "local_name": "Ano Novo"}
    dates = [row["date"] for row in year["holidays"]]
    assert dates == sorted(set(dates))
    assert all(date.startswith("2026-") for date in dates)


def test_a_country_without_english_names_uses_its_own(holidays: httpx.Client) -> None:
    for row in holidays.get("/holidays/NZ/2026").json()["holidays"]:
        assert row["name"] == row["local_name"]


@pytest.mark.parametrize(
    ("path", "status"), [("ZZ/2026", 404), ("pt/2026", 404), ("PRT/2026", 404), ("PT/1066", 422), ("PT/now", 422)]
)
def test_what_has_no_holidays_is_a_problem(holidays: httpx.Client, path: str, status: int) -> None:
    answer = holidays.get(f"/holidays/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_country_that_is_supported_answers(holidays: httpx.Client, countries: httpx.Client) -> None:
    codes = [row["code"] for row in countries.get("/countries?continent=SA").json()]
    assert {holidays.get(f"/holidays/{code}/2026").status_code for code in codes} == {200}


def test_one_base_is_worth_rate_units_of_currency(rates: httpx.Client) -> None:
    # Published that day for one euro: 1.1193 dollars, 121.75 yen.
    answer = rates.get("/rates?base=USD&symbols=EUR,JPY&date=2020-01-02").json()
    assert answer == {
        "success": True,
        "base": "USD",
        "date": "2020-01-02",
        "rates": [
            {"currency": "EUR", "base": "USD", "rate": "0.89341553"},
            {"currency": "JPY", "base": "USD", "rate": "108.77334"},
        ],
    }


def test_rates_in_euros_are_as_published(rates: httpx.Client) -> None:
    answer = rates.get("/rates?base=EUR&symbols=USD,EUR&date=2020-01-02").json()
    assert [(row["currency"], row["rate"]) for row in answer["rates"]] == [("EUR", "1"), ("USD", "1.1193")]


def test_a_day_without_rates_has_those_of_the_business_day_before(rates: httpx.Client) -> None:
    sunday = rates.get("/rates?date=2020-05-03&symbols=USD").json()
    assert sunday["date"] == "2020-04-30"
    assert sunday["rates"] == rates.get("/rates?date=2020-04-30&symbols=USD").json()["rates"]
    assert rates.get("/rates?date=2999-01-01").json()["date"] == rates.get("/rates").json()["date"]


def test_unknown_symbols_are_left_out(rates: httpx.Client) -> None:
    answer = rates.get("/rates?base=USD&symbols=EUR,XXX,HRK").json()
    assert [row["currency"] for row in answer["rates"]] == ["EUR"]


def test_without_symbols_all_currencies_come_and_no_rate_has_an_exponent(rates: httpx.Client) -> None:
    rows = rates.get("/rates?base=IDR").json()["rates"]
    assert len(rows) > 25
    for row in rows:
        assert "E" not in row["rate"]
        assert Decimal(row["rate"]) > 0


@pytest.mark.parametrize(
    ("query", "code"),
    [("base=XXX", "unknown_currency"), ("base=HRK", "unknown_currency"), ("date=1990-01-01", "no_rates")],
)
def test_an_error_is_inside_a_200(rates: httpx.Client, query: str, code: str) -> None:
    answer = rates.get(f"/rates?{query}")
    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == code
