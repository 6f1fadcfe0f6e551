"""Where introspection, suggestions and explain are off, they are off by every way in, in error texts too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.http.conftest import Served, serving
from tests.http.test_negotiate import APOLLO
from tests.subscriptions.conftest import talk
from tests.subscriptions.world import make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLOSED = "limits: {max_operations: 5}\ngraphql: {introspection: false, explain: false, error_sources: false}"

Way = Callable[[Served, str], Awaitable[str]]


async def by_post(served: Served, query: str) -> str:
    return (await served.ask(query)).text


async def by_get(served: Served, query: str) -> str:
    return (await served.client.get("/graphql/", params={"query": query})).text


async def in_a_batch(served: Served, query: str) -> str:
    return (await served.post([{"query": query}, {"query": "{ total }"}])).text


async def as_events(served: Served, query: str) -> str:
    return (await served.ask(query, accept="text/event-stream")).text


async def in_parts(served: Served, query: str) -> str:
    return (await served.ask(query, accept=APOLLO)).text


async def for_a_plan(served: Served, query: str) -> str:
    return (await served.ask(query, bff_explain="plan")).text


async def over_a_socket(served: Served, query: str) -> str:
    async with talk(served, additional_headers={"bff-explain": "plan"}) as client:
        await client.subscribe(query)
        return json.dumps(await client.hear())


WAYS = [by_post, by_get, in_a_batch, as_events, in_parts, for_a_plan, over_a_socket]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    async with serving(CLOSED, make_schema()) as found:
        yield found


def named(text: str) -> bool:
    """Whether it holds a word of the schema that no query here does."""
    return any(word in text for word in ("User", "friends", "Did you mean", "ID!"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "query", ["{ usr(id: 1) { id } }", "{ user(id: 1) { nam } }", "{ user(id: 1) }", "{ user { id } }"]
)
async def test_a_mistake_is_told_without_a_name_of_the_schema(served: Served, way: Way, query: str) -> None:
    told = await way(served, query)
    assert '"errors"' in told or '"error"' in told
    assert not named(told)


@pytest.mark.parametrize("way", WAYS)
async def test_the_schema_is_not_told(served: Served, way: Way) -> None:
    told = await way(served, "{ __schema { types { name } } }")
    assert "GraphQL introspection has been disabled" in told or way is for_a_plan
    assert not named(told)


@pytest.mark.parametrize("way", WAYS)
async def test_no_plan_is_told(served: Served, way: Way) -> None:
    told = await way(served, "{ user(id: 1) { name } }")
    assert "queryPlan" not in told
    assert "GET /users" not in told
