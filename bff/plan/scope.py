"""What one operation has while it runs: a deadline, the services it may reach, its tasks, and the calls it has made.

Made for one operation of one caller and never shared: what is forwarded and recorded here belongs to nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextvars import Context, ContextVar, copy_context
from types import MappingProxyType
from typing import Any, TypeVar

from bff.connectors import Connector
from bff.errors import OperationAbandoned, OperationTooExpensive
from bff.plan.lanes import Lane
from bff.telemetry import Exchange
from bff.telemetry.trace import TRACE_HEADERS
from bff.upstreams import Headers, Upstream, claimed, forwarded

T = TypeVar("T")

Path = tuple[str, ...]
NOTHING: Mapping[str, Any] = MappingProxyType({})
WHERE: ContextVar[Path] = ContextVar("WHERE", default=())


class Scope:
    """One operation's means. `deadline` is absolute, on the event loop's clock."""

    __slots__ = (
        "_calls",
        "_closed",
        "_headers",
        "_inside",
        "_lanes",
        "_loop",
        "_tasks",
        "carried",
        "claims",
        "client",
        "deadline",
        "exchanges",
        "incoming",
        "max_calls",
        "scopes",
        "trace",
        "upstreams",
    )

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        deadline: float,
        incoming: Headers = (),
        *,
        scopes: frozenset[str] = frozenset(),
        claims: Mapping[str, Any] = NOTHING,
        trace: Headers = (),
        max_calls: int = 1_000_000,
        client: str = "",
    ) -> None:
        """`trace` is the operation's place in its trace, the parent of every call; `client` whose operation it is."""
        self.upstreams = upstreams
        self.deadline = deadline
        self.incoming = incoming  # the caller's request headers; what a service sees of them is its `forward` list
        self.scopes = scopes  # that the caller has
        self.claims = claims  # of the caller's token
        self.trace = trace
        self.max_calls = max_calls
        self.client = client  # "" where nobody is told from anybody
        self.exchanges: list[Exchange] = []
        self.carried: dict[Connector, Headers] = {}  # by calls that all carry the same
        self._loop: asyncio.AbstractEventLoop | None = None
        self._calls = 0
        self._closed = False
        self._lanes: dict[str, Lane] = {}
        self._headers: dict[str, Headers] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._inside: set[asyncio.Task[Any]] = set()

    def headers_for(self, name: str) -> Headers:
        """What this operation sends to a service: headers and claims of the caller that it lists, trace, constants."""
        found = self._headers.get(name)
        if found is None:
            settings = self.upstreams[name].settings
            listed = forwarded(self.incoming, settings.forward - TRACE_HEADERS) if settings.forward else ()
            told = claimed(self.claims, settings.claims) if settings.claims else ()
            found = self._headers[name] = (*listed, *told, *self.trace, *settings.headers)
        return found

    def count_call(self) -> None:
        """Raises OperationTooExpensive once code has made more calls than an operation may, whatever was planned."""
        self._calls += 1
        if self._calls > self.max_calls:
            raise OperationTooExpensive("The operation made more upstream calls than one may.")

    def lane(self, name: str) -> Lane:
        """The operation's own queue towards one service, so that one wide operation does not take every slot."""
        if name not in self._lanes:
            self._lanes[name] = Lane(self.width(name), self.begin)
        return self._lanes[name]

    def width(self, name: str) -> int:
        """How many calls to a service it makes at once."""
        return max(1, self.upstreams[name].settings.max_in_flight // LANE_SHARE)

    def spawn(self, work: Coroutine[Any, Any, Any], path: Path = ()) -> asyncio.Future[Any]:
        """Begin `work` that may be code: `path` is the field it is for, and what it loads is wanted there (`WHERE`)."""
        place = copy_context()
        place.run(WHERE.set, path)
        return self.begin(work, place)

    def begin(self, work: Coroutine[Any, Any, Any], place: Context | None = None) -> asyncio.Future[Any]:
        """Run `work` as a task that ends with the operation at the latest; a cancelled future once that is over."""
        loop = self._loop = self._loop or asyncio.get_running_loop()  # asking is a call into the kernel
        if self._closed:
            work.close()
            gone = loop.create_future()
            gone.cancel()
            return gone
        task = loop.create_task(work, context=place)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def each(self, works: Sequence[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
        """What each of these comes to, run at once: its result, or why there is none. All end with the operation."""
        if self._closed or not works:
            return [_abandoned(work) for work in works]
        loop = self._loop = self._loop or asyncio.get_running_loop()
        tasks = [loop.create_task(work) for work in works]
        over, left, running = loop.create_future(), len(tasks), self._tasks

        def ended(task: asyncio.Task[T]) -> None:
            nonlocal left
            running.discard(task)
            left -= 1
            if not left and not over.done():
                over.set_result(None)

        running.update(tasks)
        for task in tasks:
            task.add_done_callback(ended)
        try:
            await over
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        return [OperationAbandoned() if task.cancelled() else task.exception() or task.result() for task in tasks]

    @property
    def closed(self) -> bool:
        return self._closed

    def enter(self) -> asyncio.Task[Any]:
        """The current task, which makes a call and is cancelled if the operation ends meanwhile.

        Raises OperationAbandoned if it has ended.
        """
        loop = self._loop = self._loop or asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if self._closed or task is None:
            raise OperationAbandoned
        self._inside.add(task)
        return task

    def leave(self, task: asyncio.Task[Any]) -> None:
        """It is over."""
        self._inside.discard(task)

    def close(self) -> None:
        """Cancel what still runs, and begin nothing new."""
        self._closed = True
        for task in self._inside:
            task.cancel()
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()
        for task in list(self._tasks):
            task.cancel()

    @property
    def runs(self) -> bool:
        """Whether something of it still does."""
        return bool(self._tasks)

    async def ended(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _abandoned(work: Coroutine[Any, Any, Any]) -> BaseException:
    """Why nothing will come of it."""
    work.close()
    return OperationAbandoned()


# One operation takes at most this part of a service's slots: a second one finds some free, and a wide one never fills
# the queue that everybody shares.
LANE_SHARE = 4
