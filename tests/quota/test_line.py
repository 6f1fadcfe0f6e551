"""What is asked of a store at the same time, how it goes out, and who hears what when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from bff.limits.circuit import Circuit
from bff.limits.line import BATCH, Line, StoreAway

from .kit import Heard, until


class Echo:
    """Answers each question with itself, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, questions: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(questions))
        await self.let.wait()
        if self.error:
            raise self.error
        return questions


@pytest.fixture
def echo() -> Echo:
    return Echo()


def line_to(echo: Echo, heard: Heard, timeout: float = 10.0) -> Line[int, int]:
    return Line(echo, timeout=timeout, circuit=Circuit(shortest=0.01, longest=0.02), on_store=heard)


async def test_what_is_asked_while_one_is_out_goes_out_together(echo, heard):
    line = line_to(echo, heard)
    first = line.ask(0)
    await until(lambda: echo.batches)
    rest = [line.ask(number) for number in range(1, 10)]
    echo.let.set()
    assert await asyncio.gather(first, *rest) == list(range(10))
    assert echo.batches == [[0], list(range(1, 10))]


async def test_a_batch_is_bounded_and_the_order_kept(echo, heard):
    line, count = line_to(echo, heard), BATCH * 3
    echo.let.set()
    assert await asyncio.gather(*(line.ask(number) for number in range(count))) == list(range(count))
    assert [len(batch) for batch in echo.batches] == [BATCH] * 3


async def test_a_failure_is_told_to_all_who_wait_behind_it_and_said_once(echo, heard):
    line = line_to(echo, heard)
    out = line.ask(0)
    await until(lambda: echo.batches)
    waiting = [line.ask(number) for number in range(1, 10)]
    echo.error = StoreAway("gone")
    echo.let.set()
    answers = await asyncio.gather(out, *waiting, return_exceptions=True)
    assert [str(answer) for answer in answers] == ["gone"] * 10
    assert echo.batches == [[0]], "nobody asks a store that has just failed"
    assert heard.said == [("down", "gone")]


async def test_one_tries_after_a_while_and_its_answer_brings_everybody_back(echo, heard):
    line = line_to(echo, heard)
    echo.error = StoreAway("gone")
    echo.let.set()
    with pytest.raises(StoreAway):
        await line.ask(0)
    echo.error = None
    while heard.states != ["down", "up"]:
        tried = await asyncio.gather(*(line.ask(number) for number in range(5)), return_exceptions=True)
        assert sum(isinstance(answer, int) for answer in tried) <= 1
        await asyncio.sleep(0.001)
    assert await asyncio.gather(*(line.ask(number) for number in range(5))) == list(range(5))


async def test_a_store_that_is_late_is_away_and_is_not_interrupted(echo, heard):
    line = line_to(echo, heard, timeout=0.01)
    with pytest.raises(StoreAway, match="did not answer within 10 ms"):
        await line.ask(0)
    assert heard.states == ["down"]
    await line.aclose()


async def test_a_stall_of_this_process_is_not_taken_for_a_slow_store(echo, heard):
    line = line_to(echo, heard, timeout=0.1)
    answer = line.ask(0)
    await until(lambda: echo.batches)
    echo.let.set()
    time.sleep(0.2)  # noqa: ASYNC251 - the stall
    assert await answer == 0
    assert heard.said == []


async def test_an_exchange_that_breaks_in_an_unforeseen_way_leaves_nobody_waiting(echo, heard):
    line = line_to(echo, heard)
    echo.error = ZeroDivisionError("oh")
    echo.let.set()
    with pytest.raises(StoreAway, match="ZeroDivisionError"):
        await line.ask(0)


async def test_closing_waits_for_what_was_asked(echo, heard):
    line = line_to(echo, heard)
    answer = line.ask(0)
    closing = asyncio.ensure_future(line.aclose())
    await until(lambda: echo.batches)
    echo.let.set()
    await closing
    assert answer.done()
