"""What polls cost that find nothing: they are paid for by whoever has them made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import strawberry

from bff import poll, subscribe
from tests.events.kit import Quick
from tests.http.conftest import Served, serving, until
from tests.subscriptions.conftest import at_rest, streamed, talk
from tests.world import Post, Query, User, user_by_id

BUDGET = """
auth: {anonymous: everybody}
tiers: {everybody: {points_per_minute: 1, burst: 35, requests_per_second: 10}}
"""


@strawberry.type
class Subscription:
    @subscribe(poll(user_by_id, every=1))
    def watched(self, id: strawberry.ID) -> User | None: ...


@asynccontextmanager
async def polling(settings: str) -> AsyncIterator[Served]:
    """A gateway whose polls do not wait."""
    schema = strawberry.Schema(query=Query, subscription=Subscription, types=[User, Post])
    async with serving(settings, schema=schema) as gateway:
        gateway.bench.gateway.streams._pace = Quick()
        yield gateway
        await at_rest(gateway)


async def test_polls_that_find_nothing_are_charged_and_over_the_quota_end_the_subscription() -> None:
    async with polling(BUDGET) as gateway, talk(gateway) as client:
        await client.subscribe("subscription { watched(id: 1) { name } }")
        assert (await client.hear())["payload"] == {"data": {"watched": {"name": "user 1"}}}
        last = await client.hear()
        assert (last["type"], last["payload"][0]["extensions"]["code"]) == ("error", "QUOTA_EXCEEDED")
        assert len(gateway.bench.services["users"].calls) >= 1 + 30  # 3 points for the first event, 10 by 10 thereafter
        refused = await gateway.ask("{ users(ids: [1, 2, 3]) { name } }")
        assert refused.status_code == 429


async def test_over_a_stream_it_is_the_last_event() -> None:
    async with polling(BUDGET) as gateway, streamed(gateway, "subscription { watched(id: 1) { name } }") as stream:
        first, last = await stream.events()
        assert first == {"data": {"watched": {"name": "user 1"}}}
        assert last["errors"][0]["extensions"]["code"] == "QUOTA_EXCEEDED"


async def test_without_a_quota_polls_go_on() -> None:
    async with polling("") as gateway, talk(gateway) as client:
        await client.subscribe("subscription { watched(id: 1) { name } }")
        await client.hear()
        await until(lambda: len(gateway.bench.services["users"].calls) > 200)
        assert len(gateway.bench.gateway.subscriptions.live) == 1
