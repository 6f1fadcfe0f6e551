"""One observer that is many: whatever it is told, each of them is told, in their order. Knows no vendor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bff.telemetry.facts import Exchange, Observer, OperationFact, Passage


class Several:
    """Observers do not raise, so nobody is shielded from anybody."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)
        # calls are many: who says that it looks at none of them is not asked
        self._of_calls = tuple([each for each in self._observers if getattr(each, "hears_calls", True)])

    def exchange(self, fact: Exchange) -> None:
        for observer in self._of_calls:
            observer.exchange(fact)

    def operation(self, fact: OperationFact) -> None:
        for observer in self._observers:
            observer.operation(fact)

    def passage(self, fact: Passage) -> None:
        for observer in self._observers:
            observer.passage(fact)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        for observer in self._observers:
            observer.failure(trace_id, place, error)

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        for observer in self._observers:
            observer.denied(trace_id, code, detail)

    def store(self, state: Literal["up", "down"], reason: str) -> None:
        for observer in self._observers:
            observer.store(state, reason)

    def circuit(self, upstream: str, state: Literal["open", "closed"], reason: str) -> None:
        for observer in self._observers:
            observer.circuit(upstream, state, reason)
