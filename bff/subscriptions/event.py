"""One event of a subscription is one execution: reserved, run, settled. Knows no source and no transport."""

from __future__ import annotations

import asyncio
import math
from typing import Any
from weakref import WeakValueDictionary

from bff.asking import Answer, Asking, Landed, Prepared
from bff.errors import TooManyAtOnce
from bff.limits.actual import Spent
from bff.limits.quota import Tier
from bff.limits.store import Reservation
from bff.operation import MARGIN, Operations
from bff.plan.context import Context

PAUSE = 0.1  # seconds between asking for one of the client's places and asking again
SHARE = 2  # of the operations that a client may have at once, its events take one part of so many


class Turns:
    """How many events of one client run at once. It did not send them all at this moment, so they wait."""

    def __init__(self) -> None:
        self._of: WeakValueDictionary[tuple[str, int], asyncio.Semaphore] = WeakValueDictionary()

    def of(self, client: str, tier: Tier | None) -> asyncio.Semaphore | None:
        """What the events of this client take turns by; None where as many run as there are."""
        if tier is None or tier.max_concurrent is None:
            return None
        most = max(1, tier.max_concurrent // SHARE)
        found = self._of.get((client, most))
        if found is None:
            found = self._of[client, most] = asyncio.Semaphore(most)
        return found


class Executions:
    """Answers the events of one subscription."""

    __slots__ = ("_asking", "_operations", "_prepared", "_quota", "_turn", "_weight")

    def __init__(self, operations: Operations, prepared: Prepared, asking: Asking, turns: Turns) -> None:
        self._operations = operations
        self._prepared = prepared
        self._asking = asking
        self._quota = operations.rules[asking.caller.tier].quota
        self._turn = turns.of(asking.caller.client, self._quota)
        events = prepared.plan.roots[0].field.source.events
        self._weight = math.ceil(events.weight) if events else 0

    async def answer(self, event: Any) -> Answer:
        """What the client gets of this event. Cancelled, it is settled all the same. Raises QuotaExceeded."""
        operations = self._operations
        context = operations.context(self._prepared, self._asking, asyncio.get_running_loop().time())
        if self._prepared.program.still:
            return await self._paid(event, context)
        task = asyncio.ensure_future(self._paid(event, context))
        operations.running.add(task)
        task.add_done_callback(operations.running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            context.abandon()
            raise

    async def _paid(self, event: Any, context: Context) -> Answer:
        if self._quota is None:
            return self._operations.answer(self._prepared, await self._landed(event, context), self._asking)
        if self._turn is None:
            return await self._settled(self._quota, event, context)
        async with self._turn:
            return await self._settled(self._quota, event, context)

    async def _settled(self, quota: Tier, event: Any, context: Context) -> Answer:
        operations = self._operations
        reservation = await self._reserved(quota, context.scope.deadline)
        used = Spent(1, 0)
        try:
            landed = await self._landed(event, context)
            used = landed.used
        finally:
            standing = await operations.ledger.settle(reservation, used.points)
        return operations.answer(self._prepared, landed, self._asking, reservation.tier, standing)

    async def _reserved(self, quota: Tier, deadline: float) -> Reservation:
        operations, client = self._operations, self._asking.caller.client
        points = max(1, self._prepared.price.points)
        while True:
            try:
                return await operations.ledger.reserve(client, quota, points, ttl=operations.timeout + MARGIN)
            except TooManyAtOnce:
                if asyncio.get_running_loop().time() + PAUSE >= deadline:
                    raise
                await asyncio.sleep(PAUSE)

    async def _landed(self, event: Any, context: Context) -> Landed:
        prepared = self._prepared
        landed = await self._operations.executed(prepared, self._asking.envelope, context, event)
        points = min(landed.used.points + self._weight, max(1, prepared.price.points))
        return landed._replace(used=Spent(points, landed.used.calls))
