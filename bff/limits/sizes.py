"""What of its variables a plan's price depends on: page sizes and lengths of lists. Pure; knows no price.

Most operations have none, so that they are priced once; the others once for each combination of sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from bff.connectors import FromArgument
from bff.plan.graph import Field, may_hold_list
from bff.plan.model import Node, Plan, value_of, varies

MAX_KEPT = 100  # answers of one plan

A = TypeVar("A")


class Sizes:
    """The sizes of one plan, and what was worked out for those that were seen."""

    __slots__ = ("_kept", "_measures")

    def __init__(self, plan: Plan) -> None:
        self._measures = tuple(_measures(plan.roots, set()))
        self._kept: dict[tuple[Any, ...], Any] = {}

    def of(self, variables: Mapping[str, Any]) -> tuple[Any, ...]:
        """Equal for variables of equal sizes."""
        return tuple([measure(variables) for measure in self._measures])

    def known(self, key: tuple[Any, ...]) -> Any:
        return self._kept.get(key)

    def keep(self, key: tuple[Any, ...], answer: A) -> A:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = answer
        return answer


def _measures(nodes: tuple[Node, ...], seen: set[int]) -> Iterator[Callable[[Mapping[str, Any]], Any]]:
    for node in nodes:
        if id(node) not in seen:
            seen.add(id(node))
            counting = _counting(node.field)
            yield from (
                partial(_size, value) for name, value in node.arguments.items() if name in counting and varies(value)
            )
            for children in node.children.values():
                yield from _measures(children, seen)


def _counting(field: Field) -> set[str]:
    """The arguments, as clients name them, whose value can make an operation dearer."""
    bound = field.bound
    found = {name.partition(".")[0] for name in (*bound.slicing, *bound.length_of)} if bound else set()
    bindings = [binding for call in field.calls for binding in call.bindings.values()]
    python = {binding.name for binding in bindings if isinstance(binding, FromArgument)}
    return found | {name for name, each in field.arguments.items() if each in python and may_hold_list(field, name)}


def _size(value: Any, variables: Mapping[str, Any]) -> Any:
    return _sizes(value_of(value, variables))


def _sizes(value: Any) -> Any:
    """Numbers, how long lists are, and nothing else of a value."""
    if isinstance(value, list):
        return (len(value), *(_sizes(item) for item in value if isinstance(item, (list, dict))))
    if isinstance(value, dict):
        return tuple((name, _sizes(item)) for name, item in sorted(value.items()))
    return (type(value), value) if isinstance(value, (int, float)) else value is None
