"""A client that may hang up while it waits. Knows no request."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from starlette.types import Receive


class Leaving:
    """A client that may hang up while it waits: then the task that answers it is cancelled.

    `with` it what is done for the client is given up, and that was all; to be told to stop is another matter.
    """

    __slots__ = ("_gone", "_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task = asyncio.current_task()
        self._gone: asyncio.Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> bool:
        given_up = kind is asyncio.CancelledError and self.left()
        self.end()
        return given_up

    def watch(self) -> None:
        if self._gone is None:
            self._gone = asyncio.get_running_loop().create_task(_gone(self._receive))
            self._gone.add_done_callback(self._cancel)

    def left(self) -> bool:
        """Whether that is why the task was cancelled; then it goes on."""
        gone = self._gone is not None and self._gone.done() and not self._gone.cancelled()
        return gone and self._task is not None and self._task.uncancel() == 0

    def end(self) -> None:
        self._task = None  # who leaves at this very moment is noticed by what sends the answer
        if self._gone is not None:
            self._gone.cancel()

    def _cancel(self, gone: asyncio.Future[None]) -> None:
        if not gone.cancelled() and self._task is not None:
            self._task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
