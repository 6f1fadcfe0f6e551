"""Equal reads at the same moment are one call, which belongs to nobody. Over a real socket."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable
from itertools import product
from typing import Any

import pytest

from bff import codec, errors
from bff.upstreams import Headers, Request, read_decoded
from tests.upstream.calls import asks, eventually
from tests.upstream.service import Received, whole

from .origin import Client, Origin, broken, client_of, says

ANA: Headers = (("authorization", "Bearer ana"),)
BOB: Headers = (("authorization", "Bearer bob"),)


@pytest.fixture
async def client(origin: Origin) -> AsyncIterator[Client]:
    made = client_of(origin, cache=None, max_in_flight=4)
    yield made
    await made.upstream.sender.aclose()


def start(*calls: Awaitable[Any]) -> list[asyncio.Future[Any]]:
    return [asyncio.ensure_future(call) for call in calls]


async def turns(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def idle(client: Client, most: int = 4) -> bool:
    return f"0 of {most} in flight, 0 of 100 queued" in repr(client.upstream.sender)


async def test_equal_reads_at_the_same_moment_are_one_call(client: Client, origin: Origin) -> None:
    origin.answer = says(b"[1]", x_more="m")
    replies = await asyncio.gather(*(client.ask() for _ in range(50)))
    assert [(each.status, each.body, each.header("x-more")) for each in replies] == [(200, b"[1]", "m")] * 50
    for each in replies:
        each.close()
    assert len(origin.received) == 1
    assert sorted(fact.shared for fact in client.facts.exchanges) == [False, *[True] * 49]
    assert idle(client)


async def test_what_comes_after_the_answer_is_another_call(client: Client, origin: Origin) -> None:
    assert [await client.get() for _ in range(3)] == [b"[]"] * 3
    assert len(origin.received) == 3
    assert not any(fact.shared for fact in client.facts.exchanges)


@pytest.mark.parametrize(
    ("one", "other", "calls"),
    [
        ({}, {"headers": (("traceparent", "00-a-b-01"), ("tracestate", "a=b"))}, 1),
        ({"headers": ANA}, {"headers": ANA}, 1),
        ({"headers": ANA}, {"headers": BOB}, 2),
        ({"headers": ANA}, {}, 2),
        ({"headers": (("x-a", "1"),)}, {"headers": (("x-a", "2"),)}, 2),
        ({"headers": (("cache-control", "no-cache"),)}, {}, 2),
        ({"target": "/rows?a"}, {"target": "/rows"}, 2),
        ({"method": "HEAD"}, {}, 2),
        ({"method": "HEAD"}, {"method": "HEAD"}, 1),
        ({"method": "POST"}, {"method": "POST"}, 2),
        ({"method": "DELETE"}, {"method": "DELETE"}, 2),
        ({"method": "OPTIONS"}, {"method": "OPTIONS"}, 2),
        ({"body": b"{}"}, {"body": b"{}"}, 2),
    ],
)
async def test_which_calls_are_equal(
    client: Client, origin: Origin, one: dict[str, Any], other: dict[str, Any], calls: int
) -> None:
    origin.gate.clear()
    both = start(client.get(**one), client.get(**other))
    await eventually(lambda: len(origin.received) == calls)
    await turns()
    origin.gate.set()
    await asyncio.gather(*both)
    assert len(origin.received) == calls


async def test_where_it_is_turned_off_every_call_is_made(origin: Origin) -> None:
    client = client_of(origin, cache=None, coalesce=False)
    await asyncio.gather(*(client.get() for _ in range(3)))
    assert len(origin.received) == 3
    await client.upstream.sender.aclose()


async def test_rows_are_decoded_once_for_all_and_not_kept_where_nobody_joined(client: Client, origin: Origin) -> None:
    origin.answer = says(b'[{"id": 1}]')

    async def rows() -> object:
        return await read_decoded(await client.ask(), codec.decode, max_decoded=1_000)

    first, *others = await asyncio.gather(*(rows() for _ in range(5)))
    assert first == [{"id": 1}]
    assert all(each is first for each in others)
    assert await rows() is not first
    reply = await client.ask()
    assert reply.memo is None
    reply.close()


# Leaving ---------------------------------------------------------------------------------------------------------


async def test_when_the_first_leaves_the_others_are_answered_by_the_same_call(client: Client, origin: Origin) -> None:
    origin.gate.clear()
    first, second, third = start(client.get(), client.get(), client.get())
    await eventually(lambda: origin.answering == 1)
    first.cancel()
    await asyncio.wait([first])
    third.cancel()
    origin.gate.set()
    assert await second == b"[]"
    assert len(origin.received) == 1
    assert [(fact.error, fact.shared) for fact in client.facts.exchanges] == [
        ("CANCELLED", False),
        ("CANCELLED", True),
        (None, True),
    ]


async def test_when_the_last_leaves_the_call_ends_and_nobody_joins_it(client: Client, origin: Origin) -> None:
    tasks = asyncio.all_tasks()
    origin.gate.clear()
    waiting = start(*(client.get() for _ in range(3)))
    await eventually(lambda: origin.answering == 1)
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)
    late = asyncio.ensure_future(client.get())
    await eventually(lambda: len(origin.received) == 2)
    origin.gate.set()
    assert await late == b"[]"
    assert idle(client)
    await client.upstream.sender.aclose()
    await eventually(lambda: asyncio.all_tasks() == tasks)


async def test_who_asks_in_the_very_moment_the_last_one_leaves_makes_a_call(client: Client, origin: Origin) -> None:
    async def stubborn() -> bytes:
        try:
            return await client.get()
        except asyncio.CancelledError:
            return await client.get()

    origin.gate.clear()
    asking = asyncio.ensure_future(stubborn())
    await eventually(lambda: origin.answering == 1)
    asking.cancel()
    await eventually(lambda: len(origin.received) == 2)
    origin.gate.set()
    assert await asking == b"[]"


async def test_a_crowd_that_leaves_at_any_turn_leaves_nothing_behind(origin: Origin) -> None:
    client = client_of(origin, cache=None, max_in_flight=2)
    tasks, begun = asyncio.all_tasks(), 0
    for turn, leavers, path in product(range(1, 30), (1, 3, 4), ("/rows", "/rows?{at}")):
        crowd = start(*(client.get(path.format(at=at)) for at in range(4)))
        begun += len(crowd)
        await turns(turn)
        for each in crowd[:leavers]:
            each.cancel()
        answers = await asyncio.gather(*crowd, return_exceptions=True)
        assert all(answer == b"[]" for answer in answers[leavers:])
        await eventually(lambda: idle(client, 2))
        assert len(client.facts.exchanges) == begun
    await client.upstream.sender.aclose()
    await eventually(lambda: asyncio.all_tasks() == tasks)


async def test_who_waits_when_the_upstream_is_closed_is_told_so(origin: Origin) -> None:
    client = client_of(origin, cache=None)
    origin.gate.clear()
    begun, unbegun = start(client.get("/begun"), client.get("/unbegun"))
    await eventually(lambda: origin.answering == 2)
    another = asyncio.ensure_future(client.get("/another"))
    await turns(1)  # its call has a task that has not run
    await client.upstream.sender.aclose()
    answers = await asyncio.gather(begun, unbegun, another, return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.UpstreamUnreachable] * 3


# Deadlines -------------------------------------------------------------------------------------------------------


async def test_who_has_more_time_is_not_failed_by_who_has_less(client: Client, origin: Origin) -> None:
    origin.gate.clear()
    hurried = asyncio.ensure_future(client.upstream.sender.send(asks("/rows", within=0.05, headers=(("accept", "a"),))))
    patient = asyncio.ensure_future(client.upstream.sender.send(asks("/rows", within=20.0, headers=(("accept", "a"),))))
    with pytest.raises(errors.UpstreamTimeout):
        await hurried
    assert origin.answering == 1
    origin.gate.set()
    with await patient as reply:
        assert reply.status == 200
    assert len(origin.received) == 1


async def test_who_joins_with_less_time_leaves_when_it_is_over(client: Client, origin: Origin) -> None:
    origin.gate.clear()
    patient = asyncio.ensure_future(client.upstream.sender.send(asks("/rows", within=20.0)))
    await turns(1)
    with pytest.raises(errors.UpstreamTimeout):
        await client.upstream.sender.send(asks("/rows", within=0.03))
    origin.gate.set()
    (await patient).close()
    assert [(fact.error, fact.shared) for fact in client.facts.exchanges] == [("UPSTREAM_TIMEOUT", True), (None, False)]


async def test_when_all_are_out_of_time_the_call_ends(client: Client, origin: Origin) -> None:
    origin.gate.clear()
    hurried = [client.upstream.sender.send(asks("/rows", within=0.03)) for _ in range(3)]
    answers = await asyncio.gather(*hurried, return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.UpstreamTimeout] * 3
    await eventually(lambda: idle(client) and origin.answering == 0)


async def test_the_timeout_of_the_upstream_ends_the_call_for_all(origin: Origin) -> None:
    client = client_of(origin, cache=None, timeout=0.05)
    origin.gate.clear()
    answers = await asyncio.gather(*(client.get() for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.UpstreamTimeout] * 3
    assert len(origin.received) == 1
    await client.upstream.sender.aclose()


async def test_no_call_is_joined_or_made_after_the_deadline(client: Client, origin: Origin) -> None:
    with pytest.raises(errors.UpstreamTimeout):
        await client.upstream.sender.send(asks("/rows", within=0.0))
    assert not origin.received


# Failures --------------------------------------------------------------------------------------------------------


async def test_a_failure_is_for_those_who_joined_and_for_nobody_after(client: Client, origin: Origin) -> None:
    origin.down = True
    answers = await asyncio.gather(*(client.get() for _ in range(20)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.UpstreamUnreachable] * 20
    told = [len(traceback.extract_tb(answer.__traceback__)) for answer in answers if isinstance(answer, Exception)]
    assert max(told) < 40  # not one caller's frames upon another's
    origin.down = False
    assert await client.get() == b"[]"


async def test_an_answer_that_breaks_off_does_so_for_all_with_its_status(client: Client, origin: Origin) -> None:
    origin.answer = broken(b"[1]")
    answers = await asyncio.gather(*(client.get() for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [errors.UpstreamMalformed] * 3
    assert {(fact.status, fact.error) for fact in client.facts.exchanges} == {(200, "UPSTREAM_MALFORMED")}
    assert len(origin.received) == 1


async def test_a_defect_of_ours_is_everybodys_too(client: Client) -> None:
    answers = await asyncio.gather(*(client.get("not a path") for _ in range(2)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ValueError] * 2


# Writes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streams", [True, False])
async def test_who_asks_after_a_write_does_not_join_a_read_from_before_it(
    client: Client, origin: Origin, streams: bool
) -> None:
    origin.answer = says(b"old")
    origin.gate.clear()
    before = asyncio.ensure_future(client.get())
    await eventually(lambda: origin.answering == 1)
    gate, origin.gate = origin.gate, asyncio.Event()
    origin.gate.set()
    origin.answer = says(b"new")
    sender = client.upstream.streaming(5.0, 5.0) if streams else client.upstream.sender
    (await sender.send(Request("POST", "/anything", deadline=asyncio.get_running_loop().time() + 10))).close()
    assert await client.get() == b"new"
    gate.set()
    assert await before == b"old"


async def test_time_in_the_queue_is_told_of_the_call_that_waited(origin: Origin) -> None:
    client = client_of(origin, cache=None, max_in_flight=1)
    origin.gate.clear()
    calls = start(client.get("/first"), client.get("/second"), client.get("/second"))
    await eventually(lambda: origin.answering == 1)
    origin.gate.set()
    await asyncio.gather(*calls)
    waited = {(fact.shared, fact.waited > 0) for fact in client.facts.exchanges}
    assert waited == {(False, False), (False, True), (True, False)}
    await client.upstream.sender.aclose()


async def test_the_call_is_part_of_the_trace_of_who_asked_first(client: Client, origin: Origin) -> None:
    def seen(request: Received) -> bytes:
        return whole("|".join(value for name, value in request.headers if name == "traceparent").encode())

    origin.answer = seen
    traced = [(("traceparent", f"00-{at}"),) for at in range(3)]
    answers = await asyncio.gather(*(client.get(headers=headers) for headers in traced))
    assert answers == [b"00-0"] * 3
