"""Samples of stacks: whose time it was."""

from __future__ import annotations

from bench.profile import OTHERS, by_layer, layer
from bench.stacks import COLLECTING, own, parse, tally

RUN = "run (asyncio/runners.py:86)"
PRICE = "price (bff/limits/price.py:20)"


def test_a_line_is_a_stack_from_its_root_and_how_often_it_was_seen() -> None:
    assert list(parse(f"{RUN};{PRICE} 7\n")) == [((RUN, PRICE), 7)]


def test_the_time_of_c_is_that_of_the_python_that_called_it() -> None:
    assert own((RUN, PRICE, "PyDict_New (libpython3.11.so.1.0)")) == PRICE


def test_the_time_of_the_collector_is_nobodys_who_happened_to_allocate() -> None:
    stack = (RUN, PRICE, "gc_collect_main (libpython3.11.so.1.0)", "dict_traverse (libpython3.11.so.1.0)")
    assert (own(stack), layer(stack)) == (COLLECTING, "garbage collection")


def test_a_function_that_recurs_is_within_a_stack_once() -> None:
    mine, within = tally(f"{PRICE};{PRICE} 3")
    assert (mine[PRICE], within[PRICE]) == (3, 3)


def test_a_sample_is_of_the_innermost_layer_that_is_known() -> None:
    assert layer((RUN, PRICE, "sorted (somewhere.py:1)")) == "price, limits, quota"
    assert layer((RUN, PRICE, "write (libc.so.6)")) == "sockets: the kernel"
    assert layer(("main (elsewhere.py:1)",)) == OTHERS


def test_layers_come_with_their_share_the_largest_first() -> None:
    told = by_layer(f"{RUN} 1\n{RUN};{PRICE} 3\n")
    assert [(name, share) for name, share, _ in told] == [("price, limits, quota", 0.75), ("event loop", 0.25)]
    assert told[0][2] == [(PRICE, 0.75)]
