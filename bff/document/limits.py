"""What documents may hold, and what their mistakes may tell."""

from __future__ import annotations

from dataclasses import dataclass

MAX_ERRORS = 10  # validation errors that one answer lists


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """What a text may hold, checked while it is read; and what its mistakes may tell of the schema."""

    tokens: int
    directives: int
    introspection: bool
    suggestions: bool = True  # names that exist, for one that does not
    incremental: bool = False  # @defer and @stream

    @property
    def reticent(self) -> bool:
        """Whether mistakes are told without any name of the schema."""
        return not self.introspection and not self.suggestions
