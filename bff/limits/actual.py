"""What an operation really cost, from what came back: a fold over its plan and its data. Pure.

The same formula as the price, with rows that are there in place of rows that could be, and calls that were made in
place of calls that could be. Never more than the price, and never less than the calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bff.limits.price import Price
from bff.plan.model import Node, Plan
from bff.telemetry import Exchange

Weights = Mapping[tuple[str, str], float]  # (upstream, label) -> points of one call


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used."""

    points: int
    calls: int


def spent(plan: Plan, price: Price, data: Any, exchanges: Iterable[Exchange], weights: Weights) -> Spent:
    """The actual cost of an operation. At least 1 point: to answer at all costs something."""
    made = list(exchanges)
    calls = sum(weights.get((exchange.upstream, exchange.label), 1.0) for exchange in made)
    rows = sum(_rows(node, data) for node in plan.roots) if isinstance(data, dict) else 0.0
    points = math.ceil(calls + rows)
    return Spent(max(1, min(points, max(price.points, math.ceil(calls)))), len(made))


def _rows(node: Node, parent: dict[str, Any]) -> float:
    return _weight(node, parent.get(node.key))


def _weight(node: Node, value: Any) -> float:
    if isinstance(value, list):
        return sum(_weight(node, item) for item in value)
    if value is None:
        return 0.0
    own = max(0.0, node.field.weight)
    if not isinstance(value, dict) or not node.children:
        return own
    return own + sum(_rows(child, value) for child in _children(node, value))


def _children(node: Node, row: dict[str, Any]) -> tuple[Node, ...]:
    """The fields of the row's type: of several possible types, the first one whose fields are what is there."""
    present = row.keys()
    for nodes in node.children.values():
        if {child.key for child in nodes} == present:
            return nodes
    return next(iter(node.children.values()), ())
