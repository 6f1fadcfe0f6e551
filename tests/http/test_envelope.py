from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.envelope import Envelope, from_json, from_query_string
from bff.errors import BadRequest

QUERY = '"query": "{ x }"'


@pytest.mark.parametrize(
    ("body", "envelope"),
    [
        ('{"query": "{ x }"}', Envelope("{ x }")),
        ('{"query": "{ x }", "variables": null, "operationName": null, "extensions": null}', Envelope("{ x }")),
        ('{"query": "{ x }", "operationName": ""}', Envelope("{ x }")),
        ('{"query": "{ x }", "operationName": "null"}', Envelope("{ x }", "null")),
        ('{"query": "{ x }", "variables": {"a": [1, {"b": null}]}}', Envelope("{ x }", None, {"a": [1, {"b": None}]})),
        ('{"query": "{ x }", "extensions": {"clientLibrary": {"name": "n"}}, "id": 1, "unknown": {}}',
         Envelope("{ x }", extensions={"clientLibrary": {"name": "n"}})),
        ('{"query": "{ x }", "variables": {"__proto__": 1}}', Envelope("{ x }", None, {"__proto__": 1})),
        ('{"query": "{ x(a: \\"b:c\\") }", "variables": {"a:b": "::", "c": ":"}}',
         Envelope('{ x(a: "b:c") }', None, {"a:b": "::", "c": ":"})),
        ('{"query": "{ x }", "variables": {"a": "\\u003a\\u003A", "b": "\\\\u003a"}}',
         Envelope("{ x }", None, {"a": "::", "b": "\\u003a"})),
        ('{"query": "{ x }", "variables": {"a": "\\u0000"}}', Envelope("{ x }", None, {"a": "\0"})),
    ],
)  # fmt: skip
def test_a_body_is_read(body: str, envelope: Envelope) -> None:
    assert from_json(body.encode()) == envelope


@pytest.mark.parametrize(
    ("body", "message"),
    [
        *[(body, "not valid JSON") for body in (
            b"", b" ", b"{", b'{"query": "{ x', b"nonsense", b"{'query': '{ x }'}", b'{"query": "{ x }",}', b"{} {}",
            b'{"query": "{ x }", "variables": {"a": NaN}}', b'{"query": "{ x }", "variables": {"a": Infinity}}',
            b'{"query": "{ x }", "variables": {"a": 1e400}}', b'{"query": "{ x }", "variables": {"a": 01}}',
            b'{"query": "{ x }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
            b'{"query": "{ x }", "variables": {"a": "\\ud800"}}', b'{"query": "\xff"}', b'{"query": "\xed\xa0\x80"}',
            b"\xff\xfe", '{"query": "{ x }"}'.encode("utf-16"), b"\xef\xbb\xbf" + b'{"query": "{ x }"}',
            b"[" * 200_000, b'{"a":' * 200_000, b'{"query": "\n"}',
        )],
        *[(body, "must be a JSON object") for body in (b"null", b"5", b'""', b"true", b'"query"')],
        *[(body, "Batched operations") for body in (b"[]", b"[5]", b'[{"query": "{ x }"}]', b"[[]]")],
        (b"{}", "'query' is missing"),
        (b'{"query": null}', "'query' is missing"),
        (b'{"qeury": "{ x }"}', "'query' is missing"),
        *[(b'{"query": %s}' % value, "'query' must be a string") for value in (b"5", b"0", b"false", b"{}", b"[]")],
        *[(b'{"query": "%s"}' % value, "'query' is empty") for value in (b"", b" ", b"\\n\\t")],
        *[(f'{{{QUERY}, "{name}": {value}}}'.encode(), f"'{name}' must be an object or null")
          for name in ("variables", "extensions") for value in ('"{}"', "0", "false", "[]", '""')],
        *[(f'{{{QUERY}, "operationName": {value}}}'.encode(), "'operationName' must be a string")
          for value in ("0", "false", "{}", '["a"]')],
        *[(f'{{{QUERY}, "{name}": {json.dumps(dict.fromkeys(map(str, range(101)), 1))}}}'.encode(), "more than 100")
          for name in ("variables", "extensions")],
        (b'{"query": "{ x }", "variables": {"a": ' + b"[" * 64 + b"1" + b"]" * 64 + b"}}", "more than 64 levels"),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else "",
)  # fmt: skip
def test_what_is_not_a_request_is_refused_by_name(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        from_json(body)


@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{ x }", "query": "{ y }"}',
        '{"query": "{ x }", "variables": {}, "variables": {}}',
        '{"query": "{ x }", "unknown": 1, "unknown": 1}',
        '{"query": "{ x }", "variables": {"a": 1, "a": 1}}',
        '{"query": "{ x }", "variables": {"a": [{"b": {"c": 1, "c": {"d": 2}}}]}}',
        '{"query": "{ x }", "variables": {"\\u0061": 1, "a": 2}}',
        '{"query": "{ x }", "variables": {"a": 1, "a": ":::"}}',
        '{"query": "{ x }", "variables": {"a": 1, "a": 1, "b": "\\u003a"}}',  # as many colons as there should be
    ],
)
def test_an_object_that_names_a_member_twice_is_refused(body: str) -> None:
    with pytest.raises(BadRequest, match="two members of one name"):
        from_json(body.encode())


