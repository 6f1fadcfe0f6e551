"""Prices that are kept by what they depend on: the right one for every call, and little to keep."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st
from strawberry.scalars import JSON

from bff import argument, connect, upstream
from bff.errors import BadUserInput
from bff.limits import Price, price
from bff.limits.sizes import Sizes
from bff.plan.compile import compile_plan
from bff.plan.graph import read_graph
from bff.plan.model import Plan

shop = upstream("shop")
by_ids = shop.get("/items{?id*}", key="id", max_batch=2)
listed = shop.get("/items{?limit}", many=True)


@strawberry.type
class Item:
    id: strawberry.ID


@strawberry.input
class Filter:
    size: int | None = None
    tags: list[str] | None = None


@strawberry.type
class Query:
    @connect(by_ids, id=argument("ids"))
    def items(self, ids: list[strawberry.ID]) -> list[Item | None]: ...

    @connect(by_ids, id=argument("anything"), assumed_size=5)
    def any(self, anything: JSON) -> list[Item]: ...

    @connect(listed, slicing_arguments=["limit"])
    def sliced(self, limit: int | None = None) -> list[Item]: ...

    @connect(listed, limit=argument("filter.size"), slicing_arguments=["filter.size"])
    def filtered(self, filter: Filter) -> list[Item]: ...


GRAPH = read_graph(strawberry.Schema(query=Query))
TEXT = """query Q($ids: [ID!]!, $any: JSON!, $limit: Int, $filter: Filter!) {
  items(ids: $ids) { id } any(anything: $any) { id } sliced(limit: $limit) { id } filtered(filter: $filter) { id }
}"""


def plan() -> Plan:
    document = parse(TEXT)
    return compile_plan(GRAPH, document, document.definitions[0], {})  # type: ignore[arg-type]


KEPT = plan()


def priced(plan: Plan, variables: dict[str, Any]) -> Price | str:
    try:
        return price(plan, variables, max_page=10)
    except BadUserInput as error:
        return str(error)


sizes = st.one_of(st.none(), st.booleans(), st.integers(-1, 11))
anything = st.recursive(
    st.one_of(sizes, st.text(max_size=2), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=8,
)
variables = st.fixed_dictionaries(
    {"ids": st.lists(st.text(max_size=1), max_size=4), "any": anything},
    optional={
        "limit": sizes,
        "filter": st.fixed_dictionaries({}, optional={"size": sizes, "tags": st.lists(st.text(max_size=1))}),
    },
)


@given(variables)
def test_a_price_that_is_kept_is_the_one_that_would_be_worked_out(given_: dict[str, Any]) -> None:
    assert priced(KEPT, given_) == priced(plan(), given_)


def test_what_is_kept_of_variables_does_not_grow_with_them() -> None:
    found = Sizes(KEPT)
    long = [{"a": [number]} for number in range(5_000)]
    given_ = {"ids": ["x"] * 5_000, "any": long, "limit": 3, "filter": {"size": 4, "tags": ["x"] * 5_000}}
    assert found.known(100, given_) == ((100, 5_000, 5_000, 5_000, 3, 4), None)
