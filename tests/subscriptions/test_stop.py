"""A gateway that stops, over WebSockets: what is under way is answered, and nothing else begins."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from bff.auth import Caller
from bff.operation import EVERYBODY
from bff.socket import protocol
from bff.socket.connection import Connection
from bff.upstreams import Headers
from tests.http.conftest import Served, serving, until
from tests.subscriptions.conftest import Talk, at_rest, listening, socket, talk
from tests.subscriptions.test_unread import HANDSHAKE, said, unread, waiting
from tests.subscriptions.world import OPEN, make_schema

QUERY = "{ user(id: 1) { name } }"
MUTATION = 'mutation { createPost(input: {name: "new", authorId: 1}) { ... on Post { name } } }'


async def told_to_stop(gateway: Served) -> None:
    gateway.server.stop()
    await until(gateway.bench.gateway.subscriptions.stopping.is_set)


def hold(gateway: Served) -> asyncio.Event:
    """Services answer once it is set."""
    gate = asyncio.Event()
    for service in gateway.bench.services.values():
        service.gate = gate
    return gate


async def answers(client: Talk, times: int) -> dict[str, list[str]]:
    """What is said next, by operation."""
    found: dict[str, list[str]] = {}
    for _ in range(times):
        message = await client.hear()
        found.setdefault(message["id"], []).append(message["type"])
    return found


async def test_what_is_under_way_is_answered_and_then_the_client_is_told_to_come_again() -> None:
    async with serving(schema=make_schema()) as gateway:
        async with talk(gateway) as client:
            gate = hold(gateway)
            await client.subscribe(QUERY, "query")
            await client.subscribe(MUTATION, "mutation")
            await client.subscribe("subscription { silence }", "silent")
            await gateway.bench.services["users"].called(1)
            await gateway.bench.services["posts"].called(1)
            await until(lambda: "silence" in OPEN)
            await told_to_stop(gateway)
            await client.subscribe(QUERY, "new")
            refused = await client.hear()
            assert (refused["id"], refused["type"]) == ("new", "error")
            assert refused["payload"][0]["extensions"]["code"] == "GATEWAY_STOPPING"
            gate.set()
            whole = ["next", "complete"]
            assert await answers(client, 4) == {"query": whole, "mutation": whole}
            assert await client.closed() == (1012, "Service restart")
        await at_rest(gateway)
        assert not gateway.bench.listener.failures


async def test_an_event_that_is_under_way_is_told_and_no_subscription_is_completed() -> None:
    async with serving(schema=make_schema()) as gateway:
        async with talk(gateway) as client:
            await client.subscribe("subscription { posted { author { name } } }")
            await listening(gateway, 1)
            gate = hold(gateway)
            gateway.bench.gateway.streams.topics.deliver("posts", {"id": 1, "name": "a", "author_id": 1})
            await gateway.bench.services["users"].called(1)
            await told_to_stop(gateway)
            gate.set()
            assert (await client.hear())["payload"] == {"data": {"posted": {"author": {"name": "user 1"}}}}
            assert (await client.closed())[0] == 1012
        await at_rest(gateway)


async def test_a_connection_ends_when_its_client_gives_up_what_was_under_way() -> None:
    async with serving(schema=make_schema()) as gateway:
        async with talk(gateway) as client:
            await client.subscribe("{ never }")
            await until(lambda: bool(gateway.bench.gateway.operations.running))
            await told_to_stop(gateway)
            await client.say("complete", id="1")
            assert (await client.closed())[0] == 1012
        await at_rest(gateway)


async def test_who_has_nothing_under_way_is_told_at_once() -> None:
    async with serving(schema=make_schema()) as gateway, talk(gateway) as busy, talk(gateway) as idle:
        await busy.subscribe("{ never }")
        await until(lambda: bool(gateway.bench.gateway.operations.running))
        await told_to_stop(gateway)
        assert (await idle.closed())[0] == 1012
        assert gateway.bench.gateway.operations.running
        await busy.say("complete", id="1")


async def test_no_operation_is_waited_for_longer_than_it_may_take(caplog: pytest.LogCaptureFixture) -> None:
    async with serving("limits: {timeout: 300ms}", schema=make_schema()) as gateway:
        async with talk(gateway) as client:
            await client.subscribe("{ never }")
            await until(lambda: bool(gateway.bench.gateway.operations.running))
            await told_to_stop(gateway)
            assert (await client.closed())[0] == 1012
        await at_rest(gateway)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_who_reads_nothing_holds_up_no_stop(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PARTING", 0.05)
    flood = said("subscribe", id="1", payload={"query": "subscription { flood(size: 1000000) }"})
    async with AsyncExitStack() as clients, serving("limits: {timeout: 200ms}", schema=make_schema()) as gateway:
        client = await clients.enter_async_context(unread(gateway, HANDSHAKE))
        await asyncio.get_running_loop().sock_sendall(client, said("connection_init") + flood)
        await until(lambda: waiting(gateway) > 100_000)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert not OPEN


async def test_who_is_let_in_at_the_moment_of_the_stop_is_told_too() -> None:
    async with serving(schema=make_schema()) as gateway, socket(gateway) as client:
        subscriptions = gateway.bench.gateway.subscriptions
        await until(lambda: bool(subscriptions.connections))
        (connection,) = subscriptions.connections
        assert isinstance(connection, Connection)
        asked = asyncio.Event()
        known: asyncio.Future[Caller] = asyncio.get_running_loop().create_future()

        async def callers(_: Headers) -> Caller:
            asked.set()
            return await known

        connection._serving = replace(connection._serving, callers=callers)
        await client.say("connection_init")
        await asked.wait()
        known.set_result(EVERYBODY)
        subscriptions.stop()
        assert (await client.closed())[0] == 1012
