"""What of its variables a plan's price depends on: page sizes and lengths of lists. Pure; knows no price.

Most operations have none, so that they are priced once; the others once for each combination of sizes. A combination
is a few numbers, however much a client sends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from bff.connectors import FromArgument
from bff.plan.field import Field, may_hold_list
from bff.plan.model import Node, Plan, value_of, varies

MAX_KEPT = 100  # answers of one plan

A = TypeVar("A")
Measure = Callable[[Mapping[str, Any]], Any]


class Sizes:
    """The sizes of one plan, and what was worked out for those that were seen."""

    __slots__ = ("_kept", "_measures")

    def __init__(self, plan: Plan) -> None:
        self._measures = tuple(_measures(plan.roots, set()))
        self._kept: dict[Hashable, Any] = {}

    def known(self, max_page: int, variables: Mapping[str, Any]) -> tuple[Hashable, Any]:
        """A key that is equal for variables of equal sizes, and what is known for it, or None."""
        measures = self._measures
        key = (max_page, *[measure(variables) for measure in measures]) if measures else max_page
        return key, self._kept.get(key)

    def keep(self, key: Hashable, answer: A) -> A:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = answer
        return answer


def member_of(node: Node, path: str, variables: Mapping[str, Any]) -> Any:
    """What an argument holds at `filter.pageSize`; None for what is not there."""
    head, *inside = path.split(".")
    value = value_of(node.arguments.get(head), variables)
    for name in inside:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def listed(node: Node, name: str, variables: Mapping[str, Any]) -> list[Any]:
    """The items of a list argument; one value is a list of it (GraphQL 3.11)."""
    value = value_of(node.arguments.get(name), variables)
    return value if isinstance(value, list) else [] if value is None else [value]


def longest(value: Any) -> int:
    """The longest list in a value: one of them may be spread over a batch. 1 where there is none."""
    if isinstance(value, list):
        return max(1, len(value), *map(longest, value))
    if isinstance(value, dict):
        return max([1, *map(longest, value.values())])
    return 1


def _measures(nodes: tuple[Node, ...], seen: set[int]) -> Iterator[Measure]:
    for node in nodes:
        if id(node) not in seen:
            seen.add(id(node))
            yield from _of_node(node)
            for children in node.children.values():
                yield from _measures(children, seen)


def _of_node(node: Node) -> Iterator[Measure]:
    if node.streamed is not None and varies(node.streamed.initial):
        yield partial(begins_well, node)
    changing = {name for name, value in node.arguments.items() if varies(value)}
    bound = node.field.bound
    for path in bound.slicing if bound else ():
        if path.partition(".")[0] in changing:
            yield partial(_number, node, path)
    for name in bound.length_of if bound else ():
        if name in changing:
            yield partial(_length, node, name)
    for name in sorted(_spread(node.field) & changing):
        yield partial(_longest, node, name)


def _spread(field: Field) -> set[str]:
    """The arguments, as clients name them, of which a list may be spread over calls."""
    bindings = [call.bindings.get(name) for call in field.calls for name in call.connector.spread]
    python = {binding.name for binding in bindings if isinstance(binding, FromArgument)}
    return {name for name, each in field.arguments.items() if each in python and may_hold_list(field, name)}


def begins_well(node: Node, variables: Mapping[str, Any]) -> bool:
    """Whether a streamed list may begin with so many items."""
    first = value_of(node.streamed.initial, variables) if node.streamed else 0
    return isinstance(first, int) and first >= 0


def _number(node: Node, path: str, variables: Mapping[str, Any]) -> Any:
    """A size, or None, or that it is neither: then there is no price."""
    found = member_of(node, path, variables)
    return found if found is None or (isinstance(found, int) and not isinstance(found, bool)) else "no size"


def _length(node: Node, name: str, variables: Mapping[str, Any]) -> int:
    return len(listed(node, name, variables))


def _longest(node: Node, name: str, variables: Mapping[str, Any]) -> int:
    return longest(value_of(node.arguments.get(name), variables))
