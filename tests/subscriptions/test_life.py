"""How a subscription lives and ends: who may have how many, what each costs, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from jose import jwt

from bff.auth.keys import new_key
from tests.http.conftest import Served, serving, until
from tests.http.wire import Wire
from tests.subscriptions.conftest import PARTS, Talk, at_rest, listening, socket, streamed, talk
from tests.subscriptions.world import OPEN, make_schema

SECRET, ISSUER = "s" * 32, "http://127.0.0.1:9/"
KEY, KEY_SHA256 = new_key()
SETTINGS = f"""
auth:
  anonymous: everybody
  jwt: [{{issuer: "{ISSUER}", audience: travel, secret: "${{SECRET}}", algorithms: [HS256], tier: users, leeway: 0s}}]
tiers:
  everybody: {{points_per_minute: 60, burst: 10, max_concurrent: 2}}
  users: {{points_per_minute: 100000, max_concurrent: 2}}
clients:
  web: {{tier: users, keys: [{{sha256: "{KEY_SHA256}"}}], scopes: ["posts:watch"]}}
"""


def token(lasts: float = 600.0, **claims: Any) -> str:
    now = time.time()
    told = {"iss": ISSUER, "aud": "travel", "sub": "ann", "iat": int(now), "exp": int(now + lasts), **claims}
    return str(jwt.encode(told, SECRET, algorithm="HS256"))


@asynccontextmanager
async def known(more: str = "") -> AsyncIterator[Served]:
    """A gateway that knows its callers; at the end nothing is left."""
    async with serving(SETTINGS + more, schema=make_schema(), environ={"SECRET": SECRET}) as gateway:
        yield gateway
        await at_rest(gateway)


@asynccontextmanager
async def open_to_all(settings: str = "") -> AsyncIterator[Served]:
    async with serving(settings, schema=make_schema()) as gateway:
        yield gateway
        await at_rest(gateway)


def live(gateway: Served) -> int:
    return len(gateway.bench.gateway.subscriptions.live)


def publish(gateway: Served, n: int) -> int:
    return gateway.bench.gateway.streams.topics.deliver("ticks", {"n": n})


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_a_credential_may_come_with_the_init(name: str) -> None:
    async with known() as gateway, socket(gateway) as client:
        await client.init(**{name: f"Bearer {token()}"})
        await client.subscribe("subscription { mine }")
        await until(lambda: gateway.bench.gateway.streams.topics.heard("secrets"))
        gateway.bench.gateway.streams.topics.deliver("secrets", {"owner": "bob", "n": 1})
        gateway.bench.gateway.streams.topics.deliver("secrets", {"owner": "ann", "n": 2})
        assert (await client.hear())["payload"] == {"data": {"mine": 2}}


async def test_a_credential_may_come_as_a_header_and_its_scopes_count() -> None:
    async with known() as gateway:
        async with socket(gateway, additional_headers={"x-api-key": KEY}) as client:
            await client.init()
            await client.subscribe("subscription { watched { name } }")
            await until(lambda: live(gateway) == 1)
        async with socket(gateway) as client:
            await client.init(**{"X-API-Key": KEY})
            await client.subscribe("subscription { watched { name } }")
            await until(lambda: live(gateway) == 1)


@pytest.mark.parametrize(
    "payload",
    [{"authorization": "Bearer nobody"}, {"x-api-key": "nobody"}, {"authorization": "", "x-api-key": KEY}],
    ids=str,
)
async def test_a_bad_credential_closes_the_connection_in_one_way(payload: dict[str, str]) -> None:
    async with known() as gateway, socket(gateway) as client:
        await client.say("connection_init", payload=payload)
        assert await client.closed() == (4401, "Unauthorized")
        assert len(gateway.bench.listener.denials) == 1


async def test_two_credentials_of_a_kind_are_none() -> None:
    async with known() as gateway, socket(gateway, additional_headers={"x-api-key": KEY}) as client:
        await client.say("connection_init", payload={"x-api-key": KEY})
        assert (await client.closed())[0] == 4401


async def test_what_services_are_told_of_the_caller_comes_with_the_init_too() -> None:
    sent = f"Bearer {token()}"
    async with known() as gateway, socket(gateway) as client:
        await client.init(authorization=sent)
        await client.subscribe('subscription { user(ids: ["1"]) { score(season: 1) { points } } }')
        await client.values()
        (request,) = gateway.bench.services["users"].calls
        assert request.headers["authorization"] == sent


async def test_a_connection_ends_with_its_token() -> None:
    async with known() as gateway, socket(gateway) as client:
        await client.init(authorization=f"Bearer {token(2)}")
        await client.subscribe("subscription { silence }")
        code, reason = await client.closed()
        assert (code, "expired" in reason) == (4403, True)


async def test_a_stream_ends_with_its_token() -> None:
    async with known() as gateway:
        headers = {"authorization": f"Bearer {token(2)}"}
        async with streamed(gateway, "subscription { silence }", **headers) as stream:
            (last,) = await stream.events()
            assert last["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_to_begin_costs_a_point_and_each_event_its_own_price() -> None:
    async with known() as gateway, talk(gateway) as client:
        await client.subscribe("subscription { tick }")  # weight 1
        await listening(gateway, 1)
        for n in range(9):
            publish(gateway, n)
            assert (await client.hear())["payload"]["data"] == {"tick": n}
        publish(gateway, 9)
        refused = await client.hear()
        assert refused["type"] == "error"
        extensions = refused["payload"][0]["extensions"]
        assert (extensions["code"], extensions["retryAfter"] >= 1) == ("QUOTA_EXCEEDED", True)
        await until(lambda: live(gateway) == 0)  # it ends: what is missed in silence is worse
        await client.subscribe("subscription { tick }")
        assert (await client.hear())["payload"][0]["extensions"]["code"] == "QUOTA_EXCEEDED"


async def test_silent_subscriptions_take_nothing_of_what_a_client_may_do_at_once() -> None:
    async with known() as gateway, socket(gateway) as client:
        await client.init(**{"x-api-key": KEY})
        for n in range(5):  # of two that may run at once
            await client.subscribe("subscription { silence }", str(n))
        await until(lambda: live(gateway) == 5)
        await client.subscribe("{ total }", "query")
        assert await client.values("query") == [{"data": {"total": 3}}]


async def test_events_that_come_to_one_client_all_at_once_wait_for_each_other() -> None:
    query = "subscription { posted { author { name } } }"
    async with known() as gateway, socket(gateway) as client:
        await client.init(**{"x-api-key": KEY})
        for n in range(10):
            await client.subscribe(query, str(n))
        await listening(gateway, 10)
        gateway.bench.gateway.streams.topics.deliver("posts", {"id": 1, "name": "a", "author_id": 1})
        found = [await client.hear() for _ in range(10)]
    assert {each["id"] for each in found} == set(map(str, range(10)))
    assert all(each["payload"] == {"data": {"posted": {"author": {"name": "user 1"}}}} for each in found)
    assert gateway.bench.services["users"].peak == 1  # half of what the client may have at once


async def test_a_client_has_so_many_subscriptions_and_connections_and_no_more() -> None:
    async with (
        known("subscriptions: {per_client: 2}") as gateway,
        talk(gateway) as one,
        talk(gateway) as two,
        socket(gateway) as other,
        socket(gateway) as three,
    ):
        await three.say("connection_init")
        code, reason = await three.closed()
        assert (code, "2 connections" in reason) == (1013, True)
        await one.subscribe("subscription { silence }")
        await two.subscribe("subscription { silence }")
        await until(lambda: live(gateway) == 2)
        async with streamed(gateway, "subscription { silence }") as stream:
            (refused,) = await stream.events()
        assert refused["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await other.init(**{"x-api-key": KEY})  # another client
        await other.subscribe("subscription { count(to: 1) }")
        assert await other.values() == [{"data": {"count": 1}}]


async def test_a_process_has_so_many_subscriptions_and_connections_and_no_more() -> None:
    async with open_to_all("subscriptions: {per_process: 1}") as gateway, socket(gateway):
        wire = await Wire.open(gateway.port)
        await wire.send("GET /graphql HTTP/1.1", *HANDSHAKE)
        assert (await wire.answer()).status == 429
        await wire.close()
        async with streamed(gateway, "subscription { silence }") as stream:
            await until(lambda: live(gateway) == 1)
            async with streamed(gateway, "subscription { silence }") as refused:
                (answer,) = await refused.events()
            assert answer["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            assert not stream.answer.is_closed


HANDSHAKE = (
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol: graphql-transport-ws",
)


async def leaves_in_words(client: Talk) -> None:
    await client.socket.close()


async def hangs_up(client: Talk) -> None:
    client.socket.transport.close()


async def vanishes(client: Talk) -> None:
    client.socket.transport.abort()


async def completes_and_leaves(client: Talk) -> None:
    await client.say("complete", id="1")
    await client.socket.close()


async def says_nonsense(client: Talk) -> None:
    await client.socket.send("nonsense")
    await client.closed()


async def leaves_while_it_is_answered(client: Talk) -> None:
    await client.subscribe("{ never }", "2")
    await client.subscribe("subscription { flood(size: 100) }", "3")
    client.socket.transport.abort()


WAYS = [leaves_in_words, hangs_up, vanishes, completes_and_leaves, says_nonsense, leaves_while_it_is_answered]


async def test_nothing_is_left_of_thousands_that_leave_in_every_way_there_is() -> None:
    async def come_and_go(gateway: Served, n: int) -> None:
        with suppress(OSError):
            async with talk(gateway, ping_interval=None) as client:
                await client.subscribe("subscription { silence }" if n % 2 else "subscription { tick }")
                if n % 3:
                    await client.subscribe("{ total }", "query")
                    await client.values("query")
                await WAYS[n % len(WAYS)](client)

    async with open_to_all("subscriptions: {per_client: 10000}") as gateway:
        tasks = len(asyncio.all_tasks())
        for start in range(0, 1_200, 200):
            await asyncio.gather(*(come_and_go(gateway, n) for n in range(start, start + 200)))
        await at_rest(gateway)
        await until(lambda: not gateway.server.server_state.connections)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert not gateway.bench.listener.failures


async def test_nothing_is_left_of_streams_whose_clients_hang_up() -> None:
    body = b'{"query": "subscription { silence }"}'
    lines = ("content-type: application/json", f"content-length: {len(body)}")

    async def come_and_go(gateway: Served, n: int) -> None:
        wire = await Wire.open(gateway.port)
        accept = "text/event-stream" if n % 2 else PARTS["accept"]
        await wire.send("POST /graphql HTTP/1.1", f"accept: {accept}", *lines, body=body)
        if n % 3:
            await wire.reader.readuntil(b"\r\n\r\n")
        if n % 5:
            wire.writer.transport.abort()
        await wire.close()

    async with open_to_all("subscriptions: {per_client: 10000}") as gateway:
        for start in range(0, 1_000, 200):
            await asyncio.gather(*(come_and_go(gateway, n) for n in range(start, start + 200)))
        await gateway.idle()
        await at_rest(gateway)
        assert not gateway.bench.listener.failures


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What an operator is told of, from warnings up."""
    return [(each.levelname, each.getMessage()) for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_socket_whose_client_never_reads_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    async with open_to_all("subscriptions: {stall: 200ms}") as gateway:
        wire = await Wire.open(gateway.port)
        await wire.send("GET /graphql HTTP/1.1", *HANDSHAKE)
        assert (await wire.answer()).status == 101
        for message in (
            b'{"type":"connection_init"}',
            b'{"type":"subscribe","id":"1","payload":{"query":"subscription{flood}"}}',
        ):
            wire.writer.write(bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message)  # masked by nothing
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: "flood" in OPEN)
        await at_rest(gateway)
        await until(lambda: not gateway.server.server_state.connections)
        await wire.close()
    assert said(caplog) == [("WARNING", "a WebSocket was cut off: its client took nothing for 0.2 s")]


