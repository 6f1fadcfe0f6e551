from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bff.errors import EventsMissed, UpstreamUnreachable
from bff.events.mailbox import Mailbox


async def taken(box: Mailbox) -> list[Any]:
    box.end()
    return [event.missed if isinstance(event, EventsMissed) else event async for event in box]


async def test_events_are_taken_in_their_order() -> None:
    box = Mailbox(10)
    for event in "abc":
        box.put(event)
    assert await taken(box) == ["a", "b", "c"]


async def test_whoever_is_slow_is_told_how_many_are_lost_and_gets_the_newest() -> None:
    box = Mailbox(2)
    for event in "abcde":
        box.put(event)
    assert await taken(box) == [3, "d", "e"]


async def test_what_is_lost_is_told_once() -> None:
    box = Mailbox(1)
    box.put("a")
    box.put("b")
    assert (await anext(box)).extensions == {"code": "EVENTS_MISSED", "missed": 1}
    assert await anext(box) == "b"
    box.put("c")
    assert await anext(box) == "c"


async def test_of_events_under_one_name_the_newest_stays_and_nothing_is_lost() -> None:
    box = Mailbox(2)
    for at in range(5):
        box.put(("eur", at), "eur", names=1)
        box.put(("usd", at), "usd", names=2)
    assert await taken(box) == [("eur", 4), ("usd", 4)]


async def test_there_is_room_for_each_name() -> None:
    box = Mailbox(1)
    for name in "abc":
        box.put(name, name, names=3)
    assert await taken(box) == ["a", "b", "c"]


async def test_the_end_comes_after_what_waits_and_the_first_word_counts() -> None:
    box = Mailbox(2)
    box.put("a")
    box.end(UpstreamUnreachable("cities"))
    box.end()
    box.put("too late")
    assert await anext(box) == "a"
    for _ in range(2):
        with pytest.raises(UpstreamUnreachable):
            await anext(box)


async def test_a_reader_waits_for_what_comes() -> None:
    box = Mailbox(2)
    reading = asyncio.ensure_future(anext(box))
    await asyncio.sleep(0)
    assert not reading.done()
    box.put("a")
    assert await reading == "a"


async def test_a_reader_who_is_cancelled_takes_nothing() -> None:
    box = Mailbox(2)
    reading = asyncio.ensure_future(anext(box))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    box.put("a")
    assert await anext(box) == "a"
