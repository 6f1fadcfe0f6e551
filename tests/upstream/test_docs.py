"""docs/upstreams.md says what the code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from bff import errors
from bff.upstreams import CacheSettings

from .calls import an_upstream

PAGE = (Path(__file__).parents[2] / "docs" / "upstreams.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_shows_the_layers_in_their_order() -> None:
    every = an_upstream("http://127.0.0.1", coalesce=True, cache=CacheSettings(size=1))
    layers = [layer.split(" ")[0] for layer in repr(every.sender).split(" → ")]
    assert f"```\n{' → '.join(layers)}\n```" in PAGE
    assert re.findall(r"^\| (\w+) \| ", PAGE, re.MULTILINE)[: len(layers) + 1] == ["layer", *layers]


def test_the_page_lists_every_fault_of_a_call() -> None:
    of_what_an_answer_says = {errors.UpstreamStatus.code, errors.UpstreamRefused.code}
    codes = {kind.code for kind in errors.UpstreamError.__subclasses__()} - of_what_an_answer_says
    assert set(re.findall(r"\| `(UPSTREAM_\w+)` \|", PAGE)) == codes


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_examples_are_python(snippet: str) -> None:
    ast.parse(snippet)


async def test_the_example_of_a_test_runs() -> None:
    names: dict[str, Any] = {}
    exec(SNIPPETS[-1], names)
    assert await names["main"]() == {"name": "Lisbon"}
