"""A client that may hang up while it waits. Knows no request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import Receive

Leave = Callable[[], None]
Tell = Callable[[Leave | None], None]
"""A server's own way to say that the client is gone: it calls what it was handed last (bff.proxy.http1)."""


class Leaving:
    """A client that may hang up while it waits.

    Then whoever does something for it is told, or where they cannot be, the task that answers it is cancelled: the one
    that watches first. One that is cancelled and whose client has not `left` is told to stop, which is another matter.
    """

    __slots__ = ("_cancels", "_leaves", "_receive", "_task", "_tell", "_watching", "gone")

    def __init__(self, receive: Receive, tell: Tell | None = None) -> None:
        """Without `tell` a task of its own asks the server."""
        self.gone = False
        self._receive = receive
        self._tell = tell
        self._task: asyncio.Task[Any] | None = None
        self._leaves: list[Leave] = []
        self._cancels = False
        self._watching: asyncio.Future[None] | bool = False

    def watch(self, leave: Leave | None = None) -> bool:
        """From now on, `leave` is called once the client is gone, and nothing is cancelled for it: True.

        Without it the task is cancelled.
        """
        self._cancels = self._cancels or leave is None
        if leave is not None:
            self._leaves.append(leave)
        if self._watching is False:
            self._begin()
        elif self.gone:
            self._over()
        return leave is not None

    def left(self) -> bool:
        """Whether that is why the task was cancelled; then it goes on."""
        return self.gone and self._cancels and self._task is not None and self._task.uncancel() == 0

    def end(self) -> None:
        if self._watching is False:
            self._watching = True  # and nothing comes of it any more
            return
        self._task = None  # who leaves at this very moment is noticed by what sends the answer
        self._leaves.clear()
        if isinstance(self._watching, asyncio.Future):
            self._watching.cancel()
        elif self._tell is not None:
            self._tell(None)

    def _begin(self) -> None:
        self._task = asyncio.current_task()
        if self._tell is not None:
            self._watching = True
            self._tell(self._over)
        else:
            self._watching = asyncio.get_running_loop().create_task(_gone(self._receive))
            self._watching.add_done_callback(self._asked)

    def _asked(self, asked: asyncio.Future[None]) -> None:
        if not asked.cancelled():
            self._over()

    def _over(self) -> None:
        self.gone = True
        leaves, self._leaves = self._leaves, []
        for leave in leaves:
            leave()
        if self._cancels and self._task is not None:
            self._task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
