"""What is malformed costs itself and is reported with its place; the rest of the document is a graph all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.errors import StartRefused
from bff.openapi.report import Report
from tests.openapi.kit import reading, whole
from tests.openapi.live import live

TEXT: dict[str, Any] = {"type": "string"}
NOWHERE = {"$ref": "#/components/parameters/Nowhere"}
FINE = {"200": {"description": "ok", "content": {"application/json": {"schema": TEXT}}}}


def beside(said: Any, path: str = "/bad") -> dict[str, Any]:
    """A document with one operation that is right, GET /good, and another that says `said`."""
    document = whole()
    good = {"operationId": "good", "responses": FINE}
    document["paths"] = {"/good": {"get": good}, path: {"get": said} if isinstance(said, dict) else said}
    return document


def bad(**said: Any) -> dict[str, Any]:
    return {"operationId": "bad", "responses": FINE, **said}


def noted(report: Report, code: str) -> list[tuple[str, str]]:
    """Pointers and messages of a code."""
    return [(note.at.pointer, note.message) for note in report.notes if note.code == code]


@pytest.mark.parametrize(
    ("said", "pointer", "message"),
    [
        (bad(parameters={}), "/parameters", "GET /bad is left out: must be a list, not an object"),
        (bad(parameters=[NOWHERE]), "/parameters/0", "which is not there"),
        (bad(parameters=[{"in": "query", "required": True}]), "/parameters/0", 'must have "name", a text'),
        (bad(parameters=[{"name": "x", "in": "body", "required": True}]), "/parameters/0/in",
         "there is no parameter in 'body' (use path, query, header or cookie)"),
        (bad(requestBody=7), "/requestBody", "must be an object, not a number"),
        (bad(responses=[]), "/responses", "must be an object, not a list"),
        (bad(responses={"200": {"$ref": "#/nowhere"}}), "/responses/200", "which is not there"),
        (bad(responses={"20": {}}), "/responses/20", "'20' is no status (use a status such as \"200\""),
        (bad(security=["key"]), "/security/0", "must be an object, not text"),
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_operation_costs_itself(said: Any, pointer: str, message: str, tmp_path: Path) -> None:
    document, report = reading(tmp_path, beside(said))
    assert [each.key for each in document.operations] == ["GET /good"]
    ((place, told),) = noted(report, "operation-left-out")
    assert place == f"/paths/~1bad/get{pointer}"
    assert message in told
    assert told.startswith("GET /bad is left out: ")


def test_an_operation_that_is_none_costs_itself(tmp_path: Path) -> None:
    written = beside({}) | {"tags": ["no object"]}
    written["paths"]["/bad"] = {"get": "text", "post": bad()}
    document, report = reading(tmp_path, written)
    assert [each.key for each in document.operations] == ["GET /good", "POST /bad"]
    assert noted(report, "operation-left-out") == [
        ("/paths/~1bad/get", "GET /bad is left out: must be an object, not text")
    ]


@pytest.mark.parametrize(
    ("path", "said", "message"),
    [
        ("bad", bad(), 'bad is left out: a path must begin with / (such as "/bad")'),
        ("/bad", [], "/bad is left out: must be an object, not a list"),
        ("/bad", {"$ref": "#/nowhere"}, "/bad is left out: refers to"),
    ],
    ids=str,
)
def test_a_malformed_path_costs_its_operations(path: str, said: Any, message: str, tmp_path: Path) -> None:
    written = beside(said, path)
    written["paths"][path] = {"get": said} if path == "bad" else said
    document, report = reading(tmp_path, written)
    assert [each.key for each in document.operations] == ["GET /good"]
    ((_, told),) = noted(report, "path-left-out")
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("parameter", "pointer", "message"),
    [
        ({"in": "query"}, "", 'a parameter is left out: must have "name", a text'),
        ({"name": "x", "in": "body"}, "/in", "x is left out: there is no parameter in 'body'"),
        ({"name": "x", "in": "query", "content": []}, "/content", "x is left out: must be an object, not a list"),
    ],
    ids=str,
)
async def test_a_malformed_parameter_that_may_be_missing_costs_itself(
    parameter: Any, pointer: str, message: str, tmp_path: Path
) -> None:
    kept = {"name": "y", "in": "query", "schema": TEXT}
    async with live(tmp_path, beside(bad(parameters=[parameter, kept]))) as project:
        assert await project.ask('{ bad(y: "1") good }') == {"data": {"bad": "fine", "good": "fine"}}
        assert sorted(project.targets) == ["/bad?y=1", "/good"]
        ((place, told),) = noted(project.report, "parameter-left-out")
        assert place == f"/paths/~1bad/get/parameters/0{pointer}"
        assert told.startswith(message)


def test_a_malformed_parameter_of_swagger_costs_itself(tmp_path: Path) -> None:
    written = whole(TEXT, version="2.0")
    written["paths"]["/thing"]["get"]["parameters"] = [
        {"name": "x", "in": "cookie"}, {"name": "y", "in": "query", "type": "string"}
    ]  # fmt: skip
    document, report = reading(tmp_path, written)
    assert [each.name for each in document.operations[0].parameters] == ["y"]
    ((place, told),) = noted(report, "parameter-left-out")
    assert place.endswith("/parameters/0/in")
    assert "use path, query, header, formData or body" in told


def test_what_is_malformed_beside_a_success_costs_no_operation(tmp_path: Path) -> None:
    answers = {
        "200": {**FINE["200"], "headers": {"X-A": 7, "X-B": {"schema": TEXT}}, "links": {"other": []}},
        "404": {"$ref": "#/nowhere"},
        "5XY": {"description": "no status"},
    }
    (made,) = reading(tmp_path, beside(bad(responses=answers)) | {"components": {"securitySchemes": {"k": 7}}})[
        0
    ].operations[1:]
    assert [each.status for each in made.responses] == ["200"]
    assert [each.name for each in made.responses[0].headers] == ["X-B"]
    report = reading(tmp_path, beside(bad(responses=answers)))[1]
    codes = [note.code for note in report.notes if note.level == "loss"]
    assert sorted(codes) == ["answer-left-out", "answer-left-out", "header-left-out", "link-left-out"]


async def test_a_schema_that_cannot_be_read_is_json_and_said(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/pet"}, "b": TEXT}}
    written = beside({"operationId": "bad", "responses": {
        "200": {"description": "", "content": {"application/json": {"schema": schema}}}}})  # fmt: skip
    written["components"]["schemas"]["Pet"] = TEXT
    async with live(tmp_path, written, {"a": [1], "b": "x"}) as project:
        assert await project.ask("{ bad { a b } }") == {"data": {"bad": {"a": [1], "b": "x"}}}
        ((place, told),) = noted(project.report, "malformed-schema")
        assert place.endswith("/schema/properties/a")
        assert 'which is not there (did you mean "Pet"?)' in told


def test_a_document_of_which_nothing_can_be_read_is_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    written = whole()
    written["paths"] = {"/a": {"get": {"responses": []}}, "b": {"get": {}}, "/c": 7}
    with pytest.raises(StartRefused) as error:
        reading(tmp_path, written)
    assert [problem.place for problem in error.value.problems] == ["/paths/~1a/get/responses", "/paths/b", "/paths/~1c"]
    assert all(problem.line for problem in error.value.problems)
