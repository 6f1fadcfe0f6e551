from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.events.pace import LONGEST, LONGEST_ASKED, Outage, Pace

ALL = Pace(lambda: 1.0)
HALF = Pace(lambda: 0.0)


@pytest.mark.parametrize(
    ("retry", "failures", "longest"),
    [(None, 0, 1), (None, 1, 2), (None, 3, 8), (None, 10_000, LONGEST), (5.0, 0, 5), (5.0, 2, 20), (0.0, 0, 1),
     (120.0, 0, 120), (120.0, 9, 120), (1e9, 0, LONGEST_ASKED)],
)  # fmt: skip
def test_a_stream_is_opened_again_later_and_later(retry: float | None, failures: int, longest: float) -> None:
    assert ALL.reopen(retry, failures) == longest
    assert HALF.reopen(retry, failures) == longest / 2


@given(st.floats(1, 3_600), st.integers(0, 10**6), st.floats(0, 1))
def test_polls_are_never_faster_than_declared_and_failures_slow_them(
    every: float, failures: int, chance: float
) -> None:
    wait = Pace(lambda: chance).poll(every, failures)
    assert every <= wait <= max(LONGEST, every * 1.1)
    assert Pace(lambda: chance).poll(every, failures + 1) >= wait


def test_patience_counts_from_the_first_failure_in_a_row() -> None:
    outage = Outage(patience=10)
    assert outage.failed(now=100)
    assert outage.failed(now=109)
    assert not outage.failed(now=110)
    outage.over()
    assert outage.failed(now=200)
    assert outage.failures == 1
