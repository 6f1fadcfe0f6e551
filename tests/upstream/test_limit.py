"""The in-flight limit: never more calls than it says, nobody overtaken, nothing lost."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff import errors
from bff.upstreams import Upstream
from bff.upstreams.limit import Slots

from .calls import Facts, an_upstream, eventually, fetch
from .service import Service


async def test_never_more_calls_at_once_than_the_limit(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=3)
    calls = [asyncio.ensure_future(fetch(upstream, "/silent")) for _ in range(50)]
    await eventually(lambda: service.answering == 3)
    assert "3 of 3 in flight, 47 of 100 queued" in repr(upstream.sender)
    service.released.set()
    await asyncio.gather(*calls)
    assert service.peak == 3
    assert len(service.received) == 50
    assert "0 of 3 in flight, 0 of 100 queued" in repr(upstream.sender)
    await upstream.sender.aclose()


async def test_no_smaller_limit_hides_in_the_wire(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=150)
    calls = [asyncio.ensure_future(fetch(upstream, "/silent")) for _ in range(150)]
    await eventually(lambda: service.answering == 150)
    service.released.set()
    await asyncio.gather(*calls)
    await upstream.sender.aclose()


async def test_who_leaves_the_queue_makes_room_in_it() -> None:
    slots = Slots(1, 1, 1000.0)
    assert slots.take()
    for _ in range(3):
        waiting = asyncio.ensure_future(slots.wait())
        await asyncio.sleep(0)
        assert repr(slots) == "1 of 1 in flight, 1 of 1 queued"
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert repr(slots) == "1 of 1 in flight, 0 of 1 queued"


async def test_the_queue_is_first_come_first_served(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1)
    await asyncio.gather(*(fetch(upstream, f"/json?n={number}") for number in range(30)))
    assert [seen.target for seen in service.received] == [f"/json?n={number}" for number in range(30)]
    await upstream.sender.aclose()


async def test_a_full_queue_refuses_without_a_call(service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1, queue_size=1)
    calls = [asyncio.ensure_future(fetch(upstream, "/silent")) for _ in range(2)]
    await eventually(lambda: service.answering == 1)
    with pytest.raises(errors.UpstreamOverloaded):
        await fetch(upstream, "/json")
    service.released.set()
    await asyncio.gather(*calls)
    assert [seen.target for seen in service.received] == ["/silent", "/silent"]
    await upstream.sender.aclose()


async def test_a_wait_that_is_over_refuses_without_a_call(service: Service, facts: Facts) -> None:
    upstream = an_upstream(service.url, observer=facts, max_in_flight=1, queue_wait=0.01)
    first = asyncio.ensure_future(fetch(upstream, "/silent"))
    await eventually(lambda: service.answering == 1)
    with pytest.raises(errors.UpstreamOverloaded):
        await fetch(upstream, "/json")
    service.released.set()
    await first
    assert len(service.received) == 1
    refused, answered = facts.exchanges
    assert refused.waited > 0.0
    assert answered.waited == 0.0
    await upstream.sender.aclose()


async def test_a_slot_is_held_until_the_reply_is_over(cities: Upstream, service: Service) -> None:
    upstream = an_upstream(service.url, max_in_flight=1, queue_size=0)
    call = asyncio.ensure_future(fetch(upstream, "/stalls"))
    await eventually(lambda: service.answering == 1)
    with pytest.raises(errors.UpstreamOverloaded):
        await fetch(upstream, "/json")
    service.released.set()
    await call
    await fetch(upstream, "/json")
    await upstream.sender.aclose()


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["come", "come", "turn", "cancel", "leave", "cancel, leave", "leave, cancel"]),
        st.integers(0, 7),
    ),
    max_size=40,
)


@given(size=st.integers(1, 3), queue_size=st.integers(0, 4), queue_wait=st.sampled_from([0.0, 1000.0]), steps=STEPS)
def test_slots_are_never_lost_and_never_doubled(
    size: int, queue_size: int, queue_wait: float, steps: list[Step]
) -> None:
    """Whoever comes, leaves or is cancelled, in whichever order and loop turn."""
    asyncio.run(_Crowd(Slots(size, queue_size, queue_wait)).act(steps))


class _Crowd:
    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.inside: list[asyncio.Event] = []
        self.everyone: list[asyncio.Task[None]] = []
        self.came: list[int] = []
        self.entered: list[int] = []

    async def visit(self, number: int) -> None:
        if not self.slots.take():
            self.came.append(number)
            if not await self.slots.wait():
                return
            self.entered.append(number)
        told_to_leave = asyncio.Event()
        self.inside.append(told_to_leave)
        try:
            assert len(self.inside) <= self.slots.size
            await told_to_leave.wait()
        finally:
            self.inside.remove(told_to_leave)
            self.slots.give()

    async def act(self, steps: list[Step]) -> None:
        for number, (what, who) in enumerate(steps):
            for word in what.split(", "):
                self.do(word, who, number)
            if what == "turn":
                await asyncio.sleep(0)
            self.check()
        for task in self.everyone:
            task.cancel()
        for task in self.everyone:
            await asyncio.wait({task})
            assert task.cancelled() or task.exception() is None
        assert (self.slots.in_flight, self.slots.queued) == (0, 0)
        assert self.entered == [number for number in self.came if number in self.entered]

    def do(self, word: str, who: int, number: int) -> None:
        if word == "come":
            self.everyone.append(asyncio.ensure_future(self.visit(number)))
        elif word == "cancel" and self.everyone:
            self.everyone[who % len(self.everyone)].cancel()
        elif word == "leave" and self.inside:
            self.inside[who % len(self.inside)].set()

    def check(self) -> None:
        assert len(self.inside) <= self.slots.in_flight <= self.slots.size
        assert self.slots.queued <= self.slots.queue_size
        assert not self.slots.queued or self.slots.in_flight == self.slots.size
