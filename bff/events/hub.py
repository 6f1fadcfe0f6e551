"""One open source of events and all who hear it. Knows neither what the source is nor who they are.

It belongs to none of them: it runs in a task of its own from the first who joins to the last who leaves. What is still
known under a name is told to those who join late, first of all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Hashable
from typing import Any

from bff.errors import BffError
from bff.events.mailbox import Mailbox

Run = Callable[["Hub"], Coroutine[Any, Any, None]]


class Hub:
    """A source under way."""

    def __init__(self, run: Run, waiting: int, over: Callable[[Hub], None]) -> None:
        """`run` brings the events until it returns, or raises why there are no more; `waiting` is of each mailbox.

        `over` is called once, when it will bring no more, be it that everybody has left.
        """
        self.known: dict[Hashable, Any] = {}
        self.told = 0  # events, and what has gone wrong
        self._waiting = waiting
        self._boxes: set[Mailbox] = set()
        self._trouble: BffError | None = None
        self._over: Callable[[Hub], None] | None = over
        self.task = asyncio.get_running_loop().create_task(self._running(run))

    def join(self) -> Mailbox:
        box = Mailbox(self._waiting)
        for name, event in self.known.items():
            box.put(event, name, len(self.known))
        if self._trouble is not None:
            box.put(self._trouble)
        self._boxes.add(box)
        return box

    def leave(self, box: Mailbox) -> None:
        """The last who leaves ends it."""
        self._boxes.discard(box)
        if not self._boxes:
            self._closed()
            self.task.cancel()

    def put(self, event: Any, name: Hashable = None) -> None:
        """Give an event to everybody. One under a name says all that there is to know under that name."""
        self._trouble = None
        self.told += 1
        if name is not None:
            self.known[name] = event
        for box in self._boxes:
            box.put(event, name, len(self.known))

    def tell(self, trouble: BffError) -> None:
        """Say what has gone wrong: once, until something else has, or an event came."""
        if self._trouble is not None and self._trouble.extensions == trouble.extensions:
            return
        self._trouble = trouble
        self.told += 1
        for box in self._boxes:
            box.put(trouble)

    def owe(self, points: float) -> None:
        """Have everybody who is here pay for calls that brought nothing: each as if it were alone."""
        for box in self._boxes:
            box.owe(points)

    def keep(self, names: Collection[Hashable]) -> None:
        """Nothing is known any more under other names than these."""
        self.known = {name: event for name, event in self.known.items() if name in names}

    def well(self) -> None:
        """What was wrong is no more, though no event came."""
        self._trouble = None

    def end(self, reason: Exception) -> None:
        """End it, for everybody."""
        for box in self._boxes:
            box.end(reason)
        self._closed()
        self.task.cancel()

    async def _running(self, run: Run) -> None:
        reason: Exception | None = None
        try:
            await run(self)
        except Exception as error:  # noqa: BLE001 - everybody who hears it raises it
            reason = error
        finally:
            self._closed()
            for box in self._boxes:
                box.end(reason)

    def _closed(self) -> None:
        over, self._over = self._over, None
        if over is not None:
            over(self)

    def __repr__(self) -> str:
        return f"<Hub of {len(self._boxes)}>"
