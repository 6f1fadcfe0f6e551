"""Prices: worked examples, limits, and the promise that no operation costs more than it was priced at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import parse
from hypothesis import HealthCheck, given, settings, strategies
from hypothesis_graphql import queries

from bff.errors import BadUserInput, ListTooLong, OperationTooComplex
from bff.limits import Estimate, Price, estimates, price
from bff.limits.price import list_size
from bff.plan.compile import compile_plan, switches_in
from bff.plan.fetch import sized
from bff.plan.field import Bound
from bff.plan.graph import read_graph
from bff.plan.model import Plan
from tests.kit import opened
from tests.world import SERVICES, make_schema

GRAPH = read_graph(make_schema())
SDL = make_schema().as_str()


def plan_of(text: str, max_steps: int = 100_000, **switches: bool) -> Plan:
    document = parse(text)
    known = {name: switches.get(name, False) for name in switches_in(document)}
    return compile_plan(GRAPH, document, document.definitions[0], known, max_steps=max_steps)  # type: ignore[arg-type]


def price_of(text: str, **variables: Any) -> Price:
    return price(plan_of(text), variables, max_page=100)


@pytest.mark.parametrize(
    ("query", "points", "calls", "rows"),
    [
        ("{ __typename }", 0, 0, 0),
        ("{ user(id: 1) { name } }", 2, 1, 1),  # one row, one call
        ("{ user(id: 1) { name greeting id born } }", 2, 1, 1),  # scalars weigh nothing
        ("{ posts(limit: 3) { id } }", 4, 1, 3),
        ("{ posts { id } }", 11, 1, 10),  # the argument's default
        ("{ posts(limit: 30) { author { name } } }", 30 + 30 + 1 + 3, 1 + 3, 60),  # batches of 10
        ("{ posts(limit: 30) { authorAlone { name } } }", 30 + 30 + 1 + 30, 1 + 30, 60),  # one call each
        ("{ posts(limit: 30) { authorName } }", 30 + 1 + 3, 1 + 3, 30),  # what code says it uses
        ("{ users(ids: [1, 2, 3]) { id } }", 3 + 1, 1, 3),  # a list argument is as long as it is
        ("{ users(ids: [1, 2]) { friends { id } } }", 2 + 8 + 1 + 1, 2, 10),
        ("{ pages(first: 7) { edges { node { id } } } }", 7 + 1, 1, 7),  # wrappers weigh nothing
        ("{ pages { totalCount } }", 1, 1, 0),
        ("{ users(ids: [1, 2]) { score(season: 1) { points } } }", 2 + 2 + 1 + 1, 2, 4),
        ("{ a: user(id: 1) { id } b: user(id: 2) { id } }", 4, 2, 2),
        ("{ user(id: 1) { id } user(id: 1) { name } }", 2, 1, 1),  # one response key is one field
        ("{ total }", 0, 0, 0),  # code that says nothing of its calls
        ('{ search(q: "x") { name } }', 20 + 2, 2, 20),  # two services
        # of the two types that a row may be, the dearer one counts for rows; calls of both are counted
        (
            '{ search(q: "x") { ... on Post { author { id } } ... on User { friends { id } } } }',
            20 + 80 + 2 + 2 + 8,
            2 + 2 + 8,
            100,
        ),
        ('mutation { createPost(input: {name: "x", authorId: 1}) { __typename } }', 2, 1, 1),
    ],
)  # fmt: skip
def test_the_price_of_an_operation(query: str, points: int, calls: int, rows: int) -> None:
    found = price_of(query)
    assert (found.calls, found.rows, found.points) == (calls, rows, points)


@pytest.mark.parametrize(
    ("variables", "rows"), [({}, 10), ({"n": 4}, 4), ({"n": 0}, 0)], ids=["default", "given", "none"]
)
def test_a_size_may_come_by_variable(variables: dict[str, int], rows: int) -> None:
    assert price_of("query($n: Int) { posts(limit: $n) { id } }", **variables).rows == rows


@pytest.mark.parametrize("size", [-1, 101, 2**31, "10", True, 1.5])
def test_a_size_out_of_range_is_refused_and_never_makes_a_price_negative(size: Any) -> None:
    with pytest.raises(BadUserInput, match="must be between 0 and 100"):
        price_of("query($n: Int) { posts(limit: $n) { id } }", n=size)


def test_null_for_a_size_that_must_be_given_is_refused_as_such() -> None:
    with pytest.raises(BadUserInput, match="must not be null"):
        price_of("query($n: Int) { posts(limit: $n) { id } }", n=None)


@given(
    asked=strategies.none() | strategies.integers(0, 100),
    assumed=strategies.none() | strategies.integers(0, 100),
    sliced=strategies.booleans(),
    rows=strategies.integers(0, 200),
)
def test_no_list_is_let_through_that_is_longer_than_it_was_priced(
    asked: int | None, assumed: int | None, sliced: bool, rows: int
) -> None:
    node = plan_of("query($n: Int) { posts(limit: $n) { id } }").roots[0]
    bound = Bound(assumed, ("limit",), (("limit",),)) if sliced else Bound(assumed)
    node = replace(node, field=replace(node.field, bound=bound, required=frozenset()))
    priced = list_size(node, {"n": asked}, 100, None)
    try:
        let_through = sized(node.field, [{}] * rows, {"limit": asked})
    except ListTooLong:
        return
    assert len(let_through) <= priced


def test_skipped_fields_cost_nothing_for_the_variables_that_skip_them() -> None:
    text = "query($no: Boolean!) { user(id: 1) @skip(if: $no) { id } posts(limit: 1) @include(if: $no) { id } }"
    assert price(plan_of(text, no=True), {"no": True}).rows == 1
    assert [node.key for node in plan_of(text, no=True).roots] == ["posts"]
    assert [node.key for node in plan_of(text, no=False).roots] == ["user"]


def test_shape_is_counted_with_fragments_expanded() -> None:
    found = price_of(
        "{ a: user(id: 1) { ...F } b: user(id: 2) { ...F } } fragment F on User { x: name friends { id } }"
    )
    assert (found.depth, found.aliases, found.selections) == (3, 4, 8)


def doubling(levels: int) -> str:
    """Fragments that each spread the next one twice, under two names: 2**levels fields."""
    parts = [
        f"fragment F{n} on User {{ a: friends {{ ...F{n + 1} }} b: friends {{ ...F{n + 1} }} }}" for n in range(levels)
    ]
    return " ".join(["{ user(id: 1) { ...F0 } }", *parts, f"fragment F{levels} on User {{ id }}"])


def test_doubling_fragments_are_priced_by_their_text_and_not_by_what_they_unfold_to() -> None:
    plan = plan_of(doubling(40))
    assert plan.steps < 500
    assert price(plan, {}).selections > 2**40


def test_explaining_a_plan_that_unfolds_without_end_ends() -> None:
    assert len(estimates(plan_of(doubling(40)), {})) <= 200


def test_a_document_beyond_the_budget_of_steps_is_refused() -> None:
    with pytest.raises(OperationTooComplex, match="more than 50 steps"):
        plan_of("{" + " ".join(f"a{n}: user(id: {n}) {{ id }}" for n in range(40)) + "}", max_steps=50)


def test_estimates_tell_waves_calls_and_batches() -> None:
    found = estimates(plan_of("{ posts(limit: 30) { author { friends { id } } authorAlone { id } } }"), {})
    assert [(e.path, e.wave, e.form, e.keys, e.calls) for e in found] == [
        (("posts",), 1, "one call", 1, 1),
        (("posts", "author"), 2, "batch of 10", 30, 3),
        (("posts", "author", "friends"), 3, "batch of 10", 120, 12),
        (("posts", "authorAlone"), 2, "one per key", 30, 30),
    ]
    assert isinstance(found[0], Estimate)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(query=queries(SDL))
async def test_no_operation_costs_more_calls_than_it_was_priced_at(query: str) -> None:
    limits = "{timeout: 100ms, max_upstream_calls: 100000, max_price: 1000000, max_page: 1000, max_aliases: 1000}"
    async with opened(make_schema(), SERVICES, f"limits: {limits}") as bench:
        document = parse(query)
        operation = document.definitions[0]
        plan = compile_plan(bench.gateway.graph, document, operation, {})  # type: ignore[arg-type]
        try:
            estimate = price(plan, {}, max_page=1000)
        except BadUserInput:
            return
        await bench.ask(query)
        uncounted = query.count("total")  # code that calls a service without saying so
        assert len(bench.urls) <= estimate.calls + uncounted
