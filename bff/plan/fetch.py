"""What a connected field does when it runs: bind variables, load, and put what came into the field's own shape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

from graphql import GraphQLList, get_nullable_type, is_non_null_type

from bff.connectors import Binding, Connector, FromArgument, FromParent
from bff.connectors.paging import MalformedPage, Paging
from bff.connectors.path import JsonPath, reader, segments
from bff.connectors.rows import nothing
from bff.errors import BadUserInput, ListTooLong, UpstreamMalformed, ValueMalformed
from bff.plan.field import AFTER, FIRST, Call, Field, largest
from bff.plan.scope import Path
from bff.plan.waves import Waves

Arguments = Mapping[str, Any]  # by Python name, in wire form
Bind = Callable[[Any, Arguments], Any]

_NOTHING = object()


@dataclass(frozen=True, slots=True, eq=False)
class BoundCall:
    """One connector of a field, ready to run: its variables as functions of parent and arguments."""

    call: Call
    binds: tuple[tuple[str, Bind], ...]
    needed: frozenset[str]  # without these there is nothing to ask for: keys, and variables in the path
    spread: tuple[str, ...]  # of those, the one whose list means one load for each item

    def values(self, parent: Any, arguments: Arguments) -> dict[str, Any]:
        return {name: bind(parent, arguments) for name, bind in self.binds}


def bound_call(call: Call) -> BoundCall:
    connector = call.connector
    in_path = {variable.name for variable in connector.template.variables if variable.in_path}
    return BoundCall(
        call=call,
        binds=tuple((name, _bind(bound)) for name, bound in call.bindings.items()),
        needed=frozenset(connector.key) | in_path,
        spread=connector.spread,
    )


@dataclass(frozen=True, slots=True)
class At:
    """A place in a running operation, to load from."""

    waves: Waves
    path: Path

    def load(self, bound: BoundCall, values: Mapping[str, Any]) -> asyncio.Future[Any]:
        return self.waves.begin(bound.call.connector, values, self.path)


async def fetched(field: Field, calls: tuple[BoundCall, ...], at: At, parent: Any, arguments: Arguments) -> Any:
    """The value of a connected field. Several connectors are asked at once; their rows are taken in turn, so that a
    list which is cut to its size has some of each.
    """
    if asks_for_none(field, calls, arguments):
        return []
    if len(calls) == 1:
        return arranged(field, await _one(field, calls[0], at, parent, arguments), arguments)
    parts = await asyncio.gather(*(_one(field, call, at, parent, arguments) for call in calls))
    return arranged(field, in_turn(parts), arguments)


def arranged(field: Field, found: Any, arguments: Arguments) -> Any:
    """What a field has of what was loaded for it. Raises ListTooLong."""
    return sized(field, _inside(field, found), arguments)


def asks_for_none(field: Field, calls: tuple[BoundCall, ...], arguments: Arguments) -> bool:
    """Whether the client wants no row of this list, so that no call is needed."""
    return _size(field, arguments) == 0 and all(each.call.connector.safe for each in calls)


def in_turn(parts: Sequence[Sequence[Any] | None]) -> list[Any]:
    """The first of each part, then the second of each, …"""
    rounds = zip_longest(*(part or () for part in parts), fillvalue=_NOTHING)
    return [row for round_ in rounds for row in round_ if row is not _NOTHING]


def _inside(field: Field, found: Any) -> Any:
    """What stands at the field's own path: in each row of a list, else in the one row."""
    if field.source.path is None and not field.source.entries:
        return found
    if isinstance(found, list):
        return [row if isinstance(row, Exception) else field.read(row) for row in found]
    return field.read(found)


async def _one(field: Field, bound: BoundCall, at: At, parent: Any, arguments: Arguments) -> Any:
    connector = bound.call.connector
    values = bound.values(parent, arguments)
    if connector.paging:
        return await _page(field, bound, at, values, arguments)
    if any(values.get(name) is None for name in bound.needed):
        return nothing(connector)
    if any(isinstance(values[name], list) for name in bound.spread):
        return await _each(field, bound, at, values, _size(field, arguments))
    return await at.load(bound, values)


def _paid_for(field: Field, connector: Connector, keys: list[Any], size: int | None) -> list[Any]:
    """The keys in a parent's JSON that the price knew of: as many as were asked for, or as the list may have.

    Raises ListTooLong for more: rows of a `many` connector have a bound, their keys have none but one.
    """
    if size is not None and not connector.many:
        return keys[:size]
    most = 1 if connector.many or not field.spreads or field.bound is None else field.bound.most()
    if most is not None and len(keys) > most:
        raise ListTooLong(field.coordinate, len(keys), most, connector.upstream)
    return keys


