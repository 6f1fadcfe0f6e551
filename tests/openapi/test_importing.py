"""What `bff import` does to a folder: the first time, again, and where somebody was before."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema

from bff.config import parse
from bff.errors import StartRefused
from bff.openapi.graph.lock import Lengths
from bff.openapi.graph.memory import load
from bff.openapi.graph.project import modules
from bff.openapi.importing import Outcome, Wish, chosen, run
from tests.openapi.kit import whole, write

ROOT = Path(__file__).parents[2]

PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example/v1"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "parameters": [
                    {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/Status"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 10}},
                ],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                    "type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}}},
            },
            "post": {
                "operationId": "createPet",
                "tags": ["pets", "writes"],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Pet"}}}},
                "responses": {
                    "201": {"description": "", "content": {"application/json": {"schema": {
                        "$ref": "#/components/schemas/Pet"}}}},
                    "422": {"description": "", "content": {"application/problem+json": {"schema": {
                        "type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}}}},
                },
            },
        },
        "/pets/{petId}": {
            "get": {
                "operationId": "getPet",
                "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Pet"}}}}},
            },
        },
    },
    "components": {"schemas": {
        "Status": {"type": "string", "enum": ["for-sale", "sold", "-1", ""]},
        "Pet": {
            "type": "object",
            "description": "An animal.",
            "required": ["id", "name", "secret"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                "name": {"type": "string"},
                "secret": {"type": "string", "writeOnly": True},
                "status": {"$ref": "#/components/schemas/Status"},
                "mother": {"anyOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "null"}]},
                "born-on": {"type": "string", "format": "date", "description": "Its birthday."},
                "class": {"type": "string", "deprecated": True},
            },
        },
    }},
}  # fmt: skip


def changed(**paths: Any) -> dict[str, Any]:
    """PETS, other at these places: components__schemas__Pet__required=[…]."""
    document = copy.deepcopy(PETS)
    for path, value in paths.items():
        *steps, last = path.split("__")
        target = document
        for step in steps:
            target = target[step]
        target[last] = value
    return document


def imported(folder: Path, document: dict[str, Any] | None = None, name: str = "pets", **wish: Any) -> Outcome:
    place = folder.parent / f"{name}.json"
    place.write_text(json.dumps(document or PETS), "utf-8")
    return run(Wish((str(place),), folder, **wish))


def graph(folder: Path) -> GraphQLSchema:
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
    return build_schema(load(modules(texts)).as_str())


def fields(schema: GraphQLSchema, name: str) -> dict[str, str]:
    type_ = schema.type_map[name]
    assert isinstance(type_, GraphQLObjectType) or hasattr(type_, "fields")
    return {field: str(each.type) for field, each in type_.fields.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


def test_an_empty_folder_becomes_a_project(folder: Path) -> None:
    outcome = imported(folder)
    schema = graph(folder)
    assert fields(schema, "Query") == {"pets": "[Pet!]", "pet": "Pet"}
    assert fields(schema, "Mutation") == {"createPet": "CreatePetResult"}
    assert fields(schema, "Pet") == {
        "id": "ID!",
        "name": "String!",
        "status": "Status",
        "mother": "Pet",
        "bornOn": "Date",
        "class": "String",
    }
    assert fields(schema, "PetInput") == {
        "name": "String!",
        "secret": "String!",
        "status": "Status",
        "mother": "PetInput",
        "bornOn": "Date",
        "class": "String",
    }
    assert list(schema.type_map["Status"].values) == ["FOR_SALE", "SOLD", "MINUS_1", "EMPTY"]  # type: ignore[attr-defined]
    assert 'url: "${PETS_URL:-https://pets.example/v1}"' in (folder / "bff.yaml").read_text("utf-8")
    assert outcome.changes is None
    assert outcome.todo == ()


def test_what_is_written_passes_the_formatter_the_linter_and_the_type_checker(folder: Path) -> None:
    said = 'Ends """here""" {x} \\d+ \u202e and `goes` on, ' + 'it\'s a "long" tale ' * 12 + "\n\n    return os\n"
    imported(folder, changed(info__description=said, components__schemas__Pet__description=said))
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    for command in (["ruff", "format", "--check", "."], ["ruff", "check", "."]):
        done = subprocess.run(
            [str(Path(sys.executable).with_name(command[0])), *command[1:], "--no-cache"],
            cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_that_finds_nothing_new_writes_nothing(folder: Path) -> None:
    imported(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}
    outcome = imported(folder)
    assert outcome.plan.write == {}
    assert outcome.changes == ()
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}


def test_what_changed_is_told_as_clients_see_it(folder: Path) -> None:
    imported(folder)
    pet = copy.deepcopy(PETS["components"]["schemas"]["Pet"])
    del pet["properties"]["status"]
    pet["properties"]["weight"] = {"type": "number"}
    outcome = imported(folder, changed(components__schemas__Pet=pet))
    assert set(outcome.plan.write) == {"schema/pets/pet.py"}
    told = {(each.severity, each.coordinate) for each in outcome.changes or ()}
    assert {("breaking", "Pet.status"), ("safe", "Pet.weight")} <= told


def test_a_reordered_document_renames_nothing(folder: Path) -> None:
    imported(folder)
    before = (folder / "openapi.lock.json").read_text("utf-8")
    document = changed()
    document["paths"] = dict(reversed(document["paths"].items()))
    document["components"]["schemas"] = dict(reversed(document["components"]["schemas"].items()))
    outcome = imported(folder, document)
    assert outcome.changes == ()
    assert json.loads((folder / "openapi.lock.json").read_text("utf-8"))["services"] == json.loads(before)["services"]


def test_a_name_that_now_collides_stays_with_who_had_it(folder: Path) -> None:
    imported(folder)
    document = changed()
    document["paths"]["/pets/all"] = {"get": {**document["paths"]["/pets"]["get"], "operationId": "get_pets"}}
    document["components"]["schemas"]["Pet"]["properties"]["bornOn"] = {"type": "string"}
    imported(folder, document)
    schema = graph(folder)
    assert {"pets", "pet"} < fields(schema, "Query").keys()
    assert fields(schema, "Pet")["bornOn"] == "Date"


def test_a_second_service_joins_the_first_and_takes_none_of_its_names(folder: Path) -> None:
    imported(folder)
    outcome = imported(folder, changed(info__title="Zoo"), name="zoo")
    schema = graph(folder)
    assert {"pets", "pet", "zooPets", "zooPet"} == fields(schema, "Query").keys()
    assert fields(schema, "Query")["zooPet"] == "ZooPet"
    assert {each.severity for each in outcome.changes or ()} == {"safe"}
    assert "\n  zoo:\n" in (folder / "bff.yaml").read_text("utf-8")


def test_two_services_that_are_new_at_once_are_named_in_whatever_order_they_come(tmp_path: Path) -> None:
    for name in ("pets", "zoo"):
        (tmp_path / f"{name}.json").write_text(json.dumps(changed(info__title=name.title())), "utf-8")
    places = [str(tmp_path / f"{name}.json") for name in ("pets", "zoo")]
    run(Wish(tuple(places), tmp_path / "one"))
    run(Wish(tuple(reversed(places)), tmp_path / "other"))
    assert fields(graph(tmp_path / "one"), "Query") == fields(graph(tmp_path / "other"), "Query")
    assert {"petsPet", "zooPet"} < fields(graph(tmp_path / "one"), "Query").keys()


def test_a_file_that_was_edited_by_hand_is_left_alone_and_named(folder: Path) -> None:
    imported(folder)
    file = folder / "schema/pets/pet.py"
    file.write_text(file.read_text("utf-8") + "\n# mine\n", "utf-8")
    document = changed(components__schemas__Pet__description="Another.")
    assert imported(folder, document).plan.edited == ["schema/pets/pet.py"]
    assert "# mine" in file.read_text("utf-8")
    assert imported(folder, document, force=True).plan.edited == []
    assert "# mine" not in file.read_text("utf-8")


def test_a_project_of_somebodys_own_gets_the_service_and_is_told_the_rest(folder: Path) -> None:
    folder.mkdir()
    (folder / "bff.yaml").write_text("graph: schema:schema\n", "utf-8")
    outcome = imported(folder)
    assert (folder / "bff.yaml").read_text("utf-8") == "graph: schema:schema\n"
    assert not (folder / "schema/query.py").exists()
    assert (folder / "schema/pets/query.py").exists()
    assert any("https://pets.example/v1" in each for each in outcome.todo)


def test_how_long_lists_are_assumed_to_be_is_said_once(folder: Path) -> None:
    pet = {**PETS["components"]["schemas"]["Pet"]}
    pet["properties"] = {
        **pet["properties"],
        "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
    }
    document = changed(components__schemas__Pet=pet)
    document["paths"]["/pets"]["get"]["parameters"] = []
    outcome = imported(folder, document, lengths=Lengths(77, 7))
    assert {"77", "7"} <= {note.message.split()[-3] for note in outcome.report.notes if note.code == "list-size"}
    imported(folder, document, force=True)
    assert "assumed_size=77" in (folder / "schema/pets/query.py").read_text("utf-8")
    assert "assumed_size=7)" in (folder / "schema/pets/pet.py").read_text("utf-8")


def test_only_some_operations(folder: Path) -> None:
    imported(folder, only=("GET /pets/*",))
    assert fields(graph(folder), "Query") == {"pet": "Pet"}


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        ((), True),
        (("pets",), True),
        (("writes",), False),
        (("GET /pets/*",), True),
        (("get /pets/*",), True),
        (("* /pets/7",), True),
        (("POST /pets/*",), False),
        (("GET /other", "pets"), True),
    ],
)
def test_what_only_means(only: tuple[str, ...], wanted: bool) -> None:
    assert chosen(only)("GET", "/pets/7", ("pets",)) is wanted


def test_nothing_is_written_when_nothing_fits(folder: Path) -> None:
    with pytest.raises(StartRefused, match="no operation"):
        imported(folder, only=("cats",))
    assert not folder.exists()


def test_a_broken_lock_is_named_and_nothing_is_written(folder: Path) -> None:
    folder.mkdir()
    (folder / "openapi.lock.json").write_text("{", "utf-8")
    with pytest.raises(StartRefused, match=r"openapi\.lock\.json"):
        imported(folder)
    assert [path.name for path in folder.iterdir()] == ["openapi.lock.json"]


HOSTILE = (
    '"""\nimport os\nos.abort()\n"""',
    "x\\",
    "a{b}c",
    "'; raise SystemExit #",
    "\u202enib\u2066",
    "\x00\x1b[31m",
    "\ud800",
    'end"""',
    '\\"""',
    "# noqa\nimport os",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_document_says_is_run(text: str, folder: Path) -> None:
    document = changed(
        info__description=text,
        info__title=text,
        components__schemas__Pet__description=text,
        components__schemas__Status__enum=[text, "sold"],
        components__schemas__Status__description=text,
    )
    pet = document["components"]["schemas"]["Pet"]
    pet["properties"][text] = {"type": "string", "description": text, "default": text}
    operation = document["paths"]["/pets"]["get"]
    operation |= {"operationId": text, "description": text, "summary": text, "tags": [text]}
    operation["parameters"].append(
        {"name": text, "in": "query", "description": text, "schema": {"type": "string", "default": text}}
    )
    outcome = imported(folder, document)
    assert len(fields(graph(folder), "Query")) == 2
    assert not outcome.plan.edited
    assert all(path.resolve().is_relative_to(folder.resolve()) for path in folder.rglob("*"))


