"""Several operations in one request: paid for together or refused together, answered in their order. Knows no HTTP.

entries    each is a request of its own: its document is found, or it is answered with what is wrong with it
price      the sum of all; reserved at once, so that a batch over the quota runs in no part
turns      queries run side by side; a mutation runs when all before it have ended, and all after it wait for it
settle     what each really cost is charged, and the rest of the sum given back
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from bff.document import Refusal
from bff.envelope import Batch, Envelope
from bff.errors import BadRequest, BffError, QuotaExceeded
from bff.limits.quota import Standing, Tier
from bff.limits.store import Ledger, Reservation
from bff.mask import refused
from bff.operation import MARGIN, NOTHING, Answer, Asking, Operations
from bff.persisted import Persisted


class Batched(NamedTuple):
    """What became of a batch: the answers in its order, and one for the whole, which has no body."""

    whole: Answer
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Answers batches."""

    operations: Operations
    persisted: Persisted

    async def answer(self, asking: Asking, batch: Batch) -> Batched:
        """`asking` is that of the request, whatever its envelope. Cancelled, each operation ends as it would alone."""
        entries = [_Entry() for _ in batch.entries]
        async with asyncio.TaskGroup() as group:
            pairs = zip(entries, batch.entries, strict=True)
            tasks = [group.create_task(self._answered(entry, found, asking)) for entry, found in pairs]
            weights = [await entry.weight for entry in entries]
            common = await self._reserved(asking, weights)
            try:
                for turn in _turns(weights):
                    for at in turn:
                        entries[at].turn.set_result(common)
                    await asyncio.wait([tasks[at] for at in turn])
            finally:
                standing = await common.end() if isinstance(common, _Common) else None
        answers = tuple([task.result() for task in tasks])
        return Batched(self._whole(asking, common, standing), answers)

    async def _answered(self, entry: _Entry, found: Envelope | BadRequest, asking: Asking) -> Answer:
        try:
            if isinstance(found, BadRequest):
                return Answer(**refused(found))
            return await self.persisted.answer(replace(asking, envelope=found), partial(self._run, entry))
        finally:
            if not entry.weight.done():
                entry.weight.set_result(NOTHING_TO_RUN)

    async def _run(self, entry: _Entry, asking: Asking) -> Answer:
        """The operation, once its document is known: its price is told first, and then its turn is awaited."""
        if not entry.weight.cancelled():  # else the client has left already, and so has who waits for it
            entry.weight.set_result(self._weight(asking))
        return await self.operations.run(replace(asking, ledger=await entry.turn))

    def _weight(self, asking: Asking) -> Weight:
        try:
            prepared = self.operations.prepare(asking.envelope, asking.caller)
        except (Refusal, BffError):
            return NOTHING_TO_RUN  # when its turn has come it is refused again, and told why
        return Weight(max(1, prepared.price.points), alone=prepared.plan.kind == "mutation")

    async def _reserved(self, asking: Asking, weights: Sequence[Weight]) -> Ledger | None:
        """What the operations spend from; None where no quota is kept, or nothing is to be paid."""
        quota, points = self.operations.rules[asking.caller.tier].quota, sum(weight.points for weight in weights)
        if quota is None or not points:
            return None
        ledger, turns = self.operations.ledger, sum(1 for _ in _turns(weights))
        try:
            held = await ledger.reserve(
                asking.caller.client, quota, points, ttl=self.operations.timeout * turns + MARGIN
            )
        except BffError as refusal:
            return _Refusing(refusal)
        return _Common(ledger, held)

    def _whole(self, asking: Asking, common: Ledger | None, standing: Standing | None) -> Answer:
        quota = self.operations.rules[asking.caller.tier].quota
        if isinstance(common, _Refusing):
            told = common.refusal.numbers if isinstance(common.refusal, QuotaExceeded) else NOTHING
            return Answer(**refused(common.refusal), tier=quota, standing=told)
        return Answer([], tier=quota, standing=standing.numbers) if standing else Answer([])


class Weight(NamedTuple):
    """What an operation of a batch costs at worst, and whether it runs alone."""

    points: int
    alone: bool = False


NOTHING_TO_RUN = Weight(0)


class _Entry:
    """One operation on its way through a batch."""

    __slots__ = ("turn", "weight")

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.weight: asyncio.Future[Weight] = loop.create_future()
        self.turn: asyncio.Future[Ledger | None] = loop.create_future()


def _turns(weights: Sequence[Weight]) -> Iterator[range]:
    """Places that run side by side, one after the other: as many queries as follow each other, or one mutation."""
    start = 0
    for at, weight in enumerate(weights):
        if weight.alone:
            if start < at:
                yield range(start, at)
            yield range(at, at + 1)
            start = at + 1
    if start < len(weights):
        yield range(start, len(weights))


class _Common:
    """A ledger of what was reserved for all operations of a batch. It is settled when the last of them is.

    That may be after the batch has ended: a mutation whose client has left runs to its end.
    """

    def __init__(self, ledger: Ledger, held: Reservation) -> None:
        self._ledger = ledger
        self._held = held
        self._used = 0
        self._running = 0
        self._ended = False

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = 0) -> Reservation:
        if self._ended:  # nothing is left here for who begins that late
            return await self._ledger.reserve(client, tier, points, ttl=ttl)
        self._running += 1
        return self._held._replace(id="", points=points)

    async def settle(self, reservation: Reservation, actual: int) -> Standing:
        if reservation.id:
            return await self._ledger.settle(reservation, actual)
        self._used += min(actual, reservation.points)
        self._running -= 1
        return await self._settled() if self._ended and not self._running else self._held.standing

    async def end(self) -> Standing:
        """No operation begins any more."""
        self._ended = True
        return self._held.standing if self._running else await self._settled()

    async def _settled(self) -> Standing:
        return await self._ledger.settle(self._held, self._used)

    async def aclose(self) -> None:
        """It belongs to nobody but the batch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Refusing:
    """A ledger that has refused the batch, and so each operation of it."""

    refusal: BffError

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = 0) -> Reservation:  # noqa: ARG002 - a Ledger
        raise self.refusal

    async def settle(self, reservation: Reservation, actual: int) -> Standing:  # noqa: ARG002 - a Ledger
        return reservation.standing

    async def aclose(self) -> None:
        """It holds nothing."""
