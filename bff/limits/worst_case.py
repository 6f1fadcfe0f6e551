"""A plan's fields and fetches at their worst, one by one, for people and tools to read.

What they count is `price`'s business: this tells where in the plan it is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from bff.limits.price import UNBOUNDED, call_count, code_calls, keys_of, list_size, rows_of, waves_of
from bff.plan.field import Call
from bff.plan.model import Node, Plan

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One fetch of a plan at its worst, for people and tools to read."""

    path: Path
    coordinate: str
    wave: int  # 1 is first; a fetch waits for the waves before it
    upstream: str
    call: str  # "GET /cities{?id*}"
    form: str  # "one call" | "batch of 100" | "one per key" | "one per object"
    keys: int
    calls: int
    rows: int
    points: int
    later: bool = False  # it is deferred: it does not hold up what comes at once


@dataclass(frozen=True, slots=True)
class Step:
    """One field of a plan at its worst, with the fetches that bring it. Its points are of nothing above or below it."""

    node: Node
    path: Path
    above: Path  # its parent's path, with an "@" after each list
    size: int  # items of one list; 1 for what is no list
    rows: int
    points: float
    fetches: tuple[Estimate, ...]


def estimates(plan: Plan, variables: Mapping[str, Any], most: int = 200) -> list[Estimate]:
    """The plan's fetches in the order they are written, at most `most` of them."""
    return list(islice((fetch for step in steps(plan, variables, 100 * most) for fetch in step.fetches), most))


def steps(plan: Plan, variables: Mapping[str, Any], most: int) -> Iterator[Step]:
    """The plan's fields, at most `most`, in the order they are written.

    Plans share nodes, so one that is over its limits can unfold without end.
    """
    return islice(_Walk(variables).below(plan.roots, _Under((), (), 1, 1), {}), most)


class _Under(NamedTuple):
    """What a field stands below."""

    path: Path
    above: Path
    parents: int
    wave: int
    waves: int = 1  # in which the parents come
    later: bool = False  # with a part of the answer, not at once


@dataclass(frozen=True, slots=True)
class _Walk:
    variables: Mapping[str, Any]

    def below(self, nodes: tuple[Node, ...], under: _Under, sized: Mapping[str, int]) -> Iterator[Step]:
        for node in nodes:
            step = self._step(node, under, sized.get(node.field.name))
            yield step
            above = (*under.above, node.key, *("@",) * node.field.lists)
            waves = waves_of(node, step.rows, under.waves, self.variables)
            later = under.later or node.deferred is not None
            inner = _Under(step.path, above, step.rows, under.wave + bool(step.fetches), waves, later)
            for children in node.children.values():
                yield from self.below(children, inner, dict.fromkeys(node.field.sized_fields, step.size))

    def _step(self, node: Node, under: _Under, inherited: int | None) -> Step:
        path = (*under.path, node.key)
        size = list_size(node, self.variables, UNBOUNDED, inherited)
        rows = rows_of(node.field, under.parents, size)
        made = list(self._fetches(node, under.parents, under.waves))
        events = node.field.source.events
        return Step(
            node=node,
            path=path,
            above=under.above,
            size=size,
            rows=rows,
            points=max(0.0, rows * node.field.weight)
            + sum(calls * call.connector.weight for call, _, calls in made)
            + (events.weight if events else 0),
            fetches=tuple(
                _estimate(node, path, under, call, keys=keys, calls=calls, rows=rows) for call, keys, calls in made
            ),
        )

    def _fetches(self, node: Node, parents: int, waves: int) -> Iterator[tuple[Call, int, int]]:
        for call in node.field.calls:
            count = call_count(call, node, parents, self.variables, waves)
            yield call, keys_of(call, node, parents, self.variables), count
        for connector, keys in node.field.source.uses.items():
            batch = connector.max_batch if connector.batched else 1
            yield Call(connector, {}), parents * keys, code_calls(parents, keys, batch, waves)


def _estimate(node: Node, path: Path, under: _Under, call: Call, *, keys: int, calls: int, rows: int) -> Estimate:
    return Estimate(
        path=path,
        coordinate=node.field.coordinate,
        wave=under.wave,
        upstream=call.connector.upstream,
        call=call.connector.label,
        form=_form(call, keys),
        keys=keys,
        calls=calls,
        rows=rows,
        points=math.ceil(rows * node.field.weight + calls * call.connector.weight),
        later=under.later or node.deferred is not None,
    )


def _form(call: Call, keys: int) -> str:
    if call.connector.batched:
        return f"batch of {call.connector.max_batch}"
    if not call.connector.safe:
        return "one per object"
    return "one call" if keys == 1 else "one per key"
