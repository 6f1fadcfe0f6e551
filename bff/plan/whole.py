"""Lists that code returned and that have not come yet: generators, asynchronous ones, lists with awaitables in them.

Knows no field and no operation; what an item raised stands in its place, as the exception that is told of it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Callable
from typing import Any

from graphql.pyutils import is_iterable

Shown = Callable[[BaseException], BaseException]


def whole(found: Any, lists: int, shown: Shown) -> Any:
    """The value with all of its lists, `lists` deep, or an awaitable of it where something is to be waited for.

    Raises what a generator raises; an item that can be awaited and fails is an exception in its place.
    """
    if not lists:
        return found
    if inspect.isawaitable(found) or isinstance(found, AsyncIterable):
        return _come(found, lists, shown)
    if not is_iterable(found):
        return found
    items = [whole(item, lists - 1, shown) for item in found]
    if any(map(inspect.isawaitable, items)):
        return _all(items, shown)
    return found if isinstance(found, (list, tuple)) and lists == 1 else items


async def _come(found: Any, lists: int, shown: Shown) -> Any:
    if inspect.isawaitable(found):
        found = await found
    if isinstance(found, AsyncIterable):
        found = [item async for item in found]
    ready = whole(found, lists, shown)
    return await ready if inspect.isawaitable(ready) else ready


async def _all(items: list[Any], shown: Shown) -> list[Any]:
    """All items side by side; one that fails does not end the others."""
    return await asyncio.gather(*(_one(item, shown) for item in items))


async def _one(item: Any, shown: Shown) -> Any:
    try:
        return await item if inspect.isawaitable(item) else item
    except Exception as error:  # noqa: BLE001 - it is this item's
        return shown(error)
