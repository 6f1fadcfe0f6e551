"""Accounts in a store that all processes share; while it is away, a share of every tier in the memory of this one.

Knows what to ask a store and what to do without its answer. Knows no protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

from bff.limits import quota
from bff.limits.circuit import Circuit
from bff.limits.line import Line, StoreAway
from bff.limits.memory import MemoryLedger
from bff.limits.quota import Account, Refusal, Standing, Tier
from bff.limits.store import TTL, OnStore, Reservation, check_price, new_id, refused

OWED = 10_000  # settlements kept for a store that is away; the oldest are lost first: their reservations expire first


@dataclass(frozen=True, slots=True)
class Question:
    """One decision to be made in the store. `amount`: how many ms a reservation is kept, or the actual points."""

    verb: Literal["reserve", "settle"]
    id: str
    client: str
    tier: Tier
    points: int
    amount: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the store decided, and the account after it."""

    granted: bool
    account: Account


class Store(Protocol):
    """What decides questions: each one atomically, and all in their order."""

    async def exchange(self, questions: Sequence[Question]) -> Sequence[Verdict]:
        """Raises StoreAway if it did not decide all of them. Ends by itself, within a second or two."""
        ...

    async def aclose(self) -> None: ...


class SharedLedger:
    """A Ledger over a store that may be away: never unlimited then, and never closed to everybody.

    A decision uses the store or the local share, never both. What the store held when it went away is settled when it
    is back, or expires.
    """

    def __init__(self, store: Store, *, timeout: float, share: int, circuit: Circuit, on_store: OnStore) -> None:
        """`timeout`: seconds that a decision waits for the store. `share`: how many processes may lose it at once."""
        self._line = Line(store.exchange, timeout=timeout, circuit=circuit, on_store=self._said)
        self._store = store
        self._local = MemoryLedger(share=share, local=True)
        self._on_store = on_store
        self._owed: deque[Question] = deque(maxlen=OWED)

    async def check(self) -> None:
        """Ask the store once, for a start that insists on it. Raises StoreAway with the reason."""
        await self._line.probe(Question("settle", new_id(), "", Tier(1, 1), points=0, amount=0))

    async def reserve(self, client: str, tier: Tier, points: int, *, ttl: float = TTL) -> Reservation:
        check_price(tier, points)
        if not self._line.open:
            return await self._local.reserve(client, tier, points, ttl=ttl)
        question = Question("reserve", new_id(), client, tier, points, round(ttl * 1_000))
        unused = replace(question, verb="settle", amount=0)
        try:
            verdict = await asyncio.shield(self._line.ask(question))
        except StoreAway:
            self._owed.append(unused)  # it may have been granted where nobody heard of it
            return await self._local.reserve(client, tier, points, ttl=ttl)
        except asyncio.CancelledError:
            self._settle(unused)  # asked after it, so done after it
            raise
        return _reservation(question, verdict)

    async def settle(self, reservation: Reservation, actual: int) -> Standing:
        if reservation.local:
            return await self._local.settle(reservation, actual)
        tier, points = reservation.tier, reservation.points
        question = Question("settle", reservation.id, reservation.client, tier, points, actual)
        try:
            verdict = await asyncio.shield(self._settle(question))
        except StoreAway:
            return _without_store(reservation, actual)
        return quota.standing(verdict.account, tier)

    async def aclose(self) -> None:
        await self._line.aclose()
        await self._local.aclose()
        await self._store.aclose()

    def _settle(self, question: Question) -> asyncio.Future[Verdict]:
        """Settled or owed from here on, whether or not anybody waits for it."""
        answer = self._line.ask(question)
        answer.add_done_callback(partial(self._settled, question))
        return answer

    def _settled(self, question: Question, answer: asyncio.Future[Verdict]) -> None:
        if answer.cancelled() or answer.exception():
            self._owed.append(question)

    def _said(self, state: Literal["up", "down"], reason: str) -> None:
        if state == "up":
            owed, self._owed = self._owed, deque(maxlen=OWED)
            for question in owed:
                self._settle(question)
        self._on_store(state, reason)


def _reservation(question: Question, verdict: Verdict) -> Reservation:
    tier, points = question.tier, question.points
    if not verdict.granted:
        refusal = quota.refusal(verdict.account, tier, points) or Refusal("points", wait=1)
        raise refused(refusal, tier, points, quota.standing(verdict.account, tier))
    return Reservation(question.id, question.client, tier, points, verdict.account)


def _without_store(reservation: Reservation, actual: int) -> Standing:
    """Where the client stood when the store was last heard of, and what it gets back."""
    before = reservation.standing
    remaining = before.remaining + max(0, reservation.points - actual)
    return before._replace(remaining=min(remaining, reservation.tier.burst), local=True)
