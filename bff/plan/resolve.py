"""What each kind of field does to come to its value, whoever executes it: read a row, make calls, run code.

Runs no operation. graphql-core (`bff.plan.install`) and the compiled executor (`bff.execute`) stand on these, so that
a field means the same in each.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import GraphQLError, get_nullable_type, is_scalar_type, is_specified_scalar_type

from bff.codec import encode
from bff.connectors import FromArgument
from bff.connectors.entries import as_object
from bff.errors import BffError, Forbidden, InternalError, OperationAbandoned, OperationTimeout, ResolverError
from bff.plan.context import Context
from bff.plan.fetch import Arguments, At, BoundCall, Room, arranged, fetched, sized, within
from bff.plan.field import Field
from bff.plan.scope import Path
from bff.plan.values import Leaf, objects
from bff.plan.whole import whole
from bff.plan.wire import wire

Resolve = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A field that is in its parent's JSON, or an attribute of an object that a method returned."""

    field: Field
    convert: Leaf | None  # None: a field of objects
    upstream: str | None

    def of(self, parent: Any) -> Any:
        """The value, checked. Raises ValueMalformed, ListTooLong."""
        field = self.field
        if not isinstance(parent, dict):
            return within(field, getattr(parent, field.python_name, None))
        return self.made(field.read(parent))

    def made(self, value: Any) -> Any:
        """What stands at its place in the parent's JSON, checked. Raises ValueMalformed, ListTooLong."""
        if self.convert:
            return self.convert(value)
        return within(self.field, objects(self.field, value, self.upstream))


@dataclass(frozen=True, slots=True, eq=False)
class Arriving(Reading):
    """A field of the subscription type: what an event brings. Its parent is the event."""

    coded: bool  # hand-written code yields its events

    def of(self, parent: Any) -> Any:
        """The value, checked. Raises the event where that is an error, ValueMalformed, ListTooLong."""
        if isinstance(parent, Exception):
            raise parent
        if self.coded:
            return within(self.field, parent)
        found = arranged(self.field, parent, {})
        return self.convert(found) if self.convert else objects(self.field, found, self.upstream)


