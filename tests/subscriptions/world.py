"""The small graph of tests.world, with subscriptions: hand-written ones, and one of a topic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from bff import published, requires, subscribe
from bff.errors import UpstreamUnreachable
from tests.world import Mutation, Post, Query, User, schema_arguments, user_by_ids, user_row

OPEN: set[str] = set()  # hand-written sources that have not ended


@strawberry.type
class Subscription:
    @subscribe(published("posts", where={"author": "author_id"}))
    def posted(self, author: strawberry.ID | None = None) -> Post | None:
        """Posts as they come."""

    @subscribe(published("ticks", rows="n"))
    def tick(self) -> int | None: ...

    @subscribe(published("lists", rows="rows"), assumed_size=2)
    def people(self) -> list[User]: ...

    @subscribe(published("secrets", claims={"sub": "owner"}, rows="n"))
    def mine(self) -> int | None: ...

    @requires("posts:watch")
    @subscribe(published("posts"))
    def watched(self) -> Post | None: ...

    @strawberry.subscription
    async def count(self, to: int = 3, after: int = 0) -> AsyncGenerator[int, None]:
        """Counts."""
        OPEN.add("count")
        try:
            for n in range(after + 1, to + 1):
                yield n
                await asyncio.sleep(0)
        finally:
            OPEN.discard("count")

    @strawberry.subscription
    async def user(self, info: Info, ids: list[strawberry.ID]) -> AsyncGenerator[User | None, None]:
        """Rows, that what is below is fetched for."""
        for each in ids:
            yield user_row(int(each)) if int(each) < 900 else None  # type: ignore[misc]

    @strawberry.subscription
    async def asked(self, info: Info, times: int = 2) -> AsyncGenerator[str, None]:
        """What services say, by hand."""
        for _ in range(times):
            answer = await info.context.upstream("posts").get("/posts", params={"limit": 1})
            row = await info.context.load(user_by_ids, id="1")
            yield f"{len(answer.json()['items'])} {row['name']}"

    @strawberry.subscription
    async def silence(self) -> AsyncGenerator[int, None]:
        """Says nothing, until it is closed."""
        OPEN.add("silence")
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            OPEN.discard("silence")

    @strawberry.subscription
    async def flood(self, size: int = 10_000) -> AsyncGenerator[str, None]:
        """As much as is taken."""
        OPEN.add("flood")
        try:
            while True:
                yield "x" * size
        finally:
            OPEN.discard("flood")

    @strawberry.subscription
    async def broken(self, how: str) -> AsyncGenerator[int, None]:
        """Ends by an error."""
        yield 1
        if how == "ours":
            raise UpstreamUnreachable("users")
        if how == "said":
            raise GraphQLError("It is over.", extensions={"why": "because"})
        raise RuntimeError("the password is hunter2")

    @strawberry.subscription
    async def refused(self) -> AsyncGenerator[int, None]:
        """Never begins."""
        raise GraphQLError("Not today.")
        yield 1


def make_schema() -> strawberry.Schema:
    arguments: dict[str, Any] = {**schema_arguments, "query": Query, "mutation": Mutation}
    return strawberry.Schema(**arguments, subscription=Subscription)
