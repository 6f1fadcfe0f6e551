"""Subscriptions by clients as they come from npm and from Python's index, unmodified, against a running gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.clients.conftest import SCARCE, SETTINGS
from tests.clients.test_clients import relay_compiled, running
from tests.http.conftest import Served, serving, until
from tests.node import Node
from tests.subscriptions.conftest import at_rest
from tests.subscriptions.world import make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Served]:
    async with serving(SETTINGS, schema=make_schema()) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    yield one_gateway
    await one_gateway.forget()
    await at_rest(one_gateway)


async def cases(gateway: Served, node: Node, file: str, *more: str) -> dict[str, str | None]:
    """What became of each of the file's cases: None, or what was wrong. Nothing of any is left in the gateway."""
    found: dict[str, str | None] = {}
    async with running(node.path, f"subscribing/{file}", gateway.url, SCARCE, *more) as (output, tell):
        async for line in output:
            told = json.loads(line)
            if "waits" in told:
                await until(lambda: bool(gateway.bench.gateway.subscriptions.live))
                if told["waits"] == "ticks":
                    await restarted(gateway)
            else:
                found[told["name"]] = told["reason"]
                await at_rest(gateway)
            tell.write(b"\n")
    return found


async def restarted(gateway: Served) -> None:
    """To who hears ticks the gateway stops, and ticks once it is there again."""
    topics, subscriptions = gateway.bench.gateway.streams.topics, gateway.bench.gateway.subscriptions
    await until(lambda: topics.heard("ticks"))
    before = set(subscriptions.live)
    subscriptions.stop()
    subscriptions.stopping.clear()  # it is there again
    await until(lambda: not (subscriptions.live & before) and topics.heard("ticks"))
    topics.deliver("ticks", {"n": 1})


@pytest.mark.parametrize(
    ("file", "count"), [("graphql-ws.mjs", 13), ("graphql-sse.mjs", 11), ("apollo.mjs", 12), ("urql.mjs", 11)], ids=str
)
async def test_everything_that_a_client_subscribes_to_comes(gateway: Served, node: Node, file: str, count: int) -> None:
    well(await cases(gateway, node, file), count)


async def test_relay_subscribes_through_graphql_ws(gateway: Served, node: Node, tmp_path: Path) -> None:
    relay_compiled(gateway, node, tmp_path, source="subscribing/relay")
    well(await cases(gateway, node, "relay.mjs", str(tmp_path)), 3)


def well(found: dict[str, str | None], count: int) -> None:
    assert [f"{name}: {reason}" for name, reason in found.items() if reason] == []
    assert len(found) == count


def connected(gateway: Served, **options: Any) -> Client:
    transport = WebsocketsTransport(url=gateway.url.replace("http", "ws"), **options)
    return Client(transport=transport, fetch_schema_from_transport=False)


async def every(session: AsyncClientSession, query: str, **variables: Any) -> list[Any]:
    return [each async for each in session.subscribe(GraphQLRequest(query, variable_values=variables))]


async def test_gql_subscribes_and_asks_over_one_socket(gateway: Served) -> None:
    async with connected(gateway) as session:
        assert await every(session, "subscription { count(to: 2) }") == [{"count": 1}, {"count": 2}]
        found = await session.execute(GraphQLRequest("{ user(id: 1) { name } }"))
        assert found == {"user": {"name": "user 1"}}
        (row,) = await every(session, "subscription ($ids: [ID!]!) { user(ids: $ids) { name } }", ids=["2"])
        assert row == {"user": {"name": "user 2"}}


async def test_gql_reads_why_a_subscription_ended(gateway: Served) -> None:
    async with connected(gateway) as session:
        with pytest.raises(TransportQueryError) as raised:
            await every(session, 'subscription { broken(how: "ours") }')
        assert raised.value.errors
        assert raised.value.errors[0]["extensions"]["code"] == "UPSTREAM_UNREACHABLE"


async def test_gql_reads_that_a_credential_is_bad(gateway: Served) -> None:
    with pytest.raises(TransportConnectionFailed):
        async with connected(gateway, init_payload={"x-api-key": "nobody's"}) as session:
            await every(session, "subscription { count }")


async def test_gql_leaves_a_subscription_that_it_has_enough_of(gateway: Served) -> None:
    async with connected(gateway) as session:
        async for _ in (events := session.subscribe(GraphQLRequest("subscription { flood(size: 10) }"))):
            break
        await events.aclose()
        await at_rest(gateway)
