"""A gateway with subscriptions behind the server that users meet, and what speaks its transports word by word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.http.conftest import Served, serving, until
from tests.http.wire import DEADLINE
from tests.subscriptions.world import OPEN, make_schema

SUBPROTOCOL = "graphql-transport-ws"
STREAM: dict[str, Any] = {"accept": "text/event-stream"}
PARTS: dict[str, Any] = {"accept": 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'}


class Talk:
    """One WebSocket, as a client has it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, type_: str, **more: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **more}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE):
            found: dict[str, Any] = json.loads(await self.socket.recv())
        return found

    async def subscribe(self, query: str, id_: str = "1", **more: Any) -> None:
        await self.say("subscribe", id=id_, payload={"query": query, **more})

    async def init(self, **payload: Any) -> Self:
        await self.say("connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}
        return self

    async def values(self, id_: str = "1") -> list[Any]:
        """The payloads of an operation, until it ends."""
        found = []
        while (message := await self.hear())["type"] == "next":
            assert message["id"] == id_
            found.append(message["payload"])
        assert message["type"] == "complete", message
        return found

    async def closed(self) -> tuple[int | None, str]:
        """The code and the reason of its end, after whatever is still said."""
        async with asyncio.timeout(DEADLINE):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed as end:
                return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (None, "")


@asynccontextmanager
async def socket(served: Served, **options: Any) -> AsyncIterator[Talk]:
    """A connection that nobody has introduced yet."""
    url = f"ws://127.0.0.1:{served.port}/graphql"
    async with connect(url, **{"subprotocols": [SUBPROTOCOL], "proxy": None, **options}) as opened:
        yield Talk(opened)


@asynccontextmanager
async def talk(served: Served, **options: Any) -> AsyncIterator[Talk]:
    """A connection that is acknowledged."""
    async with socket(served, **options) as opened:
        yield await opened.init()


async def at_rest(served: Served) -> None:
    """Nothing is left of any subscription: no task, no source, no place."""
    gateway = served.bench.gateway
    await until(
        lambda: (
            not gateway.subscriptions.live
            and not gateway.subscriptions.slots.taken
            and not len(gateway.streams)
            and not len(gateway.streams.topics)
            and not OPEN
            and not gateway.operations.running
        )
    )


async def listening(served: Served, times: int) -> None:
    """So many hear what is published: a subscription that lives may not have come so far."""
    await until(lambda: len(served.bench.gateway.streams.topics) == times)


class Lines:
    """The lines of a stream, as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def line(self) -> str:
        async with asyncio.timeout(DEADLINE):
            return await anext(self._lines)

    async def event(self) -> tuple[str, Any]:
        """The next event and what it says, comments left out."""
        while not (line := await self.line()).startswith("event:"):
            assert line in {"", ":"}, line
        data = (await self.line()).removeprefix("data:").strip()
        return line.removeprefix("event: "), json.loads(data) if data else None

    async def events(self) -> list[Any]:
        """What is said until the end, which is said too."""
        found = []
        while (event := await self.event())[0] == "next":
            found.append(event[1])
        assert event == ("complete", None)
        return found

    async def rest(self) -> str:
        async with asyncio.timeout(DEADLINE):
            return "\n".join([line async for line in self._lines])


@asynccontextmanager
async def streamed(served: Served, query: str, **headers: str) -> AsyncIterator[Lines]:
    """A subscription by server-sent events; the connection is its own."""
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", served.url, json={"query": query}, headers={**STREAM, **headers}) as answer,
    ):
        yield Lines(answer)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Served]:
    async with serving(schema=make_schema()) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    """A gateway as nobody has used it before. Tests that ask for it run in their module's event loop."""
    yield one_gateway
    await one_gateway.forget()
    await at_rest(one_gateway)
