"""Variables and arguments as Python values, by what is known of them before a request.

What is plainly right, a scalar that is built in or a list of them, is taken as it is; whatever else comes goes the
general way, which is graphql-core's, and only there are mistakes told. Both give the same (GraphQL 6.1.2, 6.4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import SimpleNamespace
from typing import Any, cast

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    is_scalar_type,
    is_specified_scalar_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values

IMMUTABLE = (str, int, float, bool, type(None))
MOST_EXACT = 2**53  # the largest whole number of which a float has all digits

Taken = Callable[[Any], Any]

_ODD: Any = object()  # what is not plainly right
_NONE = VariableValues({}, {})


class Variables:
    """Those of one operation."""

    __slots__ = ("_definitions", "_known", "_schema")

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._known = [_Variable(schema, each) for each in self._definitions]

    def coerced(
        self, given: Mapping[str, Any], *, max_errors: int, hide_suggestions: bool
    ) -> VariableValues | list[GraphQLError]:
        """The values, or every mistake in what was `given`."""
        if not self._known:
            return _NONE
        sources, coerced = {}, {}
        for variable in self._known:
            if variable.name in given:
                value = variable.taken(given[variable.name])
                sources[variable.name] = VariableValueSource(variable.signature, given[variable.name])
            else:
                value = variable.default
                sources[variable.name] = variable.not_given
            if value is _ODD:
                return get_variable_values(
                    self._schema, self._definitions, dict(given), max_errors, hide_suggestions=hide_suggestions
                )
            if value is not _ABSENT:
                coerced[variable.name] = value
        return VariableValues(sources, coerced)


_ABSENT: Any = object()  # a variable, or an argument, that has no value


class _Variable:
    __slots__ = ("default", "name", "not_given", "signature", "taken")

    def __init__(self, schema: GraphQLSchema, node: VariableDefinitionNode) -> None:
        signature = get_variable_signature(schema, node)
        self.name = node.variable.name.value
        self.signature = cast("GraphQLVariableSignature", signature)
        self.taken = _odd if isinstance(signature, GraphQLError) else _taker(signature.type)
        self.not_given = VariableValueSource(self.signature)
        found = get_variable_values(schema, (node,), {})
        self.default = _ODD if isinstance(found, list) else _kept(found.coerced, self.name, self.signature.type)


class Arguments:
    """Those of a field, as one document writes them."""

    __slots__ = ("_by_variable", "_declared", "_fixed", "_node")

    def __init__(self, declared: GraphQLField, node: FieldNode) -> None:
        self._declared = declared
        self._node = node
        self._fixed: dict[str, Any] | None = {}
        self._by_variable: list[tuple[str, str, bool]] = []  # Python name, variable, whether it may be null
        written = {each.name.value: each for each in node.arguments or ()}
        for name, argument in declared.args.items():
            self._learn(name, argument, written.get(name))

    def coerced(self, variables: VariableValues) -> dict[str, Any]:
        """By Python name. Raises GraphQLError."""
        if self._fixed is None:
            return self._generally(variables)
        if not self._by_variable:
            return self._fixed
        found = self._fixed.copy()
        for name, variable, nullable in self._by_variable:
            value = variables.coerced.get(variable, _ABSENT)
            if value is _ABSENT or (value is None and not nullable):
                return self._generally(variables)
            found[name] = value
        return found

    def _generally(self, variables: VariableValues) -> dict[str, Any]:
        return get_argument_values(self._declared, self._node, variables, hide_suggestions=True)

    def _learn(self, name: str, argument: GraphQLArgument, written: ArgumentNode | None) -> None:
        if self._fixed is None:
            return
        if written is not None and isinstance(written.value, VariableNode):
            nullable = not is_non_null_type(argument.type)
            self._by_variable.append((argument.out_name or name, written.value.name.value, nullable))
            return
        value = _ODD if written is not None and _varies(written.value) else _alone(name, argument, written)
        if value is _ODD:
            self._fixed = None
        elif value is not _ABSENT:
            self._fixed[argument.out_name or name] = value


def _alone(name: str, argument: GraphQLArgument, written: ArgumentNode | None) -> Any:
    """The value of an argument that no variable has a part in."""
    field = cast("GraphQLField", SimpleNamespace(args={name: argument}))
    node = FieldNode(name=NameNode(value=name), arguments=() if written is None else (written,))
    try:
        found = get_argument_values(field, node, _NONE)
    except GraphQLError:
        return _ODD
    return _kept(found, argument.out_name or name, argument.type)


def _varies(value: Any) -> bool:
    """Whether a variable is somewhere in a literal."""
    values = [value]
    while values:
        node = values.pop()
        if isinstance(node, VariableNode):
            return True
        values += getattr(node, "values", None) or [field.value for field in getattr(node, "fields", None) or ()]
    return False


def _kept(found: Mapping[str, Any], name: str, type_: Any) -> Any:
    """What may be kept for all requests: nothing that one of them could change, or a parser make anew each time."""
    value, named = found.get(name, _ABSENT), get_named_type(type_)
    if value is _ABSENT:
        return value
    known = is_enum_type(named) or (is_scalar_type(named) and is_specified_scalar_type(named))
    return value if known and isinstance(value, IMMUTABLE) else _ODD


def _taker(type_: Any) -> Taken:
    """How a value that is plainly one of this type is taken."""
    inner = get_nullable_type(type_)
    taken = _list_of(_taker(inner.of_type)) if is_list_type(inner) else _TAKEN.get(inner.name, _odd)
    if is_non_null_type(type_):
        return taken
    return lambda value: None if value is None else taken(value)


def _list_of(item: Taken) -> Taken:
    def taken(value: Any) -> Any:
        if value.__class__ is not list:
            return _ODD
        found = list(map(item, value))
        return _ODD if _among(found) else found

    return taken


def _among(found: Collection[Any]) -> bool:
    return any(value is _ODD for value in found)


def _odd(_: Any) -> Any:
    return _ODD


def _int(value: Any) -> Any:
    return value if value.__class__ is int and -(2**31) <= value < 2**31 else _ODD


def _float(value: Any) -> Any:
    if value.__class__ is float:
        return value
    return float(value) if value.__class__ is int and -MOST_EXACT <= value <= MOST_EXACT else _ODD


def _id(value: Any) -> Any:
    if value.__class__ is str:
        return value
    return str(value) if value.__class__ is int and -MOST_EXACT <= value <= MOST_EXACT else _ODD


def _exactly(kind: type) -> Taken:
    return lambda value: value if value.__class__ is kind else _ODD


_TAKEN: Mapping[str, Taken] = {
    "Boolean": _exactly(bool),
    "Float": _float,
    "ID": _id,
    "Int": _int,
    "String": _exactly(str),
}
