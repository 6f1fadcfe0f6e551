"""Paths into decoded JSON: `geo.elevation_ft`, `items.0.id`. Pure; knows no schema.

A tuple is a path whose segments may hold dots themselves: `("com.example.name",)`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

JsonPath = str | tuple[str, ...]
Read = Callable[[Any], Any]


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


def member(path: JsonPath) -> str | None:
    """The one member that a path reads; None for a longer path, and for what may also be an index."""
    steps = segments(path)
    return steps[0] if len(steps) == 1 and not steps[0].isdecimal() else None


def _itself(value: Any) -> Any:
    return value


def _member(name: str) -> Read:
    def read(value: Any) -> Any:
        return value.get(name) if type(value) is dict else _step(value, name)

    return read


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, dict):
        return value.get(segment)
    if isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
        return value[int(segment)]
    return None
