"""Medians, spreads and ratios of repeated measurements. Pure arithmetic."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """How many times theirs ours is, by repetition: a pair ran within seconds, so what disturbed one did both.

    Where theirs is 0 (less CPU time than /proc counts) the ratio is infinite.
    """
    return spread([mine / other if other else float("inf") for mine, other in zip(ours, theirs, strict=True)])


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """How much more ours is, by repetition."""
    return spread([mine - other for mine, other in zip(ours, theirs, strict=True)])


def growth(small: float, large: float, times: float) -> float:
    """How much more `large` is than `small` would be, if it grew with what is `times` as many: 1 is linear."""
    return large / (small * times)
