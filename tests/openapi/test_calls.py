"""From a document to the wire: what a service gets of a query over the graph of its document, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from bff.openapi.graph.lean import lean
from bff.openapi.graph.memory import load
from bff.openapi.graph.names import field_name
from bff.openapi.report import Report
from bff.openapi.source import source
from tests.kit import Bench, body_of, opened, reply
from tests.openapi.kit import codes, write

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
LIST: dict[str, Any] = {"type": "array", "items": TEXT}
CAT = {"type": "object", "required": ["lives"], "properties": {"lives": WHOLE, "name": TEXT}}
DOG = {"type": "object", "required": ["tricks"], "properties": {"tricks": LIST, "name": TEXT}}
WRONG = {"type": "object", "required": ["why"], "properties": {"why": TEXT}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def document(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """A document with one operation, called `it`, that answers with text unless it says otherwise."""
    answers = {"responses": {"200": {"description": "ok", **json_of(TEXT)}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {path: {method: {"operationId": "it", **answers, **operation}}},
        "components": {"schemas": {"Cat": CAT, "Dog": DOG, "Wrong": WRONG}},
    }


async def asked(
    folder: Path, written: dict[str, Any], query: str, answer: httpx.Response | None = None, **variables: Any
) -> tuple[Bench, Any, Report]:
    """What the service was asked, what the client got, what was noted."""
    report = Report()
    with lean():
        schema = load(source({"things": write(folder, written)}, report))
    async with opened(schema, {"things": lambda _: answer or reply("fine")}) as bench:
        found = await bench.ask(query, **variables)
        return bench, found.body, report


def parameter(schema: Any, where: str = "query", name: str = "q", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema, **({"required": True} if where == "path" else {}), **more}


@pytest.mark.parametrize(
    ("path", "given", "arguments", "target"),
    [
        ("/x/{q}", parameter(TEXT, "path"), 'q: "a/b"', "/x/a%2Fb"),
        ("/x/{q}", parameter(LIST, "path"), 'q: ["a", "b,c"]', "/x/a,b%2Cc"),
        ("/x/{q}", parameter(TEXT, "path", style="label"), 'q: "a"', "/x/.a"),
        ("/x/{q}", parameter(LIST, "path", style="label", explode=True), 'q: ["a", "b"]', "/x/.a.b"),
        ("/x/{q}", parameter(TEXT, "path", style="matrix"), 'q: "a"', "/x/;q=a"),
        ("/x/{aB}", parameter(TEXT, "path", "aB", style="matrix"), 'aB: "a"', "/x/;aB=a"),
        ("/x/{q}", parameter(LIST, "path", style="matrix", explode=True), 'q: ["a", "b"]', "/x/;q=a;q=b"),
        ("/x", parameter(LIST), 'q: ["a", "b"]', "/x?q=a&q=b"),
        ("/x", parameter(LIST, explode=False), 'q: ["a", "b"]', "/x?q=a,b"),
        ("/x", parameter(LIST, style="pipeDelimited"), 'q: ["a", "b"]', "/x?q=a%7Cb"),
        ("/x", parameter(LIST, style="spaceDelimited"), 'q: ["a", "b"]', "/x?q=a%20b"),
        ("/x", parameter({"type": "object", "properties": {"a": TEXT, "b": WHOLE}}), 'q: {a: "1", b: 2}', "/x?a=1&b=2"),
        ("/x", parameter(CAT, style="deepObject"), "q: {lives: 9}", "/x?q%5Blives%5D=9"),
        ("/x", parameter({"type": "boolean"}), "q: true", "/x?q=true"),
        ("/x", parameter({"type": "integer", "format": "int64"}), 'q: "9007199254740993"', "/x?q=9007199254740993"),
        ("/x", parameter({"enum": ["a b", "-c"]}), "q: C", "/x?q=-c"),
        ("/x", parameter({"type": "string", "format": "date"}), 'q: "2026-01-31"', "/x?q=2026-01-31"),
        ("/x", parameter(TEXT, name="page[size]"), 'pageSize: "1"', "/x?page%5Bsize%5D=1"),
        ("/x", parameter({"type": ["string", "null"]}), "q: null", "/x"),
        (
            "/x",
            parameter({"type": "object", "properties": {"a": CAT, "b": WHOLE}}, style="deepObject"),
            'q: {a: {lives: 9, name: "x"}, b: 1}',
            "/x?q%5Ba%5D%5Blives%5D=9&q%5Ba%5D%5Bname%5D=x&q%5Bb%5D=1",
        ),
        ("/x", parameter({"anyOf": [TEXT, LIST]}), 'q: "a"', "/x?q=a"),
        ("/x", parameter({"anyOf": [LIST, TEXT]}), 'q: ["a", "b"]', "/x?q=a&q=b"),
        ("/caf\u00e9 1/{q}", parameter(TEXT, "path"), 'q: "a"', "/caf%C3%A9%201/a"),
    ],
    ids=str,
)
async def test_a_parameter_reaches_the_url_as_its_style_says(
    path: str, given: Any, arguments: str, target: str, tmp_path: Path
) -> None:
    written = document(path, "get", {"parameters": [given]})
    bench, found, _ = await asked(tmp_path, written, f"{{ it({arguments}) }}")
    assert (bench.urls, found) == ([target], {"data": {"it": "fine"}})


def swagger(collection: str) -> dict[str, Any]:
    given = {"name": "q", "in": "query", "type": "array", "items": TEXT, "collectionFormat": collection}
    operation = {
        "operationId": "it",
        "parameters": [given],
        "responses": {"200": {"description": "ok", "schema": TEXT}},
    }
    return {"swagger": "2.0", "info": {"title": "Things", "version": "1"}, "paths": {"/x": {"get": operation}}}


@pytest.mark.parametrize(
    ("collection", "target"),
    [("csv", "q=a,b"), ("ssv", "q=a%20b"), ("tsv", "q=a%09b"), ("pipes", "q=a%7Cb"), ("multi", "q=a&q=b")],
)
async def test_a_list_of_swagger_reaches_the_url_as_its_collection_format_says(
    collection: str, target: str, tmp_path: Path
) -> None:
    bench, _, _ = await asked(tmp_path, swagger(collection), '{ it(q: ["a", "b"]) }')
    assert bench.urls == [f"/x?{target}"]


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize(
    ("collection", "sent"),
    [("csv", ["a,b"]), (None, ["a,b"]), ("ssv", ["a b"]), ("pipes", ["a|b"]), ("multi", ["a", "b"])],
)
async def test_a_list_in_a_form_of_swagger_is_sent_as_its_collection_format_says(
    collection: str | None, sent: list[str], media: str, tmp_path: Path
) -> None:
    said = {"collectionFormat": collection} if collection else {}
    given = {"name": "q", "in": "formData", "type": "array", "items": TEXT, **said}
    written = swagger("csv")
    operation = {**written["paths"]["/x"].pop("get"), "parameters": [given], "consumes": [media]}
    written["paths"]["/x"]["post"] = operation
    bench, _, _ = await asked(tmp_path, written, 'mutation { it(input: {q: ["a", "b"]}) }')
    body = bench.services["things"].calls[0].content.decode()
    if media.startswith("multipart/"):
        assert [part.split("\r\n\r\n")[1] for part in body.split("\r\n--")[:-1]] == sent
    else:
        assert parse_qs(body) == {"q": sent}
    if sent == ["a,b"]:
        bench, found, _ = await asked(tmp_path, written, 'mutation { it(input: {q: ["a,b", "c"]}) }')
        assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_headers_and_cookies_are_sent_as_such(tmp_path: Path) -> None:
    given = [parameter(TEXT, "header", "X-Trace"), parameter(WHOLE, "cookie", "session")]
    bench, _, _ = await asked(tmp_path, document("/x", "get", {"parameters": given}), '{ it(xTrace: "t", session: 7) }')
    (call,) = bench.services["things"].calls
    assert (call.headers["x-trace"], call.headers["cookie"]) == ("t", "session=7")


async def test_a_list_in_a_header_is_its_values_with_commas_and_none_has_one_itself(tmp_path: Path) -> None:
    written = document("/x", "get", {"parameters": [parameter(LIST, "header", "X-Tags")]})
    bench, _, report = await asked(tmp_path, written, '{ it(xTags: ["a", "b"]) }')
    assert bench.services["things"].calls[0].headers["x-tags"] == "a,b"
    assert "parameter-as-text" not in codes(report)
    bench, found, _ = await asked(tmp_path, written, '{ it(xTags: ["a,b"]) }')
    assert (bench.urls, found["errors"][0]["extensions"]["code"]) == ([], "BAD_USER_INPUT")


async def test_a_list_in_a_cookie_is_text_and_said(tmp_path: Path) -> None:
    written = document("/x", "get", {"parameters": [parameter(LIST, "cookie", "ids")]})
    bench, _, report = await asked(tmp_path, written, '{ it(ids: "a.b") }')
    assert bench.services["things"].calls[0].headers["cookie"] == "ids=a.b"
    assert "parameter-as-text" in codes(report)


async def test_a_member_that_a_url_cannot_carry_is_no_member_of_the_argument(tmp_path: Path) -> None:
    given = parameter({"type": "object", "properties": {"a": TEXT, "b": CAT}})
    query = '{ __type(name: "ItQInput") { inputFields { name } } it(q: {a: "1"}) }'
    bench, found, report = await asked(tmp_path, document("/x", "get", {"parameters": [given]}), query)
    assert (found["data"]["__type"]["inputFields"], bench.urls) == ([{"name": "a"}], ["/x?a=1"])
    assert "parameter-member" in codes(report)


@pytest.mark.parametrize(
    ("given", "noted"),
    [
        (parameter({"type": "object", "properties": {"a": LIST}}, explode=False), "parameter-left-out"),
        (parameter({"type": "object", "properties": {"a": TEXT, "b": LIST}}, explode=False), "parameter-member"),
        (
            parameter({"type": "object", "properties": {"a": TEXT}}, style="pipeDelimited", explode=True),
            "parameter-left-out",
        ),
        (parameter({"type": "object", "properties": {"a": CAT}}), "parameter-member"),
        (parameter({"type": "object", "additionalProperties": TEXT}), "parameter-as-text"),
        (parameter({"type": "array", "items": CAT}), "parameter-as-text"),
        (parameter({"oneOf": [TEXT, WHOLE]}), "parameter-as-text"),
        (parameter(TEXT, allowReserved=True), "allow-reserved"),
        ({"name": "q", "in": "query", "content": {"application/xml": {"schema": CAT}}}, "encoded-parameter"),
    ],
    ids=str,
)
async def test_what_a_url_cannot_carry_is_left_out_or_is_text_and_said(given: Any, noted: str, tmp_path: Path) -> None:
    _, found, report = await asked(tmp_path, document("/x", "get", {"parameters": [given]}), "{ it }")
    assert noted in codes(report)
    assert found == {"data": {"it": "fine"}}


async def test_two_objects_with_one_member_send_it_once(tmp_path: Path) -> None:
    given = [parameter(CAT, name="a"), parameter(DOG, name="b")]
    written = document("/x", "get", {"parameters": given})
    bench, _, report = await asked(tmp_path, written, '{ it(a: {lives: 1, name: "x"}, b: {tricks: ["y"]}) }')
    assert bench.urls == ["/x?lives=1&name=x&tricks=y"]
    assert "parameter-member" in codes(report)


# Inputs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "written", "sent"),
    [
        ({"oneOf": [ref("Cat"), ref("Dog")]}, "{cat: {lives: 9}}", {"lives": 9}),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, '{dog: {tricks: ["sit"]}}', {"tricks": ["sit"]}),
        ({"oneOf": [TEXT, LIST, ref("Cat")]}, '{text: "a"}', "a"),
        ({"oneOf": [TEXT, LIST, ref("Cat")]}, '{list: ["a"]}', ["a"]),
        ({"type": ["string", "integer"]}, "{integer: 1}", 1),
        ({"type": "object", "properties": {"pet": {"anyOf": [ref("Cat"), WHOLE]}}}, "{pet: {integer: 1}}", {"pet": 1}),
        (
            {"type": "object", "properties": {"all": {"type": "array", "items": {"oneOf": [ref("Cat"), WHOLE]}}}},
            "{all: [{cat: {lives: 1}}, {integer: 2}]}",
            {"all": [{"lives": 1}, 2]},
        ),
        (
            {"oneOf": [{"type": "object", "additionalProperties": WHOLE}, WHOLE]},
            '{map: [{key: "a", value: 1}]}',
            {"a": 1},
        ),
        (
            {"type": "object", "properties": {"m": {"type": "object", "additionalProperties": {
                "type": "object", "additionalProperties": WHOLE}}}},
            '{m: [{key: "a", value: [{key: "b", value: 1}]}]}',
            {"m": {"a": {"b": 1}}},
        ),
    ],
    ids=str,
)  # fmt: skip
async def test_a_body_that_is_one_of_several_is_sent_as_the_one_that_is_given(
    schema: Any, written: str, sent: Any, tmp_path: Path
) -> None:
    made = document("/x", "post", {"requestBody": {"required": True, **json_of(schema)}})
    bench, found, report = await asked(tmp_path, made, f"mutation {{ it(input: {written}) }}")
    assert found == {"data": {"it": "fine"}}
    (call,) = bench.services["things"].calls
    assert body_of(call) == sent
    assert not [note for note in report.notes if note.level == "loss"]


async def test_a_body_that_is_a_map_is_given_as_entries_and_sent_as_an_object(tmp_path: Path) -> None:
    schema = {"type": "object", "additionalProperties": WHOLE}
    made = document("/x", "post", {"requestBody": {"required": True, **json_of(schema)}})
    bench, _, _ = await asked(tmp_path, made, 'mutation { it(input: [{key: "a", value: 1}]) }')
    assert body_of(bench.services["things"].calls[0]) == {"a": 1}


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ({name: {"style": "deepObject", "explode": True} for name in ("meta", "tags")},
         "name=n&meta%5Blives%5D=9&tags%5B0%5D=a"),
        ({}, "name=n&meta=%7B%22lives%22%3A9%7D&tags=a"),
    ],
    ids=["deepObject", "default"],
)  # fmt: skip
async def test_a_form_writes_what_is_nested_as_its_encoding_says(
    encoding: dict[str, Any], sent: str, tmp_path: Path
) -> None:
    schema = {"type": "object", "properties": {"name": TEXT, "meta": ref("Cat"), "tags": LIST}}
    media = {"application/x-www-form-urlencoded": {"schema": schema, "encoding": encoding}}
    made = document("/x", "post", {"requestBody": {"required": True, "content": media}})
    query = 'mutation { it(input: {name: "n", meta: {lives: 9}, tags: ["a"]}) }'
    bench, _, _ = await asked(tmp_path, made, query)
    assert bench.services["things"].calls[0].content.decode() == sent


async def test_of_one_of_several_exactly_one_is_given_in_variables_too(tmp_path: Path) -> None:
    made = document("/x", "post", {"requestBody": {"required": True, **json_of({"oneOf": [ref("Cat"), ref("Dog")]})}})
    query = "mutation ($pet: ItInput!) { it(input: $pet) }"
    bench, found, _ = await asked(tmp_path, made, query, pet={"cat": {"lives": 1}, "dog": {"tricks": []}})
    assert "errors" in found
    assert bench.urls == []
    bench, found, _ = await asked(tmp_path, made, query, pet={"cat": {"lives": 1}})
    assert body_of(bench.services["things"].calls[0]) == {"lives": 1}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("post", "/x", {"size": 3, "inner": {"deep": "d"}}),
        ("put", "/x/{id}", {"size": 3, "inner": {"deep": "d"}}),
        ("patch", "/x", {"inner": {}}),
        ("post", "/x/{id}", {"inner": {}}),
    ],
)
async def test_a_default_is_sent_but_where_what_is_left_out_is_to_stay_as_it_is(
    method: str, path: str, sent: Any, tmp_path: Path
) -> None:
    inner = {"type": "object", "properties": {"deep": {**TEXT, "default": "d"}}}
    schema = {"type": "object", "required": ["size"], "properties": {"size": {**WHOLE, "default": 3}, "inner": inner}}
    written = document(path, method, {"requestBody": json_of(schema)})
    given = 'id: "1", ' if "{" in path else ""
    bench, _, report = await asked(tmp_path, written, f"mutation {{ it({given}input: {{inner: {{}}}}) }}")
    assert body_of(bench.services["things"].calls[0]) == sent
    assert ("patch-default" in codes(report)) == (sent == {"inner": {}})


async def test_an_input_that_must_hold_itself_for_ever_may_leave_itself_out(tmp_path: Path) -> None:
    made = document("/x", "post", {"requestBody": {"required": True, **json_of(ref("Egg"))}})
    hen = {"type": "object", "required": ["egg"], "properties": {"egg": ref("Egg")}}
    egg = {"type": "object", "required": ["hen", "size"], "properties": {"hen": ref("Hen"), "size": WHOLE}}
    made["components"]["schemas"] |= {"Hen": hen, "Egg": egg}
    bench, _, report = await asked(tmp_path, made, "mutation { it(input: {size: 1, hen: {}}) }")
    assert body_of(bench.services["things"].calls[0]) == {"size": 1, "hen": {}}
    assert "endless-input" in codes(report)


# Answers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "value", "asks", "gets"),
    [
        (WHOLE, 7, "... on ItInteger { value }", {"value": 7}),
        (LIST, ["a"], "... on ItList { value }", {"value": ["a"]}),
        ({"type": "array", "items": ref("Cat")}, [{"lives": 9}], "... on ItList { value { lives } }",
         {"value": [{"lives": 9}]}),
        ({"type": "object", "properties": {"items": {"type": "array", "items": ref("Cat")}}}, {"items": [{"lives": 9}]},
         "... on ItList { value { lives } }", {"value": [{"lives": 9}]}),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, {"lives": 9}, "... on Cat { lives }", {"lives": 9}),
        (ref("Cat"), {"lives": 9}, "... on Cat { lives }", {"lives": 9}),
        ({"oneOf": [ref("Cat"), LIST]}, ["a"], "... on ItAnswerList { value }", {"value": ["a"]}),
        ({}, {"a": 1}, "... on ItValue { value }", {"value": {"a": 1}}),
        ({}, [1], "... on ItValue { value }", {"value": [1]}),
        ({}, 7.5, "... on ItValue { value }", {"value": 7.5}),
        ({"type": "object"}, {"a": 1}, "... on ItValue { value }", {"value": {"a": 1}}),
        ({"type": "array", "items": {}}, [{"a": 1}], "... on ItList { value }", {"value": [{"a": 1}]}),
        ({"type": "object", "additionalProperties": WHOLE}, {"a": 1}, "... on ItMap { value { key value } }",
         {"value": [{"key": "a", "value": 1}]}),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 422])
async def test_what_a_mutation_brings_is_in_one_union_with_what_can_be_wrong(
    schema: Any, value: Any, asks: str, gets: Any, status: int, tmp_path: Path
) -> None:
    answers = {"200": {"description": "", **json_of(schema)}, "422": {"description": "", **json_of(ref("Wrong"))}}
    query = f"mutation {{ it {{ {asks} ... on Wrong {{ why }} }} }}"
    answer = reply(value) if status == 200 else reply({"why": "so"}, 422)
    _, found, _ = await asked(tmp_path, document("/x", "post", {"responses": answers}), query, answer)
    assert found == {"data": {"it": gets if status == 200 else {"why": "so"}}}


@pytest.mark.parametrize("status", [200, 422])
async def test_a_mutation_that_brings_text_has_typed_errors_too(status: int, tmp_path: Path) -> None:
    text = {"description": "", "content": {"text/plain": {"schema": TEXT}}}
    answers = {"200": text, "422": {"description": "", **json_of(ref("Wrong"))}}
    query = "mutation { it { ... on ItText { value } ... on Wrong { why } } }"
    fine = httpx.Response(200, content=b"hi", headers={"content-type": "text/plain"})
    answer = fine if status == 200 else reply({"why": "so"}, 422)
    _, found, _ = await asked(tmp_path, document("/x", "post", {"responses": answers}), query, answer)
    assert found == {"data": {"it": {"value": "hi"} if status == 200 else {"why": "so"}}}


@pytest.mark.parametrize(
    ("media", "content", "gets"),
    [
        ("text/plain", b"hi", "hi"),
        ("image/png", b"\x89P", "iVA="),
        ("image/*", b"\x89P", "iVA="),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/yaml", b"a: 1", "a: 1"),
        ("application/x-ndjson", b"1\n2", "1\n2"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK", "UEs="),
    ],
)
async def test_what_is_no_json_is_text_or_base64(media: str, content: bytes, gets: str, tmp_path: Path) -> None:
    written = document("/x", "get", {"responses": {"200": {"description": "", "content": {media: {}}}}})
    answer = httpx.Response(200, content=content, headers={"content-type": media})
    bench, found, _ = await asked(tmp_path, written, "{ it }", answer)
    assert found == {"data": {"it": gets}}
    assert bench.services["things"].calls[0].headers["accept"].startswith(media)


@pytest.mark.parametrize(
    ("schema", "asks", "gets"),
    [(ref("Cat"), "it { lives }", None), (TEXT, "it", None), ({}, "it", [{"lives": 1}])],
    ids=str,
)
async def test_a_list_where_one_is_declared_is_an_error_but_for_what_may_be_anything(
    schema: Any, asks: str, gets: Any, tmp_path: Path
) -> None:
    written = document("/x", "get", {"responses": {"200": {"description": "", **json_of(schema)}}})
    _, found, _ = await asked(tmp_path, written, f"{{ {asks} }}", reply([{"lives": 1}]))
    assert found["data"] == {"it": gets}
    assert [each["extensions"]["code"] for each in found.get("errors", [])] == ([] if gets else ["UPSTREAM_MALFORMED"])


@pytest.mark.parametrize(
    ("media", "accept"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/vnd.cats.v2+json; charset=utf-8", "application/vnd.cats.v2+json"),
        ("application/hal+json", "application/hal+json"),
    ],
)
async def test_a_kind_of_json_is_asked_for_as_the_document_has_it(media: str, accept: str, tmp_path: Path) -> None:
    answers = {"200": {"description": "", "content": {media: {"schema": ref("Cat")}}}}
    bench, found, _ = await asked(
        tmp_path, document("/x", "get", {"responses": answers}), "{ it { lives } }", reply({"lives": 9})
    )
    assert bench.services["things"].calls[0].headers["accept"] == accept
    assert found == {"data": {"it": {"lives": 9}}}


async def test_bytes_of_any_type_are_base64(tmp_path: Path) -> None:
    answers = {"200": {"description": "", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}
    answer = httpx.Response(200, content=b"\x89P", headers={"content-type": "image/png"})
    _, found, _ = await asked(tmp_path, document("/x", "get", {"responses": answers}), "{ it }", answer)
    assert found == {"data": {"it": "iVA="}}


@pytest.mark.parametrize("name", ["mro", "class", "self", "__init__", "_row", "datetime", "\u65e5\u672c", "a.b", "#"])
async def test_a_member_may_be_called_as_anything(name: str, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {name: TEXT, "other": TEXT}}
    answers = {"200": {"description": "", **json_of(schema)}}
    written = document("/x", "post", {"requestBody": json_of(schema), "responses": answers})
    given = field_name(name)
    query = f'mutation {{ it(input: {{{given}: "in", other: "x"}}) {{ {given} other }} }}'
    bench, found, _ = await asked(tmp_path, written, query, reply({name: "out", "other": "y"}))
    assert body_of(bench.services["things"].calls[0]) == {name: "in", "other": "x"}
    assert found == {"data": {"it": {given: "out", "other": "y"}}}
    bench, _, _ = await asked(tmp_path, written, 'mutation { it(input: {other: "x"}) { other } }', reply({}))
    assert body_of(bench.services["things"].calls[0]) == {"other": "x"}


async def test_another_success_is_data_of_its_own_type(tmp_path: Path) -> None:
    answers = {"200": {"description": "", **json_of(ref("Cat"))}, "202": {"description": "", **json_of(ref("Dog"))}}
    written = document("/x", "post", {"responses": answers})
    query = "mutation { it { ... on Cat { lives } ... on Dog { tricks } } }"
    _, found, _ = await asked(tmp_path, written, query, reply({"tricks": ["sit"]}, 202))
    assert found == {"data": {"it": {"tricks": ["sit"]}}}


async def test_what_is_wrong_and_no_object_is_an_error_and_said(tmp_path: Path) -> None:
    answers = {"200": {"description": "", **json_of(ref("Cat"))}, "422": {"description": "", **json_of(TEXT)}}
    written = document("/x", "post", {"responses": answers})
    _, found, report = await asked(tmp_path, written, "mutation { it { lives } }", reply("no", 422))
    assert found["errors"][0]["extensions"]["code"] == "UPSTREAM_STATUS"
    assert "plain-error" in codes(report)


PETS = {
    "Pet": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT, "name": TEXT},
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "Feline"}},
    },
    "Feline": {"allOf": [ref("Pet"), {"type": "object", "properties": {"lives": WHOLE}}]},
    "Fish": {"allOf": [ref("Pet"), {"type": "object", "properties": {"fins": WHOLE}}]},
}


@pytest.mark.parametrize(
    ("row", "gets"),
    [
        ({"kind": "cat", "lives": 9}, {"__typename": "Feline", "lives": 9}),
        ({"kind": "Fish", "fins": 2}, {"__typename": "Fish", "fins": 2}),
        ({"kind": "a new one", "name": "x"}, {"__typename": "Pet", "name": "x"}),
    ],
    ids=["mapped", "implicit", "unknown"],
)
async def test_an_object_that_others_extend_is_the_one_that_its_discriminator_says(
    row: Any, gets: Any, tmp_path: Path
) -> None:
    written = document("/x", "get", {"responses": {"200": {"description": "", **json_of(ref("Pet"))}}})
    written["components"]["schemas"] = PETS
    query = "{ it { __typename ... on Feline { lives } ... on Fish { fins } ... on Pet { name } } }"
    _, found, _ = await asked(tmp_path, written, query, reply(row))
    assert found == {"data": {"it": gets}}


async def test_an_object_that_others_extend_is_sent_as_the_one_that_is_given(tmp_path: Path) -> None:
    written = document("/x", "post", {"requestBody": {"required": True, **json_of(ref("Pet"))}})
    written["components"]["schemas"] = PETS
    bench, _, _ = await asked(tmp_path, written, 'mutation { it(input: {feline: {kind: "cat", lives: 9}}) }')
    assert body_of(bench.services["things"].calls[0]) == {"kind": "cat", "lives": 9}


async def test_a_post_that_is_a_batch_takes_its_keys_and_nothing_else(tmp_path: Path) -> None:
    many = {"type": "object", "required": ["ids"], "properties": {"ids": LIST}}
    row = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}
    answer = {"200": {"description": "", **json_of({"type": "array", "items": row})}}
    written = document("/x/batch", "post", {"requestBody": {"required": True, **json_of(many)}, "responses": answer})
    bench, found, _ = await asked(tmp_path, written, '{ it(ids: ["2", "1"]) { id } }', reply([{"id": "1"}]))
    assert body_of(bench.services["things"].calls[0]) == {"ids": ["2", "1"]}
    assert found == {"data": {"it": [None, {"id": "1"}]}}


async def test_a_body_that_nobody_here_writes_is_text_as_it_is_sent(tmp_path: Path) -> None:
    body = {"requestBody": {"content": {"application/xml": {"schema": ref("Cat")}}}}
    bench, _, report = await asked(tmp_path, document("/x", "post", body), 'mutation { it(input: "<cat/>") }')
    assert bench.services["things"].calls[0].content == b"<cat/>"
    assert "body-as-text" in codes(report)


async def test_the_body_of_a_get_is_not_sent_and_said(tmp_path: Path) -> None:
    _, found, report = await asked(tmp_path, document("/x", "get", {"requestBody": json_of(TEXT)}), "{ it }")
    assert found == {"data": {"it": "fine"}}
    assert "get-body" in codes(report)


@pytest.mark.parametrize("place", ["path", "operation"])
async def test_an_operation_at_another_server_is_left_out_and_said(place: str, tmp_path: Path) -> None:
    written = document("/x", "get", {})
    there: dict[str, Any] = {"get": {"responses": {"200": {"description": "", **json_of(TEXT)}}}}
    written["paths"]["/there"] = there
    (there if place == "path" else there["get"])["servers"] = [{"url": "https://uploads.example"}]
    _, found, report = await asked(tmp_path, written, "{ __schema { queryType { fields { name } } } }")
    assert [field["name"] for field in found["data"]["__schema"]["queryType"]["fields"]] == ["it"]
    assert any("https://uploads.example" in note.message for note in report.notes)


@pytest.mark.parametrize(
    "known", [[], [{"url": "//things.example"}], [{"url": "/v1"}, {"url": "http://things.example/"}]]
)
async def test_an_operation_that_names_the_services_own_server_is_called_there(known: Any, tmp_path: Path) -> None:
    written = document("/x", "get", {"servers": [{"url": "https://things.example"}]})
    written["servers"] = known
    _, found, _ = await asked(tmp_path, written, "{ it }")
    assert found == {"data": {"it": "fine"}}


@pytest.mark.parametrize(("status", "gets"), [(204, True), (404, None)])
async def test_a_get_that_answers_without_a_body_says_whether_it_is_so(status: int, gets: Any, tmp_path: Path) -> None:
    answers = {"204": {"description": "it is"}, "404": {"description": "it is not"}}
    written = document("/x", "get", {"responses": answers})
    _, found, _ = await asked(tmp_path, written, "{ it }", httpx.Response(status))
    assert found == {"data": {"it": gets}}


async def test_a_type_of_another_file_has_its_own_name_there_unless_somebody_has_it(tmp_path: Path) -> None:
    parts = {"Order": {"type": "object", "properties": {"buyer": {"$ref": "#/Cat"}}}, "Cat": DOG}
    write(tmp_path, parts, "parts/all.json")
    write(tmp_path, CAT, "parts/lone-cat.yaml")
    holder = {"order": {"$ref": "parts/all.json#/Order"}, "lone": {"$ref": "parts/lone-cat.yaml"}, "cat": ref("Cat")}
    answer = json_of({"type": "object", "properties": holder})
    written = document("/x", "get", {"responses": {"200": {"description": "", **answer}}})
    query = '{ a: __type(name: "ItAnswer") { ...types } b: __type(name: "Order") { ...types } } '
    _, found, _ = await asked(tmp_path, written, f"{query} fragment types on __Type {{ fields {{ type {{ name }} }} }}")
    names = [field["type"]["name"] for type_ in ("a", "b") for field in found["data"][type_]["fields"]]
    assert names == ["Order", "LoneCat", "Cat", "PartsAllJsonCat"]


async def test_pages_of_several_types_are_a_connection_too(tmp_path: Path) -> None:
    rows = {"type": "array", "items": {"oneOf": [ref("Cat"), ref("Dog")]}}
    answer = json_of({"type": "object", "properties": {"items": rows, "total": WHOLE}})
    given = [parameter(WHOLE, name="limit"), parameter(WHOLE, name="offset")]
    written = document("/x", "get", {"parameters": given, "responses": {"200": {"description": "", **answer}}})
    query = "{ it(first: 2) { totalCount edges { node { ... on Cat { lives } ... on Dog { tricks } } } } }"
    page = {"items": [{"lives": 9}, {"tricks": ["sit"]}], "total": 7}
    _, found, _ = await asked(tmp_path, written, query, reply(page))
    nodes = [edge["node"] for edge in found["data"]["it"]["edges"]]
    assert (nodes, found["data"]["it"]["totalCount"]) == ([{"lives": 9}, {"tricks": ["sit"]}], 7)


async def test_streams_callbacks_and_webhooks_are_said_to_be_left_out(tmp_path: Path) -> None:
    written = document("/x", "get", {})
    stream = {"200": {"description": "", "content": {"text/event-stream": {"schema": TEXT}}}}
    call = {"post": {"requestBody": json_of(TEXT), "responses": {"200": {"description": ""}}}}
    written["paths"]["/events"] = {"get": {"responses": stream}}
    written["paths"]["/x"]["get"]["callbacks"] = {"done": {"{$request.query.url}": call}}
    written["webhooks"] = {"new": call}
    _, found, report = await asked(tmp_path, written, "{ __schema { queryType { fields { name } } } }")
    assert [field["name"] for field in found["data"]["__schema"]["queryType"]["fields"]] == ["it"]
    said = {note.code for note in report.notes if note.message.endswith("docs/subscriptions.md")}
    assert said == {"operation-left-out", "callbacks", "webhooks"}


async def test_a_map_of_maps_is_entries_of_entries(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": WHOLE}}
    deep["maxProperties"] = deep["additionalProperties"]["maxProperties"] = 5
    holder = {"type": "object", "properties": {"m": deep, "other": TEXT}}
    written = document("/x", "get", {"responses": {"200": {"description": "", **json_of(holder)}}})
    query = "{ it { m { key value { key value } } } }"
    _, found, _ = await asked(tmp_path, written, query, reply({"m": {"a": {"b": 1}}}))
    assert found == {"data": {"it": {"m": [{"key": "a", "value": [{"key": "b", "value": 1}]}]}}}
