"""The way to a shared store: what is asked while an exchange is under way goes out together in the next.

So one connection serves any number of requests, in the order in which they asked. When an exchange fails, all who wait
behind it are told at once, and nobody asks for a while. Who asks may leave at any time: an exchange is nobody's but the
line's. Knows no protocol and no quota.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from bff.limits.circuit import Circuit
from bff.limits.store import OnStore

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

BATCH = 64  # questions in one exchange, few enough to be answered well in time
CROWD = 1_024  # questions behind it; who finds more is not asking a store, but standing in a queue


class StoreAway(Exception):
    """The store did not answer, not in time, or not as it should. `str` says which, and holds no credential."""


class Line(Generic[Asked, Answer]):
    """`exchange` answers all of a batch, in its order, or raises StoreAway for all of it; it ends by itself."""

    def __init__(
        self,
        exchange: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]],
        *,
        timeout: float,
        circuit: Circuit,
        on_store: OnStore,
    ) -> None:
        """`timeout`: seconds that an exchange may take."""
        self._exchange = exchange
        self._timeout = timeout
        self._circuit = circuit
        self._on_store = on_store
        self._queue: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._runner: asyncio.Task[None] | None = None
        self._late: set[asyncio.Future[Sequence[Answer]]] = set()

    @property
    def open(self) -> bool:
        """Whether what is asked now would be sent soon."""
        return self._circuit.permits(asyncio.get_running_loop().time()) and len(self._queue) < CROWD

    def ask(self, question: Asked) -> asyncio.Future[Answer]:
        """Raises StoreAway, at once or from the future. To wait without cancelling the question, shield the future."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        answer.add_done_callback(_seen)
        if not self._circuit.permits(loop.time()):
            answer.set_exception(StoreAway("It is not asked: it failed a moment ago."))
            return answer
        self._circuit = self._circuit.tried(loop.time())
        self._queue.append((question, answer))
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        return answer

    async def probe(self, question: Asked) -> None:
        """Ask once, whatever the circuit says, for as long as the exchange itself takes. Raises StoreAway, and then
        it is away for everybody: who asks next need not find that out again.
        """
        try:
            await self._exchange([question])
        except StoreAway as away:
            self._failed([], str(away))
            raise

    async def aclose(self) -> None:
        """Wait for what was asked."""
        while self._runner and not self._runner.done():
            await asyncio.wait({self._runner})
        for call in self._late:
            call.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _run(self) -> None:
        while self._queue:
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
            try:
                answers = await self._in_time([question for question, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it was, nobody is left waiting
                self._failed(batch, str(error) if isinstance(error, StoreAway) else repr(error))
            else:
                self._worked(batch, answers)

    async def _in_time(self, questions: Sequence[Asked]) -> Sequence[Answer]:
        """Twice half the time: a stall of this process uses up one half, and the answer may have come in the other.

        An exchange that is late goes on: cancelled, it would take a good connection with it, and a store to which
        connecting takes longer than an exchange may would never be reached.
        """
        call = asyncio.ensure_future(self._exchange(questions))
        for _ in range(2):
            await asyncio.wait({call}, timeout=self._timeout / 2)
        if call.done():
            return call.result()
        self._late.add(call)
        call.add_done_callback(self._late.discard)
        call.add_done_callback(_seen)
        raise StoreAway(f"It did not answer within {self._timeout * 1_000:.0f} ms.")

    def _worked(self, batch: Sequence[tuple[Asked, asyncio.Future[Answer]]], answers: Sequence[Answer]) -> None:
        was_closed, self._circuit = self._circuit.closed, self._circuit.worked()
        for (_, answer), found in zip(batch, answers, strict=True):
            if not answer.done():
                answer.set_result(found)
        if not was_closed:
            self._on_store("up", "It answers again.")

    def _failed(self, batch: Sequence[tuple[Asked, asyncio.Future[Answer]]], reason: str) -> None:
        """Those who wait behind the batch are told as well: they would wait for the same."""
        was_closed = self._circuit.closed
        self._circuit = self._circuit.failed(asyncio.get_running_loop().time())
        failed, self._queue = [*batch, *self._queue], []
        for _, answer in failed:
            if not answer.done():
                answer.set_exception(StoreAway(reason))
        if was_closed:
            self._on_store("down", reason)


def _seen(done: asyncio.Future[Any]) -> None:
    """Nobody may be left to look at how it ended; asyncio would complain."""
    if not done.cancelled():
        done.exception()
