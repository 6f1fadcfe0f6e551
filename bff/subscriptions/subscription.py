"""The life of one subscription: an answer for each event, in their order, until it ends. Knows no transport.

It reads on only when it is asked to: who is slow is waited for here, and what that costs is bounded by the source.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from bff.errors import BffError, GatewayStopping, QuotaExceeded, Unauthenticated
from bff.events import Owed
from bff.operation import Answer
from bff.subscriptions.event import Executions
from bff.subscriptions.opening import Rows
from bff.telemetry.subscriptions import End, SubscriptionEnd, SubscriptionFact, SubscriptionObserver


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What a subscription has around it. `shown` is what a client is told of what its source raised."""

    fact: SubscriptionFact
    observers: Iterable[SubscriptionObserver]
    shown: Callable[[Exception], BffError]
    refused: Callable[[BffError], Answer]
    over: Callable[[Subscription], None]


class Subscription:
    """Answers as they come. Asked by one task at a time, which closes it too."""

    __slots__ = (
        "__weakref__",
        "_around",
        "_began",
        "_events",
        "_executions",
        "_expires",
        "_over",
        "_rows",
        "_stopping",
        "_wait",
    )

    def __init__(self, rows: Rows, executions: Executions, expires: float | None, around: Around) -> None:
        """`expires` is when its credential does, on the wall clock."""
        self._rows = rows
        self._executions = executions
        self._expires = expires
        self._around = around
        self._events = 0
        self._began = asyncio.get_running_loop().time()
        self._wait: asyncio.Timeout | None = None
        self._over = False
        self._stopping = False
        for observer in around.observers:
            observer.subscribed(around.fact)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Answer:
        if self._over:
            raise StopAsyncIteration
        try:
            while isinstance(event := await self._event(), Owed):
                await self._executions.pay(event.points)
            answer = await self._executions.answer(event)
        except StopAsyncIteration:
            await self._end("complete")
            raise
        except GatewayStopping as error:
            await self._end("stopping", error.code)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a source does, its subscribers are told and it is over
            return await self._last(self._around.shown(error))
        self._count(answer)
        return answer

    async def aclose(self) -> None:
        """End it, unless it has ended: nothing of it is left."""
        if not self._over:
            await self._end("left")

    def stop(self) -> None:
        """End it with GatewayStopping, as soon as it waits for an event."""
        self._stopping = True
        if self._wait is not None and not self._wait.expired():
            self._wait.reschedule(asyncio.get_running_loop().time())

    async def _event(self) -> Any:
        """The next one. Raises StopAsyncIteration, GatewayStopping, Unauthenticated, and what the source does."""
        await asyncio.sleep(0)  # a source that always has one more would let nobody else run
        if self._stopping:
            raise GatewayStopping
        self._wait = wait = asyncio.timeout(self._left())
        try:
            async with wait:
                return await anext(self._rows)
        except TimeoutError:
            if not wait.expired():
                raise
            raise self._interrupted() from None
        finally:
            self._wait = None

    def _interrupted(self) -> BffError:
        return GatewayStopping() if self._stopping else Unauthenticated()

    def _left(self) -> float | None:
        return None if self._expires is None else self._expires - time.time()

    def _count(self, answer: Answer) -> None:
        self._events += 1
        code = answer.errors[0]["extensions"]["code"] if answer.errors else None
        for observer in self._around.observers:
            observer.event(self._around.fact, code)

    async def _last(self, error: BffError) -> Answer:
        answer = self._around.refused(error)
        self._count(answer)
        await self._end(_reason(error), error.code)
        return answer

    async def _end(self, reason: End, code: str | None = None) -> None:
        self._over = True
        end = SubscriptionEnd(reason, code, self._events, asyncio.get_running_loop().time() - self._began)
        self._around.over(self)
        for observer in self._around.observers:
            observer.unsubscribed(self._around.fact, end)
        await self._rows.aclose()


def _reason(error: BffError) -> End:
    if isinstance(error, Unauthenticated):
        return "expired"
    return "quota" if isinstance(error, QuotaExceeded) else "failed"
