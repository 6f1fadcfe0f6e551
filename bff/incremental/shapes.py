"""The parts of an answer as JSON, in the three shapes that clients read. Pure; knows no HTTP.

2022   Apollo's `deferSpec=20220824`, and Relay: each deferred fragment whole, at its own path, once it is there
2023   Apollo's `incrementalSpec=v0.2`, graphql-js 17: promises with an id, and what comes for each; nothing twice
both   the second with the paths of the first, for clients that do not say which of them they read: urql, GraphiQL
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from graphql import GraphQLError

from bff.execute import Delivered, Portion, Promise, Told

Spec = Literal["2022", "2023", "both"]
Json = dict[str, Any]
Shown = Callable[[GraphQLError], Json]


def first_part(part: Portion, spec: Spec, data: Any, errors: list[Json]) -> Json:
    """What came at once."""
    found: Json = {"errors": errors} if errors else {}
    found |= {"data": data}
    if spec != "2022":
        found |= {"pending": _pending(part.told)}
    return found | {"hasNext": not part.last}


def next_part(part: Portion, spec: Spec, shown: Shown) -> Json | None:
    """What came later. None for what this shape does not tell."""
    found = _older(part.told, shown) if spec == "2022" else _newer(part.told, shown, paths=spec == "both")
    return found | {"hasNext": not part.last} if found or part.last else None


def _newer(told: Told, shown: Shown, *, paths: bool) -> Json:
    broken = [promise for promise in told.over if promise.errors is not None] if paths else []
    found: dict[str, list[Json]] = {
        "pending": _pending(told),
        "incremental": [
            *(_delivered(each, shown, paths=paths) for each in told.delivered),
            *({"id": each.id} | _placed(each, each.path) | {"errors": _shown(each, shown)} for each in broken),
        ],
        "completed": [
            {"id": each.id} | ({"errors": _shown(each, shown)} if each.errors is not None and not paths else {})
            for each in told.over
        ],
    }
    return {name: entries for name, entries in found.items() if entries}


def _pending(told: Told) -> list[Json]:
    return [
        {"id": each.id, "path": each.path} | ({"label": each.label} if each.label is not None else {})
        for each in told.promised
    ]


def _delivered(each: Delivered, shown: Shown, *, paths: bool) -> Json:
    """With `paths`, where items go ends with the index of the first."""
    piece = each.piece
    found: Json = {"id": each.promise.id}
    if each.below:
        found["subPath"] = each.below
    if paths:
        found |= _placed(each.promise, piece.path if piece.start is None else (*piece.path, piece.start))
    found["data" if piece.start is None else "items"] = piece.value
    return found | _errors(piece.errors, shown)


def _older(told: Told, shown: Shown) -> Json:
    entries = list(_steps(told, shown))
    return {"incremental": entries} if entries else {}


def _steps(told: Told, shown: Shown) -> Iterator[Json]:
    """Items as they come, and fragments when they are whole."""
    for step in told.steps:
        if isinstance(step, Promise):
            if not step.streams or step.errors is not None:
                yield _over(step, shown)
        elif step.piece.start is not None:
            placed = _placed(step.promise, (*step.piece.path, step.piece.start))
            yield placed | {"items": step.piece.value} | _errors(step.piece.errors, shown)


def _over(promise: Promise, shown: Shown) -> Json:
    if promise.errors is not None:
        path = (*promise.path, promise.length) if promise.streams else promise.path
        lost = {"items": None} if promise.streams else {"data": None}
        return _placed(promise, path) | lost | {"errors": _shown(promise, shown)}
    errors = [error for piece in promise.pieces for error in piece.errors]
    return _placed(promise, promise.path) | {"data": whole(promise)} | _errors(errors, shown)


def whole(promise: Promise) -> Json:
    """Everything that a @defer brings, as one object from its own path on."""
    found: Json = {}
    for piece in promise.pieces:
        place = _hollowed(found, promise.within, piece.path[len(promise.path) :])
        place |= piece.value
    return found


def _hollowed(found: Any, within: Any, path: Iterable[str | int]) -> Any:
    """What stands at a path in `found`, made on the way there after what the client has."""
    for key in path:
        if isinstance(found, dict) and key not in found:
            found[key] = _hollow(within[key])
        found = found[key]
        if within is not None:  # else it came with what is in `found` already
            within = within.get(key) if isinstance(within, dict) else within[key]
    return found


def _hollow(value: Any) -> Any:
    """Lists as long as the client's, of objects without members: what is merged into it changes nothing."""
    if isinstance(value, list):
        return [_hollow(each) for each in value]
    return {} if isinstance(value, dict) else value


def _placed(promise: Promise, path: Iterable[str | int]) -> Json:
    return {"path": list(path)} | ({"label": promise.label} if promise.label is not None else {})


def _shown(promise: Promise, shown: Shown) -> list[Json]:
    return [shown(error) for error in promise.errors or ()]


def _errors(errors: list[GraphQLError], shown: Shown) -> Json:
    return {"errors": [shown(error) for error in errors]} if errors else {}
