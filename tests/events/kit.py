"""How the tests subscribe: a gateway's upstreams and streams, with no gateway, and readers that wait for no clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bff import subscribe
from bff.connectors import EventSource, source_of
from bff.errors import BffError
from bff.events import Streams, open_events
from bff.events.pace import Pace
from bff.plan.scope import Scope
from bff.telemetry import Exchange, Silent
from bff.upstreams import EventSettings, Headers, Sockets, Upstream, UpstreamSettings, Wire, build

PATIENCE = 30.0


@dataclass(frozen=True)
class Quick(Pace):
    """Waits for nothing, and remembers what it was asked."""

    least: float = 0.0
    polls: float = 0.0
    asked: list[tuple[float | None, int]] = field(default_factory=list)

    def reopen(self, retry: float | None, failures: int) -> float:
        self.asked.append((retry, failures))
        return 0.0

    def poll(self, every: float, failures: int) -> float:
        return self.polls


class Facts(Silent):
    """An observer that remembers."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def exchange(self, fact: Exchange) -> None:
        self.exchanges.append(fact)


ROOM: dict[str, Any] = {
    "timeout": 5.0,
    "connect_timeout": 5.0,
    "max_in_flight": 10,
    "queue_size": 10,
    "queue_wait": 1.0,
    "max_response": 1_000_000,
    "max_decoded": 1_000_000,
}


@dataclass
class Bench:
    """One upstream called "flights", and what is open on it."""

    upstream: Upstream
    streams: Streams
    facts: Facts
    pace: Quick
    readers: list[Reader] = field(default_factory=list)

    def subscribe(
        self,
        source: EventSource,
        /,
        *,
        headers: Headers = (),
        claims: Mapping[str, Any] | None = None,
        bind: Any = None,
        client: str = "",
        **arguments: Any,
    ) -> Reader:
        scope = Scope(
            {"flights": self.upstream},
            0.0,
            headers,
            claims=claims or {},
            trace=(("traceparent", "00-x"),),
            client=client,
        )
        declared: Any = subscribe(source, bind=bind)
        reader = Reader(open_events(self.streams, source_of(declared), arguments, scope))
        self.readers.append(reader)
        return reader


class Reader:
    """One subscriber."""

    def __init__(self, events: AsyncGenerator[Any, None]) -> None:
        self.events = events

    async def next(self) -> Any:
        """The next event; of an error, its code."""
        async with asyncio.timeout(PATIENCE):
            found = await anext(self.events)
        return found.code if isinstance(found, BffError) else found

    async def some(self, number: int) -> list[Any]:
        return [await self.next() for _ in range(number)]

    async def rest(self) -> list[Any]:
        """All that comes until the end; of what ended it, the code."""
        found = []
        try:
            async with asyncio.timeout(PATIENCE):
                async for event in self.events:
                    found.append(event.code if isinstance(event, BffError) else event)  # noqa: PERF401
        except BffError as error:
            found.append(f"end: {error.code}")
        return found

    def begin(self) -> asyncio.Task[Any]:
        """Read the next event in a task of its own."""
        return asyncio.ensure_future(self.next())

    async def leave(self) -> None:
        await self.events.aclose()


@asynccontextmanager
async def bench(
    url: str, *, waiting: int = 100, polls: float = 0.0, events: Mapping[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Bench]:
    limits = EventSettings(**(events or {}))
    policies = UpstreamSettings(**(ROOM | settings), events=limits)
    facts, pace = Facts(), Quick(polls=polls)
    wire = Wire("flights", url, connect_timeout=policies.connect_timeout)
    dial = Sockets("flights", url, max_size=limits.max_size)
    upstream = build("flights", policies, wire, facts, dial=dial)
    found = Bench(upstream, Streams(waiting=waiting, pace=pace), facts, pace)
    try:
        yield found
    finally:
        for reader in found.readers:
            await reader.leave()
        await found.streams.aclose()
        assert len(found.streams) == 0
        await upstream.aclose()


async def eventually(condition: Any) -> None:
    """Waits for what another task or the network brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the network sets no event
            await asyncio.sleep(0.001)
