"""The price of an operation: a fold over its Plan and its variables. Pure, memoised, linear in the plan's nodes.

    points = Σ rows x weight of the field that brings them  +  Σ worst-case calls x weight of the connector

Rows come from list bounds (slicing argument, length of a list argument, assumed size), multiplied down the plan; an
abstract type counts its dearest concrete type. The estimate is never below what the operation can cost: bounds are
enforced when the operation runs. Terms: IBM GraphQL cost specification, section 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff.connectors import FromArgument, FromParent
from bff.errors import BadUserInput
from bff.limits.sizes import Sizes, begins_well, listed, longest, member_of
from bff.plan.deferral import STRETCH
from bff.plan.field import Call, Field, largest
from bff.plan.model import Node, Plan, value_of

UNBOUNDED = 1_000_000  # what a list of unknown length counts; `bff check` refuses graphs that have one


FOLDABLE = 10_000  # selections, fragments expanded: a fold over more takes longer than any answer is worth
BEYOND = 2**62  # points and calls of what is not folded: over every limit


@dataclass(frozen=True, slots=True)
class Shape:
    """What a document is before anybody knows how many rows come: depth, aliases and selections, fragments expanded."""

    depth: int
    aliases: int
    selections: int


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs at worst. `points` is rounded up to a whole number."""

    points: int
    calls: int  # upstream calls
    rows: int
    depth: int
    aliases: int
    selections: int  # after fragments are expanded


@dataclass(frozen=True, slots=True)
class _Sum:
    row_points: float = 0.0
    call_points: float = 0.0
    calls: int = 0
    rows: int = 0

    def __add__(self, other: _Sum) -> _Sum:
        return _Sum(
            self.row_points + other.row_points,
            self.call_points + other.call_points,
            self.calls + other.calls,
            self.rows + other.rows,
        )

    def or_else(self, other: _Sum, objects: int) -> _Sum:
        """The worst of two concrete types for this many objects.

        One object is of one type, so the dearer counts. Of several, some may be of each: what grows with rows is
        still at most the dearer's, but a batch is made for either type, so calls add up.
        """
        one = objects <= 1
        return _Sum(
            max(self.row_points, other.row_points),
            max(self.call_points, other.call_points) if one else self.call_points + other.call_points,
            max(self.calls, other.calls) if one else self.calls + other.calls,
            max(self.rows, other.rows),
        )


def price(plan: Plan, variables: Mapping[str, Any], max_page: int = UNBOUNDED) -> Price:
    """The price of running `plan` with these coerced variables.

    Raises BadUserInput for a page size below 0 or above `max_page`.
    """
    sizes: Sizes | None = plan.kept.get(Sizes)
    if sizes is None:
        sizes = plan.kept[Sizes] = Sizes(plan)
    key, found = sizes.known(max_page, variables)
    return found or sizes.keep(key, _folded(plan, variables, max_page))


def _folded(plan: Plan, variables: Mapping[str, Any], max_page: int) -> Price:
    form = shape(plan)
    if form.selections > FOLDABLE:
        return Price(BEYOND, BEYOND, BEYOND, form.depth, form.aliases, form.selections)
    fold = _Fold(variables, max_page)
    total = fold.of(plan.roots, 1, {})
    points = math.ceil(total.row_points + total.call_points)
    return Price(points, total.calls, total.rows, form.depth, form.aliases, form.selections)


def shape(plan: Plan) -> Shape:
    """A fold that visits each node once, however often fragments repeat it."""
    return _shape_of(plan.roots, {})


def _shape_of(nodes: tuple[Node, ...], memo: dict[int, Shape]) -> Shape:
    each = [memo[id(node)] if id(node) in memo else _shape_of_node(node, memo) for node in nodes]
    return Shape(
        max([one.depth for one in each], default=0),
        sum([one.aliases for one in each]),
        sum([one.selections for one in each]),
    )


def _shape_of_node(node: Node, memo: dict[int, Shape]) -> Shape:
    below = [_shape_of(children, memo) for children in node.children.values()]
    found = memo[id(node)] = Shape(
        1 + max([one.depth for one in below], default=0),
        int(node.aliased) + max([one.aliases for one in below], default=0),
        1 + max([one.selections for one in below], default=0),
    )
    return found


