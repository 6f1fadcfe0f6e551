"""Fields added to a type that is defined elsewhere, so that generated files stay untouched and joins stand in one file.

Knows Strawberry's definitions and no schema: what it adds must be there before `strawberry.Schema` is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

Links = TypeVar("Links", bound=type)

_DEFINITION = "__strawberry_definition__"


def extend(target: type, /, **fields: tuple[Any, Any]) -> Callable[[Links], Links]:
    """Add fields to the Strawberry type `target`.

    Above a class, which is written as any Strawberry type is:

        @extend(Airport)
        class AirportLinks:
            city: City | None = connect(cities.by_ids, id="city_id")

    or each with its type: `extend(Airport, city=(City | None, connect(cities.by_ids, id="city_id")))`.
    Raises TypeError for what is no Strawberry type, ValueError for a field that it has already.
    """
    if not hasattr(target, _DEFINITION):
        raise TypeError(f"extend() takes a Strawberry type, not {target!r}")
    if fields:
        body = {name: declared for name, (_, declared) in fields.items()}
        annotations = {name: annotation for name, (annotation, _) in fields.items()}
        _add(target, type(f"{target.__name__}Links", (), {**body, "__annotations__": annotations}))

    def above(links: Links) -> Links:
        _add(target, links)
        return links

    return above


def _add(target: type, links: type) -> None:
    known = {each.python_name for each in getattr(target, _DEFINITION).fields}
    made: Any = strawberry.type(links)
    added = getattr(made, _DEFINITION).fields
    for each in added:
        if each.python_name in known:
            raise ValueError(f"{target.__name__} has a field '{each.python_name}' already")
    getattr(target, _DEFINITION).fields.extend(added)