names = st.text(st.sampled_from('ab:"\\<'), max_size=2)
leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.text(st.sampled_from('a:"\\<{},'), max_size=4)
written = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3).map(list) | st.lists(st.tuples(names, inner), max_size=3).map(tuple),
    max_leaves=12,
)


def text_of(value: Any, escape: bool) -> str:
    """JSON in which an object is a tuple of pairs, so that it can have two members of one name."""
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{text_of(name, escape)}: {text_of(each, escape)}" for name, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text_of(each, escape) for each in value) + "]"
    text = json.dumps(value)
    return text.replace(":", "\\u003a").replace("<", "\\u003C") if escape else text


def repeats(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(dict(value)) < len(value) or any(repeats(each) for _, each in value)
    return isinstance(value, list) and any(map(repeats, value))


def one(body: bytes) -> Envelope:
    found = from_json(body)
    assert isinstance(found, Envelope)
    return found


@given(value=written, escape=st.booleans())
def test_members_are_found_to_repeat_whatever_else_the_text_holds(value: Any, escape: bool) -> None:
    body = f'{{{QUERY}, "variables": {{"v": {text_of(value, escape)}}}}}'.encode()
    if repeats(value):
        with pytest.raises(BadRequest, match="two members of one name"):
            from_json(body)
    else:
        assert one(body).variables == json.loads(body)["variables"]


def test_sixty_four_levels_are_read() -> None:
    body = b'{"query": "{ x }", "variables": {"a": ' + b"[" * 62 + b"1" + b"]" * 62 + b"}}"
    assert one(body).variables["a"]


@pytest.mark.parametrize(
    ("parameters", "envelope"),
    [
        ([("query", "{ x }")], Envelope("{ x }")),
        ([("query", "{ x }"), ("operationName", "")], Envelope("{ x }")),
        ([("query", "{ x }"), ("operationName", "null")], Envelope("{ x }", "null")),
        ([("query", "{ x }"), ("variables", "")], Envelope("{ x }")),
        ([("query", "{ x }"), ("variables", "null"), ("extensions", "{}")], Envelope("{ x }")),
        ([("query", "{ x }"), ("variables", '{"a": ":"}')], Envelope("{ x }", None, {"a": ":"})),
        ([("query", "{ x }"), ("utm_source", "mail")], Envelope("{ x }")),
    ],
)
def test_a_query_string_is_read(parameters: list[tuple[str, str]], envelope: Envelope) -> None:
    assert from_query_string(parameters) == envelope


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([], "'query' is missing"),
        ([("query", "")], "'query' is empty"),
        ([("query", "{ x }"), ("query", "{ y }")], "'query' is given more than once"),
        ([("query", "{ x }"), ("variables", "{"), ("variables", "{}")], "'variables' is given more than once"),
        ([("query", "{ x }"), ("variables", "{")], "'variables' is not valid JSON"),
        ([("query", "{ x }"), ("variables", "[]")], "'variables' must be an object"),
        ([("query", "{ x }"), ("variables", '"{}"')], "'variables' must be an object"),
        ([("query", "{ x }"), ("variables", '{"a": 1, "a": 1}')], "two members of one name"),
        ([("query", "{ x }"), ("extensions", "nonsense")], "'extensions' is not valid JSON"),
        ([("query", "{ x }"), ("extensions", "0")], "'extensions' must be an object"),
    ],
)
def test_a_query_string_that_is_not_a_request_is_refused(parameters: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        from_query_string(parameters)