class _Fold:
    def __init__(self, variables: Mapping[str, Any], max_page: int) -> None:
        self._variables = variables
        self._max_page = max_page
        self._memo: dict[tuple[int, int, int | None, int], _Sum] = {}

    def of(self, nodes: tuple[Node, ...], parents: int, sized: Mapping[str, int], waves: int = 1) -> _Sum:
        """Fields of so many parents, which come in so many waves."""
        total = _Sum()
        for node in nodes:
            total += self._node(node, parents, sized.get(node.field.name), waves)
        return total

    def _node(self, node: Node, parents: int, inherited: int | None, waves: int) -> _Sum:
        key = (id(node), parents, inherited, waves)
        if key not in self._memo:
            self._memo[key] = self._compute(node, parents, inherited, waves)
        return self._memo[key]

    def _compute(self, node: Node, parents: int, inherited: int | None, waves: int) -> _Sum:
        size = list_size(node, self._variables, self._max_page, inherited)
        rows = rows_of(node.field, parents, size)
        below = _Sum()
        for nodes in node.children.values():
            sized = dict.fromkeys(node.field.sized_fields, size)
            below = below.or_else(self.of(nodes, rows, sized, waves_of(node, rows, waves, self._variables)), rows)
        calls = [
            (call_count(call, node, parents, self._variables, waves), call.connector.weight)
            for call in node.field.calls
        ]
        calls += [
            (code_calls(parents, keys, c.max_batch if c.batched else 1, waves), c.weight)
            for c, keys in node.field.source.uses.items()
        ]
        events = node.field.source.events
        own = _Sum(
            row_points=max(0.0, rows * node.field.weight),
            call_points=sum(count * weight for count, weight in calls) + (events.weight if events else 0),
            calls=sum(count for count, _ in calls),
            rows=rows if node.field.composite and node.field.weight else 0,
        )
        return own + below


def list_size(node: Node, variables: Mapping[str, Any], max_page: int, inherited: int | None) -> int:
    """How many items one list of this field has at worst; 1 for what is no list.

    Raises BadUserInput for sizes that cannot be.
    """
    bound = node.field.bound
    if bound is None:
        return 1
    if bound.inherited:
        return UNBOUNDED if inherited is None else inherited
    most = bound.most(largest([_slice(node, name, variables, max_page) for name in bound.slicing]))
    if most is not None:
        return most
    if bound.length_of:  # several connectors each bring rows for their own list
        return sum(len(listed(node, name, variables)) for name in bound.length_of)
    return UNBOUNDED


def rows_of(field: Field, parents: int, size: int) -> int:
    """Objects that this field brings: a page, and whatever else holds its list inside, is one object."""
    return parents * size if field.lists else parents


def waves_of(node: Node, rows: int, waves: int, variables: Mapping[str, Any]) -> int:
    """In how many waves the objects of a field come at worst, whose parents come in `waves`.

    Of a streamed list some come at once, and others by stretches; what code yields, one by one at worst. Raises
    BadUserInput for a number of items that cannot be.
    """
    if node.streamed is None:
        return waves
    if not begins_well(node, variables):
        raise BadUserInput(f"Argument 'initialCount' of @stream at {node.field.coordinate} must not be below 0.")
    return max(1, rows if node.field.kind == "code" else min(rows, 2 * waves + rows // STRETCH))


def call_count(call: Call, node: Node, parents: int, variables: Mapping[str, Any], waves: int = 1) -> int:
    """Upstream calls of one connector of a field at worst, for this many parents, which come in so many waves."""
    connector = call.connector
    keys = keys_of(call, node, parents, variables)
    if not connector.batched:
        return keys
    apart = any(isinstance(bound, FromParent) and name not in connector.key for name, bound in call.bindings.items())
    groups = parents if apart else 1
    if groups == 1:
        return min(keys, math.ceil(keys / connector.max_batch) + waves - 1)
    return min(keys, groups + keys // connector.max_batch)


def code_calls(parents: int, keys: int, max_batch: int, waves: int = 1) -> int:
    """Calls of a connector that a hand-written resolver loads, `keys` for each object, one after another at worst."""
    return keys * min(parents, math.ceil(parents / max_batch) + waves - 1)


def keys_of(call: Call, node: Node, parents: int, variables: Mapping[str, Any]) -> int:
    """Distinct keys at worst: a list that is spread over loads stands for as many as it holds, wherever it comes from.

    A read that takes nothing from its parent is the same for all of them, and is made once.
    """
    alike = not any(isinstance(bound, FromParent) for bound in call.bindings.values())
    objects = 1 if alike and (call.connector.safe or call.connector.batched) else parents
    each = 1
    for name in call.connector.spread:
        bound = call.bindings.get(name)
        if isinstance(bound, FromArgument):
            clients = next((key for key, python in node.field.arguments.items() if python == bound.name), bound.name)
            each = max(each, longest(value_of(node.arguments.get(clients), variables)))
        elif isinstance(bound, FromParent) and node.field.spreads and not call.connector.many:
            each = max(each, list_size(node, variables, UNBOUNDED, None))
    return objects * each


def _slice(node: Node, name: str, variables: Mapping[str, Any], max_page: int) -> int | None:
    value = member_of(node, name, variables)
    if value is None:
        if name.partition(".")[0] in node.field.required:
            message = f"Argument '{name}' of {node.field.coordinate} must not be null."
            raise BadUserInput(message, "The size of a page must not be null.")
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= max_page:
        message = f"Argument '{name}' of {node.field.coordinate} must be between 0 and {max_page}."
        raise BadUserInput(message, f"The size of a page must be between 0 and {max_page}.")
    return value
