"""Numbers that are added to all the time and asked for rarely: kept plainly, and folded into a metric when it is read.

A metric of the library takes a lock for every number that is added, and its histogram looks through all buckets. Here
adding is adding. One thread adds, and one at a time folds. Knows no metric but by what it is folded into.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar


class Cell(Protocol):
    """One number of a metric, as it is exposed."""

    def inc(self, amount: float) -> None: ...


class Count:
    """How often."""

    __slots__ = ("_cell", "_folded", "number")

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self.number = 0
        self._folded = 0

    def fold(self) -> None:
        """Nothing that is counted meanwhile, in another thread, is lost: it is there the next time."""
        new = self.number - self._folded
        if new:
            self._folded += new
            self._cell.inc(new)


class Spread:
    """How often in which bucket, and what it comes to in all."""

    __slots__ = ("_bounds", "_buckets", "_counts", "_folded", "_sum", "_summed", "_total")

    def __init__(self, bounds: Sequence[float], buckets: Sequence[Cell], total: Cell) -> None:
        """`bounds` are those of the buckets, rising, the last one infinite."""
        self._bounds = bounds
        self._buckets = buckets
        self._sum = total
        self._counts, self._folded = [0] * len(bounds), [0] * len(bounds)
        self._total = self._summed = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def fold(self) -> None:
        counts, total = self._counts.copy(), self._total
        if counts == self._folded:
            return
        self._sum.inc(total - self._summed)
        for bucket, count, folded in zip(self._buckets, counts, self._folded, strict=True):
            if count > folded:
                bucket.inc(count - folded)
        self._folded, self._summed = counts, total


N = TypeVar("N", Count, Spread)


class Series(Generic[N]):
    """What is kept by labels."""

    __slots__ = ("_found", "_make")

    def __init__(self, make: Callable[[tuple[str, ...]], N]) -> None:
        self._make: Callable[[tuple[str, ...]], N] = make
        self._found: dict[tuple[str, ...], N] = {}

    def labels(self, *values: str) -> N:
        found = self._found.get(values)
        if found is None:
            found = self._found[values] = self._make(values)
        return found

    def fold(self) -> None:
        for each in list(self._found.values()):  # reading happens in a thread of its own
            each.fold()
