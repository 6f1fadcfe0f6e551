"""What carries an event from the process that received it to those whose subscribers hear it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from bff import codec
from bff.events import Topics

MOST_SEEN = 100_000  # messages that are remembered; only those who have a secret can send one


class Carrier(Protocol):
    """Carries each message once."""

    async def publish(self, topic: str, sender: str, id_: str, body: bytes, remember: float) -> bool:
        """Give it to all who hear `topic`; False where `sender` has sent it before, within `remember` seconds.

        `body` is JSON. Raises EventsAway where it could not be carried, and may be sent again.
        """
        ...

    async def start(self) -> None: ...

    async def aclose(self) -> None: ...


class MemoryCarrier:
    """Within one process."""

    def __init__(self, topics: Topics, clock: Callable[[], float] = time.monotonic, *, most: int = MOST_SEEN) -> None:
        """`most` messages are remembered."""
        self._topics = topics
        self._most = most
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()  # and when it may be forgotten

    async def publish(self, topic: str, sender: str, id_: str, body: bytes, remember: float) -> bool:
        now = self._clock()
        self._forget(now)
        if self._seen.get((sender, id_), now) > now:
            return False
        self._seen[sender, id_] = now + remember
        self._topics.deliver(topic, codec.decode(body))
        return True

    def _forget(self, now: float) -> None:
        """Those that came first, once their time is over; one that is kept longer holds up those behind it."""
        while self._seen and (len(self._seen) >= self._most or next(iter(self._seen.values())) <= now):
            self._seen.popitem(last=False)

    async def start(self) -> None:
        """Nothing has to be reached."""

    async def aclose(self) -> None:
        """Nothing is open."""
