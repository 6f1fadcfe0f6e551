"""Events between processes, through a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bff.connectors import published
from bff.errors import BffError, EventsAway, EventsMissed
from bff.events import Streams
from bff.events.mailbox import Mailbox
from bff.limits.valkey import Connection
from bff.plan.scope import Scope
from bff.webhooks import SharedCarrier
from tests.events.kit import Quick
from tests.quota.server import Server, running

PATIENCE = 30.0


class Replica:
    """One process: its topics, and a subscriber to orders."""

    def __init__(self, url: str, *, silence: float = PATIENCE, patience: float = PATIENCE) -> None:
        self.streams = Streams()
        connection = Connection(url, silence=silence)
        self.carrier = SharedCarrier(
            self.streams.topics,
            connection.run,
            connection.listen,
            connection.aclose,
            pace=Quick(),
            patience=patience,
        )
        self.box: Mailbox = self.streams.seat(published("orders"), {}, Scope({}, 0.0))[0]

    async def publish(self, id_: str, body: bytes, topic: str = "orders") -> bool:
        return await self.carrier.publish(topic, "/hooks/orders", id_, body, 10.0)

    async def next(self) -> object:
        async with asyncio.timeout(PATIENCE):
            return await anext(self.box)


async def sent_until_taken(replica: Replica, id_: str, body: bytes) -> bool:
    """As senders do: again and again, under one id."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(EventsAway):
                return await replica.publish(id_, body)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def replicas(server: Server, number: int, silence: float = PATIENCE) -> AsyncIterator[list[Replica]]:
    found = [Replica(server.url, silence=silence) for _ in range(number)]
    try:
        for each in found:
            await each.carrier.start()
        yield found
    finally:
        for each in found:
            await each.carrier.aclose()


async def test_what_one_replica_receives_all_hear_once_and_in_order(server: Server) -> None:
    async with replicas(server, 3) as (first, second, third):
        assert await first.publish("1", b'{"n": 1}')
        assert await second.publish("2", b'{"n": 2}')
        for each in (first, second, third):
            assert [await each.next(), await each.next()] == [{"n": 1}, {"n": 2}]


async def test_a_message_that_came_to_another_replica_is_not_published_again(server: Server) -> None:
    async with replicas(server, 2) as (first, second):
        assert await first.publish("1", b'{"n": 1}')
        assert not await second.publish("1", b'{"n": 1}')
        assert await second.publish("2", b'{"n": 2}')
        assert [await first.next(), await first.next()] == [{"n": 1}, {"n": 2}]


async def test_it_is_remembered_for_a_while(server: Server) -> None:
    async with replicas(server, 1) as (only,):
        await only.publish("1", b"{}")
        left = server.command("PTTL", "bff:webhook:/hooks/orders:1")
        assert 0 < int(left.strip(":\r\n")) <= 10_000


async def test_a_topic_that_nobody_hears_here_is_nobodys(server: Server) -> None:
    async with replicas(server, 1) as (only,):
        await only.publish("1", b"{}", topic="refunds")
        await only.publish("2", b'{"n": 2}')
        assert await only.next() == {"n": 2}


async def test_what_somebody_else_writes_there_ends_nothing(server: Server) -> None:
    async with replicas(server, 1) as (only,):
        server.command("PUBLISH", "bff:topic:orders", "nonsense")
        await only.publish("2", b'{"n": 2}')
        assert await only.next() == {"n": 2}


async def test_a_store_that_went_away_loses_nothing_unsaid() -> None:
    with running() as server:
        async with replicas(server, 1) as (only,):
            server.kill()
            with pytest.raises(EventsAway):
                await only.publish("1", b'{"n": 1}')
            server.start()
            found = await only.next()
            assert isinstance(found, EventsMissed)
            assert await sent_until_taken(only, "1", b'{"n": 1}')
            assert await only.next() == {"n": 1}


async def test_a_store_that_does_not_answer_is_noticed() -> None:
    with running() as server:
        async with replicas(server, 1, silence=0.05) as (only,):
            server.freeze()
            with pytest.raises(BffError):
                await only.publish("1", b"{}")
            server.thaw()
            assert isinstance(await only.next(), EventsMissed)


async def test_a_gateway_starts_and_stops_without_the_store() -> None:
    only = Replica("unix:///nowhere/store.sock", patience=0.05)
    await only.carrier.start()
    with pytest.raises(EventsAway):
        await only.publish("1", b"{}")
    await only.carrier.aclose()


async def test_many_at_once_share_one_way_to_the_store(server: Server) -> None:
    async with replicas(server, 1) as (only,):
        taken = await asyncio.gather(*(only.publish(str(at), b"%d" % at) for at in range(60)))
        assert all(taken)
        assert [await only.next() for _ in range(60)] == list(range(60))
