"""Sharing and caching, as they stand in the file."""

from __future__ import annotations

import pytest

from bff.config import parse
from bff.errors import StartRefused
from tests.kit import opened
from tests.world import SERVICES, make_schema


def upstream(policies: str):
    return parse(f'upstreams: {{a: {{url: "http://a"{policies}}}}}', {}).upstreams["a"]


def test_equal_reads_are_shared_and_nothing_is_kept_unless_told() -> None:
    assert upstream("").coalesce is True
    assert upstream("").cache is None
    assert upstream(", coalesce: false").coalesce is False


def test_an_empty_cache_section_keeps_with_the_defaults() -> None:
    kept = upstream(", cache: {}").cache
    assert kept is not None
    assert (kept.size, kept.heuristic) == (64 * 2**20, 0.0)
    own = upstream(", cache: {size: 1MiB, heuristic: 5m}").cache
    assert own is not None
    assert (own.size, own.heuristic) == (2**20, 300.0)


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        (", cache: ", "must be a mapping of settings"),
        (", cache: {size: 0B}", "must be more than nothing"),
        (", cache: {ttl: 5s}", "ttl"),
        (", coalesce: 1", "must be true or false"),
    ],
)
def test_what_is_wrong_is_told(policies: str, told: str) -> None:
    with pytest.raises(StartRefused) as refused:
        upstream(policies)
    assert any(told in str(problem) for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("policies", "layers"),
    [
        ("", "observe → writes → coalesce → bounds"),
        (", cache: {size: 1MiB}", "observe → writes → cache 1048576 bytes → coalesce → bounds"),
        (", coalesce: false, cache: {size: 1MiB}", "observe → writes → cache 1048576 bytes → bounds"),
        (", coalesce: false", "observe → writes → bounds"),
    ],
)
async def test_the_stack_is_as_the_file_says(policies: str, layers: str) -> None:
    async with opened(make_schema(), SERVICES, policies=policies) as bench:
        assert repr(bench.gateway.upstreams["users"].sender).startswith(layers)
