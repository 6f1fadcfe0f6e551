"""JSON text -> plain values, stricter than the library: no name twice, no NaN, not too many values, not too deep.

`codec` reads what services answer and lets a second name win; a document that says two things is a mistake that must be
shown with its place. Knows nothing about what the values mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from bff.openapi.wrong import Path, Unreadable, spot_at

DEEPEST = 100  # levels; GitHub's description has 27
MOST = 4_000_000  # values of one document; GitHub's has 0.7 million

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def read(text: str) -> Any:
    """The value. Raises Unreadable."""
    if text.count(",") + text.count("{") + text.count("[") > MOST:
        raise Unreadable(f"must not hold more than {MOST} values", (1, 1))
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {_lower(error.msg)}", (error.lineno, error.colno)) from None
    except _TwiceError:
        raise _twice(text) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # NaN, and numbers of more digits than Python reads
        raise Unreadable(f"is not JSON: {error}", (1, 1)) from None
    check_depth(value)
    return value


def check_depth(value: Any) -> None:
    """Raises Unreadable for what is nested deeper than DEEPEST. Goes level by level, so depth costs no stack."""
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise _too_deep()


def walk(text: str) -> Iterator[tuple[Path, int, bool]]:
    """Every value of valid JSON: its path, the offset of its key or of itself, whether its key came before."""
    levels: list[_Level] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        level = levels[-1] if levels else None
        if level is not None and level.takes(word, token.start()):
            continue
        if word in "]}":
            levels.pop()
            continue
        yield (
            (*(each.step for each in levels),),
            level.at if level and level.named else token.start(),
            bool(level and level.again),
        )
        if word in "[{":
            levels.append(_Level(named=word == "{"))


@dataclass(slots=True)
class _Level:
    """An object or a list that the walk is in."""

    named: bool
    index: int = 0
    key: str = ""
    at: int = 0
    again: bool = False
    expects_key: bool = True
    seen: set[str] = field(default_factory=set)

    @property
    def step(self) -> str | int:
        return self.key if self.named else self.index

    def takes(self, word: str, offset: int) -> bool:
        """Whether the token is this level's own punctuation or key, and no value."""
        if word == ",":
            self.index += 1
            self.expects_key = True
            return True
        if self.named and self.expects_key and word[0] == '"':
            self.key, self.at, self.expects_key = json.loads(word), offset, False
            self.again = self.key in self.seen
            self.seen.add(self.key)
            return True
        return word == ":"


class _TwiceError(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _TwiceError
    return made


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _twice(text: str) -> Unreadable:
    path, offset = next((path, offset) for path, offset, again in walk(text) if again)
    return Unreadable(f'holds "{path[-1]}" twice in one object', spot_at(text, offset), "remove one of them")


def _too_deep() -> Unreadable:
    return Unreadable(f"must not be nested deeper than {DEEPEST} levels", (1, 1))


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
