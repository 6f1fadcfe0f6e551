"""An answer that goes out in parts: the first as soon as it is there, the others as its task makes them. No formats."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bff.incremental.outgoing import Deferred, Outgoing
from bff.operation.asking import NOTHING, Answer

Making = asyncio.Future[Answer]


async def first(
    making: Making, outgoing: Outgoing, *, leave: Callable[[], None], over: Callable[[Making], None]
) -> Answer:
    """The whole answer, where nothing of it was put off; else its first part, and `over` is called after the last.

    `leave` is for when nobody waits any more.
    """
    try:
        await asyncio.wait((making, outgoing.begun), return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        leave()
        making.add_done_callback(_seen)
        raise
    if not outgoing.in_parts:
        return making.result()
    making.add_done_callback(over)
    held = outgoing.reservation
    tier, standing = (held.tier, held.standing.numbers) if held else (None, NOTHING)
    deferred = Deferred(outgoing, making, leave)
    return Answer(outgoing.errors, outgoing.first, ran=True, tier=tier, standing=standing, deferred=deferred)


def _seen(making: Making) -> None:
    """How it ended, which nobody waits for: asyncio would complain that nobody looked."""
    if not making.cancelled():
        making.exception()