async def _each(field: Field, bound: BoundCall, at: At, values: Mapping[str, Any], size: int | None) -> list[Any]:
    """One load for each item of a list, in its order.

    Where items may be null, one that is missing is null and one that failed is an error of its own; elsewhere what is
    missing is left out, and a failure is the whole list's.
    """
    connector = bound.call.connector
    name = next(name for name in bound.spread if isinstance(values[name], list))
    if not field.lists:
        raise ValueMalformed(field.coordinate, f"one {field.returns}", connector.upstream)
    keys = [item for item in values[name] if item is not None]
    if isinstance(bound.call.bindings[name], FromParent):
        keys = _paid_for(field, connector, keys, size)
    loads = [at.load(bound, {**values, name: item}) for item in keys]
    if connector.many:
        return [row for rows in await asyncio.gather(*loads) for row in rows]
    items = cast("GraphQLList[Any]", get_nullable_type(field.declared.type)).of_type
    if is_non_null_type(items):
        return [row for row in await asyncio.gather(*loads) if row is not None]
    return list(await asyncio.gather(*loads, return_exceptions=True))


async def _page(field: Field, bound: BoundCall, at: At, values: dict[str, Any], arguments: Arguments) -> dict[str, Any]:
    """A Relay page. A field without `first` takes its assumed size."""
    paging = cast("Paging", bound.call.connector.paging)
    first = arguments.get(FIRST)
    size = (field.source.cost.assumed_size or 0) if first is None else first
    after = arguments.get(AFTER)
    try:
        asked = paging.ask(size, after)
        return paging.cut(await at.load(bound, {**values, **asked}), size, after)
    except ValueError:
        message = f"Argument 'after' of {field.coordinate} is not a cursor of this list."
        raise BadUserInput(message, "This is not a cursor of this list.") from None
    except MalformedPage as error:
        connector = bound.call.connector
        raise UpstreamMalformed(connector.upstream, detail=f"{connector.label}: {error}") from None


def sized(field: Field, found: Any, arguments: Arguments) -> Any:
    """A list within its bound: cut to the size that the client asked for, refused over the size that was assumed."""
    size = _size(field, arguments)
    return within(field, found) if size is None or not isinstance(found, list) else found[:size]


def _size(field: Field, arguments: Arguments) -> int | None:
    """The size of a plain list that the client asked for; None if it said nothing of it."""
    if field.bound is None or field.connection or not field.bound.asked:
        return None
    asked = [reader(path)(arguments) for path in field.bound.asked]
    return largest(size for size in asked if isinstance(size, int))


def within(field: Field, found: Any) -> Any:
    """The list, if it is no longer than it can be where nobody asks for less. Raises ListTooLong."""
    most = field.bound.most() if field.bound is not None and isinstance(found, list) else None
    if most is not None and len(found) > most:
        upstream = field.calls[0].connector.upstream if field.calls else None
        raise ListTooLong(field.coordinate, len(found), most, upstream)
    return found


class Room:
    """How many items a list may still have, as they come: the same bounds as `sized` holds a whole list to."""

    def __init__(self, field: Field, arguments: Arguments) -> None:
        self._field = field
        self._size = _size(field, arguments)
        self._most = field.bound.most(self._size) if field.bound is not None else None
        self._taken = 0

    @property
    def left(self) -> bool:
        """Whether the client wants more."""
        return self._size is None or self._taken < self._size

    def take(self) -> None:
        """Raises ListTooLong."""
        self._taken += 1
        if self._most is not None and self._taken > self._most:
            raise ListTooLong(self._field.coordinate, self._taken, self._most, None)


def _bind(bound: Binding) -> Bind:
    if isinstance(bound, FromParent):
        return _from_parent(bound.path)
    if isinstance(bound, FromArgument):
        name, below = bound.name, reader(bound.path)
        if (write := bound.write) is not None:
            return lambda _, arguments: write(below(arguments.get(name)))
        return lambda _, arguments: below(arguments.get(name))
    return lambda *_: bound.value


def _from_parent(path: JsonPath) -> Bind:
    """From the parent's JSON, or from an object that a method returned: its row if it has one, else its attributes."""
    read, (first, *rest) = reader(path), segments(path) or ("",)
    inside = reader(tuple(rest))

    def bind(parent: Any, _: Arguments) -> Any:
        row = parent if isinstance(parent, dict) else getattr(parent, "_row", None)
        return inside(getattr(parent, first, None)) if row is None else read(row)

    return bind
