"""Answers in parts over WebSockets and server-sent events: the same parts as over HTTP, and the same ends."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from tests.http.conftest import Served, serving, until
from tests.incremental.reader import BARE, NEW, OLD, asked
from tests.incremental.test_http import POSTS, QUERY, SHARED, STREAM
from tests.subscriptions.conftest import socket, streamed, talk

pytestmark = pytest.mark.asyncio(loop_scope="module")

SSE = "text/event-stream"
SHAPES: list[tuple[str, str, dict[str, Any]]] = [  # how a client says which it reads: over HTTP, SSE, a WebSocket
    (NEW, f"{SSE};incrementalSpec=v0.2", {"incrementalSpec": "v0.2"}),
    (OLD, f"{SSE};deferSpec=20220824", {"deferSpec": "20220824"}),
    (BARE, SSE, {}),
    (BARE, f"{SSE}, multipart/mixed", {"incrementalSpec": 7, "deferSpec": None}),
]
LOST = "{ user(id: 1) { name ... @defer { boom } } }"
NESTED = "{ users(ids: [1, 2]) { id ... @defer { friends { id ... @defer { name } } } } }"


@pytest.mark.parametrize(("accept", "events", "payload"), SHAPES, ids=["2023", "2022", "both", "neither"])
@pytest.mark.parametrize("query", [QUERY, SHARED, STREAM, NESTED], ids=["one", "shared", "list", "nested"])
async def test_the_parts_are_those_of_multipart_in_the_same_shape(
    served: Served, query: str, accept: str, events: str, payload: dict[str, Any]
) -> None:
    parts = await asked(served, query, accept)
    async with socket(served) as client:
        await client.init(**payload)
        await client.subscribe(query)
        assert await client.values() == parts
    async with streamed(served, query, accept=events) as stream:
        assert await stream.events() == parts


async def test_what_is_fast_comes_before_what_is_slow_over_a_socket(served: Served) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    async with talk(served) as client:
        await client.subscribe(QUERY)
        first = await client.hear()
        assert (first["type"], first["payload"]["data"]) == ("next", {"user": {"name": "user 1"}})
        await posts.called(1)
        await client.subscribe("{ user(id: 2) { name } }", "2")  # beside it
        assert await client.values("2") == [{"data": {"user": {"name": "user 2"}}}]
        posts.gate.set()
        (last,) = await client.values()
        assert last["incremental"][0]["data"] == {"posts": POSTS}


async def test_what_is_fast_comes_before_what_is_slow_in_a_stream_which_is_kept_alive_meanwhile() -> None:
    async with serving("subscriptions: {heartbeat: 50ms}") as served:
        posts = served.bench.services["posts"]
        posts.gate = asyncio.Event()
        async with streamed(served, QUERY) as stream:
            name, first = await stream.event()
            assert (name, first["data"]) == ("next", {"user": {"name": "user 1"}})
            await posts.called(1)
            assert [await stream.line() for _ in range(3)] == ["", ":", ""]
            posts.gate.set()
            (last,) = await stream.events()
            assert last["incremental"][0]["data"] == {"posts": POSTS}
        await served.forget()


async def test_a_stream_of_parts_is_kept_by_nobody_and_may_be_asked_for_by_get(served: Served) -> None:
    answer = await served.client.get(f"/graphql?query={quote(QUERY)}", headers={"accept": SSE})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.text.count("event: next") == 2
    assert answer.text.endswith("event: complete\ndata:\n\n")


@pytest.mark.parametrize("query", ["{ total }", "{ total ... @defer(if: false) { total } }"])
async def test_what_has_nothing_deferred_comes_whole(served: Served, query: str) -> None:
    async with talk(served) as client:
        await client.subscribe(query)
        assert await client.values() == [{"data": {"total": 3}}]
    async with streamed(served, query) as stream:
        assert await stream.events() == [{"data": {"total": 3}}]


async def test_a_client_that_takes_json_gets_json(served: Served) -> None:
    answer = await served.ask(QUERY, accept=f"application/json, {SSE}")
    assert answer.json() == {"data": {"user": {"name": "user 1", "posts": POSTS}}}


async def test_an_error_in_a_part_is_told_with_it_and_masked(served: Served) -> None:
    async with talk(served) as client:
        await client.subscribe(LOST)
        _, last = await client.values()
    (error,) = last["incremental"][0]["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["user", "boom"], "INTERNAL")


async def test_what_is_refused_before_it_runs_is_an_error_message(served: Served) -> None:
    async with talk(served) as client:
        await client.subscribe("{ user(id: 1) { ... @defer { nope } } }")
        assert (await client.hear())["type"] == "error"


async def test_a_mutation_defers_what_is_below_what_it_did(served: Served) -> None:
    query = """mutation { createPost(input: {name: "new", authorId: "1"}) {
        ... on Post { name ... @defer { author { name } } }
    } }"""
    async with talk(served) as client:
        await client.subscribe(query)
        first, second = await client.values()
    assert first["data"] == {"createPost": {"name": "new"}}
    assert second["incremental"][0]["data"]["author"]["name"] == "user 1"


@pytest.mark.parametrize("leaves", [True, False], ids=["hangs up", "completes"])
async def test_when_the_client_wants_no_more_everything_ends(served: Served, leaves: bool) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    async with talk(served) as client:
        await client.subscribe(QUERY)
        await client.hear()
        await posts.called(1)
        if not leaves:
            await client.say("complete", id="1")
            await until(lambda: posts.running == 0)
            await client.subscribe("{ user(id: 2) { name } }")
            assert await client.values() == [{"data": {"user": {"name": "user 2"}}}]
    await until(lambda: posts.running == 0 and not served.bench.gateway.operations.running)
    assert served.bench.listener.operations[0].code == "OPERATION_ABANDONED"
    assert served.bench.listener.failures == []


async def test_when_the_client_of_a_stream_hangs_up_everything_ends(served: Served) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    async with streamed(served, QUERY) as stream:
        await stream.event()
        await posts.called(1)
    await until(lambda: posts.running == 0 and not served.bench.gateway.operations.running)
    assert [fact.code for fact in served.bench.listener.operations] == ["OPERATION_ABANDONED"]


async def test_a_gateway_that_stops_sends_all_parts_first() -> None:
    async with serving() as served, talk(served) as client:
        posts = served.bench.services["posts"]
        posts.gate = asyncio.Event()
        await client.subscribe(QUERY)
        await client.hear()
        await posts.called(1)
        served.server.stop()
        await until(served.bench.gateway.subscriptions.stopping.is_set)
        posts.gate.set()
        (last,) = await client.values()
        assert last["hasNext"] is False
        assert (await client.closed())[0] == 1012


async def test_it_costs_what_it_costs_over_http_and_is_one_operation() -> None:
    budget = "auth: {anonymous: everybody}\ntiers: {everybody: {points_per_minute: 1, burst: 1000}}"
    async with serving(budget) as served:
        remaining = []
        for form in ("application/json", NEW, SSE):
            remaining.append(await left(served))
            await served.ask(QUERY, accept=form)
        remaining.append(await left(served))
        async with talk(served) as client:
            await client.subscribe(QUERY)
            await client.values()
        remaining.append(await left(served))
        spent = {before - after for before, after in pairwise(remaining)}
        assert len(spent) == 1
        assert sum(fact.kind == "query" for fact in served.bench.listener.operations) == 4 + 5


async def left(served: Served) -> int:
    """What remains of the budget."""
    answer = await served.ask("{ __typename }", bff_cost="1")
    found: int = json.loads(answer.content)["extensions"]["cost"]["remaining"]
    return found
