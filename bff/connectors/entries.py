"""Maps: JSON objects whose members are data, which GraphQL has no type for, as lists of `{key, value}`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bff.errors import BadUserInput

NOT_A_MAP = object()  # no field of entries can have it, so that its field says what is wrong


def as_entries(value: Any) -> Any:
    """The members of an object, in its order; null stays null. An empty list is an empty map: so PHP writes it."""
    if value is None:
        return None
    if isinstance(value, dict):
        return [{"key": key, "value": item} for key, item in value.items()]
    return [] if value == [] else NOT_A_MAP


def as_object(entries: Sequence[Any] | None) -> dict[str, Any] | None:
    """What a service gets of entries that a client sent. Raises BadUserInput for a key that comes twice."""
    if entries is None:
        return None
    made: dict[str, Any] = {}
    for entry in entries:
        if entry["key"] in made:
            raise BadUserInput("A key stands twice in a list of entries.")
        made[entry["key"]] = entry.get("value")
    return made


def in_turn(members: Mapping[str, Any] | None) -> list[Any] | None:
    """An object's names and values one after the other, without what is null."""
    if members is None:
        return None
    return [each for name, value in members.items() if value is not None for each in (name, value)]
