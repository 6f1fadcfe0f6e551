"""What documents show is what a made-up service has: first in lists, whole by its key, and only where it fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from bff.mock.shown import operation_of
from bff.openapi.examples import examples
from bff.openapi.read import read
from bff.openapi.report import Report
from tests.cli.conftest import Start, bff, start  # noqa: F401 - fixtures
from tests.cli.running import Bff

PETS = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: "http://127.0.0.1:9/api"}]
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, default: 20}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
              example:
                - {id: 7, name: Rex, kind: dog, age: 3, owner: {name: Ana}}
                - {id: 8, name: Mia, kind: lion, age: old}
  /pets/{petId}:
    get:
      operationId: getPet
      parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "404": {description: none}
  /version:
    get:
      responses:
        "200": {description: ok, content: {text/plain: {schema: {type: string, example: "1"}}}}
components:
  schemas:
    Owner: {type: object, required: [name], properties: {name: {type: string, example: Bruno}}}
    Pet:
      type: object
      required: [id, name, kind, age]
      properties:
        id: {type: integer, example: 70}
        name: {type: string, example: Pluto}
        kind: {type: string, enum: [dog, cat]}
        age: {type: integer}
        owner: {$ref: "#/components/schemas/Owner"}
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "pets.yaml").write_text(PETS)
    return tmp_path / "pets.yaml"


def test_examples_of_bodies_count_more_than_those_of_members(document: Path) -> None:
    (pets,) = read([str(document)], Report())
    shown = examples(pets)
    assert shown.keys() == {"GET /pets", "GET /pets/{petId}"}
    assert [row["name"] for row in shown["GET /pets"][0]] == ["Rex", "Mia"]
    assert shown["GET /pets/{petId}"] == ({"id": 70, "name": "Pluto", "owner": {"name": "Bruno"}},)


@pytest.mark.parametrize(
    ("label", "operation"),
    [
        ("GET /pets{?limit,offset}", "GET /pets"),
        ("GET /pets/{petId}", "GET /pets/{}"),
        ("GET /pets/{pet_id}/toys{/toy}?all=1{&page}", "GET /pets/{}/toys/{}"),
    ],
)
def test_a_connector_is_told_by_its_method_and_path(label: str, operation: str) -> None:
    assert operation_of(label) == operation


def test_an_imported_graph_answers_with_what_its_document_shows(
    bff: Bff,  # noqa: F811 - fixtures
    start: Start,  # noqa: F811
    document: Path,
) -> None:
    done = bff("import", document.name, "--into", ".", cwd=document.parent)
    assert done.returncode == 0, done.stderr
    gateway = start("serve", "--mock", "--port", "0", cwd=document.parent)
    query = """{ pets(limit: 5) { id name kind age owner { name } }
      rex: pet(petId: 7) { name owner { name } } other: pet(petId: 1234) { id name } version }"""
    answer = gateway.ask(query)
    assert "errors" not in answer, answer["errors"]
    data = answer["data"]
    rex, mia, pluto, *others = data["pets"]
    assert rex == {"id": "7", "name": "Rex", "kind": "DOG", "age": 3, "owner": {"name": "Ana"}}
    assert mia["name"] == "Mia"
    assert mia["kind"] in {"DOG", "CAT"}  # the document's own lion fits no field
    assert isinstance(mia["age"], int)
    assert pluto["name"] == "Pluto"
    assert len(others) == 2
    assert data["rex"] == {"name": "Rex", "owner": {"name": "Ana"}}
    assert data["other"]["id"] == "1234"
    assert isinstance(data["version"], str)
