"""What is wrong with a document, on its way to whoever named it. Knows no file: a place is a document and a pointer."""

from __future__ import annotations

from bff.openapi.schema import At


class Wrong(Exception):
    """Something in a document cannot be read; `hint` says what would be right."""

    def __init__(self, at: At, message: str, hint: str = "", spot: Spot | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint
        self.spot = spot

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Barred(Wrong):
    """Another document that is referred to may not be read, or cannot be. No part is left out for that: what is missing
    is up to whoever imports.
    """


Spot = tuple[int, int]  # line and column, 1-based
Path = tuple[str | int, ...]  # the keys and indexes that lead to a value


class Unreadable(Exception):
    """Text that is not the JSON or YAML it should be."""

    def __init__(self, message: str, spot: Spot, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.spot = spot
        self.hint = hint


def spot_at(text: str, offset: int) -> Spot:
    """Line and column of a character."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
