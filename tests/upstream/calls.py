"""How the tests call: an upstream with settings that suit most of them, and one line for a call read to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bff.telemetry import Exchange, Silent
from bff.upstreams import Reply, Request, Sender, Upstream, UpstreamSettings, Wire, build, read

ROOM = UpstreamSettings(
    timeout=20.0,
    connect_timeout=10.0,
    max_in_flight=100,
    queue_size=100,
    queue_wait=10.0,
    max_response=1_000_000,
    max_decoded=1_000_000,
    coalesce=False,  # the layers below see every call; tests of sharing say so
)


class Facts(Silent):
    """An observer that remembers."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def exchange(self, fact: Exchange) -> None:
        self.exchanges.append(fact)


def an_upstream(url: str, *, wire: Sender | None = None, observer: Silent | None = None, **changes: Any) -> Upstream:
    settings = replace(ROOM, **changes)
    wire = wire or Wire("cities", url, connect_timeout=settings.connect_timeout)
    return build("cities", settings, wire, observer or Silent())


def asks(target: str, method: str = "GET", *, within: float = 20.0, **parts: Any) -> Request:
    return Request(method, target, deadline=asyncio.get_running_loop().time() + within, **parts)


async def fetch(upstream: Upstream, target: str, method: str = "GET", **parts: Any) -> tuple[Reply, bytes]:
    reply = await upstream.sender.send(asks(target, method, **parts))
    return reply, await read(reply, max_decoded=upstream.settings.max_decoded)


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits for what another task or the network brings about."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the network sets no event
            await asyncio.sleep(0.001)
