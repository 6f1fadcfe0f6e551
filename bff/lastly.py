"""What is done last, whatever became of what was done before, where it takes time.

No compiled coroutine waits in an `except` or a `finally`: it has no place of its own for the error that it handles
(mypyc 2.4), and two that wait in theirs would each raise the other's. Here it is right: this module stays interpreted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def lastly(work: Awaitable[T], then: Callable[[], Awaitable[object]]) -> T:
    """What `work` comes to, once `then` was done too."""
    try:
        return await work
    finally:
        await then()
