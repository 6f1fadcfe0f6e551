"""The parts of one answer on their way: from the execution that makes them to the client that takes them.

The execution never waits for the client: all parts together are what a plain answer would hold. Knows no HTTP; parts
are JSON in the shape that was asked for (`bff.incremental.shapes`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from bff import codec
from bff.execute import Portion
from bff.incremental.shapes import Json, Shown, Spec, first_part, next_part
from bff.limits.store import Reservation


class Outgoing:
    """Parts that were made. Those of an answer that has no more than one are not parts: then nothing is `begun`."""

    __slots__ = ("_last", "_queue", "_shown", "_spec", "begun", "errors", "first", "left", "reservation")

    def __init__(self, spec: Spec, shown: Shown) -> None:
        """`shown` is what a client sees of an error."""
        self._spec = spec
        self._shown = shown
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._last: Json = {}
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first: Any = None  # the data of the first part
        self.errors: list[Json] = []  # of all parts so far
        self.left = False  # nobody takes any more
        self.reservation: Reservation | None = None  # where a quota is kept

    @property
    def in_parts(self) -> bool:
        return self.begun.done()

    def send(self, part: Portion) -> None:
        """Written at once, since its data will grow."""
        if self.left:
            return
        if part.executed is not None:
            self._send_first(part, part.executed.data)
        elif (body := next_part(part, self._spec, self._noted)) is not None:
            if part.last:
                self._last = body  # it is not sent before the price is settled
            else:
                self._queue.put_nowait(codec.encode(body))

    def end(self) -> None:
        """The execution is over, and paid for."""
        self._queue.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next part but the last; None when there is none."""
        return await self._queue.get()

    def last(self, extensions: Mapping[str, Any]) -> bytes:
        """The last one; what it all cost is known by then."""
        return codec.encode(self._last | ({"extensions": dict(extensions)} if extensions else {}))

    def _send_first(self, part: Portion, data: Any) -> None:
        if part.last or part.executed is None:
            return
        errors = [self._noted(error) for error in part.executed.errors]
        self._queue.put_nowait(codec.encode(first_part(part, self._spec, data, errors)))
        self.first = data
        self.begun.set_result(None)

    def _noted(self, error: Any) -> Json:
        found = self._shown(error)
        self.errors.append(found)
        return found


class Paid(Protocol):
    """What an execution came to."""

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What the client is told beside the data."""


P = TypeVar("P", bound=Paid)


class Deferred(AsyncGenerator[bytes, None], Generic[P]):
    """All parts of an answer as its client gets them, each as JSON.

    Unlike with a generator, closing what was never begun tells that nobody waits. Raises what broke the execution.
    """

    def __init__(self, outgoing: Outgoing, work: asyncio.Future[P], leave: Callable[[], None]) -> None:
        """`work` is the execution, settled; `leave` tells it that nobody waits for it any more."""
        self._outgoing = outgoing
        self._work = work
        self._leave = leave
        self._over = False

    async def asend(self, value: None) -> bytes:
        del value
        if self._over:
            raise StopAsyncIteration
        part = await self._outgoing.next()
        if part is not None:
            return part
        self._over = True
        return self._outgoing.last(self._work.result().extensions)

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> bytes:
        del val, tb
        await self.aclose()
        raise typ

    async def aclose(self) -> None:
        if not self._over:
            self._over = self._outgoing.left = True
            self._leave()
