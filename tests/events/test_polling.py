"""A polled call, over real sockets: one call for all, and an event when something has changed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bff import argument, poll, upstream
from bff.events import Owed
from bff.upstreams import CacheSettings, Request

from .kit import bench, eventually
from .service import Call, serving

rates = upstream("flights")  # what the bench calls its one upstream
ONE = poll(rates.get("/rates/{code}"), every=5)


class Answers:
    """A service that answers with the next of its answers each time, with the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.targets: list[str] = []
        self.headers: list[dict[str, str]] = []

    async def __call__(self, call: Call) -> None:
        self.targets.append(call.target)
        self.headers.append(call.headers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, body = answer if isinstance(answer, tuple) else (200, json.dumps(answer))
        call.head(status, content_type="application/json", content_length=str(len(body)))
        call.say(body)


async def test_the_first_value_comes_at_once_and_then_one_for_each_change() -> None:
    answers = Answers({"rate": 1}, {"rate": 1}, {"rate": 2}, {"rate": 2}, {"rate": 1})
    async with serving(answers) as service, bench(service.url) as on:
        assert await on.subscribe(ONE, code="EUR").some(3) == [{"rate": 1}, {"rate": 2}, {"rate": 1}]
        assert answers.targets[0] == "/rates/EUR"


async def test_members_in_another_order_are_no_change() -> None:
    answers = Answers((200, '{"a": 1, "b": 2}'), (200, '{"b": 2, "a": 1}'), (200, '{"a": 2, "b": 2}'))
    async with serving(answers) as service, bench(service.url) as on:
        assert await on.subscribe(ONE, code="EUR").some(2) == [{"a": 1, "b": 2}, {"a": 2, "b": 2}]


async def test_each_row_that_is_new_or_has_changed_is_an_event() -> None:
    source = poll(rates.get("/trips", many=True, rows="items"), every=5, each="id")
    lists = [[1, "a"], [2, "b"]], [[2, "b"], [1, "A"]], [[3, "c"], [1, "A"]], [[2, "b"], [1, "A"], [1, "?"]]
    answers = Answers(*({"items": [{"id": id_, "is": text} for id_, text in each]} for each in lists))
    async with serving(answers) as service, bench(service.url) as on:
        found = await on.subscribe(source).some(5)
        assert [(row["id"], row["is"]) for row in found] == [(1, "a"), (2, "b"), (1, "A"), (3, "c"), (2, "b")]


async def test_whoever_comes_late_is_told_all_that_is_known_and_no_call_is_made_for_it() -> None:
    source = poll(rates.get("/trips", many=True), every=5, each="id")
    answers = Answers([{"id": 1}, {"id": 2}])
    async with serving(answers) as service, bench(service.url, polls=100.0) as on:
        assert await on.subscribe(source).some(2) == [{"id": 1}, {"id": 2}]
        assert await on.subscribe(source).some(2) == [{"id": 1}, {"id": 2}]
        assert len(answers.targets) == 1


async def test_a_row_without_what_tells_it_apart_is_malformed() -> None:
    source = poll(rates.get("/trips", many=True), every=5, each="id")
    async with serving(Answers([{"id": 1}, {"name": "x"}])) as service, bench(service.url) as on:
        assert await on.subscribe(source).next() == "UPSTREAM_MALFORMED"


async def test_a_thousand_subscribers_are_one_poll() -> None:
    answers = Answers({"rate": 1})
    async with serving(answers) as service, bench(service.url, polls=100.0) as on:
        readers = [on.subscribe(ONE, code="EUR") for _ in range(1_000)]
        assert [*await asyncio.gather(*(reader.next() for reader in readers))] == [{"rate": 1}] * 1_000
        assert len(answers.targets) == 1
        assert len(on.streams) == 1


async def test_callers_who_are_told_apart_have_polls_of_their_own() -> None:
    async def script(call: Call) -> None:
        body = json.dumps(call.headers["authorization"])
        call.head(content_length=str(len(body)))
        call.say(body)

    async with serving(script) as service, bench(service.url, forward=frozenset({"authorization"})) as on:
        readers = [on.subscribe(ONE, code="EUR", headers=(("authorization", who),)) for who in "aba"]
        assert [await reader.next() for reader in readers] == ["a", "b", "a"]
        assert len(on.streams) == 2


async def test_a_failure_is_told_once_and_then_what_holds_again() -> None:
    broken = (500, "{}")
    answers = Answers({"rate": 1}, broken, broken, (200, "soon"), {"rate": 1}, {"rate": 2})
    async with serving(answers) as service, bench(service.url) as on:
        found = await on.subscribe(ONE, code="EUR").some(5)
        assert found == [{"rate": 1}, "UPSTREAM_STATUS", "UPSTREAM_MALFORMED", {"rate": 1}, {"rate": 2}]


async def test_rows_that_still_hold_are_not_told_again_after_a_failure() -> None:
    source = poll(rates.get("/trips", many=True), every=5, each="id")
    answers = Answers([{"id": 1}], (500, ""), [{"id": 1}], [{"id": 1}, {"id": 2}])
    async with serving(answers) as service, bench(service.url) as on:
        assert await on.subscribe(source).some(3) == [{"id": 1}, "UPSTREAM_STATUS", {"id": 2}]


async def test_what_is_not_there_is_null_until_it_is() -> None:
    async with serving(Answers((404, ""), (404, ""), {"rate": 1})) as service, bench(service.url) as on:
        assert await on.subscribe(ONE, code="EUR").some(2) == [None, {"rate": 1}]


@pytest.mark.parametrize("code", [None, "..", "a\nb"])
async def test_what_cannot_be_asked_for_is_no_call(code: Any) -> None:
    answers = Answers({"rate": 1})
    async with serving(answers) as service, bench(service.url, polls=100.0) as on:
        reader = on.subscribe(ONE, code=code)
        assert await (reader.next() if code is None else reader.rest()) == (
            None if code is None else ["end: BAD_USER_INPUT"]
        )
        assert answers.targets == []


async def test_batches_are_polled_by_key_one_or_many() -> None:
    source = poll(rates.get("/rates{?symbols}", key={"symbols": "code"}), every=5)
    rows = [{"code": "USD", "rate": 2}, {"code": "EUR", "rate": 1}]
    answers = Answers(rows)
    async with serving(answers) as service, bench(service.url, polls=100.0) as on:
        assert await on.subscribe(source, symbols="EUR").next() == rows[1]
        assert await on.subscribe(source, symbols=["EUR", "USD", "XXX"]).next() == [rows[1], rows[0]]
        assert answers.targets == ["/rates?symbols=EUR", "/rates?symbols=EUR,USD,XXX"]


async def test_a_write_through_the_gateway_makes_the_next_call_due() -> None:
    answers = Answers({"rate": 1}, {}, {"rate": 2})
    async with serving(answers) as service, bench(service.url, polls=100.0) as on:
        reader = on.subscribe(ONE, code="EUR")
        assert await reader.next() == {"rate": 1}
        write = Request("PUT", "/rates/EUR", asyncio.get_running_loop().time() + 5, body=b"{}")
        with await on.upstream.sender.send(write) as reply:
            assert reply.status == 200
        assert await reader.next() == {"rate": 2}


async def test_polls_end_with_the_last_reader_and_leave_nothing() -> None:
    async with serving(Answers({"rate": 1})) as service, bench(service.url) as on:
        watching = len(on.upstream.watchers)
        reader = on.subscribe(ONE, bind={"code": argument("filter.code")}, filter={"code": "EUR"})
        await reader.next()
        assert len(on.upstream.watchers) == watching + 1
        await reader.leave()
        await eventually(lambda: len(on.upstream.watchers) == watching and not on.streams._tasks)


async def test_a_slow_reader_of_a_poll_gets_the_newest_alone() -> None:
    answers = Answers(*({"rate": rate} for rate in range(50)))
    async with serving(answers) as service, bench(service.url) as on:
        reader = on.subscribe(ONE, code="EUR")
        assert await reader.next() == {"rate": 0}
        await eventually(lambda: len(answers.targets) > 50)
        assert await reader.next() == {"rate": 49}


async def test_open_polls_are_capped_as_streams_are() -> None:
    answers = Answers({"rate": 1})
    async with serving(answers) as service, bench(service.url, polls=100.0, events={"max_open": 2}) as on:
        for code in ("EUR", "USD"):
            await on.subscribe(ONE, code=code).next()
        assert await on.subscribe(ONE, code="GBP").rest() == ["end: UPSTREAM_OVERLOADED"]
        assert await on.subscribe(ONE, code="EUR").next() == {"rate": 1}
        await on.readers[1].leave()
        assert await on.subscribe(ONE, code="GBP").next() == {"rate": 1}
        assert answers.targets == ["/rates/EUR", "/rates/USD", "/rates/GBP"]


@pytest.mark.parametrize(("weight", "points"), [(1, 10.0), (4, 12.0), (20, 20.0)])
async def test_polls_that_find_nothing_are_owed_for_once_it_is_worth_it(weight: float, points: float) -> None:
    source = poll(rates.get("/rates/{code}", weight=weight), every=5)
    async with serving(Answers({"rate": 1})) as service, bench(service.url) as on:
        reader = on.subscribe(source, code="EUR")
        assert await reader.next() == {"rate": 1}
        owed = await reader.next()
        assert isinstance(owed, Owed)
        assert owed.points == points


async def test_polls_that_fail_like_the_one_before_are_owed_for_too() -> None:
    async with serving(Answers((500, ""))) as service, bench(service.url) as on:
        reader = on.subscribe(ONE, code="EUR")
        assert await reader.next() == "UPSTREAM_STATUS"
        assert isinstance(await reader.next(), Owed)


async def test_what_is_not_called_is_not_owed_for() -> None:
    async def script(call: Call) -> None:
        call.head(content_type="application/json", content_length="1", cache_control="max-age=600")
        call.say("1")

    cache = CacheSettings(size=1_000_000, heuristic=False)
    async with serving(script) as service, bench(service.url, cache=cache) as on:
        reader = on.subscribe(ONE, code="EUR")
        assert await reader.next() == 1
        again = reader.begin()
        await eventually(lambda: len(on.facts.exchanges) > 100)
        assert not again.done()
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