async def test_a_client_that_reads_late_is_told_why_it_was_cut_off() -> None:
    async with open_to_all("subscriptions: {stall: 200ms}") as gateway:
        async with talk(gateway, max_queue=1) as client:
            await client.subscribe("subscription { flood }")
            await until(lambda: "flood" in OPEN)
            await at_rest(gateway)
            code, reason = await client.closed()
        assert (code, "slowly" in reason) == (1013, True)


@pytest.mark.parametrize("accept", ["text/event-stream", PARTS["accept"]])
async def test_a_stream_whose_client_never_reads_is_cut_off(caplog: pytest.LogCaptureFixture, accept: str) -> None:
    """In the log is one line that says why, and none of the server's about an answer that was not ended."""
    body = b'{"query": "subscription { flood }"}'
    async with open_to_all("subscriptions: {stall: 200ms}") as gateway:
        wire = await Wire.open(gateway.port)
        sent = (f"accept: {accept}", "content-type: application/json", f"content-length: {len(body)}")
        await wire.send("POST /graphql HTTP/1.1", *sent, "x-request-id: slow", body=body)
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: "flood" in OPEN)
        await at_rest(gateway)
        await until(lambda: not gateway.server.server_state.connections)
        await wire.close()
    assert said(caplog) == [("WARNING", "request slow was cut off: its client took nothing for 0.2 s")]


