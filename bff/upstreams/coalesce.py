"""Equal questions at the same moment are one call, and each of those who ask gets what it brings.

Equal is: the same method, target and headers, the trace apart. So nobody gets what was made for somebody else. The call
belongs to none of them: it runs in a task of its own, goes on while anybody waits, and ends with the last who leaves.
What it brought is not kept for a moment longer.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType

from bff.errors import UpstreamTimeout, UpstreamUnreachable
from bff.telemetry.trace import TRACE_HEADERS
from bff.upstreams.clock import Clock
from bff.upstreams.memo import Memo
from bff.upstreams.seam import Headers, Reply, Request, Sender
from bff.upstreams.whole import Whole, whole

Question = tuple[str, str, Headers]
Outcome = Whole | Exception
Waiter = asyncio.Future[Outcome]

READS = frozenset({"GET", "HEAD"})


def question(request: Request) -> Question:
    """All that may change the answer. Equal headers in another order are another question: rare, and safe."""
    return request.method, request.target, tuple([pair for pair in request.headers if pair[0] not in TRACE_HEADERS])


class Flight:
    """One call that is under way, and who waits for it."""

    __slots__ = ("asked", "ends", "task", "trace", "waiters")

    task: asyncio.Task[None]

    def __init__(self, asked: Question, ends: float) -> None:
        """`ends`: when the deadline below ends the call, on the event loop's clock."""
        self.asked = asked
        self.ends = ends
        self.waiters: set[Waiter] = set()
        self.trace: TracebackType | None = None  # of what it failed with

    def land(self, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            self.trace = outcome.__traceback__
        elif len(self.waiters) > 1:
            outcome.memo = Memo()
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(outcome)


Joinable = dict[Question, Flight]


class Coalesce:
    """Shares calls that are under way; above everything that a call costs."""

    def __init__(self, inner: Sender, *, name: str, timeout: float, joinable: Joinable, clock: Clock) -> None:
        """`timeout` is what the deadline below gives a call; `clock` must run with the event loop's. Seconds.

        Whoever empties `joinable` lets nobody join the calls that are under way: they may bring what is no longer so.
        """
        self._inner = inner
        self._name = name
        self._timeout = timeout
        self._clock = clock
        self._joinable = joinable
        self._aloft: set[Flight] = set()

    async def send(self, request: Request) -> Reply:
        if request.method not in READS or request.body is not None:
            return await self._inner.send(request)
        flight = self._joined(request)
        loop = flight.task.get_loop()  # asking which one runs is a call into the kernel before Python 3.12
        waiter: Waiter = loop.create_future()
        flight.waiters.add(waiter)
        hurried = request.deadline < flight.ends
        alarm = loop.call_at(request.deadline, self._late, flight, waiter) if hurried else None
        try:
            outcome = await waiter
        except BaseException:
            self._leave(flight, waiter)
            raise
        finally:
            if alarm is not None:
                alarm.cancel()
        if isinstance(outcome, Exception):
            raise outcome.with_traceback(flight.trace)  # else it would grow by each who raises it
        return outcome.reply()

    def _joined(self, request: Request) -> Flight:
        """What brings the answer: an equal call that is under way, or one that begins now."""
        now = self._clock()
        if request.deadline <= now:
            raise UpstreamTimeout(self._name, detail="the deadline had passed before the call")
        asked = question(request)
        flight = self._joinable.get(asked)
        if flight is None:
            return self._begin(asked, request, now)
        request.timing.shared = True
        return flight

    def _begin(self, asked: Question, request: Request, now: float) -> Flight:
        flight = self._joinable[asked] = Flight(asked, now + self._timeout)
        self._aloft.add(flight)
        if request.deadline < flight.ends:  # the deadline of who asks first is not that of who comes after
            request = request.by(math.inf)
        flight.task = asyncio.get_running_loop().create_task(self._fly(flight, request))
        return flight

    async def _fly(self, flight: Flight, request: Request) -> None:
        outcome: Outcome | None = None
        try:
            outcome = await whole(await self._inner.send(request))
        except Exception as error:  # noqa: BLE001 - each of those who wait raises it
            outcome = error
        finally:
            self._aloft.discard(flight)
            self._close(flight)
            flight.land(self._ended() if outcome is None else outcome)

    def _late(self, flight: Flight, waiter: Waiter) -> None:
        """The time of one who waits is over."""
        if not waiter.done():
            waiter.set_result(UpstreamTimeout(self._name))
            self._leave(flight, waiter)

    def _leave(self, flight: Flight, waiter: Waiter) -> None:
        """The last one who leaves ends the call."""
        flight.waiters.discard(waiter)
        if not flight.waiters and not flight.task.done():
            self._close(flight)
            flight.task.add_done_callback(lambda _: self._aloft.discard(flight))  # it may end before it began
            flight.task.cancel()

    def _close(self, flight: Flight) -> None:
        if self._joinable.get(flight.asked) is flight:
            del self._joinable[flight.asked]

    def _ended(self) -> UpstreamUnreachable:
        return UpstreamUnreachable(self._name, detail="the call was ended before its answer came")

    async def aclose(self) -> None:
        """Calls under way end, and fail as if the service had gone."""
        flights = list(self._aloft)
        for flight in flights:
            flight.task.cancel()
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)
        for flight in flights:
            flight.land(self._ended())  # those that had not begun
        self._joinable.clear()
        self._aloft.clear()
        await self._inner.aclose()

    def __repr__(self) -> str:
        return f"coalesce → {self._inner!r}"
