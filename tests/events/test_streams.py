"""A service's server-sent events, over real sockets: what subscribers get, what the service sees, and what is left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bff import upstream
from bff.errors import GatewayStopping

from .kit import bench, eventually
from .service import STREAM, Call, serving

flights = upstream("flights")
POSITIONS = flights.events("/flights/{number}/positions")


def event(number: int) -> str:
    return f'data: {{"at": {number}}}\n\n'


async def one_and_hold(call: Call) -> None:
    call.stream(event(1))
    await call.gone.wait()


async def test_events_come_as_rows() -> None:
    async def script(call: Call) -> None:
        call.stream(': hello\n\nevent: position\nid: 1\ndata: {"at": 1,\ndata:  "of": "TP1"}\n\n' + event(2))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="TP 1").some(2) == [{"at": 1, "of": "TP1"}, {"at": 2}]
        assert service.calls[0].target == "/flights/TP%201/positions"
        assert service.calls[0].headers["accept"] == STREAM
        assert service.calls[0].headers["accept-encoding"] == "identity"


async def test_a_row_stands_where_it_is_said_to_and_has_its_type() -> None:
    source = flights.events("/all", rows="payload", typename="Position", error="problem", only="position")

    async def script(call: Call) -> None:
        call.stream('data: {"payload": {"at": 0}}\n\n')
        for data in ('{"payload": {"at": 1}}', '{"problem": "lost"}', '{"payload": [{"at": 2}]}', "{}"):
            call.say(f"event: position\ndata: {data}\n\n")
        await call.gone.wait()

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(source).some(4) == [
            {"at": 1, "__typename": "Position"},
            "UPSTREAM_REFUSED",
            [{"at": 2, "__typename": "Position"}],
            None,
        ]


async def test_a_service_gets_what_it_is_forwarded_of_the_caller_and_nothing_else() -> None:
    given = (("authorization", "Bearer ada"), ("cookie", "secret"), ("connection", "x-here"), ("x-here", "y"))
    source = flights.events("/all{?since}", headers={"x-tenant": "tenant"})
    async with (
        serving(one_and_hold) as service,
        bench(
            service.url,
            forward=frozenset({"authorization", "x-here"}),
            claims=(("x-user", "sub"),),
            headers=(("x-key", "k"),),
        ) as on,
    ):
        reader = on.subscribe(source, headers=given, claims={"sub": "ada", "email": "e"}, tenant="t", since=None)
        await reader.next()
        headers = service.calls[0].headers
        assert service.calls[0].target == "/all"
        assert {name: headers[name] for name in ("authorization", "x-user", "x-key", "x-tenant")} == {
            "authorization": "Bearer ada",
            "x-user": "ada",
            "x-key": "k",
            "x-tenant": "t",
        }
        assert not headers.keys() & {"cookie", "x-here", "traceparent"}


async def test_equal_subscribers_have_one_stream_between_them() -> None:
    async def script(call: Call) -> None:
        call.stream(event(1))
        await go.wait()
        call.say(event(2))
        await call.gone.wait()

    go = asyncio.Event()
    async with serving(script) as service, bench(service.url) as on:
        first = on.subscribe(POSITIONS, number="TP1")
        assert await first.next() == {"at": 1}
        others = [on.subscribe(POSITIONS, number="TP1").begin() for _ in range(100)]
        await asyncio.sleep(0)
        go.set()
        assert await asyncio.gather(first.next(), *others) == [{"at": 2}] * 101
        assert len(service.calls) == 1
        assert len(on.streams) == 1


@pytest.mark.parametrize("other", ["headers", "claims", "number", "unshared"])
async def test_whatever_differs_is_a_stream_of_its_own(other: str) -> None:
    asks: list[dict[str, Any]] = [{"headers": (("authorization", who),), "claims": {}, "number": "1"} for who in "ab"]
    if other == "claims":
        asks = [{"claims": {"sub": who}, "number": "1"} for who in "ab"]
    elif other == "number":
        asks = [{"number": number} for number in "12"]
    elif other == "unshared":
        asks = [{"number": "1"}, {"number": "1"}]
    source = flights.events("/flights/{number}", shared=other != "unshared")
    policies: dict[str, Any] = {"forward": frozenset({"authorization"}), "claims": (("x-user", "sub"),)}
    async with serving(one_and_hold) as service, bench(service.url, **policies) as on:
        for ask in asks:
            await on.subscribe(source, **ask).next()
        assert len(service.calls) == 2


async def test_what_differs_and_is_not_forwarded_is_no_stream_of_its_own() -> None:
    async def script(call: Call) -> None:
        call.stream()
        while not call.gone.is_set():
            call.say(event(1))
            await asyncio.sleep(0.001)

    async with serving(script) as service, bench(service.url, forward=frozenset({"x-tenant"})) as on:
        for who in "ab":
            reader = on.subscribe(POSITIONS, number="1", headers=(("authorization", who),), claims={"sub": who})
            await reader.next()
        assert len(service.calls) == 1


async def test_the_connection_ends_with_the_last_who_leaves() -> None:
    async with serving(one_and_hold) as service, bench(service.url) as on:
        first, second = on.subscribe(POSITIONS, number="1"), on.subscribe(POSITIONS, number="1")
        both = first.begin(), second.begin()
        assert [*await asyncio.gather(*both)] == [{"at": 1}] * 2
        await first.leave()
        assert not service.calls[0].gone.is_set()
        await second.leave()
        await service.calls[0].gone.wait()
        assert len(on.streams) == 0
        await eventually(lambda: [fact.error for fact in on.facts.exchanges] == ["CANCELLED"])
        assert on.facts.exchanges[0].label == "GET /flights/{number}/positions"


@pytest.mark.parametrize("when", ["before anything", "before the head", "in the stream"])
async def test_a_reader_who_is_cancelled_leaves_no_task_and_no_connection(when: str) -> None:
    async def script(call: Call) -> None:
        if when == "in the stream":
            call.stream()
        await call.gone.wait()

    async with serving(script) as service, bench(service.url) as on:
        tasks = asyncio.all_tasks()
        reading = on.subscribe(POSITIONS, number="1").begin()
        if when != "before anything":
            await service.until(lambda found: found.open == 1)
        reading.cancel()
        await asyncio.wait([reading])
        await on.readers[0].leave()
        await eventually(lambda: service.open == 0)
        await eventually(lambda: not {task for task in asyncio.all_tasks() - tasks if "accept" not in repr(task)})


async def test_a_stream_that_ends_is_opened_again_after_its_last_event() -> None:
    async def script(call: Call) -> None:
        call.stream(f"id: {len(service.calls)}\nretry: 5000\n{event(len(service.calls))}")

    async with serving(script) as service, bench(service.url) as on:
        reader = on.subscribe(POSITIONS, number="1")
        assert await reader.some(3) == [{"at": 1}, {"at": 2}, {"at": 3}]
        assert [call.headers.get("last-event-id") for call in service.calls[:3]] == [None, "1", "2"]
        assert on.pace.asked[:2] == [(5.0, 0), (5.0, 0)]


@pytest.mark.parametrize("bad", ["x" * 2_000, "a\x07b"])
async def test_an_id_that_no_header_can_carry_is_not_sent_back(bad: str) -> None:
    async def script(call: Call) -> None:
        call.stream(f"id: {bad}\n{event(1)}")

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="1").some(2) == [{"at": 1}] * 2
        assert "last-event-id" not in service.calls[1].headers


async def test_a_break_is_told_once_and_the_stream_goes_on() -> None:
    async def script(call: Call) -> None:
        if len(service.calls) == 1:
            call.say(f"HTTP/1.1 200 OK\r\ncontent-type: {STREAM}\r\ntransfer-encoding: chunked\r\n\r\n")
            call.say(f"{len(event(1)):x}\r\n{event(1)}\r\n")  # and no last chunk
            await call.writer.drain()
        elif len(service.calls) < 5:
            call.break_off()
        else:
            await one_and_hold(call)

    async with serving(script) as service, bench(service.url) as on:
        found = await on.subscribe(POSITIONS, number="1").some(4)
        assert found == [{"at": 1}, "UPSTREAM_MALFORMED", "UPSTREAM_UNREACHABLE", {"at": 1}]
        assert [failures for _, failures in on.pace.asked] == [1, 2, 3, 4]


async def test_whoever_joins_in_an_outage_is_told_of_it() -> None:
    async def script(call: Call) -> None:
        call.head(503)
        await hold.wait()

    hold = asyncio.Event()
    async with serving(script) as service, bench(service.url) as on:
        first, late = on.subscribe(POSITIONS, number="1"), on.subscribe(POSITIONS, number="1")
        assert await first.next() == "UPSTREAM_STATUS"
        assert await late.next() == "UPSTREAM_STATUS"
        hold.set()
        assert len(service.calls) >= 1


async def test_patience_with_a_service_that_does_not_come_back_is_bounded() -> None:
    async def script(call: Call) -> None:
        call.head(503)

    async with serving(script) as service, bench(service.url, events={"patience": 0.05}) as on:
        assert await on.subscribe(POSITIONS, number="1").rest() == ["UPSTREAM_STATUS", "end: UPSTREAM_STATUS"]
        assert len(service.calls) > 1
        assert len(on.streams) == 0


async def test_no_service_is_an_outage_like_any_other() -> None:
    async with serving(one_and_hold) as service:
        url = service.url
    async with bench(url, events={"patience": 0.05}) as on:
        found = await on.subscribe(POSITIONS, number="1").rest()
        assert found == ["UPSTREAM_UNREACHABLE", "end: UPSTREAM_UNREACHABLE"]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (204, []),
        (404, [None]),
        (401, ["end: UPSTREAM_STATUS"]),
        (403, ["end: UPSTREAM_STATUS"]),
        (302, ["end: UPSTREAM_STATUS"]),
        (501, ["end: UPSTREAM_STATUS"]),
    ],
)
async def test_what_a_service_says_once_and_for_all_is_the_end(status: int, found: list[Any]) -> None:
    async def script(call: Call) -> None:
        call.head(status, location="http://127.0.0.1:1/")

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="1").rest() == found
        assert len(service.calls) == 1


@pytest.mark.parametrize(
    "headers", [{"content_type": "application/json"}, {}, {"content_type": STREAM, "content_encoding": "gzip"}]
)
async def test_what_is_no_stream_is_the_end(headers: dict[str, str]) -> None:
    async def script(call: Call) -> None:
        call.head(200, **headers)
        call.say(event(1))

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="1").rest() == ["end: UPSTREAM_MALFORMED"]


async def test_what_is_no_http_is_the_end() -> None:
    async def script(call: Call) -> None:
        call.say("SSH-2.0-OpenSSH_9.2\r\n\r\n")

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="1").rest() == ["end: UPSTREAM_MALFORMED"]


@pytest.mark.parametrize("last", ["data: [DONE]\n\n", "event: [DONE]\ndata: {}\n\n"])
async def test_a_stream_may_say_that_nothing_more_will_come(last: str) -> None:
    async def script(call: Call) -> None:
        call.stream(event(1) + last + event(2))

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(flights.events("/all", until="[DONE]")).rest() == [{"at": 1}]
        assert len(service.calls) == 1


async def test_an_event_that_is_no_json_is_told_and_ends_nothing() -> None:
    async def script(call: Call) -> None:
        call.stream("data: soon\n\ndata: \n\n" + event(2))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number="1").some(2) == ["UPSTREAM_MALFORMED", {"at": 2}]


@pytest.mark.parametrize("text", ["data: " + "x" * 300, "data: x\n" * 100, ":" + "x" * 300])
async def test_an_event_over_the_limit_breaks_its_stream_and_nothing_is_kept_of_it(text: str) -> None:
    async def script(call: Call) -> None:
        call.stream(text if len(service.calls) == 1 else event(2))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url, events={"max_size": 100}) as on:
        assert await on.subscribe(POSITIONS, number="1").some(2) == ["UPSTREAM_TOO_LARGE", {"at": 2}]


async def test_a_service_may_send_its_headers_with_the_first_event() -> None:
    async def script(call: Call) -> None:
        await asyncio.sleep(0.2)
        await one_and_hold(call)

    async with serving(script) as service, bench(service.url, timeout=0.05) as on:
        assert await on.subscribe(POSITIONS, number="1").next() == {"at": 1}


async def test_a_service_that_does_not_answer_is_late() -> None:
    async def script(call: Call) -> None:
        if len(service.calls) == 1:
            await call.gone.wait()
        else:
            await one_and_hold(call)

    async with serving(script) as service, bench(service.url, events={"idle": 0.3}) as on:
        assert await on.subscribe(POSITIONS, number="1").some(2) == ["UPSTREAM_TIMEOUT", {"at": 1}]


async def test_a_silent_stream_is_taken_for_dead() -> None:
    async def script(call: Call) -> None:
        call.stream(event(len(service.calls)))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url, events={"idle": 0.3}) as on:
        found = await on.subscribe(POSITIONS, number="1").some(3)
        assert found == [{"at": 1}, "UPSTREAM_TIMEOUT", {"at": 2}]


async def test_whoever_reads_on_misses_nothing_however_much_comes_at_once() -> None:
    async def script(call: Call) -> None:
        call.stream("".join(map(event, range(2_000))))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url) as on:
        readers = [on.subscribe(POSITIONS, number="1") for _ in range(3)]
        found = await asyncio.gather(*(reader.some(2_000) for reader in readers))
        assert found == [[{"at": at} for at in range(2_000)]] * 3


async def test_slow_readers_cost_a_bounded_memory_and_are_told_what_they_missed() -> None:
    async def script(call: Call) -> None:
        call.stream("".join(map(event, range(1_000))))
        await call.gone.wait()

    async with serving(script) as service, bench(service.url, waiting=60) as on:
        slow, watch = on.subscribe(POSITIONS, number="1"), on.subscribe(POSITIONS, number="1")
        assert [*await asyncio.gather(slow.next(), watch.next())] == [{"at": 0}, {"at": 0}]
        while (await watch.next()) != {"at": 999}:
            pass
        assert await slow.next() == "EVENTS_MISSED"
        assert await slow.some(60) == [{"at": at} for at in range(940, 1_000)]


async def test_where_each_event_says_all_the_slow_get_the_newest_and_the_late_begin_with_it() -> None:
    async def script(call: Call) -> None:
        call.stream(event(0))
        await go.wait()
        call.say("".join(map(event, range(1, 100))))
        await call.gone.wait()

    go = asyncio.Event()
    source = flights.events("/all", state=True)
    async with serving(script) as service, bench(service.url) as on:
        slow = on.subscribe(source)
        assert await slow.next() == {"at": 0}
        assert await on.subscribe(source).next() == {"at": 0}
        go.set()
        await eventually(lambda: next(iter(on.streams._hubs.values())).known == {"state": {"at": 99}})
        assert await slow.next() == {"at": 99}
        assert await on.subscribe(source).next() == {"at": 99}
        assert len(service.calls) == 1


async def test_open_streams_are_capped_and_take_no_slot_of_calls() -> None:
    async with serving(one_and_hold) as service, bench(service.url, events={"max_open": 2}, max_in_flight=1) as on:
        for number in "12":
            await on.subscribe(POSITIONS, number=number).next()
        assert await on.subscribe(POSITIONS, number="3").rest() == ["end: UPSTREAM_OVERLOADED"]
        await on.readers[0].leave()
        assert await on.subscribe(POSITIONS, number="3").next() == {"at": 1}
        assert len(service.calls) == 3


async def test_one_client_cannot_open_so_many_that_none_are_left_for_others() -> None:
    limits = {"max_open": 4, "per_client": 2}
    async with serving(one_and_hold) as service, bench(service.url, events=limits) as on:
        for number in "12":
            await on.subscribe(POSITIONS, client="greedy", number=number).next()
        assert await on.subscribe(POSITIONS, client="greedy", number="3").rest() == ["end: TOO_MANY_SUBSCRIPTIONS"]
        assert await on.subscribe(POSITIONS, client="modest", number="3").next() == {"at": 1}
        await on.readers[1].leave()
        assert await on.subscribe(POSITIONS, client="greedy", number="4").next() == {"at": 1}
        assert len(service.calls) == 4


@pytest.mark.parametrize("number", ["..", "", None, "a\nb", "\ud800"])
async def test_what_no_url_can_carry_is_the_clients_mistake(number: Any) -> None:
    async with serving(one_and_hold) as service, bench(service.url) as on:
        assert await on.subscribe(POSITIONS, number=number).rest() == ["end: BAD_USER_INPUT"]
        assert service.calls == []
        assert len(on.streams) == 0


async def test_the_end_of_the_gateway_is_told_to_all_and_nothing_is_left_open() -> None:
    async with serving(one_and_hold) as service, bench(service.url) as on:
        readers = [on.subscribe(POSITIONS, number=number) for number in "112"]
        assert await asyncio.gather(*(reader.next() for reader in readers)) == [{"at": 1}] * 3
        waiting = [reader.begin() for reader in readers]
        await asyncio.sleep(0)
        await on.streams.aclose()
        assert {type(found) for found in await asyncio.gather(*waiting, return_exceptions=True)} == {GatewayStopping}
        await service.until(lambda found: found.open == 0)
        assert await on.subscribe(POSITIONS, number="3").rest() == ["end: GATEWAY_STOPPING"]


async def test_a_defect_is_told_to_those_who_hear_it_and_takes_nothing_else_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with serving(one_and_hold) as service, bench(service.url) as on:
        with monkeypatch.context() as patch:
            patch.setattr("bff.events.stream.Streaming._meant", broken)
            with pytest.raises(ZeroDivisionError):
                await on.subscribe(POSITIONS, number="1").next()
        assert await on.subscribe(POSITIONS, number="1").next() == {"at": 1}
        assert len(service.calls) == 2