async def test_a_client_that_answers_no_ping_is_cut_off() -> None:
    async with open_to_all() as gateway:
        gateway.server.config.ws_ping_interval = gateway.server.config.ws_ping_timeout = 0.1
        wire = await Wire.open(gateway.port)
        await wire.send("GET /graphql HTTP/1.1", *HANDSHAKE)
        assert (await wire.answer()).status == 101
        await until(lambda: not gateway.server.server_state.connections)
        await wire.close()


async def test_a_gateway_that_stops_tells_everybody_to_come_again() -> None:
    async with serving(schema=make_schema()) as gateway:
        async with (
            talk(gateway) as client,
            streamed(gateway, "subscription { silence }") as stream,
            streamed(gateway, "subscription { silence }", **PARTS) as parts,
        ):
            await client.subscribe("subscription { silence }")
            await until(lambda: live(gateway) == 3)
            gateway.server.stop()
            assert (await client.closed())[0] == 1012
            assert (await stream.rest()).strip(
                ":\n"
            ) == ""  # without a word: who is told "complete" does not come again
            assert "GATEWAY_STOPPING" in await parts.rest()
        await at_rest(gateway)


async def test_each_subscription_is_told_of_when_it_begins_and_when_it_ends() -> None:
    async with open_to_all() as gateway:
        async with talk(gateway) as client:
            await client.subscribe("subscription Ticks { tick }")
            await listening(gateway, 1)
            publish(gateway, 1)
            await client.hear()
            seen = (await gateway.client.get("/metrics")).text
            assert 'bff_subscriptions_active{transport="websocket"} 1.0' in seen
            assert "bff_websockets_active 1.0" in seen
        await at_rest(gateway)
        seen = (await gateway.client.get("/metrics")).text
    assert 'bff_subscription_events_total{client="anonymous",code="OK",name="Ticks",tier="open"} 1.0' in seen
    assert 'end="left"' in seen
    assert 'bff_subscriptions_active{transport="websocket"} 0.0' in seen
