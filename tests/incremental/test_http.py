"""Answers in parts over real sockets: who gets them, in which shape, and in which order."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.http.conftest import Served, serving, until
from tests.http.wire import DEADLINE, Wire
from tests.incremental.reader import BARE, NEW, OLD, asked, asking

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = '{ user(id: 1) { name ... @defer(label: "slow") { posts { name } } } }'
POSTS = [{"name": "post 10"}, {"name": "post 11"}]
WHOLE = {"user": {"name": "user 1", "posts": POSTS}}


async def test_a_slow_service_does_not_hold_up_the_fast_one(served: Served) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    async with asking(served, QUERY) as parts:
        first = await parts.next()  # while the slow service holds its answer back
        assert first["data"] == {"user": {"name": "user 1"}}
        assert first["hasNext"] is True
        await posts.called(1)
        posts.gate.set()
        (last,) = await parts.all()
    assert last["incremental"] == [{"id": "0", "data": {"posts": POSTS}}]
    assert last["completed"] == [{"id": "0"}]


async def test_sibling_parts_do_not_wait_for_one_another(served: Served) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    query = """{ user(id: 1) {
        name
        ... @defer(label: "slow") { posts { name } }
        ... @defer(label: "fast") { friends { name } }
    } }"""
    async with asking(served, query) as parts:
        labels = {entry["id"]: entry["label"] for entry in (await parts.next())["pending"]}
        second = await parts.next()
        assert [labels[entry["id"]] for entry in second["completed"]] == ["fast"]
        posts.gate.set()
        (third,) = await parts.all()
    assert [labels[entry["id"]] for entry in third["completed"]] == ["slow"]


async def test_one_deferred_fragment_on_all_items_of_a_list_is_one_call(served: Served) -> None:
    query = "{ users(ids: [1, 2, 3, 4, 5]) { id ... @defer { posts { name } } } }"
    first, second = await asked(served, query)
    assert [entry["path"] for entry in first["pending"]] == [["users", at] for at in range(5)]
    assert len(second["incremental"]) == 5
    assert served.bench.services["posts"].urls == ["/posts/of?user=1&user=2&user=3&user=4&user=5"]


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "application/graphql-response+json, application/json",
        "*/*",
        "multipart/mixed;q=0, application/json",
        'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json',
        "text/event-stream, application/json",
    ],
)
async def test_who_asks_for_no_parts_gets_a_plain_answer(served: Served, accept: str) -> None:
    answer = await served.ask(QUERY, accept=accept)
    assert answer.headers["content-type"].endswith("json; charset=utf-8")
    assert answer.json() == {"data": WHOLE}


async def test_what_has_nothing_deferred_is_a_plain_answer_to_everybody(served: Served) -> None:
    for query in ("{ user(id: 1) { name } }", "{ user(id: 1) { name ... @defer(if: false) { id } } }"):
        answer = await served.ask(query, accept=NEW)
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["data"]["user"]["name"] == "user 1"


async def test_a_part_of_nothing_is_none(served: Served) -> None:
    """There is no such user, so nothing comes later."""
    answer = await served.ask("{ user(id: 999) { name ... @defer { posts { name } } } }", accept=NEW)
    assert answer.json() == {"data": {"user": None}}


async def test_a_variable_says_whether_a_part_is_deferred(served: Served) -> None:
    query = "query Q($later: Boolean!) { user(id: 1) { name ... @defer(if: $later) { posts { name } } } }"
    assert (await served.ask(query, {"later": False}, accept=NEW)).json() == {"data": WHOLE}
    assert len(await asked(served, query, later=True)) == 2


async def test_it_works_by_get(served: Served) -> None:
    answer = await served.client.get("/graphql", params={"query": QUERY}, headers={"accept": OLD})
    assert answer.headers["content-type"] == 'multipart/mixed;boundary="-";deferSpec=20220824'
    assert answer.text.endswith("\r\n-----\r\n")


@pytest.mark.parametrize("query", [QUERY, "{ user(id: 1) { name } }"])
async def test_head_is_told_what_get_is_and_nothing_of_the_answer(served: Served, query: str) -> None:
    """RFC 9110 8.6: a length would have to be that of the answer to GET, which in parts has none."""
    told = ("content-type", "content-length", "cache-control", "vary")
    asks: dict[str, Any] = {"url": "/graphql", "params": {"query": query}, "headers": {"accept": OLD}}
    whole = await served.client.request("GET", **asks)
    head = await served.client.request("HEAD", **asks)
    assert head.content == b""
    assert [head.headers.get(name) for name in told] == [whole.headers.get(name) for name in told]
    assert (await served.client.request("GET", **asks)).content == whole.content  # on the same connection
    await served.idle()
    running = served.bench.gateway.operations.running
    await until(lambda: not running)


async def test_nobody_may_keep_or_repack_parts(served: Served) -> None:
    async with asking(served, QUERY) as parts:
        headers = parts.response.headers
        await parts.all()
    assert headers["cache-control"] == "no-store, no-transform"
    assert headers["x-accel-buffering"] == "no"


SHARED = '{ user(id: 1) { friends { id } ... @defer(label: "F") { friends { name } name } } }'
FRIENDS = [{"id": "2"}, {"id": "3"}]


async def test_the_newer_shape_tells_nothing_twice(served: Served) -> None:
    first, second = await asked(served, SHARED, NEW)
    assert first == {
        "data": {"user": {"friends": FRIENDS}},
        "pending": [{"id": "0", "path": ["user"], "label": "F"}],
        "hasNext": True,
    }
    assert second == {
        "incremental": [
            {"id": "0", "subPath": ["friends", 0], "data": {"name": "user 2"}},
            {"id": "0", "subPath": ["friends", 1], "data": {"name": "user 3"}},
            {"id": "0", "data": {"name": "user 1"}},
        ],
        "completed": [{"id": "0"}],
        "hasNext": False,
    }


async def test_the_older_shape_tells_each_fragment_whole_at_its_own_path(served: Served) -> None:
    first, second = await asked(served, SHARED, OLD)
    assert first == {"data": {"user": {"friends": FRIENDS}}, "hasNext": True}
    data = {"name": "user 1", "friends": [{"name": "user 2"}, {"name": "user 3"}]}
    assert second == {"incremental": [{"path": ["user"], "label": "F", "data": data}], "hasNext": False}


async def test_who_does_not_say_which_shape_gets_the_newer_with_the_paths_of_the_older(served: Served) -> None:
    _, second = await asked(served, SHARED, BARE)
    assert second["incremental"][0] == {
        "id": "0",
        "subPath": ["friends", 0],
        "path": ["user", "friends", 0],
        "label": "F",
        "data": {"name": "user 2"},
    }


STREAM = '{ posts(limit: 5) @stream(initialCount: 2, label: "S") { name } }'


async def test_a_list_is_streamed_in_every_shape(served: Served) -> None:
    rest = [{"name": f"post {number}"} for number in (2, 3, 4)]
    first, second = await asked(served, STREAM, NEW)
    assert first["data"] == {"posts": [{"name": "post 0"}, {"name": "post 1"}]}
    assert first["pending"] == [{"id": "0", "path": ["posts"], "label": "S"}]
    assert second["incremental"] == [{"id": "0", "items": rest}]
    first, second = await asked(served, STREAM, OLD)
    assert second == {"incremental": [{"path": ["posts", 2], "label": "S", "items": rest}], "hasNext": False}
    first, second = await asked(served, STREAM, BARE)
    assert second["incremental"] == [{"id": "0", "path": ["posts", 2], "label": "S", "items": rest}]


@pytest.mark.parametrize("count", ["-1", "null"])
async def test_a_stream_cannot_begin_with_less_than_nothing(served: Served, count: str) -> None:
    answer = await served.ask(f"{{ posts @stream(initialCount: {count}) {{ name }} }}", accept=NEW)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    query = "query Q($n: Int) { posts @stream(initialCount: $n) { name } }"
    answer = await served.ask(query, {"n": json.loads(count)}, accept=NEW)
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert served.bench.urls == []


ENDS = '{ user(id: 1) { name ... @defer(label: "B") { posts { author { boom } } again: boom } } }'


async def test_an_error_in_a_part_is_told_with_it_and_masked(served: Served) -> None:
    _, second = await asked(served, ENDS, NEW)
    (piece,) = second["incremental"]
    assert piece["data"]["again"] is None
    assert [error["path"] for error in piece["errors"]] == [
        ["user", "posts", 0, "author", "boom"],
        ["user", "posts", 1, "author", "boom"],
        ["user", "again"],
    ]
    assert {error["extensions"]["code"] for error in piece["errors"]} == {"INTERNAL"}
    assert "hunter2" not in json.dumps(second)


async def test_without_the_setting_the_schema_does_not_have_the_directives() -> None:
    async with serving("graphql: {incremental: false}") as served:
        answer = await served.ask(QUERY, accept=NEW)
        assert answer.json()["errors"][0]["message"] == "Unknown directive '@defer'."


async def test_introspection_shows_the_directives_and_may_itself_be_deferred(served: Served) -> None:
    answer = await served.ask("{ __schema { directives { name } ... @defer { queryType { name } } } }")
    found = answer.json()["data"]["__schema"]
    assert {"defer", "stream"} <= {each["name"] for each in found["directives"]}
    assert found["queryType"] == {"name": "Query"}
    first, second = await asked(served, "{ ... @defer { __schema { ... @defer { queryType { name } } } } }")
    assert first["data"] == {}
    assert second["incremental"][0]["data"] == {"__schema": {"queryType": {"name": "Query"}}}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("mutation { ... @defer { createPost { __typename } } }", "root mutation type"),
        ("{ user(id: 1) @stream { name } }", "non-list field"),
        ('{ ... @defer(label: "x") { __typename } ... @defer(label: "x") { __typename } }', "unique"),
        ("query Q($l: String) { ... @defer(label: $l) { __typename } }", "static"),
    ],
)
async def test_the_rules_for_directives_hold_for_everybody(served: Served, query: str, message: str) -> None:
    for accept in ("application/json", NEW):
        errors = (await served.ask(query, accept=accept)).json()["errors"]
        assert any(message in error["message"] for error in errors)


async def test_a_mutation_defers_what_is_below_what_it_did(served: Served) -> None:
    query = """mutation { createPost(input: {name: "new", authorId: "1"}) {
        ... on Post { name ... @defer { author { name } } }
    } }"""
    first, second = await asked(served, query)
    assert first["data"] == {"createPost": {"name": "new"}}
    assert second["incremental"][0]["data"]["author"]["name"] == "user 1"


async def test_when_the_client_hangs_up_between_parts_everything_ends(served: Served) -> None:
    before = len(asyncio.all_tasks())
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    async with asking(served, QUERY) as parts:
        await parts.next()
        await posts.called(1)
    await until(lambda: posts.running == 0)
    await served.idle()
    await until(lambda: not served.bench.gateway.operations.running and len(asyncio.all_tasks()) <= before)
    assert [fact.code for fact in served.bench.listener.operations] == ["OPERATION_ABANDONED"]
    assert served.bench.listener.failures == []


async def test_a_hundred_clients_that_hang_up_between_parts_leave_nothing_behind(served: Served) -> None:
    before = len(asyncio.all_tasks())
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    wires = [await sent(served) for _ in range(100)]
    async with asyncio.timeout(DEADLINE):
        for wire in wires:
            await wire.reader.readuntil(b'"hasNext":true')
    for wire in wires:
        await wire.close()
    await served.idle()
    running = served.bench.gateway.operations.running
    await until(lambda: not running and posts.running == 0 and len(asyncio.all_tasks()) <= before)
    assert {fact.code for fact in served.bench.listener.operations} == {"OPERATION_ABANDONED"}


async def sent(served: Served) -> Wire:
    wire = await served.wire()
    body = json.dumps({"query": QUERY}).encode()
    head = ["content-type: application/json", f"accept: {NEW}", f"content-length: {len(body)}"]
    await wire.send("POST /graphql HTTP/1.1", *head, body=body)
    return wire


async def test_when_the_client_hangs_up_before_the_first_part_everything_ends(served: Served) -> None:
    users = served.bench.services["users"]
    users.gate = asyncio.Event()
    wire = await sent(served)
    await until(lambda: users.running > 0)
    await wire.close()
    await until(lambda: users.running == 0 and not served.bench.gateway.operations.running)
    assert [fact.code for fact in served.bench.listener.operations] == ["OPERATION_ABANDONED"]


async def test_an_answer_in_parts_is_one_operation_to_whoever_watches(served: Served) -> None:
    await asked(served, QUERY)
    (fact,) = served.bench.listener.operations
    assert (fact.kind, fact.status, fact.code, fact.upstream_calls) == ("query", 200, None, 2)
