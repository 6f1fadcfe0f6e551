"""Ten thousand operations are abandoned, over real sockets, at moments that chance chooses. Nothing of them remains."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import cast
from urllib.parse import parse_qs, urlsplit

import strawberry
import uvloop

from bff import config, connect, upstream
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.operation import EVERYBODY, Answer, Asking
from bff.plan.context import Context
from tests.kit import Listener
from tests.upstream.calls import eventually

ABANDONED = 10_000
TOGETHER = 100  # operations at a time, for eight calls at a time: there is a queue, and it overflows

posts, users = upstream("posts"), upstream("users")


@strawberry.type
class User:
    id: strawberry.ID
    name: str


@strawberry.type
class Post:
    title: str
    author: User | None = connect(users.get("/users{?id*}", key="id"), id="author")


@strawberry.type
class Query:
    @connect(posts.get("/posts{?n}", many=True), assumed_size=10)
    def posts(self, n: int) -> list[Post]: ...


@strawberry.type
class Mutation:
    @connect(posts.post("/posts", body={"title": "title"}))
    def write(self, title: str) -> Post | None: ...


READ = "query R($n: Int!) { posts(n: $n) { title author { name } } }"
WRITE = 'mutation W { write(title: "t") { title author { name } } }'


class Service(asyncio.Protocol):
    """A connection of a service that answers at once, late or in pieces, as chance has it."""

    def __init__(self, chance: Random, connections: set[Service]) -> None:
        self.chance = chance
        self.open = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's says it is none
        self.open.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self.open.discard(self)

    def data_received(self, data: bytes) -> None:
        body = json.dumps(_said(data.split(b" ", 2)[1].decode(), data[:4] == b"POST")).encode()
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        cut = self.chance.choice((0, 20, len(answer) - len(body), len(answer) - 5, len(answer)))
        self._write(answer[:cut], answer[cut:])

    def _write(self, piece: bytes, rest: bytes) -> None:
        self.transport.write(piece)
        if rest:
            asyncio.get_running_loop().call_later(self.chance.choice((0, 0.001, 0.004)), self._write, rest, b"")


def _said(target: str, written: bool) -> object:
    url = urlsplit(target)
    if url.path == "/users":
        return [{"id": number, "name": "Ana"} for number in parse_qs(url.query)["id"]]
    return {"title": "t", "author": 1} if written else [{"title": "t", "author": number} for number in (1, 2, 3)]


@asynccontextmanager
async def serving(chance: Random) -> AsyncIterator[tuple[str, set[Service]]]:
    connections: set[Service] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Service(chance, connections), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections
    finally:
        server.close()
        for connection in tuple(connections):  # where something was left behind; uvloop would wait for it for ever
            connection.transport.abort()
        await server.wait_closed()


def a_gateway(url: str, listener: Listener) -> Gateway:
    policies = "timeout: 20s, connect_timeout: 20s, max_in_flight: 8, queue: {size: 40, wait: 1s}"
    upstreams = "".join(f"  {name}: {{url: '{url}', {policies}}}\n" for name in ("posts", "users"))
    text = f"upstreams:\n{upstreams}limits: {{timeout: 30s}}\n"
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    return open_gateway(config.parse(text, {}), Path("/"), observer=listener, schema=schema)


class Crowd:
    """Operations, of which some are abandoned, and what became of them."""

    def __init__(self, gateway: Gateway, chance: Random) -> None:
        self._gateway = gateway
        self._chance = chance
        self.begun = 0
        self.abandoned = 0
        self.codes: Counter[str] = Counter()

    async def ask(self, query: str = READ, n: int = 0) -> Answer:
        self.begun += 1
        variables = {"n": n} if query == READ else {}
        return await self._gateway.operations.run(Asking(Envelope(query, variables=variables), EVERYBODY))

    async def come_and_go(self) -> None:
        """One who asks and leaves, sometimes too late to miss the answer."""
        query = WRITE if self._chance.random() < 0.1 else READ
        asking = asyncio.ensure_future(self.ask(query, self._chance.randrange(50)))
        await self._moment()
        asking.cancel()
        await asyncio.wait({asking})
        if asking.cancelled():
            self.abandoned += 1
        else:
            self.codes.update(error["extensions"]["code"] for error in asking.result().errors)

    async def _moment(self) -> None:
        """Some turns of the event loop, or so long as calls take."""
        if self._chance.random() < 0.6:
            for _ in range(self._chance.randrange(1, 60)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(self._chance.random() * 0.03)


def test_ten_thousand_abandoned_operations_leave_nothing_behind() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_abandon(Random(4)))
    gc.collect()
    assert not [left for left in gc.get_objects() if isinstance(left, Context)]  # its loaders are in it


async def _abandon(chance: Random) -> None:
    async with serving(chance) as (url, connections):
        tasks = asyncio.all_tasks()
        listener = Listener()
        gateway = a_gateway(url, listener)
        crowd = Crowd(gateway, chance)
        try:
            while crowd.abandoned < ABANDONED:
                await asyncio.gather(*(crowd.come_and_go() for _ in range(TOGETHER)))
            assert set(crowd.codes) <= {"UPSTREAM_OVERLOADED"}
            await gateway.operations.finished()
            assert not gateway.operations.running
            assert len(listener.operations) == crowd.begun
            assert not listener.failures
            assert asyncio.all_tasks() == tasks
            for service in gateway.upstreams.values():
                assert "0 of 8 in flight, 0 of 40 queued" in repr(service.sender)
            await eventually(lambda: len(connections) <= 16)  # kept for others, or closed

            answers = [await crowd.ask(READ, 1), await crowd.ask(WRITE)]
            assert [answer.errors for answer in answers] == [[], []]
            assert answers[0].data == {"posts": [{"title": "t", "author": {"name": "Ana"}}] * 3}
        finally:
            await gateway.aclose()
        await eventually(lambda: not connections)
        assert asyncio.all_tasks() == tasks
