"""What `bff import` writes of awkward documents is as a careful person writes: formatted, linted, typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bff.openapi.graph.titles import first_line
from bff.openapi.importing import Wish, run
from bff.openapi.model import Operation
from bff.openapi.schema import At
from tests.openapi.kit import write

ROOT = Path(__file__).parents[2]
TEXT: dict[str, Any] = {"type": "string"}
ODD = [
    *("class", "from", "__typename", "1st", "a b", "a-b", "a_b", "aB", "a.b", "$ref", "@type", "self", "None", "id"),
    *("ID", "_id", "日本", "x" * 200, "field", "strawberry", "str", "list", "type", "l", "O", "password", "token"),
]
THING = {
    "type": "object",
    "description": "It\u2019s the \u201cthing\u201d \u2013 3 \u00d7 4\u00a0m, \u2212 1.",
    "required": ["class", "pet"],
    "properties": {
        **dict.fromkeys(ODD, TEXT),
        "token": {**TEXT, "default": "abc"},
        "this": {"type": "object", "description": "'This' is odd.", "properties": {"a": TEXT}},
        "code": {"type": "object", "description": "getThing is odd.", "properties": {"a": TEXT}},
        "long": {**TEXT, "enum": ["a long tale " * 20, "a_word_of_many_letters_that_is_one_" * 3]},
        "state": {**TEXT, "enum": ["token", "secret_scanning", "", "mro", "true", "-1"]},
        "query": {"$ref": "#/components/schemas/Query"},
        "change": {"$ref": "#/components/schemas/Mutation"},
        "pet": {"oneOf": [{"$ref": "#/components/schemas/O"}, {"$ref": "#/components/schemas/I"}, TEXT]},
        "sizes": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}},
    },
}
LONG = "AnApiWhoseComponentsHaveNamesThatGoOnForLongerThanAnybodyWouldReadOrAnyLineWouldHold"
WIDE = "\u8fd9\u662f\u4e00\u4e2a\u5f88\u957f\u7684\u63cf\u8ff0\uff0c" * 20  # each as wide as two letters
ENDLESS = {
    "type": "object",
    "description": WIDE,
    "properties": {
        LONG: {"$ref": f"#/components/schemas/{LONG}"},
        "all": {"type": "array", "items": {"$ref": f"#/components/schemas/{LONG}"}},
        "map": {"type": "object", "additionalProperties": {"$ref": f"#/components/schemas/{LONG}"}},
        "kind": {"$ref": f"#/components/schemas/{LONG}s"},
        "pet": {"oneOf": [{"$ref": "#/components/schemas/O"}, {"$ref": f"#/components/schemas/{LONG}d"}]},
        "one": {"type": "object", "properties": {LONG: {**TEXT, "enum": ["hard", "soft"]}}},
        "two": {"type": "object", "properties": {LONG: {**TEXT, "enum": ["hard", "soft"]}}},
        "told": {**TEXT, "description": WIDE, "enum": ["I", "O", "l", WIDE]},
    },
}
SAID = "> [!NOTE]\n> In preview.\n\n# Heading\nIt\u2019s a **thing** of `many`. " + 'A "long" tale, ' * 20
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
ENDLESS_ANSWER = {
    "description": "",
    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{LONG}"}}},
}
ENDLESS_LIST = {
    "description": "",
    "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": f"#/components/schemas/{LONG}"}}}},
}
WRONG = {"description": "", "content": {"application/json": {"schema": {"type": "object", "properties": {"l": TEXT}}}}}


def operation(**said: Any) -> dict[str, Any]:
    return {"operationId": "same", "description": SAID, "responses": {"200": {"description": "", **BODY}}, **said}


def parameter(name: str, where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": TEXT, **({"required": True} if where == "path" else {}), **more}


AWKWARD = {
    "openapi": "3.1.0",
    "info": {"title": "Odd", "version": "1"},
    "servers": [{"url": "https://odd.example"}],
    "paths": {
        "/a": {"get": operation(parameters=[parameter(name) for name in ODD]), "post": operation(requestBody=BODY)},
        "/b/{l}": {"get": operation(parameters=[parameter("l", "path", style="matrix")])},
        "/c/{O}": {"put": operation(requestBody=BODY, responses={"200": {"description": "", **BODY}, "422": WRONG})},
        f"/e/{{{LONG}}}": {"get": operation(parameters=[parameter(LONG, "path"), parameter(f"{LONG}s", schema={
            "$ref": f"#/components/schemas/{LONG}s"})], responses={"200": ENDLESS_ANSWER})},
        "/f": {
            "get": operation(summary=WIDE, description="", responses={"200": ENDLESS_LIST}),
            "post": operation(requestBody=ENDLESS_ANSWER),
        },
        "/d": {"post": operation(responses={"201": {"description": "", "content": {
            "application/json": {"schema": {"type": "array", "items": TEXT}}}}, "400": WRONG})},
    },
    "components": {"schemas": {
        "Thing": THING,
        **{name: {"type": "object", "properties": {"mro": TEXT}} for name in ("Query", "Mutation")},
        LONG: ENDLESS,
        f"{LONG}s": {**TEXT, "enum": ["a", "b"]},
        f"{LONG}d": {"type": "object", "required": ["d"], "properties": {"d": TEXT}},
        "O": {"type": "object", "required": ["o"], "properties": {"o": TEXT}},
        "I": {"type": "object", "required": ["i"], "properties": {"i": TEXT}},
    }},
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An awkward document, imported into a folder with this repository's own rules."""
    folder = tmp_path_factory.mktemp("odd")
    place = write(tmp_path_factory.mktemp("documents"), AWKWARD)
    run(Wish((place,), folder))
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--no-cache", "--check", "."],
        ["ruff", "check", "--no-cache", "."],
        ["mypy", "--cache-dir", str(ROOT / ".mypy_cache"), "schema", "resolvers"],
    ],
    ids=["formatter", "linter", "types"],
)
def test_what_is_written_of_an_awkward_document_passes(command: list[str], project: Path) -> None:
    tool = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run(
        [tool, *command[1:]], cwd=project, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_long_value_of_an_enum_stays_whole(project: Path) -> None:
    text = "\n".join(path.read_text("utf-8") for path in project.rglob("thing.py"))
    found: dict[str, Any] = {}
    exec(compile(text.split("\n\n\n")[0].partition("from schema")[0] + _enum(text), "thing", "exec"), found)
    assert {each.value for each in found["ThingLong"]} == {
        "a long tale " * 20,
        "a_word_of_many_letters_that_is_one_" * 3,
    }


def _enum(text: str) -> str:
    return "\n\n" + next(block for block in text.split("\n\n\n") if "class ThingLong" in block)


def test_rules_are_switched_off_by_name_and_with_a_reason(project: Path) -> None:
    lines = [line for path in project.rglob("*.py") for line in path.read_text("utf-8").splitlines() if "noqa" in line]
    assert lines
    assert all(line.partition("noqa: ")[2].partition(" - ")[2] for line in lines)


def test_the_comment_of_a_connector_is_its_first_sentence_and_no_heading() -> None:
    made = Operation("GET", "/a", At(""), description=SAID)
    assert first_line(made).startswith("It\u2019s a **thing** of `many`. A")
