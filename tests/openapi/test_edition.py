"""What OpenAPI 3.2 changes, and forms whose members each have a style of their own, on the wire."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.openapi.kit import codes, reading
from tests.openapi.live import live
from tests.openapi.test_calls import CAT, LIST, TEXT, WHOLE, document, json_of, parameter, ref

FORM = "application/x-www-form-urlencoded"


def newest(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    return document(path, method, operation) | {"openapi": "3.2.0"}


async def test_a_query_string_that_is_a_form_is_an_input(tmp_path: Path) -> None:
    whole = {"name": "filter", "in": "querystring", "content": {FORM: {"schema": CAT}}}
    async with live(tmp_path, newest("/x", "get", {"parameters": [whole]})) as project:
        assert await project.ask('{ it(filter: {lives: 9, name: "a&b"}) }') == {"data": {"it": "fine"}}
        assert project.targets == ["/x?lives=9&name=a%26b"]


def test_any_other_query_string_is_left_out_and_said(tmp_path: Path) -> None:
    whole = {"name": "q", "in": "querystring", **json_of(CAT)}
    made, report = reading(tmp_path, newest("/x", "get", {"parameters": [whole]}))
    assert made.operations[0].parameters == ()
    assert "parameter-left-out" in codes(report)


@pytest.mark.parametrize(("version", "target"), [("3.2.0", "/x/a:b@c%2Fd"), ("3.1.1", "/x/a%3Ab%40c%2Fd")])
async def test_reserved_characters_of_a_path_are_of_the_newest_edition(
    version: str, target: str, tmp_path: Path
) -> None:
    written = document("/x/{q}", "get", {"parameters": [parameter(TEXT, "path", allowReserved=True)]})
    async with live(tmp_path, written | {"openapi": version}) as project:
        await project.ask('{ it(q: "a:b@c/d") }')
        assert project.targets == [target]


async def test_the_style_cookie_sends_a_value_as_it_is(tmp_path: Path) -> None:
    written = newest("/x", "get", {"parameters": [parameter(TEXT, "cookie", "theme", style="cookie")]})
    async with live(tmp_path, written) as project:
        await project.ask('{ it(theme: "a%20b") }')
        assert project.service.received[0].values("cookie") == ["theme=a%20b"]
        assert "style" not in project.levels


def test_methods_that_no_call_here_has_are_said(tmp_path: Path) -> None:
    written = newest("/x", "get", {})
    written["paths"]["/x"] |= {"query": {"responses": {}}, "additionalOperations": {"COPY": {"responses": {}}}}
    made, report = reading(tmp_path, written)
    assert [each.key for each in made.operations] == ["GET /x"]
    assert codes(report).count("unknown-method") == 2


@pytest.mark.parametrize(("said", "name"), [({"kind": "Cat"}, "Cat"), ({"kind": "bird"}, "Dog"), ({}, "Dog")], ids=str)
async def test_what_a_discriminator_does_not_tell_is_its_default(said: Any, name: str, tmp_path: Path) -> None:
    pets = {
        "oneOf": [ref("Cat"), ref("Dog")],
        "discriminator": {"propertyName": "kind", "defaultMapping": "#/components/schemas/Dog"},
    }
    written = newest("/x", "get", {"responses": {"200": {"description": "", **json_of(pets)}}})
    async with live(tmp_path, written, {"lives": 9, "tricks": [], **said}) as project:
        assert await project.ask("{ it { __typename } }") == {"data": {"it": {"__typename": name}}}


# Lists in paths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("style", "target"), [("label", "/x/.a,b%2Cc"), ("matrix", "/x/;a-b=a,b%2Cc")])
async def test_a_list_in_a_path_is_one_value_where_it_does_not_explode(style: str, target: str, tmp_path: Path) -> None:
    written = document("/x/{a-b}", "get", {"parameters": [parameter(LIST, "path", "a-b", style=style)]})
    async with live(tmp_path, written) as project:
        assert await project.ask('{ it(aB: ["a", "b,c"]) }') == {"data": {"it": "fine"}}
        assert project.targets == [target]


RGB = {"type": "object", "properties": {"R": WHOLE, "is-on": {"type": "boolean"}, "name": TEXT}}


@pytest.mark.parametrize(
    ("path", "given", "sent"),
    [
        ("/x", parameter(RGB, explode=False), "/x?q=R,100,is-on,true,name,a%2Cb"),
        ("/x", parameter(RGB, explode=False, allowReserved=True), "/x?q=R,100,is-on,true,name,a%2Cb"),
        ("/x", parameter(RGB, style="spaceDelimited"), "/x?q=R%20100%20is-on%20true%20name%20a%2Cb"),
        ("/x", parameter(RGB, style="pipeDelimited"), "/x?q=R%7C100%7Cis-on%7Ctrue%7Cname%7Ca%2Cb"),
        ("/x/{q}", parameter(RGB, "path"), "/x/R,100,is-on,true,name,a%2Cb"),
        ("/x/{q}", parameter(RGB, "path", style="label"), "/x/.R,100,is-on,true,name,a%2Cb"),
        ("/x/{q}", parameter(RGB, "path", style="matrix"), "/x/;q=R,100,is-on,true,name,a%2Cb"),
    ],
    ids=str,
)
async def test_an_object_that_does_not_explode_is_its_names_and_values(
    path: str, given: Any, sent: str, tmp_path: Path
) -> None:
    async with live(tmp_path, document(path, "get", {"parameters": [given]})) as project:
        found = await project.ask('{ it(q: {r: 100, isOn: true, name: "a,b"}) }')
        assert found == {"data": {"it": "fine"}}
        assert project.targets == [sent]
        assert not {"parameter-as-text", "parameter-left-out"} & project.levels.keys()


async def test_such_an_object_in_a_header_has_no_commas_of_its_own(tmp_path: Path) -> None:
    written = document("/x", "get", {"parameters": [parameter(RGB, "header", "X-Color")]})
    async with live(tmp_path, written) as project:
        await project.ask('{ it(xColor: {r: 100, name: "red"}) }')
        assert project.service.received[0].values("x-color") == ["R,100,name,red"]
        found = await project.ask('{ it(xColor: {name: "a,b"}) }')
        assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# Forms ---------------------------------------------------------------------------------------------------------------

BOTH = {
    "type": "object",
    "properties": {"cat": CAT, "dog": {"type": "object", "properties": {"n": WHOLE}}, "tags": LIST},
}
SENT = 'mutation { it(input: {cat: {lives: 9, name: "a&b"}, dog: {n: 1}, tags: ["x", "y"]}) }'


def form(encoding: Any) -> dict[str, Any]:
    return document("/x", "post", {"requestBody": {"content": {FORM: {"schema": BOTH, "encoding": encoding}}}})


@pytest.mark.parametrize(
    ("encoding", "sent", "noted"),
    [
        ({"cat": {"style": "deepObject"}},
         [("dog", '{"n":1}'), ("tags", "x"), ("tags", "y"), ("cat[lives]", "9"), ("cat[name]", "a&b")], None),
        ({"cat": {"style": "deepObject"}, "tags": {"style": "pipeDelimited", "explode": False}},
         [("dog", '{"n":1}'), ("tags", "x|y"), ("cat[lives]", "9"), ("cat[name]", "a&b")], None),
        ({"cat": {"style": "form", "explode": True}},
         [("cat", '{"lives":9,"name":"a&b"}'), ("dog", '{"n":1}'), ("tags", "x"), ("tags", "y")], "loss"),
        ({"tags": {"contentType": "application/json"}},
         [("cat", '{"lives":9,"name":"a&b"}'), ("dog", '{"n":1}'), ("tags", "x"), ("tags", "y")], "guess"),
    ],
    ids=str,
)  # fmt: skip
async def test_each_member_of_a_form_has_its_own_style(
    encoding: Any, sent: Any, noted: str | None, tmp_path: Path
) -> None:
    async with live(tmp_path, form(encoding)) as project:
        assert await project.ask(SENT) == {"data": {"it": "fine"}}
        (call,) = project.service.received
        assert sorted(parse_qsl(call.body.decode())) == sorted(sent)
        assert project.levels.get("form-member") == noted
