"""Strawberry's classes made for the sake of their schema alone: what a graph of documents needs, in half the time.

Nobody makes an object of these classes, for rows stay JSON: so they go without `__init__`, `__repr__` and `__eq__`,
which dataclasses writes as text and compiles, three functions a class. And `str | None`, which stands in thousands of
places, means the same in all of them: what it resolves to is found once, and nothing is looked up that is written
without a text. Both are changes to Strawberry while the modules of one graph run, and for no code but that which we
wrote.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace, UnionType
from typing import Annotated, Any, NewType, Union, get_origin

from strawberry.annotation import StrawberryAnnotation
from strawberry.types import object_type
from strawberry.types.arguments import StrawberryArgumentAnnotation
from strawberry.types.union import StrawberryUnion

_AROUND = {UnionType, Union, list}
_BESIDE = (StrawberryArgumentAnnotation, StrawberryUnion)


@contextmanager
def lean() -> Iterator[None]:
    """Around the modules of one graph; what was before is restored."""
    changed: list[tuple[Any, str, Any]] = [
        (object_type, "dataclasses", _dataclasses()),
        (StrawberryAnnotation, "_resolve", _remembered(StrawberryAnnotation._resolve)),  # noqa: SLF001 - it has no hook
        (StrawberryAnnotation, "evaluate", _evaluated(StrawberryAnnotation.evaluate)),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changed]
    _put(changed)
    try:
        yield
    finally:
        _put(before)


def _put(changes: Iterable[tuple[Any, str, Any]]) -> None:
    for owner, name, value in changes:
        setattr(owner, name, value)


def _dataclasses() -> Any:
    return SimpleNamespace(**{**vars(dataclasses), "dataclass": _dataclass})


def _dataclass(**options: Any) -> Callable[[type], type]:
    """As `dataclasses.dataclass`; it would describe a class that has no words by a signature that it then has not."""
    made = dataclasses.dataclass(**options, init=False, repr=False, eq=False)

    def above(cls: type) -> type:
        cls.__doc__ = cls.__doc__ or f"{cls.__name__}()"
        return made(cls)

    return above


def _evaluated(find: Any) -> Any:
    """`find`, but for what has no text in it: that would be evaluated to its equal, made anew."""
    remembered = _remembered(find)

    def evaluated(annotation: Any) -> Any:
        raw = annotation.raw_annotation
        return raw if _whole(raw) else remembered(annotation)

    return evaluated


def _whole(raw: Any) -> bool:
    """Whether nothing in it is a text, or says where to look."""
    origin = get_origin(raw)
    if origin is None:
        return isinstance(raw, type | NewType)
    if origin is Annotated:
        return all(isinstance(each, _BESIDE) for each in raw.__metadata__) and _whole(raw.__origin__)
    return origin in _AROUND and all(map(_whole, raw.__args__))


def _remembered(find: Any) -> Any:
    """`find`, asked once for each type; a text depends on the module that it stands in, and is looked up there."""
    known: dict[Any, Any] = {}

    def remembered(annotation: Any) -> Any:
        raw = annotation.raw_annotation
        if isinstance(raw, str):
            return find(annotation)
        try:
            if raw not in known:
                known[raw] = find(annotation)
        except TypeError:  # what cannot be hashed
            return find(annotation)
        return known[raw]

    return remembered
