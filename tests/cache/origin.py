"""A service on a socket whose answers a test decides, and an upstream to it whose clock a test can put forward."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bff.telemetry import Exchange
from bff.upstreams import CacheSettings, Headers, Reply, Request, Upstream, Wire, build, read
from tests.accepting import accepting, port_of
from tests.upstream.calls import ROOM, Facts
from tests.upstream.service import Received, _request, whole

MiB = 2**20
Answer = Callable[[Received], bytes]


def says(body: bytes = b"[]", status: str = "200 OK", **headers: str) -> Answer:
    """The same answer, whatever is asked: `says(b"[1]", cache_control="max-age=60")`."""
    return lambda _: whole(body, status, **headers)


def broken(body: bytes = b"[]", **headers: Any) -> Answer:
    """An answer whose end never comes: the connection closes before it."""
    return lambda _: whole(body + b" ", **headers)[:-1]


@dataclass
class Origin:
    """What was asked of it, and how it answers: by what `answer` is when a request comes, once `gate` is open."""

    answer: Answer = field(default_factory=says)
    received: list[Received] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    answering: int = 0
    down: bool = False  # it hangs up on whoever calls
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.target}" for each in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not self.down and (request := await _request(reader)) is not None:
                self.received.append(request)
                self.answering += 1
                answer = self.answer(request)
                leaving = asyncio.ensure_future(reader.read(1))
                waiting = asyncio.ensure_future(self.gate.wait())
                await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
                self.answering -= 1
                waiting.cancel()
                if leaving.done() or self.down:
                    leaving.cancel()
                    return
                leaving.cancel()
                await asyncio.gather(leaving, return_exceptions=True)
                head, body = answer.split(b"\r\n\r\n", 1)
                writer.write(head + b"\r\n\r\n" + (b"" if request.method == "HEAD" else body))
                await writer.drain()
                whole_or_none = request.method == "HEAD" or b" 304 " in head
                if not whole_or_none and f"content-length: {len(body)}".encode() not in head:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Origin]:
    origin = Origin()
    origin.gate.set()
    async with accepting(origin.serve) as server:
        origin.port = port_of(server)
        yield origin


class Clock:
    """The monotonic clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Client:
    """An upstream with a cache, and who calls it."""

    upstream: Upstream
    facts: Facts
    clock: Clock

    async def ask(self, target: str = "/rows", method: str = "GET", *, headers: Headers = (), **parts: Any) -> Reply:
        """The reply, its body not yet read."""
        own = (("accept", "application/json"), *headers)
        return await self.upstream.sender.send(Request(method, target, deadline=math.inf, headers=own, **parts))

    async def get(self, target: str = "/rows", method: str = "GET", *, headers: Headers = (), **parts: Any) -> bytes:
        reply = await self.ask(target, method, headers=headers, **parts)
        return await read(reply, max_decoded=MiB)

    @property
    def hows(self) -> list[str]:
        """What the cache said of every call, in order."""
        return [fact.cache for fact in self.facts.exchanges]

    @property
    def last(self) -> Exchange:
        return self.facts.exchanges[-1]


def client_of(origin: Origin, **changes: Any) -> Client:
    usual: dict[str, Any] = {"url": origin.url, "coalesce": True, "cache": CacheSettings(size=4 * MiB)}
    settings = replace(ROOM, **(usual | changes))
    facts, clock = Facts(), Clock()
    wire = Wire("rows", origin.url, connect_timeout=settings.connect_timeout)
    return Client(build("rows", settings, wire, facts, clock), facts, clock)
