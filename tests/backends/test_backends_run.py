"""Running the services, and what their OpenAPI documents say."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from backends import tokens
from backends.__main__ import main
from backends.catalog import NAMES
from backends.run import Services, ports_from, serve

Json = dict[str, Any]

STRICT = {**os.environ, "PYTHONWARNINGS": "error"}


def test_ports_follow_the_first_one() -> None:
    assert ports_from(5101) == dict(zip(NAMES, range(5101, 5107), strict=True))
    assert ports_from(0, ["rates"]) == {"rates": 0}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_process_says_where_it_listens_and_stops_cleanly_at_a_signal(sent: signal.Signals) -> None:
    names = list(NAMES) if sent == signal.SIGINT else ["trips"]
    options = ["--base-port", "0"] if sent == signal.SIGINT else ["trips", "--port", "0"]
    command = [sys.executable, "-m", "backends", *options]
    with subprocess.Popen(command, env=STRICT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        lines = [process.stdout.readline().split() for _ in names]
        urls = {line[0]: line[1] for line in lines}
        assert list(urls) == names
        with httpx.Client(trust_env=False) as client:  # its idle connections must not delay the end
            assert [client.get(f"{url}/_control").json()["calls"] for url in urls.values()] == [0] * len(names)
            process.send_signal(sent)
            assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_an_address_in_use_is_said_and_ends_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["trips", "--port", str(port)]) == 1
    assert f"trips cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_services_leave_no_thread_and_no_listener_even_when_a_call_hangs() -> None:
    before = set(threading.enumerate())
    with Services(["trips"]) as urls, httpx.Client(base_url=urls["trips"], trust_env=False) as client:
        client.put("/_control", json={"fail": {"body_kind": "hang"}})
        with pytest.raises(httpx.ReadTimeout):
            client.get("/trips", timeout=0.01)
    assert set(threading.enumerate()) <= before
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls["trips"], trust_env=False)


def test_a_service_that_cannot_start_says_so_to_who_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.trips.create_app", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError), Services(["trips"]):
        pass


async def test_services_run_in_a_loop_that_is_there_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPS_DB", str(tmp_path / "trips.db"))
    monkeypatch.setenv("TRIPS_SECRET", "another-secret-of-32-bytes-or-more")
    ana = {"authorization": f"Bearer {tokens.issue('ana', tokens.secret())}"}
    trip = {"title": "West", "starts_on": "2026-05-01", "ends_on": "2026-05-01"}
    async with serve({"trips": 0}) as urls, httpx.AsyncClient(base_url=urls["trips"], trust_env=False) as client:
        assert (await client.post("/trips", json=trip, headers=ana)).status_code == 201
    async with serve({"trips": 0}) as urls, httpx.AsyncClient(base_url=urls["trips"], trust_env=False) as client:
        assert (await client.get("/trips", headers=ana)).json()["total"] == 1


def test_the_token_command_prints_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "ana", "--days", "1"]) == 0
    assert tokens.subject_of(capsys.readouterr().out.strip(), tokens.secret()) == "ana"


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest, clients: dict[str, httpx.Client]) -> Json:
    document: Json = clients[request.param].get("/openapi.json").json()
    return document


def operations(document: Json) -> list[Json]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_operation_is_named_described_and_tagged(document: Any) -> None:
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert all(operation["description"] and operation["tags"] for operation in operations(document))


def test_every_error_is_declared_as_a_problem(document: Any) -> None:
    for operation in operations(document):
        errors = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert errors
        assert all(list(each["content"]) == ["application/problem+json"] for each in errors.values())
        if operation.get("requestBody"):
            assert "422" in errors


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: Any) -> None:
    text = str({**document, "components": document["components"]["schemas"]})
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert all(f"#/components/schemas/{name}'" in text for name in schemas)
    assert {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]} == set(schemas)


def parameter(client: httpx.Client, path: str, name: str) -> Json:
    (found,) = [
        each for each in client.get("/openapi.json").json()["paths"][path]["get"]["parameters"] if each["name"] == name
    ]
    return dict(found)


def test_documents_tell_a_comma_list_from_a_repeated_parameter(
    airports: httpx.Client, cities: httpx.Client, rates: httpx.Client
) -> None:
    comma = parameter(airports, "/airports/batch", "iatas")
    assert (comma["style"], comma["explode"], comma["schema"]["type"], comma["schema"]["maxItems"]) == (
        "form",
        False,
        "array",
        50,
    )
    assert parameter(rates, "/rates", "symbols")["explode"] is False
    repeated = parameter(cities, "/cities", "id")
    assert "explode" not in repeated
    assert (repeated["schema"]["type"], repeated["schema"]["maxItems"]) == ("array", 100)


def test_documents_say_what_may_be_null(airports: httpx.Client, trips: httpx.Client) -> None:
    airport = airports.get("/openapi.json").json()["components"]["schemas"]["Airport"]
    nullable = {name for name, each in airport["properties"].items() if {"type": "null"} in each.get("anyOf", [])}
    assert nullable == {"icao", "city", "subdivision", "city_id"}
    assert set(airport["required"]) == set(airport["properties"])
    change = trips.get("/openapi.json").json()["components"]["schemas"]["TripChange"]
    assert "required" not in change
    assert change["properties"]["title"]["type"] == "string"


def test_the_document_of_trips_asks_for_a_token_everywhere(trips: httpx.Client) -> None:
    document = trips.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["HTTPBearer"]["bearerFormat"] == "JWT"
    assert all(operation["security"] == [{"HTTPBearer": []}] for operation in operations(document))


def test_the_page_about_the_services_names_every_path_and_its_examples_are_json(
    clients: dict[str, httpx.Client],
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "backends.md").read_text()
    for name, client in clients.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for path, methods in client.get("/openapi.json").json()["paths"].items():
            assert all(f"`{method.upper()} {path}" in section for method in methods), path
    assert tokens.DEMO_SECRET in page
    examples = "".join(block.split("\n", 1)[1] for block in page.split("```")[1::2] if block.startswith("json\n"))
    while examples.strip():
        _, end = json.JSONDecoder().raw_decode(examples.strip())
        examples = examples.strip()[end:]
