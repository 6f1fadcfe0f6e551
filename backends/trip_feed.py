"""Who is told when trips are written: whoever listens for their owner. Knows no HTTP and no database."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, NamedTuple

WAITING: Final = 100  # events that one listener may leave untaken; who leaves more hears no more


class Written(NamedTuple):
    """One trip that was written."""

    how: str  # "created" | "changed" | "deleted"
    trip: dict[str, Any]


class Listener:
    """One who listens, on the event loop that it was made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._written: asyncio.Queue[Written] = asyncio.Queue(WAITING)
        self.deaf = False

    def tell(self, written: Written) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._put, written)

    async def next(self, stopping: asyncio.Event, seconds: float) -> Written | None:
        """What was written; None once so many seconds are over, or when the service stops."""
        written, stop = asyncio.create_task(self._written.get()), asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({written, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return written.result() if written.done() else None
        finally:
            written.cancel()
            stop.cancel()

    def _put(self, written: Written) -> None:
        if self._written.full():
            self.deaf = True
        else:
            self._written.put_nowait(written)


class TripFeed:
    """Listeners by owner."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[str, set[Listener]] = defaultdict(set)

    def tell(self, owner: str, how: str, trip: dict[str, Any]) -> None:
        """Tell all who listen for this owner. From any thread."""
        with self._lock:
            listeners = list(self._listeners.get(owner, ()))
        for listener in listeners:
            listener.tell(Written(how, trip))

    @contextmanager
    def heard(self, owner: str) -> Iterator[Listener]:
        listener = Listener()
        with self._lock:
            self._listeners[owner].add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[owner].discard(listener)
                if not self._listeners[owner]:
                    del self._listeners[owner]
