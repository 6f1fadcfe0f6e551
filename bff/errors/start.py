"""What is wrong with a configuration or a graph: the terminal shows it, no client ever does."""

from __future__ import annotations

from dataclasses import dataclass

from bff.errors.error import BffError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration file or a graph: where, what, and what would be right."""

    place: str  # a key path "upstreams.cities.timeout", or a coordinate "Airport.city"
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0  # 1-based; 0 = unknown
    column: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class StartRefused(BffError):
    """The configuration or the graph is wrong: every mistake at once. Never sent to a client."""

    code = "START_REFUSED"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
