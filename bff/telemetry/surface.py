"""The requests that come in at one place: how many there are, and what became of them. Knows no metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from bff.telemetry.tally import Count, Series


class Surface:
    """The requests that come in at one place. Entered for as long as each of them runs."""

    __slots__ = ("_answered", "_name", "_requests", "_soon", "running")

    def __init__(self, name: str, requests: Series[Count], soon: Callable[[], None] | None) -> None:
        """`soon` is told of each request that is over, where somebody waits to hear of it."""
        self.running = 0
        self._name = name
        self._requests = requests
        self._answered: dict[int, Count] = {}
        self._soon = soon

    def __enter__(self) -> Self:
        self.running += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.running -= 1
        if self._soon is not None:
            self._soon()

    def answered(self, status: int) -> None:
        """A request got this status as its answer."""
        count = self._answered.get(status)
        if count is None:
            count = self._answered[status] = self._requests.labels(self._name, str(status))
        count.number += 1


class Unseen:
    """The same where nothing is counted."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def answered(self, status: int) -> None: ...
