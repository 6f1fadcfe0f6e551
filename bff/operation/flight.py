"""One execution for all who ask for the same at the same moment.

A flight belongs to none of those on board: it runs in a task of its own, ends early only when the last of them has
left, and is not boarded once it has landed, or once something was written. Who may board is decided by the key that it
is under: no caller is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar, cast

from bff.plan.context import Context
from bff.telemetry import Exchange

T = TypeVar("T")


class Flight(Generic[T]):
    """One execution under way. `lasting`: it is not ended when nobody waits for it any more."""

    __slots__ = ("_lasting", "_waiting", "abandoned", "aboard", "context", "done", "work")

    def __init__(self, context: Context, work: Coroutine[Any, Any, T], *, lasting: bool) -> None:
        self.context = context
        self.work: Awaitable[T] = work
        self.done = False
        self.abandoned = False
        self.aboard = 0  # passengers
        self._lasting = lasting
        self._waiting: list[asyncio.Future[None]] = []

    def shared(self, landed: Callable[[], object]) -> None:
        """Run in a task of its own, so that it belongs to nobody; call `landed` at its end."""
        task = asyncio.ensure_future(self.work)
        task.add_done_callback(lambda task: self._over(task, landed))
        self.work = task

    async def landed(self) -> T:
        """What it comes to, for one of those on board of one that is `shared`: who is cancelled here ends nothing."""
        task = cast("asyncio.Future[T]", self.work)
        if not task.done():
            waiting = task.get_loop().create_future()  # cheaper than a shield, and as many may come as like
            self._waiting.append(waiting)
            await waiting
        return task.result()

    def _over(self, task: asyncio.Future[T], landed: Callable[[], object]) -> None:
        self.done = True
        landed()
        if not task.cancelled():
            task.exception()  # looked at, though nobody may wait for it any more
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    @property
    def ends(self) -> float:
        """When the time of who set out first is over, on the event loop's clock."""
        return self.context.scope.deadline

    @property
    def exchanges(self) -> list[Exchange]:
        return self.context.scope.exchanges

    def leave(self) -> None:
        self.aboard -= 1
        if not self.aboard and not self._lasting and not self.done:
            self.abandoned = True
            self.context.abandon()


class Passenger(Generic[T]):
    """One request, and the flight that it is on. It may leave at any time, also before it has boarded."""

    __slots__ = ("flight", "followed", "gone")

    def __init__(self) -> None:
        self.gone = False
        self.flight: Flight[T] | None = None
        self.followed = False  # it boarded a flight that was under way

    def board(self, flight: Flight[T], *, followed: bool) -> None:
        self.flight, self.followed = flight, followed
        flight.aboard += 1
        if self.gone:
            flight.leave()

    def leave(self) -> None:
        if not self.gone and self.flight is not None:
            self.flight.leave()
        self.gone = True

    @property
    def exchanges(self) -> list[Exchange]:
        """The calls that were made for this request."""
        return [] if self.flight is None or self.followed else self.flight.exchanges


class Flights(Generic[T]):
    """Those under way that may be boarded. `late` tells what came too late for who set out first, maybe not for all."""

    __slots__ = ("_late", "_open")

    def __init__(self, late: Callable[[T], bool]) -> None:
        self._late = late
        self._open: dict[Hashable, Flight[T]] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def fly(self, passenger: Passenger[T], key: Hashable, begin: Callable[[], Flight[T]], until: float) -> T:
        """What the flight under this key comes to; one that `begin` begins, where there is none, or the key is None.

        `until` is when the passenger's own time is over, on the event loop's clock. A follower to whom a flight brings
        nothing but that its time was over sets out again, while there is time.
        """
        if key is None:
            alone = begin()
            passenger.board(alone, followed=False)
            try:
                return await alone.work
            finally:
                alone.done = True
        clock = asyncio.get_running_loop().time
        while (flight := self._boardable(key, until, clock())) is not None:
            passenger.board(flight, followed=True)
            landed = await flight.landed()
            now = clock()
            if now >= until or not ((now >= flight.ends or flight.abandoned) and self._late(landed)):
                return landed
        self._open[key] = flight = begin()
        flight.shared(lambda: self._close(key, flight))
        passenger.board(flight, followed=False)
        return await flight.landed()

    def part(self) -> None:
        """Let nobody board what is under way: something was written, and it may bring what is no longer so."""
        self._open.clear()

    def _boardable(self, key: Hashable, until: float, now: float) -> Flight[T] | None:
        """One whose time is over neither long before nor long after the passenger's."""
        flight = self._open.get(key)
        if flight is None or flight.abandoned:
            return None
        left, own = flight.ends - now, until - now
        return flight if own / 2 <= left <= own * 2 else None

    def _close(self, key: Hashable, flight: Flight[T]) -> None:
        if self._open.get(key) is flight:
            del self._open[key]