def test_a_key_in_the_query_comes_from_the_environment(tmp_path: Path) -> None:
    document = whole({"type": "string"}, security=[{"key": []}])
    document["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "query", "name": "api_key"}}
    outcome = run(Wish((write(tmp_path, document),), tmp_path / "out"))
    assert [note.code for note in outcome.report.notes if note.level == "loss"] == []
    config = parse((tmp_path / "out" / "bff.yaml").read_text("utf-8"), {"THINGS_KEY": "s3cr3t"})
    assert config.upstreams["things"].query["api_key"].get_secret_value() == "s3cr3t"


def test_the_order_of_media_types_means_nothing(folder: Path) -> None:
    kinds = ["text/plain", "image/png", "application/pdf", "application/vnd.b+json", "application/vnd.a+json"]
    schemas: tuple[dict[str, str], ...]
    schemas = ({"type": "string"}, {"type": "string", "format": "binary"}, {}, {"type": "integer"}, {"type": "boolean"})
    content = {kind: {"schema": schema} for kind, schema in zip(kinds, schemas, strict=True)}
    for left in range(len(kinds)):
        some = dict(list(content.items())[left:])
        for order in (list(some), list(reversed(some))):
            media = {kind: some[kind] for kind in order}
            outcome = imported(
                folder,
                changed(
                    **{
                        "paths__/pets__post__requestBody__content": media,
                        "paths__/pets/{petId}__get__responses__200__content": media,
                    }
                ),
            )
        assert not outcome.changes


def test_the_order_of_members_means_nothing_to_the_names_of_a_union_s_options(folder: Path) -> None:
    text = {"type": "string"}
    sets = [["b", "a"], ["b", "a", "c"], ["a", "b", "d"], ["c"]]
    union = {
        "oneOf": [{"type": "object", "required": each, "properties": dict.fromkeys("abcd", text)} for each in sets]
    }
    body = {"content": {"application/json": {"schema": union}}}
    imported(folder, changed(**{"paths__/pets__post__requestBody": body}))
    found = fields(graph(folder), "CreatePetInput")
    assert list(found) == ["aB", "aBC", "aBD", "c"]
    for each in union["oneOf"]:
        each["properties"] = dict(reversed(each["properties"].items()))  # type: ignore[attr-defined]
    outcome = imported(folder, changed(**{"paths__/pets__post__requestBody": body}))
    assert not outcome.changes
    assert fields(graph(folder), "CreatePetInput") == found


def arguments(schema: GraphQLSchema, field: str = "listPets") -> list[str]:
    root = schema.mutation_type if field.startswith("create") else schema.query_type
    assert root
    return list(root.fields[field if field in root.fields else "pets"].args)


@pytest.mark.parametrize(
    ("before", "added", "kept"),
    [
        (("X-Pet-Status", "header"), ("x_pet_status", "query"), "xPetStatus"),
        (("pet-status", "query"), ("pet_status", "query"), "petStatus"),
        (("status", "query"), ("Status", "header"), "status"),
        (("status", "cookie"), ("status", "query"), "status"),
    ],
    ids=str,
)
def test_a_parameter_that_comes_later_takes_no_argument_its_name(
    before: tuple[str, str], added: tuple[str, str], kept: str, folder: Path
) -> None:
    first, second = ({"name": name, "in": where, "schema": {"type": "string"}} for name, where in (before, added))
    imported(folder, changed(**{"paths__/pets__get__parameters": [first]}))
    assert kept in arguments(graph(folder))
    outcome = imported(folder, changed(**{"paths__/pets__get__parameters": [second, first]}))
    assert len(arguments(graph(folder))) == 2
    assert not [change for change in outcome.changes or () if change.severity == "breaking"]
    assert kept in arguments(graph(folder))


def test_the_body_is_input_whatever_parameters_are_called(folder: Path) -> None:
    given = [{"name": "input", "in": "query", "schema": {"type": "string"}}]
    imported(folder, changed(**{"paths__/pets__post__parameters": given}))
    assert arguments(graph(folder), "createPet") == ["input", "queryInput"]
