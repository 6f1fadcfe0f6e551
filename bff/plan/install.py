"""Making a graph executable by graphql-core: each field gets the resolver that its source asks for.

Strawberry's own resolvers stay underneath hand-written methods and nowhere else. Rows are plain JSON; a method sees its
row as an object of its class. Docstrings become descriptions, since Strawberry leaves them out.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, cast

from graphql import (
    GraphQLError,
    GraphQLNamedType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    is_abstract_type,
    is_object_type,
    is_scalar_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from bff.codec import encode
from bff.connectors import FromParent
from bff.connectors.path import reader
from bff.errors import (
    BffError,
    Forbidden,
    InternalError,
    OperationAbandoned,
    OperationTimeout,
    ResolverError,
    ValueMalformed,
)
from bff.plan.context import Context
from bff.plan.fetch import Arguments, At, bound_call, fetched, sized, within
from bff.plan.graph import Field, Graph, wire
from bff.plan.scope import Path
from bff.plan.values import attribute, leaf, objects, row_class

Resolve = Callable[..., Any]
Info = GraphQLResolveInfo[Any]


def install(graph: Graph) -> None:
    """Give every field of the graph's schema its resolver: on the schema itself, once, however many gateways it has."""
    if graph.schema.extensions.setdefault("bff", graph) is not graph:
        return
    upstreams = _upstreams(graph)
    rows: dict[str, type] = {}
    rows |= {name: made for name in graph.possible if (made := _row_class(graph, name, upstreams.get(name), rows))}
    for field in graph.fields.values():
        type_name = field.coordinate.partition(".")[0]
        resolve = _resolver(field, rows.get(type_name), upstreams.get(type_name))
        field.declared.resolve = _demanding(field, resolve) if field.scopes else resolve
        _describe_field(field)
    for name, type_ in graph.schema.type_map.items():
        _describe_type(type_)
        if name in graph.possible:
            _open_to_rows(type_, frozenset(graph.possible[name]))
        elif is_scalar_type(type_) and not is_specified_scalar_type(type_):
            _keep_to_json(type_)


def _resolver(field: Field, row: type | None, upstream: str | None) -> Resolve:
    if field.kind == "fetch":
        return _fetching(field)
    if field.kind == "code":
        return _coding(field, row)
    return _reading(field, upstream)


def _demanding(field: Field, resolve: Resolve) -> Resolve:
    """A field that not everybody may see: an error, and nothing else happens, for a caller who lacks a scope."""
    needed = frozenset(field.scopes)

    def guarded(parent: Any, info: Info, **arguments: Any) -> Any:
        if not needed <= info.context.scope.scopes:
            raise Forbidden(f"{field.coordinate} needs the scope {' and '.join(field.scopes)}.", field.scopes)
        return resolve(parent, info, **arguments)

    return guarded


def _reading(field: Field, upstream: str | None) -> Resolve:
    """A field that is in its parent's JSON, or an attribute of an object that a method returned."""
    read, convert, name = field.read, leaf(field, upstream), field.python_name

    def resolve(parent: Any, _info: Info, **_arguments: Any) -> Any:
        if not isinstance(parent, dict):
            return within(field, getattr(parent, name, None))
        value = read(parent)
        if convert:
            return convert(value)
        return within(field, objects(field, value, upstream))

    return resolve


def _fetching(field: Field) -> Resolve:
    """A field that calls bring. Not a coroutine function: what it loads is on its way before it is awaited."""
    calls = tuple(bound_call(call) for call in field.calls)
    upstream = calls[0].call.connector.upstream
    to_wire, convert = _to_wire(field), leaf(field, upstream)

    async def value(at: At, parent: Any, arguments: Arguments) -> Any:
        found = await fetched(field, calls, at, parent, arguments)
        return convert(found) if convert else objects(field, found, upstream)

    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        context: Context = info.context
        at = At(context.waves, _path(info))
        work = value(at, parent, to_wire(arguments))
        return context.waves.track(context.scope.spawn(work), at.path)

    return resolve


def _coding(field: Field, row: type | None) -> Resolve:
    """A hand-written method: plain Strawberry, but that `self` may be a row. What it raises is masked."""
    method, to_wire = cast("Resolve", field.declared.resolve), _to_wire(field)

    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        context: Context = info.context
        seen = row(parent) if row and isinstance(parent, dict) else parent
        try:
            found = method(seen, info, **arguments)
        except Exception as error:
            raise _shown(field, context, error) from error
        bounded = partial(sized, field, arguments=to_wire(arguments))  # held to the size that the price knew of
        if not inspect.isawaitable(found):
            return bounded(found)
        at = _path(info)
        return context.waves.track(_timed(found, context, at), at, partial(_shown, field, context), bounded)

    return resolve


def _timed(found: Awaitable[Any], context: Context, at: Path) -> asyncio.Future[Any]:
    """A resolver's own work as a future, cancelled when the operation's time is over."""
    work = context.scope.spawn(found if inspect.iscoroutine(found) else _awaited(found), at)
    timer = asyncio.get_running_loop().call_at(context.scope.deadline, work.cancel)
    work.add_done_callback(lambda _: timer.cancel())
    return work


async def _awaited(found: Awaitable[Any]) -> Any:
    return await found


