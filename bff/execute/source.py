"""What an asynchronous generator yields for a streamed list: read as it comes, taken in stretches.

It is read by one task of the operation, ahead of who takes: a list has a bound, so what waits has one too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Callable, Collection, Iterator
from typing import Any

from bff.errors import BffError, OperationAbandoned

Shown = Callable[[BaseException], BffError]


class Source(Collection[Any]):
    """The items that have come and are not taken. `error` is why no more come, if that is not the end of the list."""

    def __init__(self) -> None:
        self.error: BffError | None = None
        self._items: deque[Any] = deque()
        self._ended = False
        self._came = asyncio.Event()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __bool__(self) -> bool:
        """Whether there is, or may be, more to take."""
        return bool(self._items) or not self._ended or self.error is not None

    @property
    def ready(self) -> bool:
        """Whether who takes need not wait."""
        return bool(self._items) or self._ended

    def popleft(self) -> Any:
        return self._items.popleft()

    async def read(self, items: AsyncIterable[Any], shown: Shown) -> None:
        """Until there is no more. What `items` raises, BffError, is the end too; `shown` says what a late one is."""
        try:
            async for item in items:
                self._items.append(item)
                self._came.set()
        except BffError as error:
            self.error = error
        except asyncio.CancelledError:
            self.error = shown(OperationAbandoned())
            raise
        finally:
            self._ended = True
            self._came.set()

    async def has(self, count: int) -> None:
        """Until so many have come, or no more will. Raises BffError for what is over before."""
        while len(self._items) < count and not self._ended:
            self._came.clear()
            await self._came.wait()
        if self.error is not None and self._ended and len(self._items) < max(1, count):
            raise self.error


Rest = Source | deque[Any]  # what is left of a list


def lost(rest: Rest) -> BffError | None:
    """Why nothing more comes of a list, where that is not its end."""
    return rest.error if isinstance(rest, Source) and rest.ready else None


async def some_ready(rests: Collection[Rest]) -> None:
    """Until one of these has something to take, or ends."""
    sources = [rest for rest in rests if isinstance(rest, Source)]
    if len(sources) < len(rests) or any(source.ready for source in sources):
        return
    waits = [asyncio.ensure_future(source.has(1)) for source in sources]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
