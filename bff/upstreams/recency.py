"""Which of many things to keep, by when they were used and what they weigh. Knows nothing of what they are.

Two queues, as in a segmented LRU: what came once, and what was used since. Only the first feels a flood of new things.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

PROVEN_PART = 0.8  # of all bytes: as much what was used again may take from what came once


class Recency(Generic[T]):
    """Things with sizes, never more than `most` together. They are told apart by identity or by their own equality."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._proven_size = 0
        self._new: OrderedDict[T, int] = OrderedDict()  # the least recent first
        self._proven: OrderedDict[T, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._new) + len(self._proven)

    def __contains__(self, thing: object) -> bool:
        return thing in self._new or thing in self._proven

    def size_of(self, thing: T) -> int:
        return self._proven.get(thing) or self._new[thing]

    def add(self, thing: T, size: int) -> list[T]:
        """Returns what had to go for it; it may be among that."""
        self._new[thing] = size
        self.size += size
        return self._shrunk()

    def used(self, thing: T) -> None:
        if thing in self._proven:
            self._proven.move_to_end(thing)
            return
        size = self._new.pop(thing)
        self._proven[thing] = size
        self._proven_size += size
        self._settle()

    def grew(self, thing: T, size: int) -> list[T]:
        """Returns what had to go."""
        if thing in self._proven:
            self._proven[thing] += size
            self._proven_size += size
            self._settle()
        else:
            self._new[thing] += size
        self.size += size
        return self._shrunk()

    def remove(self, thing: T) -> None:
        proven = self._proven.pop(thing, 0)
        self._proven_size -= proven
        self.size -= proven or self._new.pop(thing)

    def _settle(self) -> None:
        """What was not used for longest goes back among what came once, as the newest of it."""
        while self._proven_size > self.most * PROVEN_PART and self._proven:
            thing, size = self._proven.popitem(last=False)
            self._proven_size -= size
            self._new[thing] = size

    def _shrunk(self) -> list[T]:
        gone = []
        while self.size > self.most:
            thing = next(iter(self._new or self._proven))
            self.remove(thing)
            gone.append(thing)
        return gone
