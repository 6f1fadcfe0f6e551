"""A text that a regular expression fits, of those that documents write (ECMA-262, as JSON Schema 6.3.3 advises). Pure.

Reads what such patterns are made of: letters, classes, groups, alternatives, repetitions. Of one that asks for more, a
look ahead or a back reference, no text is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Draw = Callable[[int, int], int]  # a number below the first, for the place of the second

MOST = 8  # repetitions of what may be repeated without end
LONGEST = 200  # characters of a pattern
TRIES = 2_000  # parts of a text, those of alternatives that are not taken among them

_CLASSES = {
    "d": "0123456789",
    "w": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    "s": " ",
}
_PRINTABLE = "".join(map(chr, range(32, 127)))
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_COUNT = re.compile(r"\{(\d{1,4})(,?)(\d{0,4})\}")


def text_like(pattern: str, draw: Draw) -> str | None:
    """A text that fits, or None; what is drawn is drawn by `draw`."""
    if len(pattern) > LONGEST:
        return None
    try:
        reader = _Reader(pattern, draw)
        made = reader.alternatives()
    except (ValueError, IndexError, RecursionError):
        return None
    return made if reader.at == len(pattern) else None


class _Reader:
    """Goes through a pattern once, and writes a text as it goes: of alternatives all are written, and one is taken."""

    def __init__(self, pattern: str, draw: Draw) -> None:
        self._pattern = pattern
        self._draw = draw
        self.at = 0
        self._drawn = 0
        self._atoms = 0

    def alternatives(self) -> str:
        found = [self._sequence()]
        while self._take("|"):
            found.append(self._sequence())
        return found[self._number(len(found))]

    def _sequence(self) -> str:
        made, begins = "", self.at
        while self.at < len(self._pattern) and self._pattern[self.at] not in "|)":
            if self._pattern[self.at] == "^" and self.at != begins:
                raise ValueError("a beginning in the middle")
            start = self.at
            once = self._atom()
            after, times = self.at, self._times()
            for index in range(times):
                if index:
                    here, self.at = self.at, start
                    once = self._atom()
                    self.at = max(here, after)
                made += once
        return made

    def _atom(self) -> str:
        char = self._next()
        self._atoms += 1
        if self._atoms > TRIES or (char == "$" and self._pattern[self.at : self.at + 1] not in {"", "|", ")"}):
            raise ValueError("too much, or an end in the middle")
        if char in "^$":
            return ""
        if char == "(":
            return self._group()
        if char == "[":
            return self._one_of(self._set())
        if char == "\\":
            return self._escaped()
        if char in "*+?{":
            raise ValueError(char)
        return self._one_of(_CLASSES["w"]) if char == "." else char

    def _group(self) -> str:
        if self._take("?") and not self._take(":"):
            raise ValueError("a group that looks around")
        made = self.alternatives()
        if not self._take(")"):
            raise ValueError("no end")
        return made

    def _escaped(self) -> str:
        char = self._next()
        if char in "bB":
            return ""
        if char.isalnum() and char not in _CLASSES and char not in _ESCAPES:
            raise ValueError(char)
        return self._one_of(_CLASSES[char]) if char in _CLASSES else _ESCAPES.get(char, char)

    def _set(self) -> str:
        inverse, chars = self._take("^"), ""
        while not self._take("]"):
            first = self._in_set()
            last = self._in_set() if len(first) == 1 and self._ranges() else first
            chars += "".join(map(chr, range(ord(first), ord(last) + 1))) if first != last else first
        return "".join(char for char in _PRINTABLE if char not in chars) if inverse else chars

    def _ranges(self) -> bool:
        """Whether a dash stands here that is not the last of its set."""
        return self._pattern[self.at + 1] != "]" and self._take("-")

    def _in_set(self) -> str:
        char = self._next()
        if char != "\\":
            return char
        char = self._next()
        return _CLASSES.get(char) or _ESCAPES.get(char, char)

    def _times(self) -> int:
        low, high = 1, 1
        if self._take("*"):
            low, high = 0, MOST
        elif self._take("+"):
            high = MOST
        elif self._take("?"):
            low = 0
        elif found := _COUNT.match(self._pattern, self.at):
            self.at = found.end()
            low = int(found[1])
            high = int(found[3]) if found[3] else low + MOST if found[2] else low
        self._take("?")
        return low + self._number(min(high - low, MOST) + 1)

    def _one_of(self, chars: str) -> str:
        if not chars:
            raise ValueError("nothing fits")
        return chars[self._number(len(chars))]

    def _number(self, most: int) -> int:
        self._drawn += 1
        return self._draw(most, self._drawn)

    def _next(self) -> str:
        self.at += 1
        return self._pattern[self.at - 1]

    def _take(self, char: str) -> bool:
        found = self._pattern[self.at : self.at + 1] == char
        self.at += found
        return found
