"""What documents say of a value beyond its type: how large it is, how long, of which form. Pure.

A value that keeps to it already stays; another is made from what was drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, Self

from bff.mock.dice import Dice
from bff.mock.patterns import text_like

FORMS = {
    "email": "{word}@example.com",
    "idn-email": "{word}@example.com",
    "hostname": "{word}.example.com",
    "ipv4": "192.0.2.{small}",
    "ipv6": "2001:db8::{small:x}",
    "uri-reference": "/{word}",
    "duration": "P{small}D",
    "json-pointer": "/{word}",
}
SPAN = 1_000  # how far from its only limit a number is drawn


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a leaf keeps to, and a list: JSON Schema's own words for it, 6.2 to 6.4. Limits are inclusive."""

    low: float | None = None
    high: float | None = None
    step: float | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    format: str = ""
    fewest: int | None = None  # items
    most: int | None = None


class Sketch(Protocol):
    """What a document says of a value and of what is inside it."""

    @property
    def bounds(self) -> Bounds:
        """Of the value itself."""

    def inside(self, step: str | int) -> Self | None:
        """Of a member, or of an item; None where nothing is said."""


def bounded(value: Any, bounds: Bounds, dice: Dice, place: str) -> Any:
    """The value, or one of its kind that keeps to the bounds."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value, bounds, dice, place)
    return _text(value, bounds, dice, place) if isinstance(value, str) else value


def _number(value: float, bounds: Bounds, dice: Dice, place: str) -> float:
    low, high = bounds.low, bounds.high
    if (low is None or value >= low) and (high is None or value <= high) and not bounds.step:
        return value
    start = low if low is not None else min(value, high - SPAN if high is not None else value)
    end = high if high is not None else max(value, start + SPAN)
    step = bounds.step or (1 if isinstance(value, int) else (end - start) / 100 or 1)
    first = math.ceil(start / step) * step if bounds.step or isinstance(value, int) else start
    drawn = first + step * dice.number(max(int((end - first) // step) + 1, 1), place, "bounded")
    return int(drawn) if isinstance(value, int) else drawn


def _text(value: str, bounds: Bounds, dice: Dice, place: str) -> str:
    if bounds.pattern:
        made = text_like(bounds.pattern, lambda most, at: dice.number(most, place, "pattern", at))
        if made is not None and _fits(made, bounds):
            return made
    if bounds.format in FORMS:
        word = "".join(char for char in value.lower() if char.isascii() and char.isalnum())[:20] or "x"
        value = FORMS[bounds.format].format(word=word, small=dice.number(200, place, "format") + 1)
    if bounds.shortest is not None and len(value) < bounds.shortest:
        value = (value or "x").ljust(bounds.shortest, value[-1:] or "x")
    return value if bounds.longest is None else value[: bounds.longest].strip().ljust(bounds.shortest or 0, "x")


def _fits(text: str, bounds: Bounds) -> bool:
    return (bounds.shortest or 0) <= len(text) <= (bounds.longest if bounds.longest is not None else len(text))
