"""YAML text -> plain values of YAML 1.2's core schema: `no` is text, and so is 2026-01-31. Constructs no object.

Takes events, which know where everything stands, and stops at the first excess: what aliases repeat is counted as often
as it stands there, so a small file that unfolds to a large one (the "billion laughs") is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bff.openapi.json_text import DEEPEST, MOST
from bff.openapi.wrong import Path, Spot, Unreadable
from bff.openapi.yaml_events import (
    Alias,
    MappingEnd,
    MappingStart,
    Node,
    NotSure,
    Scalar,
    SequenceEnd,
    events,
    is_plain,
    may_be_quick,
    spot,
)

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NUMBERS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}", re.ASCII)
_BASED = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,300}|[0-9]{1,300}(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset(f"{_CORE}{word}" for word in ("str", "int", "float", "bool", "null", "seq", "map")) | {"!"}
_MERGE = "<<"  # YAML 1.1's merge key, which hand-written documents use
_NOTHING: tuple[Any, int] = (None, 0)


def read(text: str) -> Any:
    """The value; an empty text is None. Raises Unreadable."""
    return _read(text, None)


def spot_of(text: str, path: Path) -> Spot | None:
    """Where the value of this path stands: its key, or itself in a list. As dear as reading up to there."""
    try:
        _read(text, path)
    except _FoundError as found:
        return found.spot
    return None


def _read(text: str, wanted: Path | None) -> Any:
    if may_be_quick(text):
        try:
            return _Reader(text, wanted, quick=True).document()
        except NotSure:
            pass
    return _Reader(text, wanted).document()


class _FoundError(Exception):
    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot


@dataclass(slots=True)
class _Reader:
    """Recursive descent over the events of one text."""

    text: str
    wanted: Path | None = None  # stop there
    quick: bool = False
    events: Iterator[Any] = field(init=False)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)  # and how many values each stands for
    count: int = 0
    depth: int = 0
    matched: int = 0  # how much of `wanted` leads to where we are

    def __post_init__(self) -> None:
        self.events = events(self.text, quick=self.quick)

    def document(self) -> Any:
        found: list[Any] = []
        for event in self.events:  # those between nodes: stream, directives, document
            if not isinstance(event, Node):
                continue
            if found:
                raise Unreadable("must be one document, and a second begins here", spot(event), "remove the --- line")
            found.append(self._node(event))
        return found[0] if found else None

    def _node(self, event: Any) -> Any:
        if isinstance(event, Alias):
            return self._alias(event)
        before = self.count
        self._count(1, event)
        value = self._scalar(event) if isinstance(event, Scalar) else self._nested(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.count - before)
        return value

    def _nested(self, event: Any) -> Any:
        if self.depth == DEEPEST:
            raise Unreadable(f"must not be nested deeper than {DEEPEST} levels", spot(event))
        if event.tag is not None:
            _check_tag(event)
        self.depth += 1
        value = self._mapping() if isinstance(event, MappingStart) else self._sequence()
        self.depth -= 1
        return value

    def _sequence(self) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEnd):
            made.append(self._member(len(made), event, event))
        return made

    def _mapping(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: list[Any] = []
        while not isinstance(event := next(self.events), MappingEnd):
            key = self._key(event)
            value = self._member(key, event, next(self.events))
            if key == _MERGE and is_plain(event):
                merged.append((value, event))
            elif key in made:
                raise Unreadable(f'holds "{key}" twice in one mapping', spot(event), "remove one of them")
            else:
                made[key] = value
        for value, at in merged:
            self._merge(made, value, at)
        return made

    def _member(self, step: str | int, at: Any, event: Any) -> Any:
        """The value of a key or an index; notes whether the way to what is wanted leads through it."""
        if self.wanted is None:
            return self._node(event)
        on_the_way = self.matched == self.depth - 1 and self.wanted[self.matched : self.matched + 1] == (step,)
        self.matched += on_the_way
        if on_the_way and self.matched == len(self.wanted):
            raise _FoundError(spot(at))
        value = self._node(event)
        self.matched -= on_the_way
        return value

    def _key(self, event: Any) -> str:
        if not isinstance(event, Scalar):
            raise Unreadable("must have plain text as its keys", spot(event))
        self._count(1, event)
        text: str = event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = (text, 1)
        return text

    def _merge(self, made: dict[str, Any], value: Any, at: Any) -> None:
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise Unreadable("must merge (<<) mappings", spot(at))
            self._count(len(each), at)
            for key, inner in each.items():
                made.setdefault(key, inner)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is not None:
            _check_tag(event)
            if str(event.tag) in {"!", f"{_CORE}str"}:
                return text
        return _plain(text) if is_plain(event) else text

    def _alias(self, event: Any) -> Any:
        value, size = self.anchors.get(event.anchor, _NOTHING)
        if not size:
            raise Unreadable("must not use an alias before its anchor is complete", spot(event))
        self._count(size, event)
        return value

    def _count(self, more: int, event: Any) -> None:
        self.count += more
        if self.count > MOST:
            raise Unreadable(f"must not hold more than {MOST} values", spot(event), "what aliases repeat counts again")


def _plain(text: str) -> Any:
    """What a text without quotes means (YAML 1.2.2, 10.3.2). Infinity and NaN, which JSON has not, stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBERS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text


def _check_tag(event: Any) -> None:
    if str(event.tag) not in _TAGS:
        raise Unreadable("must not have a YAML tag", spot(event), "remove the word that begins with !")
