"""Answers in memory, never more than so many bytes. Knows keys and answers; nothing of calls, callers or connectors.

Kept are those that were asked for again. An answer that nobody has asked for twice can push out others like it and no
more, so a flood of keys that come once leaves what is in use where it is.
"""

from __future__ import annotations

from functools import partial
from typing import Self

from bff.upstreams.recency import Recency
from bff.upstreams.seam import Headers
from bff.upstreams.stored import Key, Stored, selects

MOST_PART = 8  # one answer takes at most this part of a store
MOST_VARIANTS = 16  # answers under one key, told apart by Vary


class Place:
    """Where an answer will stand that is on its way, unless it is outdated before it comes. To be used with `with`."""

    __slots__ = ("_expected", "_path", "void")

    def __init__(self, expected: dict[str, set[Place]], path: str) -> None:
        self._expected = expected
        self._path = path
        self.void = False

    def __enter__(self) -> Self:
        self._expected.setdefault(self._path, set()).add(self)
        return self

    def __exit__(self, *_: object) -> None:
        places = self._expected[self._path]
        places.discard(self)
        if not places:
            del self._expected[self._path]


class Store:
    """Answers by target and by whatever else parts them."""

    def __init__(self, size: int) -> None:
        """`size` in bytes: bodies, headers, keys, readings and what holds them."""
        self._recency = Recency[Stored](size)
        self._paths: dict[str, dict[Key, list[Stored]]] = {}
        self._expected: dict[str, set[Place]] = {}

    @property
    def most(self) -> int:
        return self._recency.most

    @property
    def size(self) -> int:
        """Bytes that are taken now."""
        return self._recency.size

    def __len__(self) -> int:
        return len(self._recency)

    def find(self, key: Key, headers: Headers) -> Stored | None:
        """What is kept for a request with these headers; the newest, if several answers fit."""
        for found in reversed(self._under(key)):
            if selects(found, headers):
                self._recency.used(found)
                return found
        return None

    def holds(self, found: Stored) -> bool:
        return found in self._recency

    def expected(self, key: Key) -> Place:
        """While an answer is on its way. What is outdated meanwhile must not be kept when it comes."""
        return Place(self._expected, _path(key[0]))

    def put(self, place: Place, new: Stored, headers: Headers) -> None:
        """Keep an answer to a request with these headers in place of all that it could have been answered with.

        Not kept: what was outdated on its way, was asked for before what is here, or is too large.
        """
        old = [found for found in self._under(new.key) if selects(found, headers)]
        if place.void or any(found.asked > new.asked for found in old):
            return
        for found in old:
            self.remove(found)
        self._add(new)

    def replace(self, old: Stored, new: Stored) -> None:
        """The same answer on new terms; nothing if it has gone meanwhile, or is another now."""
        if self.holds(old):
            self.remove(old)
            self._add(new)

    def remove(self, found: Stored) -> None:
        if self.holds(found):
            self._recency.remove(found)
            self._forget(found)

    def outdate(self, target: str) -> None:
        """Forget all that is known of the target's path, for everybody and whatever the query."""
        path = _path(target)
        for found in [each for variants in self._paths.get(path, {}).values() for each in variants]:
            self.remove(found)
        for place in self._expected.get(path, ()):
            place.void = True

    def _under(self, key: Key) -> list[Stored]:
        return self._paths.get(_path(key[0]), {}).get(key, [])

    def _add(self, new: Stored) -> None:
        size = new.size + new.memo.size
        if size * MOST_PART > self._recency.most:
            return
        variants = self._paths.setdefault(_path(new.key[0]), {}).setdefault(new.key, [])
        variants.append(new)
        new.memo.room = partial(self._grow, new)
        self._evicted(self._recency.add(new, size))
        if len(variants) > MOST_VARIANTS:
            self.remove(variants[0])

    def _grow(self, found: Stored, size: int) -> bool:
        """Room for one more reading of an answer; none if that would make it too large."""
        if (self._recency.size_of(found) + size) * MOST_PART > self._recency.most:
            return False
        self._evicted(self._recency.grew(found, size))
        return True

    def _evicted(self, gone: list[Stored]) -> None:
        for found in gone:
            self._forget(found)

    def _forget(self, found: Stored) -> None:
        """Out of the index; whoever reads it now keeps it alive until then."""
        found.memo.room = None
        path = _path(found.key[0])
        keys = self._paths[path]
        keys[found.key].remove(found)
        if not keys[found.key]:
            del keys[found.key]
        if not keys:
            del self._paths[path]


def _path(target: str) -> str:
    return target.partition("?")[0]
