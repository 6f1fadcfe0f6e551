"""What is wrong with a value and what would be right, on its way through pydantic. Knows no file, line or column.

A message never quotes the value: it may have come from the environment and be a secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_core import PydanticCustomError

Place = tuple[str | int, ...]
KEY = "[key]"  # the last step to what is wrong with a mapping's key, not with its value; pydantic's spelling


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong; `below` leads from the value that was looked at to the part that is to blame.

    `first` leads from the top of the file to an equal part that came earlier: the hint becomes its line.
    """

    message: str
    hint: str = ""
    below: Place = ()
    first: Place = ()


def refuse(*mistakes: Mistake) -> PydanticCustomError:
    """What a validator raises: any number of mistakes in one error, to be taken apart by `bff.config.english`."""
    text = "; ".join(mistake.message for mistake in mistakes)
    return PydanticCustomError("refused", "{text}", {"text": text, "mistakes": mistakes})
