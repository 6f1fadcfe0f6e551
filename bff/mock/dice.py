"""Chance that is the same every time: what is drawn depends on the seed and on what it is for, and on no order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Dice:
    """Draws for one seed. `what` names the thing that is drawn: equal names, equal draws, in every process."""

    seed: int = 0

    def number(self, most: int, *what: object) -> int:
        """A whole number below `most`."""
        text = "\x1f".join(map(str, (self.seed, *what)))
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) % most

    def share(self, *what: object) -> float:
        """At least 0 and below 1."""
        return self.number(1 << 53, *what) / (1 << 53)

    def pick(self, items: Sequence[Item], *what: object) -> Item:
        return items[self.number(len(items), *what)]
