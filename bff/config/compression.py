"""Answers that are sent compressed. Knows no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import model_validator

from bff.config.kinds import Size, Text
from bff.config.mistakes import Mistake, refuse
from bff.config.settings import Settings

_CODING = Text("^(zstd|br|gzip)$", "zstd, br or gzip")


class Compression(Settings):
    """Answers that are sent compressed, to those who accept it."""

    codings: tuple[Annotated[Literal["zstd", "br", "gzip"], _CODING], ...] = ("zstd", "br", "gzip")
    """The codings, the preferred one first; `[]` compresses nothing. Danger: where an answer holds a secret beside text
    that a stranger chose, its compressed size tells of the secret (BREACH)."""

    min_size: Annotated[int, Size()] = 1_024
    """The smallest body that is compressed: what is shorter gains nothing."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        mistakes = list(self._twice())
        if mistakes:
            raise refuse(*mistakes)
        return self

    def _twice(self) -> Iterator[Mistake]:
        for at, coding in enumerate(self.codings):
            if coding in self.codings[:at]:
                yield Mistake("is a coding once more", "", ("codings", at))
