"""What became of a document's name, as a record. Knows no vendor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Outcome = Literal["hit", "miss", "registered", "logged", "refused", "mismatch"]


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One request that named its document, or should have.

    `hit`: it was known. `miss`: it was not, and its text was not sent. `registered`: its text came, ran and is kept.
    `refused`: it is in no manifest, which its tier demands; `logged`: that would have been so. `mismatch`: name and
    text do not belong together.
    """

    trace_id: str
    client: str
    tier: str
    outcome: Outcome
    document: str  # its name, or the SHA-256 of its text, by which it can be found
    operation: str | None  # the operation that was asked for, if it was named


@runtime_checkable
class DocumentObserver(Protocol):
    """An observer that wants to know. Must not block and must not raise."""

    def document(self, fact: DocumentFact) -> None: ...
