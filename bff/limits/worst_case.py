"""A plan's fetches at their worst, one by one, for people and tools to read. What they count is `price`'s business."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bff.limits.price import UNBOUNDED, call_count, code_calls, keys_of, list_size, rows_of
from bff.plan.graph import Call
from bff.plan.model import Node, Plan


@dataclass(frozen=True, slots=True)
class Estimate:
    """One fetch of a plan at its worst, for people and tools to read."""

    path: tuple[str, ...]
    coordinate: str
    wave: int  # 1 is first; a fetch waits for the waves before it
    upstream: str
    call: str  # "GET /cities{?id*}"
    form: str  # "one call" | "batch of 100" | "one per key" | "one per object"
    keys: int
    calls: int
    rows: int
    points: int


def estimates(plan: Plan, variables: Mapping[str, Any], most: int = 200) -> list[Estimate]:
    """The plan's fetches in the order they are written, at most `most` of them.

    Plans share nodes, so one that is over its limits can unfold without end: the walk is bounded too.
    """
    walk = _Walk(variables, budget=100 * most)
    return list(islice(walk.below(plan.roots, (), 1, 1, {}), most))


@dataclass(slots=True)
class _Walk:
    variables: Mapping[str, Any]
    budget: int  # nodes that may be visited

    def below(
        self, nodes: tuple[Node, ...], path: tuple[str, ...], parents: int, wave: int, sized: Mapping[str, int]
    ) -> Iterator[Estimate]:
        for node in nodes:
            if self.budget <= 0:
                return
            self.budget -= 1
            field, here = node.field, (*path, node.key)
            size = list_size(node, self.variables, UNBOUNDED, sized.get(field.name))
            rows = rows_of(field, parents, size)
            fetches = list(self._fetches(node, parents))
            for call, keys, calls in fetches:
                yield _estimate(node, here, wave, call, keys=keys, calls=calls, rows=rows)
            inner = dict.fromkeys(field.sized_fields, size)
            for children in node.children.values():
                yield from self.below(children, here, rows, wave + bool(fetches), inner)

    def _fetches(self, node: Node, parents: int) -> Iterator[tuple[Call, int, int]]:
        for call in node.field.calls:
            yield call, keys_of(call, node, parents, self.variables), call_count(call, node, parents, self.variables)
        for connector, keys in node.field.source.uses.items():
            batch = connector.max_batch if connector.batched else 1
            yield Call(connector, {}), parents * keys, code_calls(parents, keys, batch)


def _estimate(
    node: Node, path: tuple[str, ...], wave: int, call: Call, *, keys: int, calls: int, rows: int
) -> Estimate:
    return Estimate(
        path=path,
        coordinate=node.field.coordinate,
        wave=wave,
        upstream=call.connector.upstream,
        call=call.connector.label,
        form=_form(call, keys),
        keys=keys,
        calls=calls,
        rows=rows,
        points=math.ceil(rows * node.field.weight + calls * call.connector.weight),
    )


def _form(call: Call, keys: int) -> str:
    if call.connector.batched:
        return f"batch of {call.connector.max_batch}"
    if not call.connector.safe:
        return "one per object"
    return "one call" if keys == 1 else "one per key"
