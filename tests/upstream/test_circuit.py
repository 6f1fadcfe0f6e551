"""A service that is plainly down: when it is no more called, when it is tried, and what never counts against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Literal

import pytest

from bff import errors
from bff.upstreams import Upstream, circuit, read
from bff.upstreams.circuit import Circuit
from tests.accepting import accepting

from .calls import Facts, an_upstream, asks, eventually
from .service import JSON, Service, answers, running, whole

# The table ----------------------------------------------------------------------------------------------------------

Step = tuple[
    float, str, bool
]  # when, what happens ("!" a failure, "." an answer, else a call of this kind), and what of it

STORIES: dict[str, list[Step]] = {
    "five in a row over a second open it": [
        *[(at, "!", False) for at in (0.0, 0.25, 0.5, 0.75)],
        (1.0, "!", True),
        (1.5, "a", False),
        (2.0, "a", True),
        (2.1, "a", False),
        (3.0, "a", True),
    ],
    "at one moment they may be one operation": [*[(0.0, "!", False) for _ in range(50)], (0.9, "!", False)],
    "four are not five, whatever they last": [
        *[(at, "!", False) for at in (0.0, 10.0, 20.0, 30.0)],
        (40.0, ".", False),
    ],
    "an answer between them begins the row anew": [
        *[(at, "!", False) for at in (0.0, 0.5, 1.0, 1.5)],
        (1.6, ".", False),
        *[(at, "!", False) for at in (1.7, 2.0, 2.2, 2.4, 2.6)],
        (2.8, "!", True),
    ],
    "an answer closes it": [
        *[(0.0, "!", False) for _ in range(5)],
        (1.0, "!", True),
        (2.0, "a", True),
        (2.1, ".", True),
        (2.2, ".", False),
    ],
    "a call that fails is followed by a pause": [
        *[(0.0, "!", False) for _ in range(5)],
        (1.0, "!", True),
        (2.0, "a", True),
        (2.9, "!", False),
        (3.5, "a", False),
        (3.9, "a", True),
    ],
    "each kind of call is tried, so that one which fails by itself takes no turn of others": [
        *[(0.0, "!", False) for _ in range(5)],
        (1.0, "!", True),
        (1.1, "b", True),
        (1.1, "c", True),
        (1.2, "b", False),
        (1.3, ".", True),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_a_circuit_is_its_failures_in_a_row(story: str) -> None:
    found = Circuit(failures=5, pause=1.0)
    for now, what, expected in STORIES[story]:
        if what == "!":
            assert found.failure("a", now) is expected, (now, found)
        elif what == ".":
            assert found.answer() is expected, (now, found)
        else:
            assert found.open
            assert found.admits(what, now) is expected, (now, found)


def test_a_circuit_without_a_number_never_opens() -> None:
    found = Circuit(failures=0, pause=1.0)
    for now in range(100):
        assert not found.failure("a", now)
    assert not found.open


# Services -----------------------------------------------------------------------------------------------------------


class Seen(Facts):
    def __init__(self) -> None:
        super().__init__()
        self.circuits: list[tuple[str, str, str]] = []

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None:
        self.circuits.append((upstream, state, reason))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    monkeypatch.setattr(circuit, "LASTING", 0.0)  # else every test would take seconds; the table has the time
    return Seen()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running() as running_service:
        yield running_service


def watched(url: str, seen: Seen, **settings: Any) -> Upstream:
    return an_upstream(url, observer=seen, **({"circuit_failures": 3, "circuit_pause": 60.0} | settings))


async def outcome(upstream: Upstream, target: str, label: str = "GET /a", **parts: Any) -> int | str:
    try:
        reply = await upstream.sender.send(asks(target, label=label, **parts))
        await read(reply, max_decoded=5_000_000)
    except errors.UpstreamError as error:
        return error.code
    return reply.status


@answers("/gone")
async def _gone(service: Service, writer: asyncio.StreamWriter) -> None:
    writer.write(whole(b"", "503 Service Unavailable"))


async def test_a_silent_service_is_waited_for_a_few_times_and_then_no_more(service: Service, seen: Seen) -> None:
    upstream = watched(service.url, seen, timeout=0.05)
    found = [await outcome(upstream, "/silent") for _ in range(6)]
    assert found == ["UPSTREAM_TIMEOUT"] * 3 + ["UPSTREAM_UNAVAILABLE"] * 3
    assert len(service.received) == 3
    assert seen.circuits == [("cities", "open", "UPSTREAM_TIMEOUT")]
    assert [fact.made for fact in seen.exchanges] == [True] * 3 + [False] * 3
    await upstream.aclose()


async def test_so_is_one_that_cannot_be_reached_and_it_is_called_again_when_it_can(seen: Seen) -> None:
    async with running() as service:
        port = service.port
    upstream = watched(f"http://127.0.0.1:{port}", seen, circuit_pause=0.05)
    found = [await outcome(upstream, "/json") for _ in range(4)]
    assert found == ["UPSTREAM_UNREACHABLE"] * 3 + ["UPSTREAM_UNAVAILABLE"]
    back = Service()
    async with accepting(back.serve, port), asyncio.timeout(30):
        while await outcome(upstream, "/json") != 200:  # noqa: ASYNC110 - the pause is an event of nobody
            await asyncio.sleep(0.001)
        assert [await outcome(upstream, "/json") for _ in range(3)] == [200] * 3
        assert len(back.received) == 4
        assert [state for _, state, _ in seen.circuits] == ["open", "closed"]
        await upstream.aclose()


@pytest.mark.parametrize(
    ("target", "status"), [("/teapot", 418), ("/broken-inside", 500), ("/huge", "UPSTREAM_TOO_LARGE")]
)
async def test_what_a_service_answers_of_a_request_never_counts_against_it(
    service: Service, seen: Seen, target: str, status: int | str
) -> None:
    upstream = watched(service.url, seen)
    assert [await outcome(upstream, target) for _ in range(10)] == [status] * 10
    assert seen.circuits == []
    await upstream.aclose()


async def test_503_does_and_any_other_answer_forgets_it(service: Service, seen: Seen) -> None:
    upstream = watched(service.url, seen)
    for _ in range(3):
        assert [await outcome(upstream, target) for target in ("/gone", "/gone", "/teapot")] == [503, 503, 418]
    assert [await outcome(upstream, "/gone") for _ in range(4)] == [503, 503, 503, "UPSTREAM_UNAVAILABLE"]
    assert seen.circuits == [("cities", "open", "503")]
    await upstream.aclose()


async def test_calls_that_were_given_no_time_or_no_slot_or_were_given_up_do_not_count(
    service: Service, seen: Seen
) -> None:
    upstream = watched(service.url, seen, max_in_flight=1, queue_size=0)
    assert [await outcome(upstream, "/silent", within=0.01) for _ in range(5)] == ["UPSTREAM_TIMEOUT"] * 5
    waiting = asyncio.ensure_future(outcome(upstream, "/silent?last"))
    await eventually(lambda: any(request.target == "/silent?last" for request in service.received))
    assert [await outcome(upstream, "/json") for _ in range(5)] == ["UPSTREAM_OVERLOADED"] * 5
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert await outcome(upstream, "/json") == 200
    assert seen.circuits == []
    await upstream.aclose()


async def test_routes_and_planned_calls_have_one_circuit(service: Service, seen: Seen) -> None:
    upstream = watched(service.url, seen)
    passing = upstream.streaming(0.05, 0.05)
    for _ in range(3):
        with pytest.raises(errors.UpstreamTimeout):
            await passing.send(asks("/silent", label="GET /a"))
    with pytest.raises(errors.UpstreamUnavailable):
        await passing.send(asks("/json", label="GET /a"))
    assert await outcome(upstream, "/json", "GET /a") == "UPSTREAM_UNAVAILABLE"
    assert len(service.received) == 3
    assert await outcome(upstream, "/json", "GET /b") == 200  # another kind of call, which finds that it is up
    reply = await passing.send(asks("/json", label="GET /a"))
    assert await read(reply, max_decoded=100) == JSON
    await upstream.aclose()


async def test_without_a_number_every_call_waits(service: Service, seen: Seen) -> None:
    upstream = watched(service.url, seen, timeout=0.01, circuit_failures=0)
    assert [await outcome(upstream, "/silent") for _ in range(8)] == ["UPSTREAM_TIMEOUT"] * 8
    await upstream.aclose()
