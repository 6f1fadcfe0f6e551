"""pydantic's errors -> what would be right, in plain words. Knows the model, no line and no column."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bff.config.mistakes import KEY, Mistake, Place
from bff.config.model import Config

_CONTAINERS = {
    "model_type": Mistake("must be a mapping of settings", "write them below it, indented, or remove it"),
    "dict_type": Mistake("must be a mapping of names to values", "write them below it, indented, or remove it"),
    "tuple_type": Mistake("must be a list", "write [a, b]"),
    "missing": Mistake("is missing, and has no default"),
}


def explain(error: ErrorDetails) -> Iterator[tuple[Place, Mistake]]:
    """The mistakes in one error, each with the place to blame; `KEY` ends a place that is a key, not a value."""
    place: Place = tuple(error["loc"])
    if error["type"] == "refused":
        for mistake in error["ctx"]["mistakes"]:
            yield (*place, *mistake.below), mistake
    elif error["type"] == "extra_forbidden":
        yield (*place, KEY), _unknown(str(place[-1]), _settings(place[:-1]))
    else:
        yield place, _CONTAINERS.get(error["type"]) or Mistake(error["msg"])


def _unknown(name: str, known: list[str]) -> Mistake:
    near = get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}"
    return Mistake("is not a setting", hint)


def _settings(place: Place) -> list[str]:
    """The names of the settings in the section at `place`."""
    section: Any = Config
    for step in place:
        section = _below(section, step)
    return list(section.model_fields)


def _below(section: Any, step: str | int) -> Any:
    if isinstance(section, type) and issubclass(section, BaseModel):
        annotation: Any = section.model_fields[str(step)].annotation
        return annotation.__args__[0] if isinstance(annotation, UnionType) else annotation
    if get_origin(section) is tuple:
        return get_args(section)[0]
    return get_args(section)[-1]  # a mapping's value
