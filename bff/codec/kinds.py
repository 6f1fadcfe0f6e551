"""Rows of which only some members are of use, and objects that are written of their members: their kinds are kept."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from bff.codec.row import Made, Member, Row, attributes_of, made_of, read_as
from bff.codec.text import UNREADABLE, decode_answer

M = TypeVar("M")
K = TypeVar("K")
T = TypeVar("T")

MOST_KEPT: Final = 20_000  # members of all kinds of rows together, and of all kinds of objects: up to 1 kB each
LEAST: Final = 5  # members that a kind with fewer takes as much as

_FINDABLE: Final = re.compile(r"[ !#-\[\]-~]*")


def findable(name: str) -> bool:
    """Whether the library finds members of this name in an object of which others are of no use."""
    return _FINDABLE.fullmatch(name) is not None


class Rows:
    """A `decode` for rows of which only some members are of use: `row` is what each of them becomes.

    What is not one of them, or a list of them and nulls, is read whole. Raises ValueError for members whose names are
    not `findable`.
    """

    __slots__ = ("_decoder", "_members", "attributes", "row")

    def __init__(self, members: tuple[Member, ...]) -> None:
        self._members = {each.name: each for each in members}
        self.attributes = attributes_of(self._members)
        self.row = read_as(members, self.attributes)
        kind: Any = self.row
        self._decoder = msgspec.json.Decoder(list[kind | None] | kind | None)

    def member(self, name: str | None) -> Member | None:
        """What is read of each row under this name; None for what is not one member."""
        return None if name is None else self._members[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the order in which a row is written."""
        return tuple(self._members)

    def __call__(self, raw: bytes) -> Any:
        try:
            found = self._decoder.decode(raw)
            if not raw.isascii():
                raw.decode()  # also of what is passed over, which nobody has looked at
        except UNREADABLE:
            return decode_answer(raw)
        return found


class Kept(Generic[M, K]):
    """What was made of some members. It takes memory by their number, which clients have a say in, and so it counts:
    least recently used ones are forgotten first.
    """

    __slots__ = ("_entries", "_make", "_size")

    def __init__(self, make: Callable[[tuple[M, ...]], K]) -> None:
        self._make = make
        self._entries: OrderedDict[tuple[M, ...], K] = OrderedDict()
        self._size = 0

    def __call__(self, members: tuple[M, ...]) -> K:
        found = self._entries.get(members)
        if found is None:
            found = self._make(members)
            self._remember(members, found)
        else:
            self._entries.move_to_end(members)
        return found

    def _remember(self, members: tuple[M, ...], found: K) -> None:
        self._entries[members] = found
        self._size += LEAST + len(members)
        while self._size > MOST_KEPT:
            forgotten, _ = self._entries.popitem(last=False)
            self._size -= LEAST + len(forgotten)


rows: Final = Kept(Rows)
made: Final[Kept[str, type[Made]]] = Kept(made_of)  # the objects of these members


def opened(value: T) -> T | Any:
    """The same value with rows as the objects that they came of, as far as they are of use."""
    if isinstance(value, list):
        return (
            [opened(each) for each in value] if any(issubclass(kind, Row) for kind in set(map(type, value))) else value
        )
    return {name: getter(value) for name, getter in value.getters.items()} if isinstance(value, Row) else value
