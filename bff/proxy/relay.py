"""A WebSocket that stands: what the service says goes to the client, and the other way round, until one ends it.

Also we may: when nothing is said for too long, when the client's credential expires, when the gateway stops.
"""

from __future__ import annotations

import asyncio
import time

from bff.errors import (
    BffError,
    GatewayStopping,
    RequestTimeout,
    Unauthenticated,
    UpstreamError,
    UpstreamTooLarge,
)
from bff.proxy.talk import Talk
from bff.upstreams import Goodbye, Reply

# RFC 6455 7.4.1 and IANA's registry of close codes; the first class of an error's MRO that stands here decides.
ENDS: dict[type[BaseException], Goodbye] = {
    UpstreamTooLarge: Goodbye.saying(1009, "A message of the service is over the limit"),
    UpstreamError: Goodbye.saying(1014, "The service is gone"),
    GatewayStopping: Goodbye.saying(1012, "Service restart"),
    Unauthenticated: Goodbye.saying(1008, "The credential has expired"),
    RequestTimeout: Goodbye.saying(1001, "Nothing was said for too long"),
    BaseException: Goodbye.saying(1011, "Internal error"),
}


class Relay:
    """One socket between a client and a service."""

    def __init__(self, reply: Reply, talk: Talk, *, idle: float, expires: float | None) -> None:
        """`idle` in seconds; `expires` on the wall clock."""
        self._reply = reply
        self._talk = talk
        self._idle = idle
        self._loop = asyncio.get_running_loop()
        self._expires = None if expires is None else self._loop.time() + expires - time.time()
        self._until: asyncio.Timeout | None = None  # while it runs
        self._stopping = False

    async def run(self) -> None:
        """Until it is over. Raises why, where it was neither of the two who ended it; the client has been told then."""
        self._talk.moved = self._moved
        try:
            await self._pass()
        except BaseException as error:
            if not self._talk.over:
                await self._talk.part(_goodbye(error))
            elif isinstance(error, UpstreamError):
                return  # the client had closed, and the service did so without a word
            raise

    def stop(self) -> None:
        """The gateway does."""
        self._stopping = True
        self._moved()

    async def _pass(self) -> None:
        try:
            async with asyncio.timeout_at(self._latest()) as self._until:
                async for message in self._reply:
                    await self._talk.say(message)
        except TimeoutError:
            if self._until is None or not self._until.expired():
                raise
            raise self._why() from None
        finally:
            self._until = None

    def _moved(self) -> None:
        if self._until is not None and not self._until.expired():
            self._until.reschedule(self._latest())

    def _latest(self) -> float:
        """When its time is over, on the event loop's clock."""
        now = self._loop.time()
        ends = now + (0 if self._stopping else self._idle)
        return ends if self._expires is None else min(ends, self._expires)

    def _why(self) -> BffError:
        if self._stopping:
            return GatewayStopping()
        if self._expires is not None and self._expires <= self._loop.time():
            return Unauthenticated(detail="the credential of an open WebSocket has expired")
        return RequestTimeout("Nothing was said for too long.")


def _goodbye(error: BaseException) -> Goodbye:
    return next(ENDS[kind] for kind in type(error).__mro__ if kind in ENDS)
