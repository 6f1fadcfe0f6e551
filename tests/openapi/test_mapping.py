"""What becomes what: a schema in a document, a field in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from bff.connectors import Connector
from bff.openapi.graph.build import Named, build
from bff.openapi.graph.lock import Lock
from bff.openapi.graph.memory import load
from bff.openapi.graph.project import modules, part_of, project_files, service_files
from bff.openapi.report import Report
from bff.plan.check import check_graph
from bff.plan.graph import Graph, read_graph
from tests.openapi.kit import codes, reading, whole


def graph_of(folder: Path, document: Any) -> tuple[Graph, GraphQLSchema, Report]:
    """The graph of one service, checked as at start."""
    found, report = reading(folder, document)
    services = build([Named("api", found)], Lock(), report)
    files = {**project_files([part_of(each) for each in services]), **service_files(services[0])}
    schema = load(modules(files))
    graph = read_graph(schema)
    assert check_graph(graph, {"api"}).errors == []
    return graph, build_schema(schema.as_str()), report


def member(folder: Path, schema: Any, **components: Any) -> tuple[str, list[str]]:
    """The type of a required member with this schema, and the codes of what was noted."""
    body = {"type": "object", "required": ["it"], "properties": {"it": schema, "other": {"type": "string"}}}
    _, made, report = graph_of(
        folder, whole({"$ref": "#/components/schemas/Thing"}, components={"Thing": body, **components})
    )
    return str(made.type_map["Thing"].fields["it"].type), codes(report)  # type: ignore[attr-defined]


OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
CAT = {
    "type": "object",
    "required": ["kind", "meow"],
    "properties": {"kind": {"const": "cat"}, "meow": {"type": "string"}},
}
DOG = {
    "type": "object",
    "required": ["kind", "bark"],
    "properties": {"kind": {"const": "dog"}, "bark": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("schema", "type_", "noted"),
    [
        ({"type": "string"}, "String!", []),
        ({"type": ["string", "null"]}, "String", []),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "String", []),
        ({"type": "string", "format": "date"}, "Date!", []),
        ({"type": "string", "format": "date-time"}, "DateTime!", []),
        ({"type": "string", "format": "uuid"}, "UUID!", []),
        ({"type": "string", "format": "uri"}, "URI!", []),
        ({"type": "string", "format": "byte"}, "Base64!", []),
        ({"type": "string", "format": "decimal"}, "Decimal!", []),
        ({"type": "integer"}, "Int!", []),
        ({"type": "integer", "format": "int32"}, "Int!", []),
        ({"type": "integer", "format": "int64"}, "Int64!", []),
        ({"type": "integer", "maximum": 10**12}, "Int64!", []),
        ({"type": "number"}, "Float!", []),
        ({"type": "boolean"}, "Boolean!", []),
        ({"type": "array", "items": {"type": "string"}}, "[String!]!", []),
        ({"type": "array", "items": {"type": ["integer", "null"]}}, "[Int]!", []),
        ({"type": "array", "items": OBJECT, "maxItems": 9}, "[ThingIt!]!", []),
        ({"type": "array", "items": OBJECT}, "[ThingIt!]!", ["list-size"]),
        (OBJECT, "ThingIt!", []),
        ({"enum": ["a", "b"]}, "ThingIt!", []),
        ({"const": "a"}, "String!", []),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "[ThingItEntry!]!", ["list-size"]),
        ({"oneOf": [CAT, DOG]}, "ThingIt!", []),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "Float!", []),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "ThingIt!", []),
        ({"oneOf": [{"type": "string"}, OBJECT]}, "ThingIt!", []),
        ({}, "JSON", ["free-form"]),
        ({"type": "object"}, "JSON!", ["free-form"]),
        ({"type": "array", "items": {"type": "array", "items": OBJECT}}, "JSON!", ["nested-lists"]),
    ],
    ids=str,
)
def test_a_member_of_this_schema_is_of_this_type(schema: Any, type_: str, noted: list[str], tmp_path: Path) -> None:
    found, told = member(tmp_path, schema)
    assert found == type_
    assert set(noted) <= set(told)
    assert "JSON" not in found or told


def test_types_may_hold_each_other(tmp_path: Path) -> None:
    components = {
        "Person": {"type": "object", "properties": {"home": {"$ref": "#/components/schemas/House"}}},
        "House": {
            "type": "object",
            "properties": {"people": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}}},
        },
    }
    found, _ = member(tmp_path, {"$ref": "#/components/schemas/Person"}, **components)
    assert found == "Person!"


def operation(folder: Path, **said: Any) -> tuple[Connector, GraphQLSchema, Report]:
    """The one connector of GET /thing with these parameters and so on."""
    document = whole({"type": "array", "items": {"$ref": "#/components/schemas/Row"}})
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    document["components"] = {"schemas": {"Row": row}}
    document["paths"]["/thing"]["get"] |= said
    graph, schema, report = graph_of(folder, document)
    (connector,) = graph.connectors
    return connector, schema, report


def query(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


LIST = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("parameter", "values", "target"),
    [
        (query("q", {"type": "string"}), {"q": "a b"}, "/thing?q=a%20b"),
        (query("q", LIST), {"q": ["a", "b"]}, "/thing?q=a&q=b"),
        (query("q", LIST, explode=False), {"q": ["a", "b"]}, "/thing?q=a,b"),
        (query("q", LIST, style="pipeDelimited", explode=False), {"q": ["a", "b"]}, "/thing?q=a%7Cb"),
        (query("api-version", {"type": "string"}), {"api_version": "1"}, "/thing?api-version=1"),
        (query("page[size]", {"type": "string"}), {"page_size": "1"}, "/thing?page%5Bsize%5D=1"),
        (query("filter", OBJECT, style="deepObject"), {"filter_a": "1"}, "/thing?filter%5Ba%5D=1"),
        (query("filter", OBJECT), {"a": "1"}, "/thing?a=1"),
        (
            query("filter", {**OBJECT, "properties": {"a": LIST}}, style="deepObject"),
            {"filter_a": ["1", "2"]},
            "/thing?filter%5Ba%5D=1&filter%5Ba%5D=2",
        ),
        (query("q", LIST, style="spaceDelimited"), {"q": ["a", "b"]}, "/thing?q=a%20b"),
    ],
    ids=str,
)
def test_parameters_reach_the_url_as_their_style_says(
    parameter: Any, values: dict[str, Any], target: str, tmp_path: Path
) -> None:
    connector, _, _ = operation(tmp_path, parameters=[parameter])
    assert connector.template.expand(values) == target


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("limit", "offset"), "Offset"),
        (("per_page", "page"), "Page"),
        (("limit", "cursor"), None),  # nothing says where the next cursor is
    ],
)
def test_pages_are_recognised_by_their_parameters(names: tuple[str, str], kind: str | None, tmp_path: Path) -> None:
    parameters = [query(name, {"type": "string" if name == "cursor" else "integer"}) for name in names]
    connector, schema, _ = operation(tmp_path, parameters=parameters)
    assert (type(connector.paging).__name__ if connector.paging else None) == kind
    field = schema.query_type.fields["thing"]  # type: ignore[union-attr]
    assert str(field.type) == ("RowConnection" if kind else "[Row!]")
    assert {"first", "after"} <= field.args.keys() or kind is None


def test_a_list_of_identities_is_a_batch(tmp_path: Path) -> None:
    ids = {"type": "array", "items": {"type": "integer"}, "maxItems": 30}
    connector, schema, report = operation(tmp_path, parameters=[query("ids", ids, required=True)])
    assert (dict(connector.key), connector.max_batch) == ({"ids": "id"}, 30)
    assert str(schema.query_type.fields["thing"].type) == "[Row]"  # type: ignore[union-attr]
    assert "batch" in codes(report)


def test_a_parameter_that_no_url_can_carry_takes_its_operation_with_it_where_it_is_required(tmp_path: Path) -> None:
    matrix = {"name": "the-id", "in": "path", "required": True, "style": "matrix", "schema": {"type": "string"}}
    document = whole({"type": "string"})
    document["paths"]["/thing/{the-id}"] = {"get": {**document["paths"]["/thing"]["get"], "parameters": [matrix]}}
    _, schema, report = graph_of(tmp_path, document)
    assert list(schema.query_type.fields) == ["thing"]  # type: ignore[union-attr]
    assert "operation-left-out" in codes(report)


@pytest.mark.parametrize(
    "name", ["RowConnection", "RowEdge", "Exception", "ValueError", "Query", "Mutation", "Connection"]
)
def test_a_type_that_is_called_as_something_else_already_has_another_name(name: str, tmp_path: Path) -> None:
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    holder = {"type": "object", "properties": {"it": {"$ref": f"#/components/schemas/{name}"}}}
    page = {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}
    document = whole(page, components={"Row": row, name: {**holder, "title": "own"}, "Holder": holder})
    document["paths"]["/thing"]["get"]["parameters"] = [
        query(each, {"type": "integer"}) for each in ("limit", "offset")
    ]
    answer = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Holder"}}}}
    document["paths"]["/holder"] = {"get": {"responses": {"200": answer}}}
    _, schema, _ = graph_of(tmp_path, document)
    own = "Type" if name in {"Query", "Mutation"} else ""  # what the service adds to Query is called ApiQuery
    assert str(schema.query_type.fields["thing"].type) == "RowConnection"  # type: ignore[union-attr]
    assert str(schema.type_map["Holder"].fields["it"].type) == f"Api{name}{own}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["A", "Z"])
def test_a_union_of_a_type_that_holds_it_is_defined_after_that_type(name: str, tmp_path: Path) -> None:
    link = {
        "type": "object",
        "required": ["to"],
        "properties": {"to": {"oneOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "string"}]}},
    }
    holder = {"type": "object", "required": ["links"], "properties": {
        "links": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}}}  # fmt: skip
    document = whole({"$ref": f"#/components/schemas/{name}"}, components={name: holder, "Link": link})
    _, schema, _ = graph_of(tmp_path, document)
    assert {each.name for each in schema.type_map["LinkTo"].types} == {name, "LinkToText"}  # type: ignore[attr-defined]


def test_a_link_leaves_out_what_its_call_does_not_need_and_is_left_out_where_it_does(tmp_path: Path) -> None:
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    given = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
        query("filter", OBJECT, style="deepObject"),
    ]
    needs = [*given, {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}}]
    ok: dict[str, Any] = {
        "description": "",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
    }
    links = {name: {"operationId": name, "parameters": {"id": "$response.body#/id"}} for name in ("optional", "needed")}
    document = whole(components={"Thing": thing})
    document["paths"] = {
        "/it": {"get": {"responses": {"200": {**ok, "links": links}}}},
        "/a/{id}": {"get": {"operationId": "optional", "parameters": given, "responses": {"200": ok}}},
        "/b/{id}": {"get": {"operationId": "needed", "parameters": needs, "responses": {"200": ok}}},
    }
    _, schema, report = graph_of(tmp_path, document)
    assert list(schema.type_map["Thing"].fields) == ["id", "optional"]  # type: ignore[attr-defined]
    assert [note.message for note in report.notes if note.code == "link"] == [
        "needed: it leaves out what the call needs"
    ]


def test_a_link_is_a_field_of_what_it_leads_from(tmp_path: Path) -> None:
    person = {
        "type": "object",
        "required": ["id", "boss_id"],
        "properties": {n: {"type": "string"} for n in ("id", "boss_id")},
    }
    answer = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}}}
    }
    linked = {"200": {**answer["200"], "links": {
        "boss": {"operationId": "getPerson", "parameters": {"id": "$response.body#/boss_id"}},
        "lost": {"operationId": "getPerson", "parameters": {"id": "$request.header.x"}},
    }}}  # fmt: skip
    identified = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    document = whole(components={"Person": person})
    document["paths"] = {
        "/people/{id}": {"get": {"operationId": "getPerson", "parameters": [identified], "responses": linked}},
    }
    graph, schema, report = graph_of(tmp_path, document)
    assert str(schema.type_map["Person"].fields["boss"].type) == "Person"  # type: ignore[attr-defined]
    (call,) = graph.fields["Person.boss"].calls
    assert call.bindings["id"].path == "boss_id"  # type: ignore[union-attr]
    assert "link" in codes(report)


@pytest.mark.parametrize(
    ("media", "type_"),
    [
        ("application/json", "Base64"),
        ("application/x-www-form-urlencoded", "Base64"),
        ("multipart/form-data", "Upload"),
    ],
)
def test_bodies_of_several_media_types(media: str, type_: str, tmp_path: Path) -> None:
    body = {"type": "object", "required": ["photo"], "properties": {"photo": {"type": "string", "format": "binary"}}}
    document = whole({"type": "string"})
    document["paths"]["/photos"] = {
        "post": {
            "operationId": "addPhoto",
            "parameters": [{"name": "session", "in": "cookie", "schema": {"type": "string"}}],
            "requestBody": {"required": True, "content": {media: {"schema": body}}},
            "responses": {"204": {"description": "done"}},
        }
    }
    graph, schema, _ = graph_of(tmp_path, document)
    assert str(schema.type_map["AddPhotoInput"].fields["photo"].type) == f"{type_}!"  # type: ignore[attr-defined]
    assert str(schema.mutation_type.fields["addPhoto"].type) == "Boolean"  # type: ignore[union-attr]
    (call,) = graph.fields["Mutation.addPhoto"].calls
    assert (call.connector.media, dict(call.connector.cookies)) == (media, {"session": "session"})


def test_a_member_that_is_there_under_a_condition_may_be_there(tmp_path: Path) -> None:
    text = {"type": "string"}
    schema = {
        "type": "object",
        "properties": {"kind": text},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"properties": {"of_a": text}, "required": ["of_a"]},
        "else": {"properties": {"of_b": text, "kind": {"type": "integer"}}},
        "dependentSchemas": {"kind": {"properties": {"beside": text}}},
    }
    _, schema_, report = graph_of(tmp_path, whole(schema))
    found = schema_.type_map["ThingAnswer"].fields  # type: ignore[attr-defined]
    assert {name: str(each.type) for name, each in found.items()} == dict.fromkeys(
        ("kind", "ofA", "ofB", "beside"), "String"
    )
    assert "check-left-out" in codes(report)


def test_constants_with_titles_are_an_enum_whose_values_say_what_they_mean(tmp_path: Path) -> None:
    def constants(*values: Any) -> dict[str, Any]:
        return {"oneOf": [{"const": value, "title": title, "description": title} for value, title in values]}

    numbers, texts = constants((1, "Open"), (2, "Shut"), (3, "Gone")), constants(("o", "Open"), ("s", "Shut"))
    _, schema, _ = graph_of(tmp_path, whole({"type": "object", "properties": {"number": numbers, "text": texts}}))
    found = {name: schema.type_map[f"ThingAnswer{name}"].values for name in ("Number", "Text")}  # type: ignore[attr-defined]
    assert {name: each.value for name, each in found["Number"].items()}.keys() == {"OPEN", "SHUT", "GONE"}
    assert {name: each.description for name, each in found["Text"].items()} == {"O": "Open", "S": "Shut"}


def test_a_component_that_is_called_as_a_member_of_another_is_a_type_of_its_own(tmp_path: Path) -> None:
    def holding(name: str) -> dict[str, Any]:
        return {"type": "object", "properties": {name: {"type": "string"}}}

    city: dict[str, Any] = {"type": "object", "properties": {"location": holding("inner"), "other": {}}}
    city["properties"]["other"] = {"$ref": "#/components/schemas/City.location"}
    components = {"City": city, "City.location": holding("outer")}
    _, schema, _ = graph_of(tmp_path, whole({"$ref": "#/components/schemas/City"}, components=components))
    members = {name: each.type.name for name, each in schema.type_map["City"].fields.items()}  # type: ignore[attr-defined]
    assert {name: list(schema.type_map[type_].fields) for name, type_ in members.items()} == {  # type: ignore[attr-defined]
        "location": ["inner"],
        "other": ["outer"],
    }


@pytest.mark.parametrize("way", ["answer", "body"])
def test_objects_that_differ_in_a_constant_are_types_of_their_own(way: str, tmp_path: Path) -> None:
    def kind(value: Any, own: str) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"const": value}, own: {"type": "string"}},
        }

    union = {"oneOf": [kind("a", "x"), kind("b", "y"), kind(True, "z"), {**kind("c", "v"), "title": "kind"}]}
    document = whole(union)
    if way == "body":
        body = {"content": {"application/json": {"schema": union}}}
        document["paths"]["/thing"] = {"post": {"operationId": "thing", "requestBody": body, "responses": {"204": {}}}}
    _, schema, _ = graph_of(tmp_path, document)
    found = [list(each.fields) for name, each in schema.type_map.items() if name.startswith("Thing") and "Kind" in name]  # type: ignore[attr-defined]
    assert sorted(found) == [["kind", name] for name in "vxyz"]


def test_a_map_of_anything_and_a_member_with_a_dot(tmp_path: Path) -> None:
    found, told = member(tmp_path, {"type": "object", "additionalProperties": {}})
    assert (found, "free-map" in told or "free-form" in told) == ("JSON!", True)
    body = {"type": "object", "properties": {"com.example.name": {"type": "string"}}}
    graph, schema, _ = graph_of(tmp_path, whole({"$ref": "#/components/schemas/Thing"}, components={"Thing": body}))
    assert list(schema.type_map["Thing"].fields) == ["comExampleName"]  # type: ignore[attr-defined]
    assert graph.fields["Thing.comExampleName"].read({"com.example.name": "x"}) == "x"


def test_a_path_and_a_query_may_call_something_alike(tmp_path: Path) -> None:
    identified = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    document = whole({"type": "string"})
    get = {
        **document["paths"]["/thing"]["get"],
        "operationId": "getThing",
        "parameters": [identified, query("id", LIST)],
    }
    document["paths"] = {"/things/{id}": {"get": get}}
    graph, schema, _ = graph_of(tmp_path, document)
    (connector,) = graph.connectors
    assert list(schema.query_type.fields["thing"].args) == ["id", "queryId"]  # type: ignore[union-attr]
    assert connector.template.expand({"id": "7", "query_id": ["a", "b"]}) == "/things/7?id=a&id=b"
