"""Futures of what others wait for too: who stops waiting harms nobody, and nobody is cancelled by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bff.errors import BffError, OperationAbandoned


def as_it_is(found: Any) -> Any:
    return found


def relayed(
    work: asyncio.Future[Any],
    shown: Callable[[BaseException], BaseException] = as_it_is,
    made: Callable[[Any], Any] = as_it_is,
) -> asyncio.Future[Any]:
    """What `work` comes to, in a future of the waiter's own.

    Cancelling it leaves `work` alone; where `work` is cancelled, the waiter gets an error and not a cancellation, since
    graphql-core ends in order on errors only. A result is what `made` makes of it, an error what `shown` does, and
    nobody has to look at that.
    """
    relay = asyncio.get_running_loop().create_future()

    def arrived(done: asyncio.Future[Any]) -> None:
        error = OperationAbandoned() if done.cancelled() else done.exception()
        if relay.done():
            return
        try:
            if error is None:
                relay.set_result(made(done.result()))
        except BffError as failure:
            error = failure
        if error is not None:
            relay.set_exception(shown(error))
            relay.exception()

    work.add_done_callback(arrived)
    return relay
