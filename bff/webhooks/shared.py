"""Between processes: what one receives is published in the store that they share, and heard by all, itself included.

Knows what to ask of a store, and no protocol. While the store is away, messages are refused and so sent again; what
others published meanwhile is lost here, and subscribers are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

from bff import codec
from bff.errors import EventsAway, EventsMissed
from bff.events import Topics
from bff.events.pace import Pace
from bff.limits.circuit import Circuit
from bff.limits.line import Line, StoreAway
from bff.telemetry import Observer, Silent

# Remembering the message and publishing it are one step: nobody's message is remembered and lost.
SCRIPT = """
if not redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) then return 0 end
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
"""
PATIENCE = 2.0  # seconds that a start waits until it hears
TIMEOUT = 1.0  # seconds that a message waits for the store; its sender waits longer
SOON = 5.0  # seconds after which a store that was away is listened to again, at the latest

Question = tuple[str | int | bytes, ...]  # a command of the store and its arguments
Run = Callable[[Sequence[Question]], Awaitable[Sequence[Any]]]
Heard = AsyncGenerator[tuple[str, bytes] | None, None]
Listen = Callable[[str], Heard]


class SharedCarrier:
    """`run` answers commands and `listen` gives what is published on channels of a pattern: None once it hears.

    Both raise StoreAway.
    """

    def __init__(
        self,
        topics: Topics,
        run: Run,
        listen: Listen,
        aclose: Callable[[], Awaitable[None]],
        *,
        observer: Observer | None = None,
        pace: Pace | None = None,
        prefix: str = "bff",
        patience: float = PATIENCE,
    ) -> None:
        self._topics = topics
        self._line: Line[Question, Any] = Line(run, timeout=TIMEOUT, circuit=Circuit(), on_store=_ignored)
        self._listen = listen
        self._aclose = aclose
        self._observer = observer or Silent()
        self._pace = pace or Pace()
        self._patience = patience
        self._channel = f"{prefix}:topic:"
        self._seen = f"{prefix}:webhook:"
        self._hears = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def publish(self, topic: str, sender: str, id_: str, body: bytes, remember: float) -> bool:
        key, channel = f"{self._seen}{sender}:{id_}", f"{self._channel}{topic}"
        try:
            question = ("EVAL", SCRIPT, 1, key, round(remember * 1_000), channel, body)
            return bool(await asyncio.shield(self._line.ask(question)))
        except StoreAway as away:
            raise EventsAway from away

    async def start(self) -> None:
        """Hear from now on; a start waits a moment for it, and does not depend on it."""
        if self._task is None:
            self._task = asyncio.create_task(self._hearing())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._hears.wait()

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._line.aclose()
        with suppress(StoreAway):
            await self._aclose()

    async def _hearing(self) -> None:
        failures = 0
        while True:
            try:
                async with aclosing(self._listen(f"{self._channel}*")) as heard:
                    async for message in heard:
                        failures = 0
                        self._deliver(message)
            except StoreAway:
                failures += 1
            await asyncio.sleep(min(SOON, self._pace.reopen(None, failures)))

    def _deliver(self, message: tuple[str, bytes] | None) -> None:
        if message is None:
            if self._hears.is_set():  # once more: what came in between is lost
                self._topics.tell(EventsMissed())
            self._hears.set()
            return
        channel, body = message
        topic = channel.removeprefix(self._channel)
        if self._topics.heard(topic):
            try:
                self._topics.deliver(topic, codec.decode(body))
            except ValueError as error:  # somebody else writes there
                self._observer.failure("", f"topic {topic}", error)


def _ignored(_state: str, _reason: str) -> None:
    """The ledger tells of a store that goes away."""
