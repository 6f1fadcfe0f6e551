"""Operations: what goes in and what comes out, in both dialects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.errors import StartRefused
from bff.openapi.model import Need, Operation
from bff.openapi.read import read
from bff.openapi.report import Report
from bff.openapi.schema import Array, Object, Scalar
from tests.openapi.kit import codes, reading, whole, write


def operation(
    folder: Path, path: str = "/things", method: str = "get", version: str = "3.0.3", **said: Any
) -> Operation:
    own = {key: said.pop(key) for key in ("consumes", "servers", "security", "components", "parts") if key in said}
    document = whole(version=version) | own.pop("parts", {})
    document["paths"] = {path: {method: {"responses": {}} | said}}
    return reading(folder, document | own)[0].operations[0]


@pytest.mark.parametrize(
    ("written", "style", "explode"),
    [
        ({"in": "query"}, "form", True),
        ({"in": "query", "style": "spaceDelimited"}, "spaceDelimited", False),
        ({"in": "query", "style": "deepObject", "explode": True}, "deepObject", True),
        ({"in": "path"}, "simple", False),
        ({"in": "path", "style": "matrix", "explode": True}, "matrix", True),
        ({"in": "header"}, "simple", False),
        ({"in": "cookie", "explode": False}, "form", False),
    ],
    ids=str,
)
def test_parameters_have_the_style_of_their_place(tmp_path: Path, written: Any, style: str, explode: bool) -> None:
    made = operation(tmp_path, "/things/{x}", parameters=[{"name": "x", "schema": {"type": "string"}} | written])
    (parameter,) = [each for each in made.parameters if each.where == written["in"]]
    assert (parameter.style, parameter.explode) == (style, explode)


@pytest.mark.parametrize(
    ("collection", "style", "explode"),
    [
        (None, "form", False),
        ("csv", "form", False),
        ("ssv", "spaceDelimited", False),
        ("tsv", "tabDelimited", False),
        ("pipes", "pipeDelimited", False),
        ("multi", "form", True),
    ],
)
def test_swagger_collections_are_styles(tmp_path: Path, collection: Any, style: str, explode: bool) -> None:
    own = {"name": "x", "in": "query", "type": "array", "items": {"type": "string"}}
    made = operation(
        tmp_path, version="2.0", parameters=[own | ({"collectionFormat": collection} if collection else {})]
    )
    (parameter,) = made.parameters
    assert (parameter.style, parameter.explode) == (style, explode)
    assert isinstance(parameter.schema, Array)


def test_an_operation_s_own_parameter_counts_more_than_its_path_s(tmp_path: Path) -> None:
    document = whole()
    shared = {"name": "x", "in": "query", "description": "shared", "schema": {}}
    document["components"]["parameters"] = {"X": shared | {"description": "own"}}
    document["paths"] = {
        "/a": {
            "parameters": [shared, shared | {"name": "y"}],
            "get": {"responses": {}, "parameters": [{"$ref": "#/components/parameters/X"}]},
        }
    }
    made = reading(tmp_path, document)[0].operations[0]
    assert [(each.name, each.description) for each in made.parameters] == [("x", "own"), ("y", "shared")]


@pytest.mark.parametrize(("version", "said"), [("3.1.0", "near"), ("3.0.3", "far")])
def test_what_is_said_beside_a_reference_counts_more_from_3_1_on(tmp_path: Path, version: str, said: str) -> None:
    document = whole({"type": "string"}, version=version)
    far = {"name": "q", "in": "query", "schema": {"type": "string"}, "description": "far"}
    document["components"]["parameters"] = {"Q": far}
    given = {"$ref": "#/components/parameters/Q", "description": "near"}
    document["paths"]["/thing"]["get"]["parameters"] = [given]
    (made,) = reading(tmp_path, document)[0].operations
    assert made.parameters[0].description == said


def test_a_path_has_exactly_its_own_variables(tmp_path: Path) -> None:
    document = whole()
    parameters = [{"name": "gone", "in": "path", "required": True, "schema": {"type": "string"}}]
    document["paths"] = {"/a/{id}": {"get": {"responses": {}, "parameters": parameters}}}
    made, report = reading(tmp_path, document)
    assert [each.name for each in made.operations[0].parameters] == ["id"]
    assert codes(report) == ["path-parameter", "path-parameter"]


def test_a_swagger_form_is_one_object(tmp_path: Path) -> None:
    parameters = [
        {"name": "name", "in": "formData", "type": "string", "required": True},
        {"name": "photo", "in": "formData", "type": "file"},
    ]
    made = operation(tmp_path, method="post", version="2.0", parameters=parameters)
    assert made.body is not None
    (media,) = made.body.content
    assert (media.type, made.body.required) == ("multipart/form-data", True)
    assert isinstance(media.schema, Object)
    assert [each.required for each in media.schema.properties] == [True, False]
    photo = media.schema.properties[1].schema
    assert isinstance(photo, Scalar)
    assert photo.format == "binary"


def test_a_swagger_body_comes_in_what_is_consumed(tmp_path: Path) -> None:
    parameters = [{"name": "thing", "in": "body", "required": True, "schema": {"type": "string"}}]
    consumes = ["application/json", "application/xml"]
    made = operation(tmp_path, method="put", version="2.0", parameters=parameters, consumes=consumes)
    assert made.body is not None
    assert (made.body.name, [each.type for each in made.body.content]) == ("thing", consumes)
    assert made.parameters == ()


def test_bodies_and_answers_keep_media_types_encodings_headers_and_examples(tmp_path: Path) -> None:
    made = operation(
        tmp_path,
        method="post",
        requestBody={
            "required": True,
            "content": {
                "Multipart/Form-Data; boundary=x": {
                    "schema": {"properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
                    "encoding": {"tags": {"contentType": "text/plain, text/csv", "explode": False}},
                }
            },
        },
        responses={
            "201": {
                "headers": {"Location": {"schema": {"type": "string", "format": "uri"}, "required": True}},
                "content": {"application/json": {"schema": {"type": "string"}, "examples": {"a": {"value": "x"}}}},
            },
            "4xx": {"description": "no"},
            "default": {},
        },
    )
    assert made.body is not None
    (media,) = made.body.content
    assert media.type == "multipart/form-data"
    assert (media.encoding[0].content_types, media.encoding[0].explode) == (("text/plain", "text/csv"), False)
    assert [each.status for each in made.responses] == ["201", "4XX", "default"]
    assert made.responses[0].headers[0].required
    assert made.responses[0].content[0].examples[0].value == "x"


def test_links_name_the_operation_that_they_mean(tmp_path: Path) -> None:
    document = whole()
    links = {
        "byId": {"operationId": "getThing", "parameters": {"id": "$response.body#/id"}},
        "byRef": {"operationRef": "#/paths/~1things~1{id}/get"},
        "lost": {"operationId": "nobody"},
    }
    document["paths"] = {
        "/things": {"get": {"responses": {"200": {"links": links}}}},
        "/things/{id}": {"get": {"operationId": "getThing", "responses": {}}},
    }
    made, report = reading(tmp_path, document)
    found = made.operations[0].responses[0].links
    assert [each.operation for each in found] == ["GET /things/{id}", "GET /things/{id}", ""]
    assert found[0].parameters == (("id", "$response.body#/id"),)
    assert "link-target" in codes(report)


@pytest.mark.parametrize(
    ("root", "own", "needs"),
    [
        (None, None, ()),
        ([{"key": []}], None, ((Need("key"),),)),
        ([{"key": []}], [], ()),
        ([{"key": []}], [{}, {"oauth": ["read"]}], ((), (Need("oauth", ("read",)),))),
    ],
)
def test_security_is_the_operation_s_own_or_the_document_s(tmp_path: Path, root: Any, own: Any, needs: Any) -> None:
    document = whole() | ({} if root is None else {"security": root})
    document["paths"]["/thing"]["get"] |= {} if own is None else {"security": own}
    assert reading(tmp_path, document)[0].operations[0].security == needs


def test_security_schemes_of_both_dialects_are_the_same(tmp_path: Path) -> None:
    swagger = whole(
        version="2.0",
        securityDefinitions={
            "basic": {"type": "basic"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "oauth": {"type": "oauth2", "flow": "application", "tokenUrl": "https://x/t", "scopes": {"read": "Reads"}},
        },
    )
    modern = whole()
    modern["components"]["securitySchemes"] = {
        "basic": {"type": "http", "scheme": "Basic"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "oauth": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "https://x/t", "scopes": {"read": "Reads"}}},
        },
    }
    old, new = (reading(tmp_path, each)[0].security_schemes for each in (swagger, modern))
    assert [(s.name, s.kind, s.scheme, s.where, s.parameter, s.flows) for s in old] == [
        (s.name, s.kind, s.scheme, s.where, s.parameter, s.flows) for s in new
    ]


@pytest.mark.parametrize(
    ("said", "urls"),
    [
        (
            {"host": "a.example", "basePath": "/v1/", "schemes": ["https", "http"]},
            ["https://a.example/v1", "http://a.example/v1"],
        ),
        ({"host": "a.example"}, ["https://a.example"]),
        ({"basePath": "/v1"}, ["/v1"]),
        ({}, []),
    ],
)
def test_swagger_says_where_it_is_in_parts(tmp_path: Path, said: Any, urls: list[str]) -> None:
    document, _ = reading(tmp_path, whole(version="2.0", **said))
    assert [server.url for server in document.servers] == urls


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    document = whole({"$ref": "#/nowhere"})
    document["paths"]["/other"] = {"get": {"tags": ["good"], "responses": {}}}
    name = write(tmp_path, document)
    (made,) = read([name], Report(), wanted=lambda method, path, tags: "good" in tags)
    assert [each.key for each in made.operations] == ["GET /other"]


def test_what_is_not_made_is_noted(tmp_path: Path) -> None:
    document = whole(webhooks={"new": {}})
    document["paths"] |= {
        "/a": {"get": {"operationId": "x", "responses": {}, "callbacks": {"c": {}}, "requestBody": {"content": {}}}},
        "/b": {"put": {"operationId": "x", "responses": {}}, "query": {}},
    }
    assert sorted(codes(reading(tmp_path, document)[1])) == [
        "body-unusual",
        "callbacks",
        "operation-id-twice",
        "unknown-method",
        "webhooks",
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"parameters": [{"in": "path"}]}, 'must have "name", a text'),
        ({"parameters": [{"name": "x", "in": "body", "required": True}]}, "there is no parameter in 'body'"),
        ({"parameters": {}}, "must be a list, not an object"),
        ({"responses": {"20": {}}}, "'20' is no status"),
        ({"responses": []}, "must be an object, not a list"),
        ({"requestBody": {"$ref": "#/components/nowhere"}}, "which is not there"),
    ],
    ids=str,
)
def test_a_document_whose_only_operation_is_malformed_is_refused_with_its_place(
    tmp_path: Path, said: Any, shown: str
) -> None:
    document = whole()
    document["paths"]["/thing"]["get"] |= said
    with pytest.raises(StartRefused) as error:
        reading(tmp_path, document)
    (problem,) = error.value.problems
    assert shown in str(problem)
    assert problem.place.startswith("/paths/~1thing/get")
    assert problem.line
