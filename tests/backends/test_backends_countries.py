"""Countries: validators, camelCase, bare arrays."""

import httpx
import pytest

from backends.countries import Country


def test_a_country_is_found_by_its_code(countries: httpx.Client) -> None:
    assert countries.get("/countries/PT").json() == {
        "code": "PT",
        "alpha3": "PRT",
        "name": "Portugal",
        "officialName": "Portuguese Republic",
        "capital": "Lisbon",
        "population": 10281762,
        "areaKm2": 92391,
        "continent": "EU",
        "currency": {"code": "EUR", "name": "Euro"},
        "languages": ["pt", "mwl"],
        "neighbours": ["ES"],
    }


def test_every_country_is_as_declared_and_its_neighbours_exist(countries: httpx.Client) -> None:
    rows = countries.get("/countries").json()
    codes = {row["code"] for row in rows}
    assert len(rows) == len(codes) == 250
    for row in rows:
        assert Country.model_validate(row, strict=True).model_dump(by_alias=True) == row
        assert codes.issuperset(row["neighbours"])


def test_what_does_not_exist_is_a_404_and_is_not_to_be_kept(countries: httpx.Client) -> None:
    answer = countries.get("/countries/ZZ")
    assert answer.status_code == 404
    assert "cache-control" not in answer.headers


def test_a_batch_leaves_out_missing_codes(countries: httpx.Client) -> None:
    rows = countries.get("/countries?code=PT&code=ZZ&code=ES&code=PT").json()
    assert [row["code"] for row in rows] == ["ES", "PT"]


def test_a_continent_is_a_filter_and_must_be_one(countries: httpx.Client) -> None:
    assert {row["continent"] for row in countries.get("/countries?continent=OC").json()} == {"OC"}
    assert countries.get("/countries?continent=XX").status_code == 422


def test_a_search_finds_names_and_codes(countries: httpx.Client) -> None:
    assert [row["code"] for row in countries.get("/countries/search?q=cote").json()] == ["CI"]
    assert "CH" in {row["code"] for row in countries.get("/countries/search?q=swiss").json()}


@pytest.mark.parametrize("path", ["/countries/PT", "/countries", "/countries/search?q=port"])
def test_answers_may_be_kept_for_an_hour_and_have_a_strong_tag(countries: httpx.Client, path: str) -> None:
    answer = countries.get(path)
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize("condition", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_who_has_the_answer_gets_a_304_without_a_body(countries: httpx.Client, condition: str) -> None:
    tag = countries.get("/countries/PT").headers["etag"]
    answer = countries.get("/countries/PT", headers={"if-none-match": condition.format(tag=tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (tag, "public, max-age=3600")


def test_who_has_another_answer_gets_this_one(countries: httpx.Client) -> None:
    tag = countries.get("/countries/ES").headers["etag"]
    assert countries.get("/countries/PT", headers={"if-none-match": tag}).json()["code"] == "PT"
