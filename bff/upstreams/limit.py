"""The in-flight limit of an upstream: so many calls at a time, a bounded queue before it, a bounded wait in the queue.

Knows calls and slots, no HTTP. Not an `asyncio.Semaphore`: it has neither a bound on who waits nor a way to see them,
and it has lost wake-ups when a waiter was cancelled (python/cpython#90155).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from bff.errors import UpstreamOverloaded
from bff.upstreams.clock import Clock
from bff.upstreams.seam import Reply, Request, Sender

Turn = asyncio.Future[bool]  # True: a slot was handed over. False: the wait is over


class Slots:
    """First come, first served. A freed slot is handed to the first in the queue, so that nobody overtakes it.

    Invariant: the queue is empty unless every slot is taken.
    """

    def __init__(self, size: int, queue_size: int, queue_wait: float) -> None:
        """`queue_wait` in seconds; a `queue_size` of 0 refuses whoever finds no slot free."""
        self.size = size
        self.queue_size = queue_size
        self.in_flight = 0
        self._queue_wait = queue_wait
        self._queue: OrderedDict[Turn, None] = OrderedDict()

    @property
    def queued(self) -> int:
        return len(self._queue)

    def take(self) -> bool:
        """Take a slot if one is free."""
        if self.in_flight >= self.size:
            return False
        self.in_flight += 1
        return True

    def give(self, _error: BaseException | None = None) -> None:
        """Give a slot back: to the first who still waits for it, else to whoever comes."""
        while self._queue:
            turn, _ = self._queue.popitem(last=False)
            if not turn.done():  # done: cancelled, and its task has not run since
                turn.set_result(True)
                return
        self.in_flight -= 1

    async def wait(self) -> bool:
        """Stand in the queue. True: the caller has a slot now. False: the queue was full, or the wait too long."""
        if len(self._queue) >= self.queue_size:
            return False
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        self._queue[turn] = None
        patience = loop.call_later(self._queue_wait, self._refuse, turn)
        try:
            return await turn
        except BaseException:
            self._leave(turn)
            raise
        finally:
            patience.cancel()

    def _refuse(self, turn: Turn) -> None:
        if not turn.done():
            del self._queue[turn]
            turn.set_result(False)

    def _leave(self, turn: Turn) -> None:
        """Cancelled while waiting, or in the moment between being handed a slot and running again."""
        turn.cancel()
        if turn.cancelled():
            self._queue.pop(turn, None)
        elif turn.result():
            self.give()

    def __repr__(self) -> str:
        return f"{self.in_flight} of {self.size} in flight, {self.queued} of {self.queue_size} queued"


class Limit:
    """Holds a slot from before the wire is called until the answer has come, or its reader or the call is over."""

    def __init__(self, inner: Sender, *, name: str, slots: Slots, clock: Clock) -> None:
        self._inner = inner
        self._name = name
        self._slots = slots
        self._clock = clock

    async def send(self, request: Request) -> Reply:
        if not self._slots.take():
            await self._wait(request)
        try:
            reply = await self._inner.send(request)
        except BaseException:
            self._slots.give()
            raise
        if isinstance(reply.body, bytes):
            self._slots.give()  # the wire is done
        else:
            reply.on_close(self._slots.give)
        return reply

    async def _wait(self, request: Request) -> None:
        began = self._clock()
        try:
            if not await self._slots.wait():
                raise UpstreamOverloaded(self._name, detail=repr(self._slots))
        finally:
            request.timing.waited += self._clock() - began

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"limit {self._slots!r} → {self._inner!r}"