def _shown(field: Field, context: Context, error: BaseException) -> BffError:
    if isinstance(error, OperationAbandoned) and asyncio.get_running_loop().time() >= context.scope.deadline:
        return OperationTimeout()
    if isinstance(error, BffError):
        return error
    if isinstance(error, GraphQLError):
        if isinstance(error.original_error, BffError):
            return error.original_error
        extensions = {str(name): value for name, value in (error.extensions or {}).items() if _is_json(value)}
        return ResolverError(error.message, extensions)
    context.observer.failure(context.trace_id, field.coordinate, error)
    return InternalError(context.trace_id)


def _to_wire(field: Field) -> Callable[[Mapping[str, Any]], Arguments]:
    types = {name: (python, field.declared.args[name].type) for name, python in field.arguments.items()}

    def convert(arguments: Mapping[str, Any]) -> Arguments:
        return {types[name][0]: wire(types[name][1], value) for name, value in arguments.items()}

    return convert


def _path(info: Info) -> Path:
    """The response path without list indexes: where in the operation this is, whichever row it is for."""
    return tuple(key for key in info.path.as_list() if isinstance(key, str))


def _upstreams(graph: Graph) -> dict[str, str]:
    """For each type whose rows all come from one upstream, that upstream's name."""
    found: dict[str, set[str]] = {}
    for field in graph.fields.values():
        for call in field.calls:
            for name in graph.possible.get(field.returns, ()):
                found.setdefault(name, set()).add(call.connector.upstream)
    grown = True
    while grown:  # an object inside a row comes from where the row comes from
        grown = False
        for field in graph.fields.values():
            names = found.get(field.coordinate.partition(".")[0], set())
            if field.kind == "path" and field.composite and names:
                for name in graph.possible.get(field.returns, ()):
                    known = found.setdefault(name, set())
                    grown = grown or not names <= known
                    known |= names
    return {name: next(iter(upstreams)) for name, upstreams in found.items() if len(upstreams) == 1}


def _row_class(graph: Graph, name: str, upstream: str | None, rows: Mapping[str, type]) -> type | None:
    """The class of this type's rows; `rows` will hold those of the types inside it when one is read."""
    type_ = graph.schema.type_map[name]
    origin = getattr(type_.extensions.get("strawberry-definition"), "origin", None)
    if origin is None or not is_object_type(type_):
        return None
    own = [field for coordinate, field in graph.fields.items() if coordinate.partition(".")[0] == name]
    readers = {field.python_name: attribute(field, upstream, rows) for field in own if field.kind == "path"}
    # A method also wants the ids that its own fields are connected by, whether or not clients see them.
    for field in own:
        for call in field.calls:
            for bound in call.bindings.values():
                if isinstance(bound, FromParent):
                    readers.setdefault(bound.path.partition(".")[0], reader(bound.path.partition(".")[0]))
    for hidden in graph.hidden[name]:
        readers.setdefault(hidden, reader(hidden))
    return row_class(origin, readers, frozenset(field.python_name for field in own if field.kind == "fetch"))


def _describe_field(field: Field) -> None:
    definition: StrawberryField = field.declared.extensions["strawberry-definition"]
    if field.declared.description is None and definition.base_resolver:
        field.declared.description = inspect.getdoc(definition.base_resolver.wrapped_func)


def _describe_type(type_: GraphQLNamedType) -> None:
    definition = type_.extensions.get("strawberry-definition")
    definition = getattr(definition, "concrete_of", None) or definition  # CityConnection has the words of Connection
    origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
    if type_.description is None and isinstance(origin, type):
        type_.description = _own_words(origin)


def _keep_to_json(type_: GraphQLScalarType) -> None:
    """Let what a custom scalar makes be an error at its field, if JSON cannot hold it, and not the whole answer."""
    coerce = type_.coerce_output_value

    def checked(value: Any) -> Any:
        found = coerce(value)
        encode(found)
        return found

    type_.coerce_output_value = checked


def _is_json(value: Any) -> bool:
    try:
        encode(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _open_to_rows(type_: GraphQLNamedType, possible: frozenset[str]) -> None:
    """Let rows be objects of a type: told by `__typename` where the type is abstract, taken at their word elsewhere."""
    if is_abstract_type(type_):
        strawberrys = type_.resolve_type
        type_.resolve_type = lambda value, info, of: (
            _typename(value, of, possible) if isinstance(value, dict) else strawberrys and strawberrys(value, info, of)
        )
    elif is_object_type(type_):
        is_type_of = type_.is_type_of
        if is_type_of:
            type_.is_type_of = lambda value, info: isinstance(value, dict) or is_type_of(value, info)


def _own_words(origin: type) -> str | None:
    """A class's docstring, unless it is the signature that dataclasses put where there was none."""
    doc = origin.__doc__  # inspect.getdoc would find the words of a base class
    return inspect.cleandoc(doc) if doc and not doc.startswith(f"{origin.__name__}(") else None


def _typename(row: dict[str, Any], abstract: Any, possible: frozenset[str]) -> str:
    name = row.get("__typename")
    if not isinstance(name, str) or name not in possible:
        raise ValueMalformed(abstract.name, "an object whose type is known", None)
    return name
