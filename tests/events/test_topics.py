from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff import argument, constant, published, subscribe
from bff.connectors import Published, source_of
from bff.connectors.path import reader
from bff.connectors.rows import key_text
from bff.errors import BadUserInput, EventsMissed, Forbidden, GatewayStopping
from bff.events import Streams, open_events
from bff.plan.scope import Scope

ORDERS = published("orders", where={"customer": "data.customer"}, rows="data")


def paid(customer: object, number: int = 1) -> dict[str, Any]:
    return {"type": "order.paid", "data": {"customer": customer, "number": number}}


async def read(streams: Streams, source: Published, *events: Any, claims: Any = None, **values: Any) -> list[Any]:
    """What a subscriber gets of these events."""
    box, leave = streams.seat(source, values, Scope({}, 0.0, claims=claims or {}))
    for event in events:
        streams.topics.deliver(source.topic, event)
    leave()
    box.end()
    return [row async for row in box]


async def test_an_event_is_for_those_who_asked_for_its_values() -> None:
    rows = await read(Streams(), ORDERS, paid("ada", 1), paid("bob", 2), paid("ada", 3), customer="ada")
    assert [row["number"] for row in rows] == [1, 3]


@pytest.mark.parametrize(("wanted", "there"), [("7", 7), (7, "7"), (7, 7.0)])
async def test_values_are_compared_as_texts_as_keys_are(wanted: object, there: object) -> None:
    assert len(await read(Streams(), ORDERS, paid(there), customer=wanted)) == 1


@pytest.mark.parametrize("there", [None, ["ada"], {"name": "ada"}, True])
async def test_what_cannot_be_asked_for_is_nobodys(there: object) -> None:
    assert await read(Streams(), ORDERS, paid(there), {"data": None}, {}, [], "text", customer="ada") == []


async def test_a_variable_that_is_null_leaves_nothing_out() -> None:
    assert len(await read(Streams(), ORDERS, paid("ada"), paid("bob"), customer=None)) == 2


async def test_what_is_private_is_told_apart_by_the_claim_of_a_token() -> None:
    mine = published("orders", claims={"sub": "data.customer"}, rows="data")
    rows = await read(Streams(), mine, paid("ada", 1), paid("bob", 2), claims={"sub": "bob"})
    assert [row["number"] for row in rows] == [2]


@pytest.mark.parametrize("claims", [{}, {"sub": None}, {"name": "ada"}])
async def test_whoever_lacks_the_claim_is_refused(claims: dict[str, Any]) -> None:
    mine = published("orders", claims={"sub": "data.customer"})
    with pytest.raises(Forbidden):
        await read(Streams(), mine, claims=claims)


async def test_an_argument_cannot_ask_for_what_is_somebody_elses() -> None:
    both = published("orders", where={"customer": "data.customer"}, claims={"sub": "data.customer"})
    with pytest.raises(BadUserInput):
        await read(Streams(), both, customer="ada", claims={"sub": "bob"})
    assert len(await read(Streams(), both, paid("bob"), customer="bob", claims={"sub": "bob"})) == 1


async def test_a_topic_is_told_apart_from_the_others_and_rows_have_their_type() -> None:
    streams = Streams()
    typed = published("orders", rows="data", typename="Order")
    assert streams.topics.deliver("refunds", paid("ada")) == 0
    assert await read(streams, typed, paid("ada")) == [{"customer": "ada", "number": 1, "__typename": "Order"}]


async def test_subscribers_leave_nothing_behind() -> None:
    streams = Streams()
    for customer in ("ada", None):
        await read(streams, ORDERS, paid("ada"), customer=customer)
    assert not streams.topics.heard("orders")
    assert len(streams.topics) == 0


async def test_bindings_hold_for_events_as_for_calls() -> None:
    streams = Streams()
    field: Any = subscribe(published("orders", where={"kind": "type", "customer": "data.customer"}),
                           kind=constant("order.paid"), customer=argument("filter.customer"))  # fmt: skip
    events = open_events(streams, source_of(field), {"filter": {"customer": "ada"}}, Scope({}, 0.0))
    first = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    assert streams.topics.deliver("orders", paid("bob")) == 0
    assert streams.topics.deliver("orders", {**paid("ada"), "type": "order.lost"}) == 0
    assert streams.topics.deliver("orders", paid("ada")) == 1
    assert await first == paid("ada")
    await events.aclose()
    assert len(streams.topics) == 0


async def test_everybody_is_told_what_has_happened_once_and_that_it_ends() -> None:
    streams = Streams()
    box, _ = streams.seat(ORDERS, {"customer": "ada"}, Scope({}, 0.0))
    streams.topics.tell(EventsMissed())
    streams.topics.tell(EventsMissed())
    await streams.aclose()
    assert (await anext(box)).extensions == {"code": "EVENTS_MISSED"}
    with pytest.raises(GatewayStopping):
        await anext(box)
    with pytest.raises(GatewayStopping):
        streams.seat(ORDERS, {}, Scope({}, 0.0))


async def test_an_event_finds_its_own_among_ten_thousand_subscribers() -> None:
    streams = Streams()
    tracemalloc.start()
    boxes = [streams.seat(ORDERS, {"customer": f"c{at}"}, Scope({}, 0.0))[0] for at in range(10_000)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert streams.topics.deliver("orders", paid("c77")) == 1
    assert await anext(boxes[77]) == paid("c77")["data"]
    assert size < 10_000 * 3_000


SOURCES = [
    published("orders"),
    published("orders", where={"customer": "data.customer", "kind": "type"}),
    published("orders", where="type"),
    published("orders", claims={"sub": "data.customer"}, where={"kind": "type"}),
]
SCALARS = st.sampled_from([1, 1.0, "1", True, "true", None, "paid", 2])
EVENTS = st.fixed_dictionaries({"type": SCALARS, "data": st.fixed_dictionaries({"customer": SCALARS}) | SCALARS})
ASKS = st.tuples(st.sampled_from(SOURCES), st.fixed_dictionaries(dict.fromkeys(("customer", "kind", "type"), SCALARS)))


def wants(source: Published, values: dict[str, Any], event: Any) -> bool:
    """Whether a subscriber should get an event, said the slow way."""
    pairs = [(path, values[name]) for name, path in source.where.items() if values[name] is not None]
    pairs += [(path, "1") for path in source.claims.values()]
    return all((found := reader(path)(event)) is not None and key_text(found) == key_text(each) for path, each in pairs)


@given(st.lists(ASKS, max_size=6), st.lists(EVENTS, max_size=6))
def test_each_event_reaches_those_whom_asking_everyone_would_find(
    asks: list[tuple[Published, dict[str, Any]]], events: list[Any]
) -> None:
    streams = Streams()
    seats = [streams.seat(source, values, Scope({}, 0.0, claims={"sub": "1"})) for source, values in asks]
    for event in events:
        expected = [wants(source, values, event) for source, values in asks]
        assert streams.topics.deliver("orders", event) == sum(expected)
        assert [len(box._events) for box, _ in seats] == [int(each) for each in expected]
        for box, _ in seats:
            box._events.clear()
    for _, leave in seats:
        leave()
    assert not streams.topics.heard("orders")
