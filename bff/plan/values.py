"""From what a service answered to what a GraphQL field has: leaves checked, objects told by type, rows seen as objects.

Pure. A value that its field cannot have is an error that names the field and the upstream, never the value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_specified_scalar_type,
)

from bff.codec import Row
from bff.connectors import Rule
from bff.errors import ValueMalformed
from bff.plan.field import Field
from bff.plan.own import own

Leaf = Callable[[Any], Any]


def leaf(field: Field, upstream: str | None) -> Leaf | None:
    """How JSON becomes a leaf of this field; None for a field of objects.

    Built-in scalars are checked as graphql-core would. A custom scalar parses the JSON it also accepts from clients, so
    that "2026-01-31" is a date; an enum is found by its value.
    """
    named = get_named_type(field.declared.type)
    if not is_leaf_type(named):
        return None
    custom = not is_specified_scalar_type(named) and not is_enum_type(named)

    def one(value: Any) -> Any:
        try:
            named.coerce_output_value(named.coerce_input_value(value) if custom else value)
        except (GraphQLError, TypeError, ValueError, ArithmeticError):
            raise ValueMalformed(field.coordinate, named.name, upstream) from None
        return named.coerce_input_value(value) if custom else value

    return _through_lists(field.declared.type, one)


def _through_lists(type_: Any, one: Leaf) -> Leaf:
    type_ = get_nullable_type(type_)
    inner = _through_lists(type_.of_type, one) if is_list_type(type_) else one

    def convert(value: Any) -> Any:
        if value is None or isinstance(value, Exception):
            return value
        if is_list_type(type_) and isinstance(value, list):
            return [inner(item) for item in value]
        return inner(value)

    return convert


def objects(field: Field, value: Any, upstream: str | None) -> Any:
    """The value, if it has objects where the field has objects, or what can be boxed. Raises ValueMalformed."""
    if field.rule is not None:
        value = field.rule.boxed(value, field.lists)
    if not _has_objects(value, field.lists):
        raise ValueMalformed(field.coordinate, f"{'a list of ' if field.lists else ''}{field.returns}", upstream)
    return value


def _has_objects(value: Any, lists: int) -> bool:
    if value is None:
        return True
    if lists:
        if lists == 1 and type(value) is list and _all_rows(value):
            return True
        return isinstance(value, list) and all(_has_objects(item, lists - 1) for item in value)
    return not isinstance(value, (str, int, float, list))


def _all_rows(values: list[Any]) -> bool:
    kinds = set(map(type, values))
    return len(kinds) == 1 and issubclass(kinds.pop(), (dict, Row))


def attribute(field: Field, upstream: str | None, rows: Mapping[str, type]) -> Callable[[Any], Any]:
    """What a method sees as `self.<field>`: a date and not its text, an enum's member, an object inside the row.

    `rows` are the classes of rows by type. Raises ValueMalformed, as asking for the field itself would.
    """
    read, convert = field.read, leaf(field, upstream)
    named = get_named_type(field.declared.type)
    if convert is None:
        rule = field.rule
        if rule is None:
            return lambda row: _seen(read(row), field.returns, rows)
        return lambda row: _told(rule.boxed(read(row), field.lists), rule, rows)
    if is_enum_type(named):
        member = _through_lists(
            field.declared.type, lambda value: named.coerce_input_value(named.coerce_output_value(value))
        )
        return lambda row: member(convert(read(row)))
    return lambda row: convert(read(row))


def _seen(value: Any, name: str, rows: Mapping[str, type]) -> Any:
    if isinstance(value, list):
        return [_seen(item, name, rows) for item in value]
    row = rows.get(value.get("__typename", name)) if isinstance(value, dict) else None
    return row(value) if row else value


def _told(value: Any, rule: Rule, rows: Mapping[str, type]) -> Any:
    """The same for a union whose rows do not say which type they are."""
    if isinstance(value, list):
        return [_told(item, rule, rows) for item in value]
    return _seen(value, rule.type_of(value) or "", rows) if isinstance(value, dict) else value


class _Member:
    """An attribute of a row. No `__set__`, so that a method may put another value in its place."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read

    def __get__(self, row: Any, _: type | None = None) -> Any:
        return self if row is None else own(self._read(row._row))  # noqa: SLF001 - its own row


def row_class(origin: type, readers: dict[str, Callable[[Any], Any]], fetched: frozenset[str]) -> type:
    """A subclass of a Strawberry type whose attributes are read from a row, so that its methods work on JSON.

    A member with a default is in its class too, where it would be found before `__getattr__` is asked; what the class
    has of its own, a method or a property, stays.
    `fetched` names attributes that a call brings: they are not in the row, and asking for one says how to get it.
    """

    class Row(origin):  # type: ignore[misc]
        __slots__ = ("_row",)

        def __init__(self, row: Any) -> None:
            object.__setattr__(self, "_row", row)

        def __getattr__(self, name: str) -> Any:
            if name in fetched:
                raise AttributeError(f"{origin.__name__}.{name} is fetched, not stored: await info.context.load(…)")
            raise AttributeError(f"{origin.__name__} has no attribute {name!r}")

        def __repr__(self) -> str:
            return f"<{origin.__name__} row>"

    members = {each.name for each in dataclasses.fields(origin)}
    for name, read in readers.items():
        if name in members or not hasattr(origin, name):
            setattr(Row, name, _Member(read))
    Row.__name__ = Row.__qualname__ = origin.__name__
    return Row
