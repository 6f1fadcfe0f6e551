"""What of an answer in parts is told when: which parts are promised, and when one of them is complete. Pure.

A promise is one @defer at one object, or one list that is streamed. It is told once that object or list is with the
client and the @defer around it is kept, and kept once everything that it owes has come. A piece is what came at one
place; one that several promises owe goes out with the first of them that is kept (graphql-core's delivery groups).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import GraphQLError

from bff.execute.fault import keys_of
from bff.execute.parts import Group
from bff.execute.placing import Ended, Place, Standing
from bff.plan.deferral import At, inside

Keys = tuple[str | int, ...]


@dataclass(slots=True, eq=False, repr=False)
class Promise:
    """Something that comes later. `within` is what the client has at its path."""

    path: Keys
    label: str | None
    within: Any
    above: tuple[Any, ...] = ()  # the keys of promises to be kept before
    carrier: Piece | None = None  # what has to be delivered before; None: it came at once
    owed: int = 0  # pieces that have not come
    length: int = 0  # of a list, with all items that have come
    pieces: list[Piece] = field(default_factory=list)  # that have come, in order
    errors: list[GraphQLError] | None = None  # why it is broken
    id: str = ""  # once it is told

    @property
    def streams(self) -> bool:
        return isinstance(self.within, list)

    @property
    def kept(self) -> bool:
        return self.owed == 0 and self.errors is None


@dataclass(slots=True, eq=False, repr=False)
class Piece:
    """What came at one place: fields of an object, or items of a list from `start` on."""

    path: Keys
    value: Any
    errors: list[GraphQLError]
    promises: tuple[Promise, ...]
    into: Any  # what the client has there
    start: int | None = None
    delivered: bool = False


class Delivered(NamedTuple):
    """A piece, as one promise brings it."""

    promise: Promise
    piece: Piece

    @property
    def below(self) -> Keys:
        """Where it belongs, from where the promise stands."""
        return self.piece.path[len(self.promise.path) :]


@dataclass(slots=True, eq=False)
class Told:
    """What is told at once: new promises; and pieces, and promises that are over, each after what it stands in."""

    promised: list[Promise] = field(default_factory=list)
    steps: list[Delivered | Promise] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.promised) + len(self.steps)

    @property
    def delivered(self) -> list[Delivered]:
        return [step for step in self.steps if isinstance(step, Delivered)]

    @property
    def over(self) -> list[Promise]:
        return [step for step in self.steps if isinstance(step, Promise)]


class Owing(NamedTuple):
    """A place, and the promises that owe what comes there."""

    place: Place
    promises: tuple[Promise, ...]

    @property
    def start(self) -> int | None:
        """The index of the next item, of a list."""
        return None if isinstance(self.place.of, Group) else self.promises[0].length


class Delivery:
    """The promises of one answer."""

    __slots__ = ("_broken", "_open", "_told")

    def __init__(self) -> None:
        self._open: dict[Any, Promise] = {}
        self._broken: set[Any] = set()
        self._told = 0

    def owing(self, places: Iterable[Place], carrier: Piece | None = None) -> list[Owing]:
        """What is promised for these places, which were found in a piece, or in what came at once."""
        return [Owing(place, tuple(self._promises(place, carrier))) for place in places]

    def came(self, owing: Owing, ended: Ended, *, more: bool = False) -> Piece:
        """A piece came; with `more` there is more to come at its place."""
        place, promises = owing
        piece = Piece(tuple(keys_of(place.path)), ended.value, ended.errors, promises, place.into, owing.start)
        for promise in promises:
            promise.owed -= 0 if more else 1
            if ended.failed:
                promise.errors = ended.errors
            elif ended.value:
                promise.length += len(ended.value)
                promise.pieces.append(piece)
        return piece

    def tell(self) -> Told:
        """What can be told by now, each thing once."""
        told, before = Told(), -1
        while len(told) > before:  # one that is kept may free another
            before = len(told)
            self._pass(told)
        return told

    def sent(self, told: Told) -> None:
        """The client has what was told. Until then nothing is added to it, for that is to be told apart."""
        for _, piece in told.delivered:
            if piece.start is None:
                piece.into.update(piece.value)
            else:
                piece.into.extend(piece.value)

    def _promises(self, place: Place, carrier: Piece | None) -> Iterator[Promise]:
        if not isinstance(place.of, Group):
            key = (place.of, tuple(keys_of(place.path)))
            promise = self._open[key] = Promise(key[1], place.of.streamed.label, place.into, carrier=carrier)
            promise.owed, promise.length = 1, len(place.into)
            yield promise
            return
        for at in place.of.deferred.usages:
            key, (_, within) = _key(place, at), _stands(place, at)
            if key not in self._open:
                self._open[key] = Promise(key[1], at[0].label, within, tuple(_above(place, at)), carrier)
            self._open[key].owed += 1
            yield self._open[key]

    def _pass(self, told: Told) -> None:
        for key, promise in list(self._open.items()):
            if self._broken.intersection(promise.above):
                self._end(key, broken=True)
            elif not promise.id and self._may_be_told(promise):
                self._promise(key, promise, told)
        for key, promise in list(self._open.items()):
            if promise.id:
                self._deliver(key, promise, told)

    def _may_be_told(self, promise: Promise) -> bool:
        delivered = promise.carrier is None or promise.carrier.delivered
        return delivered and not any(key in self._open for key in promise.above)

    def _promise(self, key: Any, promise: Promise, told: Told) -> None:
        """Unless others have brought all of it."""
        if promise.kept and all(piece.delivered for piece in promise.pieces):
            self._end(key, broken=False)
            return
        promise.id = str(self._told)
        self._told += 1
        told.promised.append(promise)

    def _deliver(self, key: Any, promise: Promise, told: Told) -> None:
        if promise.kept or promise.streams:
            told.steps += [_by_nearest(promise, piece) for piece in promise.pieces if not piece.delivered]
        if promise.kept or promise.errors is not None:
            told.steps.append(promise)
            self._end(key, broken=not promise.kept)

    def _end(self, key: Any, *, broken: bool) -> None:
        del self._open[key]
        if broken:
            self._broken.add(key)


def _by_nearest(promise: Promise, piece: Piece) -> Delivered:
    """By the promise nearest to the piece, of those that the client knows of."""
    piece.delivered = True
    known = [each for each in piece.promises if each.id and each.errors is None]
    return Delivered(max((promise, *known), key=lambda each: len(each.path)), piece)


def _stands(place: Place, at: At) -> Standing:
    return place.stack[-1 - at[1]]


def _key(place: Place, at: At) -> tuple[Any, Keys]:
    return at[0], tuple(keys_of(_stands(place, at)[0]))


def _above(place: Place, at: At) -> Iterator[Any]:
    above = inside(at)
    while above is not None:
        yield _key(place, above)
        above = inside(above)
