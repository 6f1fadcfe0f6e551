"""Methods of a graph that can be called as they are: what Strawberry puts around each call has nothing to do there.

That is so where a method has no extensions (permissions are some), does not ask for `info`, and takes nothing but the
parent and built-in scalars, which graphql-core has coerced. Everything else goes Strawberry's own way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLSchema, get_nullable_type, is_scalar_type, is_specified_scalar_type
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from bff.plan.field import Field

Method = Callable[..., Any]
TAKEN_AS_THEY_ARE = frozenset({int, float, str, bool})


def plain_method(field: Field, schema: GraphQLSchema) -> Method | None:
    """The field's method as a resolver; None where Strawberry has a part in the call."""
    definition: StrawberryField = field.declared.extensions["strawberry-definition"]
    resolver = definition.base_resolver
    handled = getattr(schema.extensions.get("strawberry-definition"), "exception_handlers", ())
    if resolver is None or definition.extensions or handled or resolver.info_parameter is not None:
        return None
    if not all(map(_scalar, field.declared.args.values())):
        return None
    if any(_wrapped(argument.type) for argument in definition.arguments):
        return None
    return _called(resolver, dict(field.arguments))


def _scalar(argument: Any) -> bool:
    type_ = get_nullable_type(argument.type)
    return is_scalar_type(type_) and is_specified_scalar_type(type_)


def _wrapped(type_: Any) -> bool:
    """Whether Strawberry makes something of its own of the value: a GlobalID of an ID, a Maybe of what may be null."""
    inner = getattr(type_, "of_type", type_) if type(type_).__name__ == "StrawberryOptional" else type_
    return inner not in TAKEN_AS_THEY_ARE and getattr(inner, "__name__", "") != "ID"


def _called(resolver: StrawberryResolver[Any], names: dict[str, str]) -> Method:
    function = resolver.wrapped_func  # what calling the resolver calls, whatever kind of method that was
    method: Method = function if callable(function) else resolver
    passes_self = resolver.self_parameter is not None
    parents = tuple(each.name for each in (resolver.parent_parameter, resolver.root_parameter) if each is not None)
    renamed = any(name != python for name, python in names.items())
    if passes_self and not parents and not renamed:
        return lambda parent, _info, **arguments: method(parent, **arguments)

    def call(parent: Any, _info: Any, **arguments: Any) -> Any:
        if renamed:
            arguments = {names[name]: value for name, value in arguments.items()}
        for name in parents:
            arguments[name] = parent
        return method(parent, **arguments) if passes_self else method(**arguments)

    return call
