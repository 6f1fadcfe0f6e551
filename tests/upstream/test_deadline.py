"""Whose time it is that runs out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bff import errors
from bff.upstreams import Reply, Request, Upstream, read
from bff.upstreams.alarms import Alarms

from .calls import an_upstream, asks, eventually, fetch
from .service import Service


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_no_call_is_made_when_the_deadline_has_passed(cities: Upstream, service: Service, seconds: float) -> None:
    with pytest.raises(errors.UpstreamTimeout):
        await fetch(cities, "/json", within=seconds)
    assert not service.accepted


@pytest.mark.parametrize(("its_own", "remaining"), [(0.05, 20.0), (20.0, 0.05)])
@pytest.mark.parametrize("path", ["/silent", "/stalls"])
async def test_the_earlier_of_timeout_and_deadline_ends_the_call(
    service: Service, path: str, its_own: float, remaining: float
) -> None:
    upstream = an_upstream(service.url, timeout=its_own)
    with pytest.raises(errors.UpstreamTimeout):
        await fetch(upstream, path, within=remaining)
    await eventually(lambda: service.connections == 0)
    await upstream.sender.aclose()


@pytest.mark.parametrize("path", ["/drips", "/silent", "/stalls", "/hints-for-ever"])
async def test_a_slow_answer_is_late_however_it_is_slow(service: Service, path: str) -> None:
    upstream = an_upstream(service.url, timeout=0.05)
    with pytest.raises(errors.UpstreamTimeout):
        await fetch(upstream, path)
    await eventually(lambda: service.connections == 0)
    await upstream.sender.aclose()


async def test_time_in_the_queue_counts(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1)
    first = asyncio.ensure_future(fetch(upstream, "/silent"))
    await eventually(lambda: service.answering == 1)
    with pytest.raises(errors.UpstreamTimeout):
        await fetch(upstream, "/json", within=0.02)
    service.released.set()
    await first
    assert len(service.received) == 1
    await upstream.sender.aclose()


class _Ready:
    """A wire whose answers are there at once, in two pieces."""

    async def send(self, _request: Request) -> Reply:
        async def body() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        return Reply("cities", 200, (), body())

    async def aclose(self) -> None:
        """It holds nothing."""


async def test_the_reader_of_a_body_may_take_its_own_time_between_reads() -> None:
    """Only waiting for the service counts; a slow reader is not the service's fault, and finds what has arrived."""
    upstream = an_upstream("", wire=_Ready(), timeout=0.01)
    reply = await upstream.sender.send(asks("/"))
    await asyncio.sleep(0.02)
    assert [chunk async for chunk in reply] == [b"one", b"two"]


async def test_cancellation_from_outside_is_not_called_a_timeout(cities: Upstream, service: Service) -> None:
    call = asyncio.ensure_future(fetch(cities, "/silent"))
    await eventually(lambda: service.answering == 1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_an_outer_timeout_that_ends_first_stays_the_outer_one(cities: Upstream) -> None:
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.02):
            await fetch(cities, "/silent")
    assert not isinstance(caught.value, errors.BffError)


async def test_a_timeout_of_somebody_else_passes_as_it_is() -> None:
    async def fails() -> None:
        raise TimeoutError("another clock")

    with pytest.raises(TimeoutError, match="another clock"):
        await Alarms("cities").within(asyncio.get_running_loop().time() + 10, fails())


class _Giving:
    """Awaits for ever; when it is cancelled, `then` happens."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    async def __call__(self) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self._then()
            raise


def _nothing() -> None: ...


def _breaks() -> None:
    raise KeyError("while it was cancelled")


def _is_cancelled_too() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


@pytest.mark.parametrize(
    ("then", "raised"),
    [(_nothing, errors.UpstreamTimeout), (_breaks, KeyError), (_is_cancelled_too, asyncio.CancelledError)],
)
async def test_who_is_late_is_late_by_the_rule_of_asyncio(
    then: Callable[[], None], raised: type[BaseException]
) -> None:
    """What the standard library calls TimeoutError is a timeout here, and nothing else is; no cancellation is kept."""
    now = asyncio.get_running_loop().time()

    async def standard() -> None:
        async with asyncio.timeout_at(now + 0.01):
            await _Giving(then)()

    outcomes: list[BaseException] = []
    for late in (Alarms("cities").within(now + 0.01, _Giving(then)()), standard()):
        task = asyncio.ensure_future(late)
        await asyncio.wait({task})
        outcomes.append(asyncio.CancelledError() if task.cancelled() else task.exception() or AssertionError())
        assert task.cancelling() == (raised is asyncio.CancelledError)
    assert type(outcomes[0]) is raised
    assert type(outcomes[1]) is (TimeoutError if raised is errors.UpstreamTimeout else raised)


async def test_many_wait_by_one_timer_and_each_is_late_at_its_own_time() -> None:
    alarms, loop = Alarms("cities"), asyncio.get_running_loop()
    now = loop.time()

    async def wait(number: int) -> None:
        with pytest.raises(errors.UpstreamTimeout):
            await alarms.within(now + number / 100, loop.create_future())
        assert loop.time() >= now + number / 100 - 0.002

    patient = asyncio.ensure_future(alarms.within(now + 1000, loop.create_future()))
    await asyncio.gather(*map(wait, (3, 1, 5, 2, 2, 4)))
    assert "1: <TimerHandle" in repr(alarms)
    patient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await patient
    with pytest.raises(errors.UpstreamTimeout):
        await alarms.within(loop.time() + 0.01, loop.create_future())
    assert repr(alarms) == "<Alarms of 0: None>"  # it has rung, nobody waits: nothing will ring


async def test_a_late_body_gives_its_slot_back(service: Service) -> None:
    upstream = an_upstream(service.url, timeout=0.05, max_in_flight=1)
    reply = await upstream.sender.send(asks("/stalls"))
    with pytest.raises(errors.UpstreamTimeout):
        await read(reply, max_decoded=100)
    assert "0 of 1 in flight" in repr(upstream.sender)
    await upstream.sender.aclose()
