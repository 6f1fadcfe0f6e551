"""graphql-transport-ws to the letter: every message, every code, and what nobody should send."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.http.conftest import Served, serving, until
from tests.subscriptions.conftest import SUBPROTOCOL, Talk, at_rest, socket, talk
from tests.subscriptions.world import OPEN, make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_queries_and_mutations_are_answered_once_and_complete(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("query ($id: ID!) { user(id: $id) { name } }", variables={"id": 1})
        assert await client.values() == [{"data": {"user": {"name": "user 1"}}}]
        await client.subscribe('mutation { createPost(input: {name: "new", authorId: 1}) { ... on Post { name } } }')
        assert await client.values() == [{"data": {"createPost": {"name": "new"}}}]
        await client.subscribe("{ user(id: 1) { name boom } }")
        (partial,) = await client.values()
        assert partial["data"] == {"user": {"name": "user 1", "boom": None}}
        assert partial["errors"][0]["extensions"]["code"] == "INTERNAL"


async def test_operations_run_beside_each_other(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("{ never }", "slow")
        await client.subscribe("subscription { silence }", "silent")
        await client.subscribe("{ total }", "quick")
        assert await client.values("quick") == [{"data": {"total": 3}}]


async def test_a_client_that_completes_ends_its_operation_and_may_use_the_id_again(gateway: Served) -> None:
    async with talk(gateway) as client:
        for query in ("subscription { silence }", "{ never }"):
            await client.subscribe(query)
            await client.say("complete", id="1")
            await at_rest(gateway)
        await client.say("complete", id="unknown")
        await client.subscribe("{ total }")
        assert await client.values() == [{"data": {"total": 3}}]


async def test_nothing_is_said_of_an_operation_that_the_client_completed(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { flood(size: 10) }")
        assert (await client.hear())["type"] == "next"
        await client.say("complete", id="1")
        await at_rest(gateway)
        await client.say("ping")
        while (message := await client.hear())["type"] == "next":
            pass
        assert message == {"type": "pong"}


async def test_pings_are_answered_before_and_after_the_acknowledgement_and_pongs_are_taken(gateway: Served) -> None:
    async with socket(gateway) as client:
        await client.say("ping", payload={"since": 1})
        assert await client.hear() == {"type": "pong", "payload": {"since": 1}}
        await client.init()
        await client.say("pong")
        await client.say("pong", payload={})
        await client.say("ping")
        assert await client.hear() == {"type": "pong"}


async def test_a_payload_may_be_null_or_missing(gateway: Served) -> None:
    for payload in ({}, {"payload": None}):
        async with socket(gateway) as client:
            await client.say("connection_init", **payload)
            assert await client.hear() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "null",
        "[]",
        '"connection_init"',
        "{}",
        '{"type": null}',
        '{"type": ["ping"]}',
        '{"type": "start", "id": "1", "payload": {"query": "{ total }"}}',  # of the protocol before this one
        '{"type": "connection_ack"}',
        '{"type": "next", "id": "1", "payload": {}}',
        '{"type": "connection_init", "payload": 5}',
        '{"type": "ping", "payload": []}',
        '{"type": "subscribe", "payload": {"query": "{ total }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ total }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ total }"}}',
        json.dumps({"type": "subscribe", "id": "x" * 1_000, "payload": {"query": "{ total }"}}),
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ total }"}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ total }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ total }", "extensions": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ total }", "query": "{ total }"}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": ' + '{"a":' * 100 + "1" + "}" * 101,
        b'{"type": "connection_init"}',
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_is_no_message_closes_the_connection(gateway: Served, message: str | bytes) -> None:
    async with talk(gateway) as client:
        await client.socket.send(message)
        code, reason = await client.closed()
    assert code == 4400
    assert reason


async def test_nothing_runs_before_the_acknowledgement(gateway: Served) -> None:
    async with socket(gateway) as client:
        await client.subscribe("{ total }")
        assert await client.closed() == (4401, "Unauthorized")
    assert not gateway.bench.urls


async def test_a_second_init_closes_the_connection(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.say("connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_an_id_that_is_taken_closes_the_connection_and_ends_what_had_it(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { silence }", "mine")
        await client.subscribe("{ total }", "mine")
        assert await client.closed() == (4409, "Subscriber for mine already exists")
    await at_rest(gateway)


async def test_an_init_that_does_not_come_in_time_closes_the_connection() -> None:
    async with serving("subscriptions: {init_timeout: 50ms}") as gateway, socket(gateway) as client:
        await client.say("ping")
        assert await client.closed() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["soap"]], ids=str)
async def test_no_other_subprotocol_is_spoken(gateway: Served, offered: Any) -> None:
    async with socket(gateway, subprotocols=offered) as client:
        assert await client.closed() == (4406, "Subprotocol not acceptable")


async def test_of_several_subprotocols_the_one_is_chosen(gateway: Served) -> None:
    async with socket(gateway, subprotocols=["graphql-ws", SUBPROTOCOL]) as client:
        assert client.socket.subprotocol == SUBPROTOCOL


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 101),
        ("http://127.0.0.1:{port}", 101),
        ("https://127.0.0.1:{port}", 101),  # a proxy in front may have taken TLS away
        ("https://app.example.com", 101),  # of cors.origins
        ("https://evil.example.com", 403),
        ("http://127.0.0.1:1", 403),
        ("http://127.0.0.1", 403),
        ("null", 403),
        ("http://[", 403),
        ("", 403),
    ],
)
async def test_pages_of_other_origins_may_not_connect(origin: str | None, status: int) -> None:
    async with serving("graphql: {cors: {origins: ['https://app.example.com']}}") as gateway:
        headers = {} if origin is None else {"origin": origin.format(port=gateway.port)}
        try:
            async with connect(
                f"ws://127.0.0.1:{gateway.port}/graphql/",
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                additional_headers=headers,
                proxy=None,
            ) as opened:
                await Talk(opened).init()
                found = 101
        except InvalidStatus as refused:
            found = refused.response.status_code
    assert found == status


@pytest.mark.parametrize("path", ["/", "/other", "/graphql/assets/x", "/healthz"])
async def test_there_is_no_websocket_at_any_other_path(gateway: Served, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{gateway.port}{path}", proxy=None):
            pass
    assert refused.value.response.status_code == 404


async def test_a_handshake_is_guarded_like_any_request(gateway: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(gateway, additional_headers=[(f"x-{n}", "1") for n in range(101)]):
            pass
    assert refused.value.response.status_code == 431


async def test_a_wish_that_opens_no_websocket_is_answered_as_if_it_had_not_been_uttered(gateway: Served) -> None:
    body = b'{"query": "{ total }"}'
    upgrade = ("connection: upgrade", "upgrade: websocket")
    sent = ("content-type: application/json", f"content-length: {len(body)}")
    wire = await gateway.wire()
    await wire.send("POST /graphql HTTP/1.1", *upgrade, "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", *sent, body=body)
    assert json.loads((await wire.answer()).body) == {"data": {"total": 3}}
    await wire.send("GET /graphql?query=%7B__typename%7D HTTP/1.1", *upgrade)
    assert (await wire.answer()).status == 200


async def test_a_handshake_may_be_worded_as_firefox_does(gateway: Served) -> None:
    wire = await gateway.wire()
    await wire.send(
        "GET /graphql HTTP/1.1",
        "connection: keep-alive, Upgrade",
        "upgrade: WebSocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        f"sec-websocket-protocol: {SUBPROTOCOL}",
        "sec-websocket-extensions: permessage-deflate",
    )
    answer = await wire.answer()
    assert (answer.status, answer.headers["sec-websocket-protocol"]) == (101, SUBPROTOCOL)
    assert "sec-websocket-extensions" not in answer.headers  # a compressor for each would hold more than all else


async def test_a_message_over_the_limit_closes_the_connection(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { flood(size: 10) }")
        assert (await client.hear())["type"] == "next"
        await client.socket.send("x" * (256 * 1024 + 1))
        code, _ = await client.closed()
    assert code == 1009
    await at_rest(gateway)
    assert not gateway.bench.listener.failures


def named_by_hash(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}


async def test_persisted_documents_are_named_over_a_socket_too(gateway: Served) -> None:
    text = "query Total { total }"
    named = named_by_hash(text)
    async with talk(gateway) as client:
        await client.say("subscribe", id="1", payload={"extensions": named})
        missed = await client.hear()
        assert missed["payload"][0]["message"] == "PersistedQueryNotFound"
        await client.say("subscribe", id="1", payload={"query": text, "extensions": named})
        assert await client.values() == [{"data": {"total": 3}}]
        await client.say("subscribe", id="1", payload={"extensions": named})
        assert await client.values() == [{"data": {"total": 3}}]


async def test_a_subscription_may_be_persisted(gateway: Served) -> None:
    text = "subscription Counted { count(to: 1) }"
    named = named_by_hash(text)
    async with talk(gateway) as client:
        for payload in ({"query": text, "extensions": named}, {"extensions": named}):
            await client.say("subscribe", id="1", payload=payload)
            assert await client.values() == [{"data": {"count": 1}}]


async def test_ten_thousand_subscribes_are_answered_and_few_run() -> None:
    async with serving(schema=make_schema()) as gateway, talk(gateway) as client:
        many = 10_000

        async def ask() -> None:
            for n in range(many):
                await client.subscribe("subscription { silence }", str(n))

        asking = asyncio.ensure_future(ask())
        refusals = [await client.hear() for _ in range(many - 20)]
        await asking
        assert {each["type"] for each in refusals} == {"error"}
        assert {each["payload"][0]["extensions"]["code"] for each in refusals} == {"TOO_MANY_SUBSCRIPTIONS"}
        await until(lambda: len(gateway.bench.gateway.subscriptions.live) == 20)
    async with serving(schema=make_schema()) as gateway:
        await at_rest(gateway)
    assert not OPEN
