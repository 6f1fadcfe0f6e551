"""A store keeps what is in use, and never more bytes than it may."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bff.upstreams.freshness import Arrival, Reader, terms
from bff.upstreams.recency import Recency
from bff.upstreams.seam import Headers
from bff.upstreams.store import MOST_VARIANTS, Store
from bff.upstreams.stored import Stored, stored
from bff.upstreams.whole import Whole

ACCEPT: Headers = (("accept", "application/json"),)


def an_answer(
    target: str, body: bytes = b"[]", *, parts: Headers = ACCEPT, asked: float = 0.0, told: Headers = ()
) -> Stored:
    headers = (("cache-control", "max-age=60"), *told)
    arrival = Arrival(asked, asked, 0.0)
    found = terms(200, headers, arrival, Reader(shared=True))
    assert found is not None
    return stored((target, parts), Whole("rows", 200, headers, body, None), parts, found, arrival, private=False)


def put(store: Store, new: Stored, headers: Headers | None = None) -> None:
    with store.expected(new.key) as place:
        store.put(place, new, new.key[1] if headers is None else headers)


def held(store: Store, target: str) -> Stored | None:
    return store.find((target, ACCEPT), ACCEPT)


def test_what_is_in_use_outlives_a_flood_of_what_comes_once() -> None:
    store = Store(200_000)
    for at in range(20):
        put(store, an_answer(f"/used/{at}"))
        assert held(store, f"/used/{at}")
    for at in range(5_000):
        put(store, an_answer(f"/once/{at}"))
        assert store.size <= 200_000
    assert all(held(store, f"/used/{at}") for at in range(20))
    assert held(store, "/once/4999")
    assert not held(store, "/once/0")


def test_what_is_no_longer_in_use_gives_way() -> None:
    store = Store(100_000)
    for at in range(500):
        put(store, an_answer(f"/{at}"))
        held(store, f"/{at}")
    assert held(store, "/499")
    assert not held(store, "/0")


@pytest.mark.parametrize("body", [b"", b"x" * 2_000])
def test_the_bytes_that_are_counted_cover_those_that_are_taken(body: bytes) -> None:
    told = tuple((f"x-{at}", f"value {at}") for at in range(8))
    store = Store(2_000_000)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for at in range(1_000):
        parts = (("accept", "application/json"), ("authorization", f"Bearer {at:>200}"))
        fresh = tuple((name + "", f"{value} {at}") for name, value in told)
        put(store, an_answer(f"/rows/{at}?page={at}", body + str(at).encode(), parts=parts, told=fresh))
    gc.collect()  # what the interpreter keeps of what has gone, to use it again
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(store) > 100
    assert taken <= store.size


def test_one_answer_takes_no_more_than_its_part() -> None:
    store = Store(100_000)
    put(store, an_answer("/large", bytes(13_000)))
    assert len(store) == 0
    small = an_answer("/small")
    put(store, small)
    small.memo.keep("rows", ["too", "many"], 13_000)
    assert small.memo.get("rows") is None
    small.memo.keep("rows", ["few"], 1_000)
    assert small.memo.get("rows") == ["few"]


def test_rows_of_an_answer_that_has_gone_are_counted_nowhere() -> None:
    store = Store(100_000)
    gone = an_answer("/gone")
    put(store, gone)
    store.remove(gone)
    gone.memo.keep("rows", [], 5_000)
    assert (store.size, len(store)) == (0, 0)


def test_an_answer_keeps_its_rows_when_it_is_confirmed() -> None:
    store = Store(100_000)
    old = an_answer("/rows")
    put(store, old)
    old.memo.keep("rows", ["kept"], 1_000)
    new = old.again((), Arrival(9.0, 9.0, 0.0), Reader(shared=True))
    assert new is not None
    before = store.size
    store.replace(old, new)
    assert held(store, "/rows") is new
    assert (new.memo.get("rows"), store.size) == (["kept"], before)
    new.memo.keep("more", [], 500)
    assert store.size == before + 500


def test_answers_that_vary_stand_side_by_side_the_newest_first_and_bounded() -> None:
    store = Store(1_000_000)
    vary = (("vary", "x-lang"),)
    for at in range(MOST_VARIANTS + 3):
        chosen = (("x-lang", str(at)),)
        new = an_answer("/rows", str(at).encode(), told=vary)
        new = stored(
            new.key, Whole("rows", 200, new.headers, new.body, None), chosen, new.terms, Arrival(0, 0, 0), private=False
        )
        put(store, new, chosen)
    found = [store.find(("/rows", ACCEPT), (("x-lang", str(at)),)) for at in range(MOST_VARIANTS + 3)]
    assert [each.body for each in found if each] == [str(at).encode() for at in range(3, MOST_VARIANTS + 3)]
    assert not store.find(("/rows", ACCEPT), ())


def test_what_was_asked_for_earlier_does_not_take_the_place_of_what_was_asked_for_later() -> None:
    store = Store(100_000)
    put(store, an_answer("/rows", b"new", asked=2.0))
    put(store, an_answer("/rows", b"old", asked=1.0))
    found = held(store, "/rows")
    assert found is not None
    assert found.body == b"new"


def test_a_path_is_outdated_with_every_query_and_for_everybody_and_on_its_way() -> None:
    store = Store(100_000)
    targets = ["/rows", "/rows?page=2", "/rows/1", "/row"]
    for target in targets:
        put(store, an_answer(target))
        put(store, an_answer(target, parts=(("authorization", "ana"),)))
    coming = an_answer("/rows?page=3")
    with store.expected(coming.key) as place:
        store.outdate("/rows?dry=1")
        store.put(place, coming, ACCEPT)
    assert [target for target in targets if held(store, target)] == ["/rows/1", "/row"]
    assert len(store) == 4
    put(store, coming)
    assert held(store, "/rows?page=3")


class Storing(RuleBasedStateMachine):
    """Whatever is done, sizes add up, bounds hold, and what is found is what was put there last."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(40_000)
        self.model: dict[tuple[str, str], bytes] = {}

    @rule(path=st.sampled_from("abcdef"), query=st.sampled_from(["", "?1", "?2"]), size=st.integers(0, 6_000))
    def put(self, path: str, query: str, size: int) -> None:
        key = f"/{path}{query}"
        body = f"{key}{len(self.model)}".encode() + bytes(size)
        put(self.store, an_answer(key, body))
        self.model[f"/{path}", query] = body

    @rule(path=st.sampled_from("abcdef"), query=st.sampled_from(["", "?1", "?2"]))
    def find(self, path: str, query: str) -> None:
        found = held(self.store, f"/{path}{query}")
        if found is not None:
            assert found.body == self.model[f"/{path}", query]

    @rule(path=st.sampled_from("abcdef"), query=st.sampled_from(["", "?1"]), size=st.integers(0, 6_000))
    def read(self, path: str, query: str, size: int) -> None:
        found = held(self.store, f"/{path}{query}")
        if found is not None:
            found.memo.keep(size, object(), size)

    @rule(path=st.sampled_from("abcdef"))
    def outdate(self, path: str) -> None:
        self.store.outdate(f"/{path}")
        assert not any(held(self.store, f"/{path}{query}") for query in ("", "?1", "?2"))

    @invariant()
    def bounded(self) -> None:
        assert 0 <= self.store.size <= self.store.most
        indexed = [each for keys in self.store._paths.values() for variants in keys.values() for each in variants]
        assert len(indexed) == len(self.store)
        assert sum(each.size + each.memo.size for each in indexed) == self.store.size


Storing.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStoring: Any = Storing.TestCase


@given(st.lists(st.tuples(st.sampled_from(["add", "use", "grow", "remove"]), st.integers(0, 9), st.integers(1, 40))))
def test_two_queues_never_lose_count(steps: list[tuple[str, int, int]]) -> None:
    recency, sizes = Recency[int](100), dict[int, int]()
    for what, thing, size in steps:
        gone: list[int] = []
        if what == "add" and thing not in sizes:
            sizes[thing] = size
            gone = recency.add(thing, size)
        elif thing not in sizes:
            continue
        elif what == "use":
            recency.used(thing)
        elif what == "grow":
            sizes[thing] += size
            gone = recency.grew(thing, size)
        elif what == "remove":
            del sizes[thing]
            recency.remove(thing)
        for each in gone:
            del sizes[each]
        assert (recency.size, len(recency)) == (sum(sizes.values()), len(sizes))
        assert recency.size <= recency.most
        assert all(thing in recency and recency.size_of(thing) == size for thing, size in sizes.items())
