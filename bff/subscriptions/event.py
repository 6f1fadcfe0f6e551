"""One event of a subscription is one execution: reserved, run, settled. Knows no source and no transport."""

from __future__ import annotations

import asyncio
import math
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

from bff.errors import TooManyAtOnce
from bff.limits.actual import Spent
from bff.limits.quota import Tier
from bff.limits.store import Reservation
from bff.operation import MARGIN, Answer, Asking, Flight, Landed, Operations, Passenger, Prepared, company

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


class Same:
    """One event, whoever got it: equal to itself alone, and there for as long as something is known of it."""

    __slots__ = ("_event",)

    def __init__(self, event: Any) -> None:
        self._event = event

    def __hash__(self) -> int:
        return id(self._event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._event is other._event


class Executions:
    """Answers the events of one subscription. Subscribers to whom all is equal share what one event comes to."""

    __slots__ = ("_asking", "_company", "_operations", "_prepared", "_quota", "_turn", "_weight")

    def __init__(self, operations: Operations, prepared: Prepared, asking: Asking, turns: Turns) -> None:
        rules = operations.rules[asking.caller.tier]
        events = prepared.plan.roots[0].field.source.events
        self._operations = operations
        self._prepared = prepared
        self._asking = asking
        self._quota = rules.quota
        self._turn = turns.of(asking.caller.client, rules.quota)
        self._company = company(operations.upstreams, prepared, asking) if rules.share else None
        self._weight = math.ceil(events.weight) if events else 0

    async def pay(self, points: float) -> None:
        """For calls that brought no event. Raises QuotaExceeded, as an event would."""
        if self._quota is None:
            return
        points = min(math.ceil(points), self._quota.burst)
        async with self._turn or nullcontext():
            await self._operations.ledger.settle(await self._reserved(self._quota, points), points)

    async def answer(self, event: Any) -> Answer:
        """What the client gets of this event. Cancelled, it is settled all the same. Raises QuotaExceeded."""
        passenger: Passenger[Landed] = Passenger()
        if self._prepared.program.still:
            return await self._paid(event, passenger)
        task = asyncio.ensure_future(self._paid(event, passenger))
        running = self._operations.running
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            passenger.leave()
            raise

    async def _paid(self, event: Any, passenger: Passenger[Landed]) -> Answer:
        if self._quota is None:
            return self._operations.answer(self._prepared, await self._landed(event, passenger), self._asking)
        if self._turn is None:
            return await self._settled(self._quota, event, passenger)
        async with self._turn:
            return await self._settled(self._quota, event, passenger)

    async def _settled(self, quota: Tier, event: Any, passenger: Passenger[Landed]) -> Answer:
        operations = self._operations
        reservation = await self._reserved(quota, max(1, self._prepared.price.points))
        used = Spent(1, 0)
        try:
            landed = await self._landed(event, passenger)
            used = landed.used
        finally:
            standing = await operations.ledger.settle(reservation, used.points)
        return operations.answer(self._prepared, landed, self._asking, reservation.tier, standing)

    async def _reserved(self, quota: Tier, points: int) -> Reservation:
        operations, client = self._operations, self._asking.caller.client
        clock = asyncio.get_running_loop().time
        deadline = clock() + operations.timeout
        while True:
            try:
                return await operations.ledger.reserve(client, quota, points, ttl=operations.timeout + MARGIN)
            except TooManyAtOnce:
                if clock() + PAUSE >= deadline:
                    raise
                await asyncio.sleep(PAUSE)

    async def _landed(self, event: Any, passenger: Passenger[Landed]) -> Landed:
        operations, prepared, asking = self._operations, self._prepared, self._asking
        started = asyncio.get_running_loop().time()

        def begin() -> Flight[Landed]:
            context = operations.context(prepared, asking, started)
            return Flight(context, operations.executed(prepared, asking.envelope, context, event), lasting=False)

        key = None if self._company is None else (self._company, Same(event))
        landed = await operations.flights.fly(passenger, key, begin, started + operations.timeout)
        points = min(landed.used.points + self._weight, max(1, prepared.price.points))
        return landed._replace(used=Spent(points, landed.used.calls))