@dataclass(frozen=True, slots=True, eq=False)
class Fetching:
    """A field that calls bring."""

    field: Field
    convert: Leaf | None
    upstream: str
    calls: tuple[BoundCall, ...]

    async def value(self, at: At, parent: Any, arguments: Arguments) -> Any:
        """What the calls bring for one parent. Raises BffError."""
        return self.made(await fetched(self.field, self.calls, at, parent, arguments))

    def made(self, found: Any) -> Any:
        """What came, if it is what the field has. Raises ValueMalformed."""
        return self.convert(found) if self.convert else objects(self.field, found, self.upstream)


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """A hand-written method: plain Strawberry, but that `self` may be a row. What it raises is masked."""

    field: Field
    method: Resolve
    row: type | None
    waits: bool  # it is asynchronous
    informed: bool = True  # it may ask for info; or nothing but the context is read of what it is given for that

    def call(self, parent: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """What the method returns, which may be awaitable; a list is whole once it has come. Raises BffError."""
        seen = self.row(parent) if self.row and isinstance(parent, dict) else parent
        try:
            found = self.method(seen, info, **arguments)
            return whole(found, self.field.lists, partial(self.shown, info.context)) if self.field.lists else found
        except Exception as error:
            raise self.shown(info.context, error) from error

    async def begun(self, parent: Any, info: Any, arguments: Mapping[str, Any]) -> Any:
        """What `call` comes to, but that what yields its items as they come is left to be read (`yielded`)."""
        seen = self.row(parent) if self.row and isinstance(parent, dict) else parent
        try:
            found = self.method(seen, info, **arguments)
            found = await found if inspect.isawaitable(found) else found
            if isinstance(found, AsyncIterable):
                return found
            found = whole(found, self.field.lists, partial(self.shown, info.context))
            return await found if inspect.isawaitable(found) else found
        except Exception as error:
            raise self.shown(info.context, error) from error

    async def yielded(self, found: AsyncIterable[Any], context: Context, arguments: Arguments) -> AsyncIterator[Any]:
        """The items of such a list, as they come, no more than it may have. Raises BffError."""
        room, items = Room(self.field, arguments), aiter(found)
        try:
            while room.left:
                item = whole(await anext(items), self.field.lists - 1, partial(self.shown, context))
                room.take()
                yield await item if inspect.isawaitable(item) else item
        except StopAsyncIteration:
            return
        except Exception as error:
            raise self.shown(context, error) from error
        finally:
            if isinstance(items, AsyncGenerator):
                await items.aclose()

    def bounded(self, found: Any, arguments: Arguments) -> Any:
        """What it returned, held to the size that the price knew of. Raises ListTooLong."""
        return found if self.field.bound is None else sized(self.field, found, arguments)

    def shown(self, context: Context, error: BaseException) -> BffError:
        """What a client is told of what the method raised."""
        if isinstance(error, OperationAbandoned) and asyncio.get_running_loop().time() >= context.scope.deadline:
            return OperationTimeout()
        if isinstance(error, BffError):
            return error
        if isinstance(error, GraphQLError):
            if isinstance(error.original_error, BffError):
                return error.original_error
            return in_own_words(error)
        context.observer.failure(context.trace_id, self.field.coordinate, error)
        masked = InternalError(context.trace_id)
        masked.__cause__ = error  # for others who get this answer, and have it logged under an id of their own
        return masked


Executable = Reading | Fetching | Coding


def forbidden(field: Field) -> Forbidden:
    """Why a caller without its scopes does not get this field."""
    return Forbidden(f"{field.coordinate} needs the scope {' and '.join(field.scopes)}.", field.scopes)


def in_own_words(error: GraphQLError) -> ResolverError:
    """What hand-written code says to the client by raising GraphQLError."""
    extensions = {str(name): value for name, value in (error.extensions or {}).items() if _is_json(value)}
    return ResolverError(error.message, extensions)


def timed(found: Awaitable[Any], context: Context, at: Path) -> asyncio.Future[Any]:
    """A method's own work as a future, cancelled when the operation's time is over."""
    work = context.scope.spawn(found if inspect.iscoroutine(found) else _awaited(found), at)
    timer = asyncio.get_running_loop().call_at(context.scope.deadline, work.cancel)
    work.add_done_callback(lambda _: timer.cancel())
    return work


def to_wire(field: Field) -> Callable[[Mapping[str, Any]], Arguments]:
    """Coerced arguments by Python name, as services get them."""
    types = {name: (python, field.declared.args[name].type) for name, python in field.arguments.items()}
    maps = _maps(field)
    if maps:
        return lambda arguments: _with_objects(maps, _wired(types, arguments))
    if all(
        is_scalar_type(inner := get_nullable_type(type_)) and is_specified_scalar_type(inner)
        for _, type_ in types.values()
    ):
        names = {name: python for name, (python, _) in types.items() if name != python}
        return partial(_renamed, names) if names else _same
    return partial(_wired, types)


def _maps(field: Field) -> frozenset[str]:
    """Arguments that are entries, and that services get as objects."""
    bounds = [bound for call in field.calls for bound in call.bindings.values()]
    return frozenset(bound.name for bound in bounds if isinstance(bound, FromArgument) and bound.entries)


def _with_objects(maps: frozenset[str], arguments: Arguments) -> Arguments:
    return {name: as_object(value) if name in maps else value for name, value in arguments.items()}


def _same(arguments: Mapping[str, Any]) -> Arguments:
    return arguments


def _renamed(names: Mapping[str, str], arguments: Mapping[str, Any]) -> Arguments:
    return {names.get(name, name): value for name, value in arguments.items()}


def _wired(types: Mapping[str, tuple[str, Any]], arguments: Mapping[str, Any]) -> Arguments:
    return {types[name][0]: wire(types[name][1], value) for name, value in arguments.items()}


async def _awaited(found: Awaitable[Any]) -> Any:
    return await found


def _is_json(value: Any) -> bool:
    try:
        encode(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
