"""Samples of stacks: whose time it was."""

from __future__ import annotations

import pytest

from bench.profile import OTHERS, by_layer, layer
from bench.stacks import COLLECTING, named, own, parse, tally

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


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ("CPyDef_link___Link___ask (bff__mypyc.cpython-311-x86_64-linux-gnu.so)", "Link.ask (bff/upstreams/link.py)"),
        (
            "CPyDef_graphql____reply_GraphQLEndpoint_gen_____mypyc_generator_helper__.localalias (bff__mypyc.so)",
            "_reply_GraphQLEndpoint (bff/endpoint/graphql.py)",
        ),
        ("CPyDef_endpoint___head___head_of (bff__mypyc.so)", "head_of (bff/endpoint/head.py)"),
        ("CPyDef_nowhere___at_all (bff__mypyc.so)", "CPyDef_nowhere___at_all (bff__mypyc.so)"),
        ("CPyIter_Send (bff__mypyc.so)", "CPyIter_Send (bff__mypyc.so)"),
    ],
)
def test_machine_code_is_told_as_the_module_that_it_was_made_of(frame: str, told: str) -> None:
    assert named(frame) == told
