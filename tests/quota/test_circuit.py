from __future__ import annotations

import pytest

from bff.limits.circuit import Circuit

CLOSED = Circuit(shortest=1.0, longest=10.0)


def test_while_the_store_works_everybody_asks():
    assert CLOSED.permits(0.0)
    assert CLOSED.tried(0.0) == CLOSED.worked() == CLOSED


@pytest.mark.parametrize(("failures", "pause"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (6, 10.0)])
def test_each_failure_doubles_the_pause_up_to_the_longest(failures, pause):
    circuit = CLOSED
    for _ in range(failures):
        circuit = circuit.failed(100.0)
    assert not circuit.permits(100.0 + pause - 0.001)
    assert circuit.permits(100.0 + pause)


def test_after_the_pause_one_tries_and_the_others_wait_for_what_it_finds():
    circuit = CLOSED.failed(0.0).tried(1.0)
    assert not circuit.permits(1.0)
    assert circuit.permits(2.0), "the one that tried was never heard of again"


def test_one_answer_closes_it_and_the_next_failure_starts_with_the_shortest_pause():
    circuit = CLOSED.failed(0.0).failed(1.0).worked()
    assert circuit.closed
    assert circuit.failed(5.0).until == 6.0
