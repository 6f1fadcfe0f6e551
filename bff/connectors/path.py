"""Paths into decoded JSON: `geo.elevation_ft`, `items.0.id`. Pure; knows no schema."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

Read = Callable[[Any], Any]


@cache
def reader(path: str) -> Read:
    """A function that reads `path` from a JSON value; what is not there reads as None.

    Segments are object members; a segment of digits also indexes a list. The empty path is the value itself. Made once
    for each path: they stand in declarations, never in what clients or services send.
    """
    if not path:
        return _itself
    segments = path.split(".")
    if len(segments) == 1:
        return _member(path)

    def read(value: Any) -> Any:
        for segment in segments:
            value = _step(value, segment)
            if value is None:
                return None
        return value

    return read


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
