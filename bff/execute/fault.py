"""Errors where they happened in an answer, and the walk that ends them: located, and as null (GraphQL 6.4.4).

While a plan runs, a `Fault` stands in the answer where a value failed, and nothing propagates. Only an answer that has
one is walked, once, when everything has come. The first MOST_ERRORS are told one by one, the rest by their number: a
list of wrong values would otherwise cost more than the right ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, is_list_type, is_non_null_type, located_error

from bff.errors import ErrorsOmitted
from bff.plan.model import Node

MOST_ERRORS = 100  # of one answer

Path = tuple["Path | None", str | int]  # what it is in, and its key there


class Fault:
    """What stands where a value failed. One may stand in several places, as what it failed for may."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"<Fault {self.error!r}>"


class Ending:
    """One walk over an answer. `types` tells objects of abstract fields: identity -> concrete type."""

    __slots__ = ("_errors", "_most", "_omitted", "_types")

    def __init__(self, types: Mapping[int, str]) -> None:
        self._types = types
        self._errors: list[GraphQLError] = []
        self._most = MOST_ERRORS
        self._omitted = 0

    @property
    def errors(self) -> list[GraphQLError]:
        """In the order of the answer, and last how many more there were."""
        if not self._omitted:
            return self._errors
        omitted = ErrorsOmitted(self._omitted)
        return [*self._errors, GraphQLError(str(omitted), original_error=omitted)]

    def root(self, type_name: str, nodes: tuple[Node, ...], data: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer's `data`: a new one, since objects that stand in several places may end differently in each."""
        try:
            return self._object(type_name, nodes, data, None)
        except GraphQLError as error:
            self._note(error)
            return None

    def ends(self, type_name: str, node: Node, value: Any) -> bool:
        """Whether the value of a field at the top leaves no answer at all."""
        try:
            self._field(type_name, node, value, (None, node.key))
        except GraphQLError as error:
            error.with_traceback(None)
            return True
        return False

    def _note(self, error: GraphQLError) -> None:
        """Without where it was raised, which is this walk: its frames hold the answer, and the answer's errors."""
        error.with_traceback(None)
        if error is UNTOLD:
            self._omitted += 1
        else:
            self._errors.append(error)

    def _located(self, error: Exception, node: Node, path: Path) -> GraphQLError:
        """The error where it happened; beyond what is told, one that is the same for all, since nobody looks at it."""
        if len(self._errors) < self._most:
            return located_error(error, list(node.written), keys_of(path))
        return UNTOLD

    def _object(
        self, type_name: str, nodes: tuple[Node, ...], found: Mapping[str, Any], path: Path | None
    ) -> dict[str, Any]:
        return {node.key: self._field(type_name, node, found[node.key], (path, node.key)) for node in nodes}

    def _field(self, type_name: str, node: Node, value: Any, path: Path) -> Any:
        return self._protected(type_name, node, node.field.declared.type, value, path)

    def _protected(self, type_name: str, node: Node, type_: Any, value: Any, path: Path) -> Any:
        """The value, or null in its place; where null may not stand, the error goes on to what it is in."""
        try:
            return self._value(type_name, node, type_, value, path)
        except GraphQLError as error:
            if is_non_null_type(type_):
                raise
            self._note(error)
            return None

    def _value(self, type_name: str, node: Node, type_: Any, value: Any, path: Path) -> Any:
        if isinstance(value, Fault):
            raise self._located(value.error, node, path)
        if is_non_null_type(type_):
            if value is None:
                null = TypeError(f"Cannot return null for non-nullable field {type_name}.{node.field.name}.")
                raise self._located(null, node, path)
            return self._value(type_name, node, type_.of_type, value, path)
        if value is None or node.field.kind == "meta":
            return value
        if is_list_type(type_):
            return self._list(type_name, node, type_.of_type, value, path)
        if not node.children:
            return value
        concrete = self._types.get(id(value)) if len(node.children) > 1 else next(iter(node.children))
        return self._object(str(concrete), node.children[str(concrete)], value, path)

    def _list(self, type_name: str, node: Node, of: Any, value: list[Any], path: Path) -> list[Any]:
        return [self._protected(type_name, node, of, item, (path, at)) for at, item in enumerate(value)]


UNTOLD = GraphQLError("")  # raised again and again, and left without a traceback each time


def keys_of(path: Path | None) -> list[str | int]:
    """From the top down."""
    found = []
    while path is not None:
        path, key = path
        found.append(key)
    return found[::-1]
