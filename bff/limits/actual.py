"""What an operation really cost, from what came back: a fold over its plan and its data. Pure.

The same formula as the price, with rows that are there in place of rows that could be, and calls that were made in
place of calls that could be. Never more than the price, and never less than the calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from bff.codec import Row
from bff.limits.price import Price
from bff.plan.model import Node, Plan
from bff.telemetry import Exchange

Weights = Mapping[tuple[str, str], float]  # (upstream, label) -> points of one call


@dataclass(slots=True)  # one is made for every operation, and a frozen one takes thrice as long to make
class Spent:
    """What was used. To be read only."""

    points: int
    calls: int


def spent(plan: Plan, price: Price, data: Any, exchanges: Iterable[Exchange], weights: Weights) -> Spent:
    """The actual cost of an operation. At least 1 point: to answer at all costs something."""
    count, calls = 0, 0.0
    for exchange in exchanges:
        if exchange.made:
            count += 1
            calls += weights.get((exchange.upstream, exchange.label), 1.0)
    weighed = _weighed(plan)
    rows = _rows(weighed, [data]) if weighed and data is not None else 0.0
    if not calls and not rows:
        return Spent(1, count)
    points = math.ceil(calls + rows)
    return Spent(max(1, min(points, max(price.points, math.ceil(calls)))), count)


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """A node that weighs something, or has something below it that does."""

    key: str
    weight: float
    lists: int  # around its objects
    children: tuple[tuple[frozenset[str], tuple[_Weighed, ...]], ...]  # by what an object of each type has


def _weighed(plan: Plan) -> tuple[_Weighed, ...]:
    found: tuple[_Weighed, ...] | None = plan.kept.get(_Weighed)
    if found is None:
        found = plan.kept[_Weighed] = _those_that_weigh(plan.roots, {})
    return found


def _those_that_weigh(nodes: tuple[Node, ...], memo: dict[int, _Weighed | None]) -> tuple[_Weighed, ...]:
    for node in nodes:
        if id(node) not in memo:
            memo[id(node)] = _weigh(node, memo)
    return tuple(found for node in nodes if (found := memo[id(node)]))


def _weigh(node: Node, memo: dict[int, _Weighed | None]) -> _Weighed | None:
    below = tuple(
        (frozenset(child.key for child in nodes), _those_that_weigh(nodes, memo)) for nodes in node.children.values()
    )
    heavy = any(weighed for _, weighed in below)
    weight = max(0.0, node.field.weight)
    return _Weighed(node.key, weight, node.field.lists, below if heavy else ()) if weight or heavy else None


def _rows(nodes: tuple[_Weighed, ...], objects: list[Any]) -> float:
    """What is in these objects, level by level: one pass for each field, not one for each object."""
    kinds = set(map(type, objects))
    kind = kinds.pop() if len(kinds) == 1 else dict
    total = 0.0
    for node in nodes:
        found = [value for value in _column(node.key, kind, objects) if value is not None]
        for _ in range(node.lists):
            found = [item for value in found for item in value if item is not None]
        total += node.weight * len(found)
        if node.children and found:
            total += _below(node, found)
    return total


def _column(key: str, kind: type, objects: list[Any]) -> list[Any]:
    """What each has there; not in all of them is what only some types have, or what comes later."""
    try:
        return list(map(kind.getters[key] if issubclass(kind, Row) else itemgetter(key), objects))
    except KeyError:
        return [each.get(key) for each in objects]


def _below(node: _Weighed, objects: list[Any]) -> float:
    """Of several possible types an object's is the first one whose fields are what is there."""
    if len(node.children) == 1:
        return _rows(node.children[0][1], objects)
    of_type: dict[int, list[Any]] = {}
    for each in objects:
        at = next((at for at, (keys, _) in enumerate(node.children) if keys == each.keys()), 0)
        of_type.setdefault(at, []).append(each)
    return sum(_rows(node.children[at][1], found) for at, found in of_type.items())
