"""Every place where something was lost or guessed between documents and the graph. Knows no cause and prints nothing.

A note's `code` is stable and is what tools match on: lower case with dashes, "what-happened" ("all-of-conflict").
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from bff.openapi.schema import At

MOST_A_CODE = 1_000  # notes of one code; what comes after is counted

Level = Literal["info", "guess", "loss"]


@dataclass(frozen=True, slots=True)
class Note:
    """One such place. `info`: worth knowing, nothing lost; `guess`: could be wrong; `loss`: the graph says less."""

    code: str
    level: Level
    at: At
    message: str

    def __str__(self) -> str:
        return f"{self.at}: {self.level}: {self.message} [{self.code}]"


@dataclass(slots=True)
class Report:
    """The notes of one import, none twice, in the order in which they were found."""

    _notes: dict[Note, None] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, level: Level, at: At, message: str) -> None:
        note = Note(code, level, at, message)
        if note in self._notes:
            return
        self._counts[code] += 1
        if self._counts[code] <= MOST_A_CODE:
            self._notes[note] = None

    def info(self, code: str, at: At, message: str) -> None:
        self.add(code, "info", at, message)

    def guess(self, code: str, at: At, message: str) -> None:
        self.add(code, "guess", at, message)

    def loss(self, code: str, at: At, message: str) -> None:
        self.add(code, "loss", at, message)

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes)

    def to_json(self) -> dict[str, Any]:
        """Notes, how many of each code there are (those left out too), for `--report json`."""
        return {"notes": [_json(note) for note in self._notes], "counts": dict(sorted(self._counts.items()))}


def _json(note: Note) -> dict[str, str]:
    return {
        "code": note.code,
        "level": note.level,
        "document": note.at.document,
        "pointer": note.at.pointer,
        "message": note.message,
    }
