"""Plans that are kept, by whatever tells them apart: least recently used ones are forgotten first.

A plan takes memory by its steps, and a client decides how many there are: so the steps are bounded, not the plans. What
counts is all that lives as long as a plan: the part of its document that it points into, its functions once they are
generated, its prices. Knows nothing of documents.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

STEP = 4_300  # bytes at most, as measured: fields by aliases, each with functions of its own, are the dearest
MAX_STEPS_KEPT = 40_000  # of all plans together: at most 170 MB, and a third of that for what clients mostly ask
LEAST = 10  # steps that the smallest plan counts for, with its key


class Sized(Protocol):
    """A plan, or what is made of one."""

    @property
    def steps(self) -> int:
        """How much work making it was."""


P = TypeVar("P", bound=Sized)


class Plans(Generic[P]):
    """Plans of at most `most` steps together."""

    __slots__ = ("_entries", "_most", "_steps")

    def __init__(self, most: int = MAX_STEPS_KEPT) -> None:
        self._entries: OrderedDict[Hashable, P] = OrderedDict()
        self._most = most
        self._steps = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable, make: Callable[[], P]) -> P:
        """The plan of `key`, made where none is kept. Raises what `make` raises."""
        plan = self._entries.get(key)
        if plan is None:
            plan = make()
            self._remember(key, plan)
        else:
            self._entries.move_to_end(key)
        return plan

    def _remember(self, key: Hashable, plan: P) -> None:
        self._entries[key] = plan
        self._steps += LEAST + plan.steps
        while self._steps > self._most:
            _, forgotten = self._entries.popitem(last=False)
            self._steps -= LEAST + forgotten.steps
