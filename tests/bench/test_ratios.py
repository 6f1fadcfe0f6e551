"""Medians, spreads and ratios of repeated measurements."""

from __future__ import annotations

import math

from bench.ratios import Spread, difference, growth, ratio, spread


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_a_ratio_compares_what_ran_at_the_same_time() -> None:
    slow_moment, calm = 0.1, 1.0
    assert ratio([300 * slow_moment, 300 * calm], [100 * slow_moment, 100 * calm]) == Spread(3.0, 3.0, 3.0)


def test_a_ratio_to_less_cpu_time_than_is_counted_is_infinite() -> None:
    assert math.isinf(ratio([0.01], [0.0]).median)


def test_a_difference_is_taken_by_repetition_too() -> None:
    assert difference([5.0, 9.0, 7.0], [4.0, 6.0, 5.0]) == Spread(2.0, 1.0, 3.0)


def test_what_takes_ten_times_as_long_for_ten_times_the_rows_grows_by_one() -> None:
    assert growth(small=0.02, large=0.2, times=10) == 1.0
