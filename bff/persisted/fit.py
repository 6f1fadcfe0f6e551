"""Whether a document that was declared in advance still fits the schema, and what is wrong if not. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSyntaxError, OperationDefinitionNode, parse

from bff.document import Documents, Refusal
from bff.errors import Problem


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where in the document: 1-based, 0 = unknown. `operation` is None for what is in none."""

    operation: str | None
    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.message} (at {self.line}:{self.column} of it)" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Unfit:
    """A document that would be refused, by the name that the manifest `file` gives it."""

    id: str
    file: str
    mistakes: tuple[Mistake, ...]  # at least one

    @property
    def problem(self) -> Problem:
        """The first mistake, for whoever starts a gateway, and how many there are."""
        first, more = self.mistakes[0], len(self.mistakes) - 1
        place = f"document {self.id}"
        if first.operation:
            place = f"operation {first.operation} of {place}"
        return Problem(place, f"{first}{f', and {more} more mistakes' if more else ''}", HINT, self.file)


HINT = "clients that send it are refused: if none does any more, take it out of the manifest"


def unfit(id_: str, text: str, file: str, documents: Documents) -> Unfit | None:
    """What is wrong with the document of this text; None where it can be read."""
    try:
        documents.get(text)
    except Refusal as refusal:
        operations = _operations(text)
        return Unfit(id_, file, tuple([_mistake(error, operations) for error in refusal.errors]))
    return None


Span = tuple[int, int, str | None]  # from where to where in the text, and its name


def _operations(text: str) -> list[Span]:
    try:
        definitions = parse(text).definitions
    except (GraphQLSyntaxError, RecursionError):
        return []
    return [
        (each.loc.start, each.loc.end, each.name.value if each.name else None)
        for each in definitions
        if isinstance(each, OperationDefinitionNode) and each.loc
    ]


def _mistake(error: GraphQLError, operations: Sequence[Span]) -> Mistake:
    at = next(iter(error.positions or ()), -1)
    named = next((name for start, end, name in operations if start <= at < end), None)
    line, column = error.locations[0] if error.locations else (0, 0)
    return Mistake(named, error.message, line, column)
