"""What parameters, keys and cookies become on the wire: a document is imported, a service on a real socket is asked."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bff.connectors.body import json_text
from bff.connectors.template import Template
from tests.openapi.live import live
from tests.openapi.test_calls import CAT, LIST, TEXT, WHOLE, document, parameter, ref

SHAPE = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"enum": ["a-b", "c"]},
        "near": {"type": "array", "items": {"type": "number"}},
        "cat": ref("Cat"),
        "labels": {"type": "object", "additionalProperties": WHOLE},
        "official-name": TEXT,
    },
}


def content(schema: Any, where: str = "query", media: str = "application/json", **more: Any) -> dict[str, Any]:
    return {
        "name": "q",
        "in": where,
        "content": {media: {"schema": schema}},
        **({"required": True} if where == "path" else {}),
        **more,
    }


def asking(*parameters: Any, path: str = "/x", **more: Any) -> dict[str, Any]:
    return document(path, "get", {"parameters": [*parameters]}) | more


# Parameters that are JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "written", "sent"),
    [
        (SHAPE, '{kind: A_B, near: [1.5, 2], cat: {lives: 9}, labels: [{key: "x", value: 1}], officialName: "é&=#"}',
         {"kind": "a-b", "near": [1.5, 2.0], "cat": {"lives": 9}, "labels": {"x": 1}, "official-name": "é&=#"}),
        ({"type": "array", "items": ref("Cat")}, "[{lives: 1}, {lives: 2}]", [{"lives": 1}, {"lives": 2}]),
        ({"type": "object", "additionalProperties": WHOLE}, '[{key: "a b", value: 1}]', {"a b": 1}),
        ({"oneOf": [ref("Cat"), ref("Dog")]}, "{dog: {tricks: []}}", {"tricks": []}),
        (TEXT, '"a \\"b\\" \\u0000 \\u007f 😀"', 'a "b" \x00 \x7f 😀'),
        ({"type": "boolean"}, "false", False),
        ({}, "{any: [1, {b: null}]}", {"any": [1, {"b": None}]}),
    ],
    ids=str,
)  # fmt: skip
async def test_a_parameter_of_json_is_typed_and_sent_as_json(
    schema: Any, written: str, sent: Any, tmp_path: Path
) -> None:
    async with live(tmp_path, asking(content(schema))) as project:
        assert await project.ask(f"{{ it(q: {written}) }}") == {"data": {"it": "fine"}}
        (target,) = project.targets
        assert target.startswith("/x?q=")
        assert json.loads(unquote(target.removeprefix("/x?q="))) == sent
        assert parse_qsl(target.partition("?")[2]) == [("q", unquote(target.removeprefix("/x?q=")))]
        assert "encoded-parameter" not in project.levels


async def test_a_parameter_of_json_that_is_null_or_missing_is_not_sent(tmp_path: Path) -> None:
    async with live(tmp_path, asking(content(SHAPE))) as project:
        await project.ask("{ a: it it(q: null) }")
        assert set(project.targets) == {"/x"}


async def test_a_parameter_of_json_is_as_strict_as_any_input(tmp_path: Path) -> None:
    async with live(tmp_path, asking(content(SHAPE))) as project:
        found = await project.ask("query($q: ItQInput) { it(q: $q) }", q={"kind": "nobody"})
        assert "errors" in found
        assert project.targets == []


async def test_json_in_the_path_is_one_step_and_one_call(tmp_path: Path) -> None:
    async with live(tmp_path, asking(content(LIST, "path"), path="/x/{q}/y")) as project:
        assert await project.ask('{ it(q: ["a/b", "..", "c"]) }') == {"data": {"it": "fine"}}
        (target,) = project.targets
        assert json.loads(unquote(target.split("/")[2])) == ["a/b", "..", "c"]
        assert target.count("/") == 3


async def test_json_in_a_header_is_ascii(tmp_path: Path) -> None:
    async with live(tmp_path, asking({**content(ref("Cat"), "header"), "name": "X-Cat"})) as project:
        assert await project.ask('{ it(xCat: {lives: 9, name: "é\\r\\nx: y"}) }') == {"data": {"it": "fine"}}
        (value,) = project.service.received[0].values("x-cat")
        assert value.isascii()
        assert json.loads(value) == {"lives": 9, "name": "é\r\nx: y"}


async def test_text_that_is_said_to_be_plain_is_a_scalar(tmp_path: Path) -> None:
    async with live(tmp_path, asking(content({"type": "integer"}, media="text/plain"))) as project:
        await project.ask("{ it(q: 7) }")
        assert project.targets == ["/x?q=7"]


async def test_what_nobody_here_writes_is_text_and_said(tmp_path: Path) -> None:
    given = [content(CAT, media="application/xml"), {**content(CAT, "cookie"), "name": "c"}]
    async with live(tmp_path, asking(*given)) as project:
        await project.ask('{ it(q: "<cat/>", c: "x") }')
        assert project.targets == ["/x?q=%3Ccat%2F%3E"]
        assert project.levels["encoded-parameter"] == "loss"


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5))
def test_json_text_is_the_value_in_visible_ascii(value: Any) -> None:
    text = json_text(value)
    if text is None:
        assert value is None
    else:
        assert text.isascii()
        assert text.isprintable()
        assert json.loads(text) == value


# Reserved characters -------------------------------------------------------------------------------------------------

RESERVED = ":/?#[]@!$&'()*+,;="


@pytest.mark.parametrize(
    ("given", "argument", "target"),
    [
        (parameter(TEXT, allowReserved=True), '"a:b/c?d@e!$\'()*,"', "/x?q=a:b/c?d@e!$'()*,"),
        (parameter(TEXT, allowReserved=True), '"a&b=c#d+e;f[g] h%"', "/x?q=a%26b%3Dc%23d%2Be%3Bf%5Bg%5D%20h%25"),
        (parameter(TEXT, allowReserved=True), '"100%25 %2F"', "/x?q=100%25%20%2F"),
        (parameter(TEXT, allowReserved=True), '"%0a%00%7F%zz"', "/x?q=%250a%2500%257F%25zz"),
        (parameter(LIST, allowReserved=True), '["a/b", "c,d"]', "/x?q=a/b&q=c,d"),
        (parameter(LIST, allowReserved=True, explode=False), '["a/b", "c,d"]', "/x?q=a/b,c%2Cd"),
        (parameter(CAT, allowReserved=True), '{lives: 1, name: "a/b&c"}', "/x?lives=1&name=a/b%26c"),
        (parameter(TEXT), '"a/b"', "/x?q=a%2Fb"),
    ],
    ids=str,
)
async def test_reserved_characters_are_sent_as_they_are_where_they_lead_nowhere(
    given: Any, argument: str, target: str, tmp_path: Path
) -> None:
    async with live(tmp_path, asking(given)) as project:
        assert await project.ask(f"{{ it(q: {argument}) }}") == {"data": {"it": "fine"}}
        assert project.targets == [target]
        assert project.levels.get("allow-reserved") == ("info" if "allowReserved" in given else None)


@settings(deadline=None)
@given(st.text(st.sampled_from(f"{RESERVED}% 2F3aé") | st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_a_reserved_value_is_one_value_of_its_own_name(value: str) -> None:
    target = Template("/x{?a,q,b}", reserved=["q"]).expand({"a": 1, "q": value, "b": 2})
    assert target.isascii()
    assert not set("#[] ;") & set(target)
    (a, q, b) = target.removeprefix("/x?").split("&")
    assert (a, b) == ("a=1", "b=2")
    assert q.count("=") == 1
    assert "+" not in q


@pytest.mark.parametrize("value", ["a/b", "%2e%2e", "a?b", "a#b", "a;b", "a,b"])
def test_a_reserved_value_in_a_path_stays_one_step(value: str) -> None:
    (step,) = Template("/x/{q}", reserved=["q"]).expand({"q": value}).removeprefix("/x/").split("/")
    assert unquote(step) == value
    assert not set("?#;,") & set(step)


def test_reserved_speaks_of_variables() -> None:
    with pytest.raises(ValueError, match="speaks of 'nobody'"):
        Template("/x{?q}", reserved=["nobody"])


# Cookies -------------------------------------------------------------------------------------------------------------


def keyed(*schemes: tuple[str, str], where: str = "cookie", **more: Any) -> dict[str, Any]:
    made = asking(*more.pop("parameters", ()), **more)
    made["components"]["securitySchemes"] = {
        name: {"type": "apiKey", "in": where, "name": cookie} for name, cookie in schemes
    }
    return made | {"security": [{name: [] for name, _ in schemes}]}


async def test_a_key_in_a_cookie_comes_from_the_environment(tmp_path: Path) -> None:
    async with live(tmp_path, keyed(("session", "sid")), environ={"THINGS_KEY": "s3cret"}) as project:
        assert await project.ask("{ it }", {"cookie": "sid=mine; other=1"}) == {"data": {"it": "fine"}}
        assert project.service.received[0].values("cookie") == ["sid=s3cret"]
        assert "security" not in project.levels


async def test_keys_and_parameters_share_one_header_of_cookies(tmp_path: Path) -> None:
    written = keyed(("one", "a"), ("two", "b"), parameters=[parameter(TEXT, "cookie", "theme")])
    environ = {"THINGS_ONE": "1", "THINGS_TWO": "2"}
    async with live(tmp_path, written, environ=environ) as project:
        await project.ask('{ it(theme: "dark") }', {"cookie": "a=mine; theme=light"})
        (cookies,) = project.service.received[0].values("cookie")
        assert {name: each.value for name, each in SimpleCookie(cookies).items()} == {
            "a": "1",
            "b": "2",
            "theme": "dark",
        }


async def test_a_parameter_cannot_stand_in_for_a_key(tmp_path: Path) -> None:
    written = keyed(("one", "a"), parameters=[parameter(TEXT, "cookie", "a"), parameter(TEXT, "cookie", "b")])
    async with live(tmp_path, written, environ={"THINGS_KEY": "1"}) as project:
        assert "errors" in await project.ask('{ it(a: "mine") }')
        await project.ask('{ it(b: "2") }')
        assert project.service.received[0].values("cookie") == ["a=1; b=2"]


@pytest.mark.parametrize("value", ["1; a=2", 'a"b', "a,b", "a b", "a\\b", "é", "a\r\nb", "a\x7f"])
async def test_what_could_end_a_cookie_is_the_clients_mistake(value: str, tmp_path: Path) -> None:
    async with live(tmp_path, asking(parameter(TEXT, "cookie", "theme"))) as project:
        found = await project.ask("query($v: String) { it(theme: $v) }", v=value)
        assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert project.service.received == []
