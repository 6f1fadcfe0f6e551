"""WebSockets on their way through: opened at the service, joined with the client, ended when the gateway ends.

Knows neither who may have one nor what passes.
"""

from __future__ import annotations

import asyncio

from bff.errors import GatewayStopping, OperationAbandoned, RouteNotFound
from bff.proxy.passage import Through, Way
from bff.proxy.relay import Relay
from bff.proxy.talk import Talk
from bff.upstreams import Reply, Request, Sender

SWITCHED = 101


class Switching:
    """All that are open."""

    def __init__(self) -> None:
        self._relays: set[Relay] = set()
        self._stopping = False

    def way(self, way: Way) -> Through:
        """Raises `RouteNotFound` where none passes, `GatewayStopping` where none begins any more."""
        if way.through is None:
            raise RouteNotFound("There is no WebSocket at this path.")
        if self._stopping:
            raise GatewayStopping
        return way.through

    def stop(self) -> None:
        self._stopping = True
        for relay in self._relays:
            relay.stop()

    async def run(self, relay: Relay) -> None:
        self._relays.add(relay)
        if self._stopping:  # while the service was asked
            relay.stop()
        try:
            await relay.run()
        finally:
            self._relays.discard(relay)


async def opened(sender: Sender, request: Request, talk: Talk) -> Reply:
    """The service's answer. A client that hangs up before it ends the call: `OperationAbandoned`."""
    opening, leaving = asyncio.ensure_future(sender.send(request)), asyncio.ensure_future(talk.left())
    try:
        await asyncio.wait((opening, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            raise OperationAbandoned
        return await opening
    finally:
        for task in (opening, leaving):
            task.cancel()
        await asyncio.gather(opening, leaving, return_exceptions=True)
