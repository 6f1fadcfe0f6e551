"""Making a graph executable by graphql-core: each field gets the resolver that its source asks for.

Strawberry's own resolvers stay underneath hand-written methods and nowhere else. Rows are plain JSON; a method sees its
row as an object of its class. Docstrings become descriptions, since Strawberry leaves them out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, cast

from graphql import (
    GraphQLNamedType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    is_abstract_type,
    is_input_object_type,
    is_object_type,
    is_scalar_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from bff.codec import encode
from bff.connectors import FromParent, Rule, rule_of
from bff.connectors.path import reader, segments
from bff.errors import ValueMalformed
from bff.plan.context import Context
from bff.plan.fetch import At, bound_call
from bff.plan.field import Field
from bff.plan.files import is_file, only_files
from bff.plan.graph import Graph
from bff.plan.plainly import plain_method
from bff.plan.resolve import Arriving, Coding, Executable, Fetching, Reading, Resolve, forbidden, timed, to_wire
from bff.plan.scope import Path
from bff.plan.values import attribute, leaf, row_class

EXECUTABLES = "bff"  # the schema's extension that holds them

Info = GraphQLResolveInfo[Any]


class _Executables(dict[str, Executable]):
    """What each field does, by coordinate: made when it is first asked for, which few fields of a large graph are."""

    def __init__(self, make: Callable[[str], Executable]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, coordinate: str) -> Executable:
        made = self[coordinate] = self._make(coordinate)
        return made


def install(graph: Graph) -> None:
    """Give every field of the graph's schema its resolver: on the schema itself, once, however many gateways it has."""
    if EXECUTABLES in graph.schema.extensions:
        return
    upstreams = _upstreams(graph)
    rows: dict[str, type] = {}
    seen = _seen_by_methods(graph)
    if seen:
        import_module("bff.upstreams.transport")  # or the first method that calls a service by hand waits for httpx
    rows |= {name: made for name in seen if (made := _row_class(graph, name, upstreams.get(name), rows))}

    def make(coordinate: str) -> Executable:
        of = coordinate.partition(".")[0]
        return _executable(graph, graph.fields[coordinate], rows.get(of), upstreams.get(of))

    found = _Executables(make)
    for field in graph.fields.values():
        resolve = _resolver(field, found)
        field.declared.resolve = _demanding(field, resolve) if field.scopes else resolve
        _describe_field(field)
    graph.schema.extensions[EXECUTABLES] = found
    for name, type_ in graph.schema.type_map.items():
        _describe_type(type_)
        if name in graph.possible:
            _open_to_rows(
                type_, frozenset(graph.possible[name]), rule_of(type_.extensions.get("strawberry-definition"))
            )
        elif is_file(type_):
            only_files(type_)
        elif is_scalar_type(type_) and not is_specified_scalar_type(type_):
            _keep_to_json(type_)
        elif is_input_object_type(type_):
            definition = type_.extensions.get("strawberry-definition")
            type_.is_one_of = bool(getattr(definition, "is_one_of", False))  # Strawberry checks it, and does not say it


def executables(graph: Graph) -> Mapping[str, Executable]:
    """What each field does, by coordinate, once the graph is installed."""
    found: Mapping[str, Executable] = graph.schema.extensions[EXECUTABLES]
    return found


def _executable(graph: Graph, field: Field, row: type | None, upstream: str | None) -> Executable:
    if field.kind == "fetch":
        calls = tuple(bound_call(call) for call in field.calls)
        upstream = calls[0].call.connector.upstream
        return Fetching(field, leaf(field, upstream), upstream, calls)
    if field.kind == "event":
        events = field.source.events
        return Arriving(field, leaf(field, upstream), events.upstream if events else None, coded=events is None)
    if field.kind == "code":
        plain = plain_method(field, graph.schema)
        method = plain or cast("Resolve", field.declared.resolve)
        return Coding(field, method, row, _waits(field), informed=plain is None)
    return Reading(field, leaf(field, upstream), upstream)


def _waits(field: Field) -> bool:
    definition: StrawberryField = field.declared.extensions["strawberry-definition"]
    return definition.base_resolver is None or inspect.iscoroutinefunction(definition.base_resolver.wrapped_func)


