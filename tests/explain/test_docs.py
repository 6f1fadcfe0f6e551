"""docs/explain.md and docs/errors.md say what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from graphql import parse, validate

from bff.explain.doubts import Kind
from bff.explain.explanation import MOST_FETCHES, MOST_FIELDS
from bff.explain.shapes import MOST_CALLS
from schema import schema
from tests.explain.conftest import NESTED, explained

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "explain.md").read_text("utf-8")


def test_every_kind_of_warning_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE)) == set(get_args(Kind))


def test_the_page_says_how_much_is_told_at_most() -> None:
    assert re.findall(r"at most (\d+)", PAGE) == [str(MOST_FETCHES), str(MOST_FIELDS), str(MOST_CALLS)]


@pytest.mark.parametrize(("member", "heading"), [("plan", "plan"), ("trace", "trace")])
async def test_every_member_is_on_the_page(member: str, heading: str) -> None:
    section = PAGE.split(f"## extensions.{heading}\n")[1].split("\n## ")[0]
    async with explained() as gateway:
        told = (await gateway.ask(NESTED, "trace")).json()["extensions"][member]
    inner = {name for each in (*told.get("fetches", ()), *told.get("calls", ())) for name in each}
    assert {name for name in (*told, *inner) if f"`{name}`" not in section} == set()


def test_the_example_of_errors_as_data_fits_the_reference_graph() -> None:
    page = (DOCS / "errors.md").read_text("utf-8")
    [example] = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    assert validate(schema._schema, parse(example)) == []
    code = "".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    written = [path.read_text("utf-8") for folder in ("schema", "resolvers") for path in (ROOT / folder).glob("*.py")]
    shown = re.findall(r"^(?:create =|    mistakes:|    @connect|    def create_trip).*[^ .\n]", code, re.MULTILINE)
    assert len(shown) == 4
    for line in shown:
        assert any(line in text for text in written), line
