"""YAML, quickly: libyaml reads long documents, and what it reads is what ruamel.yaml reads, places and refusals too."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bff.openapi import yaml_events, yaml_text
from bff.openapi.wrong import Unreadable

LONG = "#" * yaml_events.LARGE + "\n"  # a comment that makes any text a long one

TEXTS = [
    "",
    "a: 1\nb: [x, 'no', no, yes, 012, 0o17, 1_000, 1e3, .5, ~, null, 2026-01-31, 12:30:45]",
    "a: &x {k: v}\nb: *x\nc: {<<: *x, d: 1}",
    "a: &x 1\nb: *x\n? plain\n: value\n",
    "a: |\n  two\n  lines\nb: >-\n  one\n  line\n",
    "a: \"\\u00e9\\n\\/\"\nb: 'it''s'\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: b: c",
    "a: 1\na: 2",
    "a: [1, 2",
    "a:\n\t- 1",
    "a: *nobody",
    "a: !!python/object:os.system x",
    "a: !!str 5\nb: ! 7",
    "--- 1\n--- 2\n",
    "[1]: 2",
    "a: <<\n<<: 1",
    "a: x\u2028y\nb: 'x\u0085 y'\n",
    "a: \x07",
    "url: http://x.example/a?b=c#d\nflow: {u: http://x, v: [a:b, 'c']}",
    "emoji: \U0001f600\nkey with spaces: -\n- no",
]


def outcome(text: str) -> Any:
    """What reading comes to: a value, or the words and the line of a refusal, without the comment's line."""
    try:
        return yaml_text.read(text)
    except Unreadable as refused:
        line, column = refused.spot or (0, 0)
        return refused.message, line - text.startswith(LONG), column


@pytest.mark.parametrize("text", TEXTS)
def test_a_long_text_says_what_it_says_when_it_is_short(text: str) -> None:
    assert outcome(LONG + text if not text.startswith("%") else text + LONG) == outcome(text)


def test_bombs_and_depths_are_refused_as_quickly() -> None:
    laughs = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    with pytest.raises(Unreadable, match="must not hold more than"):
        yaml_text.read(LONG + laughs)
    with pytest.raises(Unreadable, match="nested deeper"):
        yaml_text.read(LONG + "[" * 200 + "]" * 200)


def test_places_are_found_in_long_texts() -> None:
    assert yaml_text.spot_of(LONG + "a:\n  b: [1, 2]\n", ("a", "b", 1)) == (3, 10)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_whatever_is_written_is_read_the_same_by_both(value: Any) -> None:
    written = io.StringIO()
    YAML(typ="safe", pure=True).dump(value, written)
    text = written.getvalue()
    assert outcome(LONG + text) == outcome(text)