def _resolver(field: Field, found: Mapping[str, Executable]) -> Resolve:
    if field.kind not in {"fetch", "code"}:
        return lambda parent, _info, **_arguments: cast("Reading", found[field.coordinate]).of(parent)
    executable = found[field.coordinate]
    return _fetching(executable) if isinstance(executable, Fetching) else _coding(cast("Coding", executable))


def _demanding(field: Field, resolve: Resolve) -> Resolve:
    """A field that not everybody may see: an error, and nothing else happens, for a caller who lacks a scope."""
    needed = frozenset(field.scopes)

    def guarded(parent: Any, info: Info, **arguments: Any) -> Any:
        if not needed <= info.context.scope.scopes:
            raise forbidden(field)
        return resolve(parent, info, **arguments)

    return guarded


def _fetching(fetching: Fetching) -> Resolve:
    """Not a coroutine function: what it loads is on its way before it is awaited."""
    wired = to_wire(fetching.field)

    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        context: Context = info.context
        at = At(context.waves, _path(info))
        return context.waves.track(context.scope.spawn(fetching.value(at, parent, wired(arguments))), at.path)

    return resolve


def _coding(coding: Coding) -> Resolve:
    wired = to_wire(coding.field)

    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        context: Context = info.context
        found = coding.call(parent, info, arguments)
        bounded = partial(coding.bounded, arguments=wired(arguments))
        if not inspect.isawaitable(found):
            return bounded(found)
        at = _path(info)
        return context.waves.track(timed(found, context, at), at, partial(coding.shown, context), bounded)

    return resolve


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


def _seen_by_methods(graph: Graph) -> list[str]:
    """The types of which a method may see a row: those that have methods, and what is inside their rows."""
    open_ = [name for name, own in graph.by_type.items() if any(field.kind == "code" for field in own)]
    found = dict.fromkeys(open_)
    while open_:
        for field in graph.by_type.get(open_.pop(), ()):
            inside = graph.possible.get(field.returns, ()) if field.kind == "path" else ()
            new = [name for name in inside if name not in found]
            found |= dict.fromkeys(new)
            open_ += new
    return list(found)


def _row_class(graph: Graph, name: str, upstream: str | None, rows: Mapping[str, type]) -> type | None:
    """The class of this type's rows; `rows` will hold those of the types inside it when one is read."""
    type_ = graph.schema.type_map[name]
    origin = getattr(type_.extensions.get("strawberry-definition"), "origin", None)
    if origin is None or not is_object_type(type_):
        return None
    own = graph.by_type.get(name, ())
    readers = {field.python_name: attribute(field, upstream, rows) for field in own if field.kind == "path"}
    # A method also wants the ids that its own fields are connected by, whether or not clients see them.
    for field in own:
        for call in field.calls:
            for bound in call.bindings.values():
                if isinstance(bound, FromParent):
                    member = segments(bound.path)[0]
                    readers.setdefault(member, reader((member,)))
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


def _open_to_rows(type_: GraphQLNamedType, possible: frozenset[str], rule: Rule | None) -> None:
    """Let rows be objects of a type: told by `__typename` or a rule where it is abstract, taken at their word else."""
    if is_abstract_type(type_):
        strawberrys = type_.resolve_type
        type_.resolve_type = lambda value, info, of: (
            _typename(value, of, possible, rule)
            if isinstance(value, dict)
            else strawberrys and strawberrys(value, info, of)
        )
    elif is_object_type(type_):
        is_type_of = type_.is_type_of
        if is_type_of:
            type_.is_type_of = lambda value, info: isinstance(value, dict) or is_type_of(value, info)


def _own_words(origin: type) -> str | None:
    """A class's docstring, unless it is the signature that dataclasses put where there was none."""
    doc = origin.__doc__  # inspect.getdoc would find the words of a base class
    return inspect.cleandoc(doc) if doc and not doc.startswith(f"{origin.__name__}(") else None


def _typename(row: dict[str, Any], abstract: Any, possible: frozenset[str], rule: Rule | None) -> str:
    name = row.get("__typename")
    if rule is not None and (not isinstance(name, str) or name not in possible):
        name = rule.type_of(row)
    if not isinstance(name, str) or name not in possible:
        raise ValueMalformed(abstract.name, "an object whose type is known", None)
    return name
