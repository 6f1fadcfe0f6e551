"""Finding things by the beginning of any word of their name. Knows no HTTP and not what it finds."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from heapq import nsmallest
from typing import Generic, TypeVar

Item = TypeVar("Item")

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Text as it is compared: no case, no accents, no punctuation. "São  Tomé" is "sao tome"."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(_WORD.findall(text.casefold()))


class NameIndex(Generic[Item]):
    """Items by name, best first. "york" finds "New York City", and "new yo" does too."""

    def __init__(self, ranked: Iterable[tuple[Item, Iterable[str]]]) -> None:
        """`ranked`: each item with its names, the best item first."""
        self._items: list[Item] = []
        entries: list[tuple[str, int]] = []
        for rank, (item, names) in enumerate(ranked):
            self._items.append(item)
            entries.extend((tail, rank) for name in names for tail in _tails(fold(name)))
        entries.sort()
        self._tails = [tail for tail, _ in entries]
        self._ranks = [rank for _, rank in entries]

    def search(self, text: str, limit: int) -> list[Item]:
        """At most `limit` items, each once."""
        start = fold(text)
        if not start:
            return []
        low, high = bisect_left(self._tails, start), bisect_left(self._tails, start + "\U0010ffff")
        return [self._items[rank] for rank in nsmallest(limit, set(self._ranks[low:high]))]


def _tails(name: str) -> Iterable[str]:
    """ "new york city", "york city", "city"."""
    words = name.split()
    return (" ".join(words[start:]) for start in range(len(words)))
