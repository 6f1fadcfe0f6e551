"""The graph of OpenAPI documents, without a line of code: `bff dev --openapi`, and `openapi:` in bff.yaml."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backends.run import Services
from tests.cli.conftest import Start
from tests.cli.running import PATIENCE, Bff, Running, until

QUERY = "{ cities(first: 5) { edges { node { id name country population } } } }"


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with Services(["airports", "cities"]) as found:
        yield found


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where graphs are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # whoever is killed leaves a folder there
    return tmp_path / "cache" / "bff"


@pytest.fixture
def cities(tmp_path: Path, urls: dict[str, str]) -> Path:
    """The document of a service, as a file."""
    file = tmp_path / "cities.json"
    file.write_bytes(httpx.get(f"{urls['cities']}/openapi.json", trust_env=False, timeout=PATIENCE).content)
    return file


@pytest.fixture
def project(tmp_path: Path, urls: dict[str, str], cities: Path) -> Path:
    """A folder with nothing but a configuration."""
    folder = tmp_path / "project"
    folder.mkdir()
    text = f'listen: {{port: 0}}\nupstreams:\n  cities: {{url: "{urls["cities"]}", openapi: ../{cities.name}}}\n'
    (folder / "bff.yaml").write_text(text, "utf-8")
    return folder


def test_the_documents_of_two_services_are_one_graph_whose_first_query_works(
    tmp_path: Path, urls: dict[str, str], start: Start
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    documents = [f"{urls[name]}/openapi.json" for name in ("airports", "cities")]
    gateway = start("dev", "--port", "0", "--openapi", *documents, cwd=empty)
    gateway.says("Ctrl-C stops everything.")
    suggested = next(line for line in gateway.printed.splitlines() if line.startswith("  curl "))
    query = json.loads(suggested.partition("-d '")[2].rstrip("'"))["query"]
    assert first_rows(gateway.ask(query))
    assert {"listAirports", "cities"} <= gateway.fields_of("Query")
    page = httpx.get(f"{gateway.url()}/graphql", headers={"accept": "text/html"}, trust_env=False, timeout=PATIENCE)
    assert page.status_code == 200
    assert gateway.stop(signal.SIGINT) == 0
    assert list(empty.iterdir()) == []
    assert list(tmp_path.glob("bff-dev-*")) == []


def first_rows(answer: dict[str, Any]) -> list[Any]:
    (connection,) = answer["data"].values()
    assert "errors" not in answer
    return [edge["node"] for edge in connection["edges"]]


def test_a_changed_document_is_served_anew(project: Path, cities: Path, start: Start) -> None:
    gateway = start("dev", cwd=project)
    assert "mayor" not in gateway.fields_of("City")
    document = json.loads(cities.read_text("utf-8"))
    document["components"]["schemas"]["City"]["properties"]["mayor"] = {"type": "string"}
    cities.write_text(json.dumps(document), "utf-8")
    until(lambda: "mayor" in gateway.fields_of("City"))


def test_every_command_takes_the_graph_of_a_document(project: Path, bff: Bff) -> None:
    checked = bff("check", "--json", cwd=project)
    assert json.loads(checked.stdout)["graph"]["upstreams"] == 1
    assert json.loads(bff("plan", QUERY, "--json", cwd=project).stdout)["allowed"]
    printed = bff("schema", cwd=project)
    (project / "before.graphql").write_text(printed.stdout, "utf-8")
    assert "type City " in printed.stdout
    assert bff("diff", "before.graphql", cwd=project).returncode == 0
    live = bff("check", "--live", "--json", cwd=project)
    assert json.loads(live.stdout)["live"]["calls"] > 0


def test_services_of_documents_can_be_made_up(project: Path, start: Start) -> None:
    gateway = start("serve", "--mock", cwd=project)
    assert len(first_rows(gateway.ask(QUERY))) == 5


def test_workers_serve_what_the_first_of_them_made(project: Path, kept: Path, cities: Path, start: Start) -> None:
    gateway = start("serve", "--workers", "2", cwd=project)
    until(lambda: len([line for line in gateway.lines if line["event"] == "listening"]) == 2)
    assert [path.suffix for path in kept.iterdir()] == [".graph"]
    trusted = ["--trusted" in worker.cmdline() for worker in gateway.workers()]
    assert sorted(trusted) == [False, True]
    cities.unlink()  # what is served does not change while it runs
    for worker in gateway.workers():
        os.kill(worker.pid, signal.SIGKILL)
    until(lambda: len([line for line in gateway.lines if line["event"] == "listening"]) == 4)
    assert first_rows(gateway.ask(QUERY))


def test_a_document_without_a_server_asks_where_the_service_is(
    tmp_path: Path, urls: dict[str, str], cities: Path, bff: Bff, start: Start
) -> None:
    refused = bff("dev", "--openapi", cities, cwd=tmp_path)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"{cities}: names no server (say --url cities=http://…, or --mock)\n",
    )
    told: Running = start("dev", "--port", "0", "--openapi", cities, "--url", urls["cities"], cwd=tmp_path)
    assert first_rows(told.ask(QUERY))
    made_up: Running = start("dev", "--port", "0", "--openapi", cities, "--mock", cwd=tmp_path)
    assert first_rows(made_up.ask(QUERY))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["cities.json"], "say --openapi, and then the documents"),
        (["--config", "bff.yaml", "--openapi", "cities.json"], "needs no configuration"),
        (["--openapi", "cities.json", "--url", "cities"], "write cities=http://127.0.0.1:4102"),
    ],
)
def test_options_that_go_without_each_other_are_wrong_usage(
    arguments: list[str], told: str, tmp_path: Path, bff: Bff
) -> None:
    refused = bff("dev", *arguments, cwd=tmp_path)
    assert refused.returncode == 2
    assert told in " ".join(refused.stderr.replace("│", "").split())


def test_a_service_that_nobody_has_is_named(tmp_path: Path, cities: Path, bff: Bff) -> None:
    refused = bff("dev", "--openapi", cities, "--url", "towns=http://127.0.0.1:1", "--mock", cwd=tmp_path)
    assert (refused.returncode, refused.stderr) == (1, "--url: there is no service 'towns' (there is cities)\n")


def test_code_and_documents_are_not_mixed(project: Path, bff: Bff) -> None:
    config = project / "bff.yaml"
    config.write_text(f"graph: schema:schema\n{config.read_text('utf-8')}", "utf-8")
    refused = bff("check", cwd=project)
    assert refused.returncode == 1
    assert "makes a graph beside that of `graph` (bff import ../cities.json --name cities makes it" in refused.stderr
