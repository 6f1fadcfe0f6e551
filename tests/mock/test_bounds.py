"""What documents say of values is what made-up values keep to: limits, lengths, patterns, formats, numbers of items."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.mock import Mock, mock_wires
from bff.mock.bounds import Bounds, bounded
from bff.mock.dice import Dice
from bff.mock.patterns import text_like
from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.sketch import sketches
from bff.openapi.source import source
from bff.plan.graph import read_graph
from bff.upstreams import Request
from tests.openapi.kit import reading, whole

PATTERNS = [
    *(r"^[A-Z]{3}$", r"^\d{4}-\d{2}$", r"[a-z0-9_-]{3,16}", r"^(cat|dog)s?$", r"^\+?[1-9]\d{1,14}$", r"a.c", r"^$"),
    *(r"^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$", r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", r"^v\d+(\.\d+){2}(-rc\d+)?$", r"[\w.-]+"),
    *(
        r"^arn:aws:[a-z]+:(?:[a-z0-9-]*):\d{12}:.*$",
        r"^([01]\d|2[0-3]):[0-5]\d$",
        r"^\/\w+(\/\w+)*$",
        "x{2,}y*?",
    ),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_is_made_that_a_pattern_fits(pattern: str) -> None:
    for seed in range(20):
        dice = Dice(seed)
        made = text_like(pattern, dice.number)
        assert made is not None, pattern
        assert re.search(pattern, made)


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)b", r"(a)\1", "(", "[a", "*", r"\p{L}", "a" * 999, "(?<x>a)", "[]", "(((x{99}){99}){99})", "a^b", "a$b"],
)
def test_of_what_is_not_understood_no_text_is_made(pattern: str) -> None:
    assert text_like(pattern, lambda _most, _at: 0) is None


@given(st.text(max_size=30), st.integers(min_value=0, max_value=1_000))
def test_any_pattern_comes_to_an_end(pattern: str, seed: int) -> None:
    made = text_like(pattern, lambda most, at: Dice(seed).number(most, at))
    assert made is None or len(made) <= 2_000


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**4), st.sampled_from([None, 5]), st.integers(-(10**9), 10**9))
def test_a_number_keeps_to_its_limits(low: int, span: int, step: int | None, drawn: int) -> None:
    bounds = Bounds(low=low, high=low + span + (step or 0), step=step)
    made = bounded(drawn, bounds, Dice(), "place")
    assert low <= made <= low + span + (step or 0)
    assert isinstance(made, int)
    assert not step or made % step == 0


@pytest.mark.parametrize(
    ("bounds", "fits"),
    [
        (Bounds(shortest=30), r".{30,}"),
        (Bounds(longest=4), r".{1,4}"),
        (Bounds(shortest=2, longest=2), r".{2}"),
        (Bounds(format="email"), r"[a-z0-9]+@example\.com"),
        (Bounds(format="ipv4"), r"192\.0\.2\.\d+"),
        (Bounds(pattern="^[A-Z]{2}$"), r"[A-Z]{2}"),
        (Bounds(pattern="(?=x)", longest=3), r".{1,3}"),
    ],
    ids=str,
)
def test_a_text_keeps_to_its_length_pattern_and_format(bounds: Bounds, fits: str) -> None:
    assert re.fullmatch(fits, bounded("green field", bounds, Dice(), "place"))


THING: dict[str, Any] = {
    "type": "object",
    "required": ["code", "size", "rate", "inner", "tags"],
    "properties": {
        "code": {"type": "string", "pattern": "^[A-Z]{3}[0-9]$"},
        "size": {"type": "integer", "minimum": 10, "maximum": 12},
        "rate": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "tags": {"type": "array", "minItems": 4, "maxItems": 5, "items": {"type": "string", "maxLength": 3}},
        "inner": {"type": "object", "required": ["at"], "properties": {"at": {"type": "integer", "multipleOf": 7}}},
    },
}


@pytest.mark.parametrize("many", [True, False], ids=["a list", "one"])
async def test_rows_keep_to_what_their_document_says(many: bool, tmp_path: Path) -> None:
    ref = {"$ref": "#/components/schemas/Thing"}
    written = whole({"type": "array", "items": ref} if many else ref, components={"Thing": THING})
    document, _ = reading(tmp_path, written)
    graph = read_graph(load(source({"things": str(tmp_path / "api.json")}, Report())))
    wires = mock_wires(graph, ["things"], Mock(sketches={"things": sketches(document)}))
    (connector,) = graph.connectors
    reply = await wires["things"].send(Request("GET", "/thing", 0.0, label=connector.label))
    assert isinstance(reply.body, bytes)
    found = json.loads(reply.body)
    for row in found if many else [found]:
        assert re.fullmatch("[A-Z]{3}[0-9]", row["code"])
        assert 10 <= row["size"] <= 12
        assert 0 < row["rate"] <= 1
        assert 4 <= len(row["tags"]) <= 5
        assert all(len(tag) <= 3 for tag in row["tags"])
        assert row["inner"]["at"] % 7 == 0
