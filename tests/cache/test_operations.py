"""Whole operations of different callers at the same time: batched, shared, kept, and each with its own rows alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bff.auth import Caller
from bff.operation import EVERYBODY, OPEN
from tests.kit import Bench, Handler, opened
from tests.world import SERVICES, make_schema

# Header that is sent, and subject of the token: the services are told both.
CALLERS: dict[str, tuple[dict[str, str], Caller]] = {
    "ana": ({"authorization": "ana"}, EVERYBODY),
    "bob": ({"authorization": "bob"}, EVERYBODY),
    "ana by claim": ({}, Caller("one", OPEN, claims={"sub": "ana"})),
    "bob by claim": ({}, Caller("one", OPEN, claims={"sub": "bob"})),
    "both": ({"authorization": "ana"}, Caller("one", OPEN, claims={"sub": "bob"})),
    "nobody": ({"x-not-forwarded": "ana"}, EVERYBODY),
}
QUERIES = [
    "{ user(id: 1) { name friends { name } } }",
    "{ users(ids: [1, 2, 3]) { name posts { name author { name } } } }",
    "{ posts(limit: 3) { name author { name } authorAlone { name } } }",
    '{ search(q: "x") { name } a: user(id: 2) { name } b: user(id: 2) { name } }',
    "{ posts(limit: 2) { name authorName } }",
    "{ pages(first: 2) { edges { node { name } } } }",
    'mutation { createPost(input: {name: "x", authorId: 1}) { ... on Post { name author { name } } } }',
]


def identity(headers: dict[str, str], caller: Caller) -> str:
    return f"{headers.get('authorization', '')}/{caller.claims.get('sub', '')}"


def echoing(service: Handler, control: str) -> Handler:
    """The service, but every row is named by who it saw; kept by whoever believes its headers."""

    def answer(request: httpx.Request) -> httpx.Response:
        seen = f"{request.headers.get('authorization', '')}/{request.headers.get('x-user', '')}"
        if "if-none-match" in request.headers:
            return httpx.Response(304, headers={"etag": '"same"', "cache-control": control})
        found = service(request)
        body = json.loads(found.content, object_hook=lambda row: {**row, "name": seen} if "name" in row else row)
        return httpx.Response(found.status_code, json=body, headers={"etag": '"same"', "cache-control": control})

    return answer


def names(value: Any) -> Iterator[str]:
    """Every name in an answer's data."""
    if isinstance(value, list):
        for item in value:
            yield from names(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from [item] if key in {"name", "authorName"} else names(item)


async def asked(bench: Bench, who: str, query: str, *, turns: int, leaves: int | None) -> None:
    headers, caller = CALLERS[who]
    for _ in range(turns):
        await asyncio.sleep(0)
    asking = asyncio.ensure_future(bench.ask_as(caller, query, headers))
    if leaves is not None:
        for _ in range(leaves):
            await asyncio.sleep(0)
        asking.cancel()
    await asyncio.wait({asking})
    if asking.cancelled():
        return
    answer = asking.result()
    assert not answer.errors
    found = list(names(answer.data))
    assert found
    assert set(found) == {identity(headers, caller)}


asking = st.tuples(
    st.sampled_from(list(CALLERS)),
    st.sampled_from(QUERIES),
    st.integers(0, 40),
    st.one_of(st.none(), st.none(), st.integers(0, 30)),
)


async def play(schedule: list[tuple[str, str, int, int | None]], control: str, policies: str) -> None:
    services = {name: echoing(service, control) for name, service in SERVICES.items()}
    patience = "timeout: 60s, queue: {size: 1000, wait: 60s}"  # a busy machine is no reason to have no row
    policies = f", claims: {{x-user: sub}}, {patience}{policies}"
    async with opened(make_schema(), services, "limits: {timeout: 60s}", policies=policies) as bench:
        together = (asked(bench, who, query, turns=turns, leaves=leaves) for who, query, turns, leaves in schedule)
        await asyncio.gather(*together)


@pytest.mark.parametrize("policies", [", cache: {}", "", ", coalesce: false, cache: {size: 20KiB}"])
@pytest.mark.parametrize("control", ["public, max-age=60", "no-cache"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(schedule=st.lists(asking, max_size=12))
@example(schedule=[(who, query, turns, None) for who in CALLERS for query in QUERIES for turns in (0, 1, 60)])
def test_no_operation_has_a_row_that_was_made_for_another_caller(
    schedule: list[tuple[str, str, int, int | None]], control: str, policies: str
) -> None:
    asyncio.run(play(schedule, control, policies))


async def test_what_is_held_apart_was_batched_shared_joined_and_kept() -> None:
    """The property above would hold of a gateway that never shares: this one does, in such a schedule."""
    services = {name: echoing(service, "public, max-age=60") for name, service in SERVICES.items()}
    async with opened(make_schema(), services, policies=", claims: {x-user: sub}, cache: {}") as bench:
        reads = [query for query in QUERIES if not query.startswith("mutation")]
        schedule = [(who, query, turns) for who in CALLERS for query in reads for turns in (0, 1, 60)]
        await asyncio.gather(*(asked(bench, who, query, turns=turns, leaves=None) for who, query, turns in schedule))
        assert any(fact.shared for fact in bench.listener.operations)
        assert any(url.count("id=") > 1 for url in bench.urls)
        calls = [(request.url, tuple(request.headers.items())) for request in bench.services["users"].calls]
        assert len(calls) == len(set(calls))  # joined or kept: the same is never asked twice
