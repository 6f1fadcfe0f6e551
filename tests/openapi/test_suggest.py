"""`bff import --suggest`: joins between services that their documents hint at, as code to paste."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bff.cli.commands import app
from bff.openapi.graph.emit_links import links
from bff.openapi.graph.lock import Lock
from bff.openapi.graph.memory import load
from bff.openapi.graph.project import source_modules
from bff.openapi.graph.suggest import MOST, Proposal, proposals
from bff.openapi.graph.wanted import Service
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.source import services
from bff.plan.check import check_graph
from bff.plan.graph import read_graph
from tests.openapi.kit import whole, write

SERVICES = ("airports", "cities", "countries", "holidays", "rates", "trips")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("documents")
    for name in SERVICES:
        document = importlib.import_module(f"backends.{name}").create_app().openapi()
        (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")
    return [str(folder / f"{name}.json") for name in SERVICES]


def made(places: list[str]) -> tuple[Service, ...]:
    report = Report()
    return services({Path(place).stem: read([place], report)[0] for place in places}, Lock(), report)


def short(found: tuple[Proposal, ...]) -> list[tuple[str, str, str]]:
    return [(f"{each.type}.{each.field}", each.way.connector, each.path) for each in found]


def test_the_joins_of_the_travel_services_are_found_and_no_others(documents: list[str]) -> None:
    assert short(proposals(made(documents))) == [
        ("Airport.country", "countries_by_code", "country_code"),
        ("Airport.city_there", "cities_by_id", "city_id"),
        ("City.airports_in_cities", "airports_in_cities_by_city_id", "id"),
        ("City.country_there", "countries_by_code", "country"),
        ("Country.capitals", "capitals_by_country", "code"),
        ("Country.largest_cities", "largest_cities_by_country", "code"),
        ("Country.holidays", "get_holidays", "code"),
        ("Currency.rates", "list_rates", "code"),
        ("CalendarYear.country_there", "countries_by_code", "country"),
        ("Stop.airport", "get_airports", "iata"),
    ]


def test_the_order_of_documents_changes_nothing(documents: list[str]) -> None:
    assert links(proposals(made(documents[::-1]))) == links(proposals(made(documents)))


def test_what_is_proposed_runs_where_it_is_pasted(documents: list[str]) -> None:
    found = made(documents)
    modules = source_modules(found)
    modules["schema.links"] = links(proposals(found))
    graph = read_graph(load(modules))
    findings = check_graph(graph, SERVICES)
    assert findings.errors == []
    assert {"Airport.cityThere", "Country.holidays", "Currency.rates", "Stop.airport"} <= graph.fields.keys()


def test_the_command_prints_code_with_reasons_and_writes_nothing(documents: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    printed = CliRunner().invoke(app, ["import", "--suggest", "--into", str(folder), *documents])
    assert printed.exit_code == 0
    assert (
        "# Airport.country: country_code is code of Country; one call for many.\n"
        'extend(Airport, country=(Country | None, connect(countries.countries_by_code, code="country_code")))\n'
    ) in printed.stdout
    told = CliRunner().invoke(app, ["import", "--suggest", "--report", "json", "--into", str(folder), *documents])
    first: dict[str, Any] = json.loads(told.stdout)["suggestions"][0]
    assert first["why"] == "country_code is code of Country; one call for many"
    assert not folder.exists()


def test_what_was_pasted_is_not_proposed_again_and_imported_documents_count(
    documents: list[str], tmp_path: Path
) -> None:
    def suggested() -> str:
        return CliRunner().invoke(app, ["import", "--suggest", "--into", str(tmp_path), documents[0]]).stdout

    for place in documents[:3]:
        assert CliRunner().invoke(app, ["import", "--into", str(tmp_path), place]).exit_code == 0
    first = suggested()
    assert "extend(Airport, country=" in first
    (tmp_path / "schema" / "links.py").write_text(first, "utf-8")
    assert suggested() == ""


def test_proposals_are_bounded(tmp_path: Path) -> None:
    """Every member of many rows may name everything."""
    ids = {f"thing{number}_id": {"type": "string"} for number in range(MOST + 1)}
    one = write(tmp_path, whole({"$ref": "#/components/schemas/Row"}, components={"Row": many(ids)}), "rows.json")
    paths = {f"/things{number}/{{id}}": by_id(number) for number in range(MOST + 1)}
    things = {f"Thing{number}": many({"id": {"type": "string"}}) for number in range(MOST + 1)}
    two = {"openapi": "3.1.0", "info": {"title": "Two"}, "paths": paths, "components": {"schemas": things}}
    assert len(proposals(made([one, write(tmp_path, two, "things.json")]))) == MOST


def many(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def by_id(number: int) -> dict[str, Any]:
    answer = {"schema": {"$ref": f"#/components/schemas/Thing{number}"}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    responses = {"200": {"description": "ok", "content": {"application/json": answer}}}
    return {"get": {"parameters": [parameter], "responses": responses}}
