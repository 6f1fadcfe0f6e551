"""The order of the policies is one readable value."""

from __future__ import annotations

from bff.upstreams import CacheSettings

from .calls import an_upstream


def test_the_stack_reads_from_the_caller_to_the_wire() -> None:
    upstream = an_upstream("http://127.0.0.1:4102/api/", max_in_flight=5, queue_size=7, timeout=2.0, max_response=1000)
    assert repr(upstream.sender) == (
        "observe → writes → bounds 2s, 1000 bytes → limit 0 of 5 in flight, 0 of 7 queued"
        " → wire http://127.0.0.1:4102/api"
    )


def test_reads_are_shared_unless_that_is_turned_off_and_kept_where_there_is_a_cache() -> None:
    both = an_upstream("http://127.0.0.1:4102", coalesce=True, cache=CacheSettings(size=1_000))
    assert repr(both.sender).startswith("observe → writes → cache 1000 bytes → coalesce → bounds ")
    assert repr(both.streaming(1.0, 1.0)).startswith("observe → writes → idle ")
    assert repr(an_upstream("http://127.0.0.1:4102", coalesce=True).sender).startswith(
        "observe → writes → coalesce → bounds "
    )
