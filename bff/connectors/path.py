"""Paths into decoded JSON: `geo.elevation_ft`, `items.0.id`. Pure; knows no schema.

A tuple is a path whose segments may hold dots themselves: `("com.example.name",)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from bff.codec import Row

JsonPath = str | tuple[str, ...]
Read = Callable[[Any], Any]

DICT = {dict}


def segments(path: JsonPath) -> tuple[str, ...]:
    """The members that a path goes through; none for the value itself."""
    if isinstance(path, tuple):
        return path
    return tuple(path.split(".")) if path else ()


def shown(path: JsonPath) -> str:
    """A path as people read it."""
    return path if isinstance(path, str) else "/".join(path)


@cache
def reader(path: JsonPath) -> Read:
    """A function that reads `path` from a JSON value; what is not there reads as None.

    Segments are object members; a segment of digits also indexes a list. The empty path is the value itself. Made once
    for each path: they stand in declarations, never in what clients or services send.
    """
    steps = segments(path)
    if not steps:
        return _itself
    if len(steps) == 1:
        return _member(steps[0])

    def read(value: Any) -> Any:
        for segment in steps:
            value = _step(value, segment)
            if value is None:
                return None
        return value

    return read


@cache
def member(path: JsonPath) -> str | None:
    """The one member that a path reads; None for a longer path, and for what may also be an index. As `reader`."""
    steps = segments(path)
    return steps[0] if len(steps) == 1 and not steps[0].isdecimal() else None


def read_all(rows: Sequence[Any], name: str) -> list[Any] | None:
    """A member of each row; None for rows that are not all of one kind."""
    kinds = set(map(type, rows))
    if kinds == DICT:
        return [row.get(name) for row in rows]
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None or not issubclass(kind, Row):
        return None
    getter = kind.getters.get(name)
    return [None] * len(rows) if getter is None else list(map(getter, rows))


def _itself(value: Any) -> Any:
    return value


def _member(name: str) -> Read:
    def read(value: Any) -> Any:
        return value.get(name) if type(value) is dict else _step(value, name)

    return read


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, (dict, Row)):
        return value.get(segment)
    if isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
        return value[int(segment)]
    return None
