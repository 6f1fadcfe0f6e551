"""What one subscriber has not taken yet: bounded, the newest first to stay. Knows no source and no caller.

There are as many as there are subscribers, most of them empty: so it is small, and one future is all that it waits by.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from types import TracebackType
from typing import Any, NamedTuple, Self

from bff.errors import EventsMissed

DUE = 10.0  # points; an account is asked for no less at once, as asking takes longer than to make most calls


class Owed(NamedTuple):
    """What was called for a reader and brought it nothing, in points. It stands where an event would."""

    points: float


class Mailbox:
    """Events in their order, for one reader. One under a name takes the place of the one before it under that name.

    Where more wait than it holds, the oldest go, and the reader is told how many.
    """

    __slots__ = ("_came", "_ended", "_events", "_most", "_owed", "_reason", "_serial", "_trace", "missed")

    def __init__(self, most: int) -> None:
        """`most` events wait at once; those under names as many as there are names."""
        self._most = most
        self._events: OrderedDict[Hashable, Any] = OrderedDict()
        self._owed = 0.0
        self._serial = 0
        self._came: asyncio.Future[None] | None = None  # what the reader waits for
        self._ended = False
        self._reason: Exception | None = None
        self._trace: TracebackType | None = None
        self.missed = 0

    def put(self, event: Any, name: Hashable = None, names: int = 0) -> None:
        """Leave an event. `names`: how many names there are, which is what a box with room for less holds."""
        if self._ended:
            return
        self._serial += 1
        slot = self._serial if name is None else ("named", name)
        self._events.pop(slot, None)
        self._events[slot] = event
        if len(self._events) > max(self._most, names):
            self._events.popitem(last=False)
            self.missed += 1
        self._wake()

    def owe(self, points: float) -> None:
        """Note what was called in vain; the reader is told once it is worth it, and has nothing else to read."""
        self._owed += points
        if self._owed >= DUE:
            self._wake()

    def end(self, reason: Exception | None = None) -> None:
        """Nothing more will come; `reason` is raised to the reader once all else is taken. The first word counts."""
        if not self._ended:
            self._ended, self._reason = True, reason
            self._trace = reason.__traceback__ if reason else None
            self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """The next event, or what is Owed. Raises what the box was ended with."""
        while not self._events:
            if self._reason is not None:
                raise self._reason.with_traceback(self._trace)  # else it would grow by each who raises it
            if self._ended:
                raise StopAsyncIteration
            if self._owed >= DUE:
                owed, self._owed = Owed(self._owed), 0.0
                return owed
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        if self.missed:
            missed, self.missed = self.missed, 0
            return EventsMissed(missed)
        return self._events.popitem(last=False)[1]

    def _wake(self) -> None:
        if self._came is not None and not self._came.done():
            self._came.set_result(None)

    def __repr__(self) -> str:
        return f"<Mailbox {len(self._events)} waiting{', ended' if self._ended else ''}>"
