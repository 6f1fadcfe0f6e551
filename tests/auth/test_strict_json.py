from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.auth.strict_json import parse_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"{}"',
        b"{",
        b"{}x",
        b"{} {}",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"\\u0062":2}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"a":' + b"[" * 17 + b"]" * 17 + b"}",
        b'{"a":"' + b"\\" * 10_001,
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":01}',
        b'{"a":"\n"}',
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_object(raw)


def test_brackets_inside_of_texts_are_no_depth() -> None:
    assert parse_object(b'{"a":"' + b"[" * 100 + b'\\"{"}') == {"a": "[" * 100 + '"{'}


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_every_object_that_is_written_is_read_back(value: dict[str, object]) -> None:
    assert parse_object(json.dumps(value).encode()) == value
