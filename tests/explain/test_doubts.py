"""What is warned of: what the schema deprecates, lists that nobody bounds, scopes that lack, what is over a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
import strawberry

from bff import connect, field, requires, upstream
from bff.envelope import Envelope
from bff.explain import Explanation, explain
from bff.explain.doubts import Doubt, doubts, over_quota
from bff.limits import Allowance
from bff.limits.price import UNBOUNDED
from tests.kit import Bench, opened

things = upstream("things")
FREE = Allowance(depth=20, aliases=20, root_fields=20, points=1_000, calls=1_000)
LACKING = frozenset({"secrets:read"})


@strawberry.type
class Thing:
    name: str
    label: str = field(path="name", deprecation_reason="Use name.")
    parts: list["Thing"] = field(assumed_size=9)  # noqa: UP037 - strawberry reads it when the class is made
    secret: "Thing | None" = requires("secrets:read")(connect(things.get("/secrets/{id}"), id="name"))  # noqa: UP037


@strawberry.type
class Query:
    @connect(things.get("/things/{id}"))
    def thing(self, id: strawberry.ID) -> Thing | None: ...


def service(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request.url)


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    async with opened(strawberry.Schema(Query), {"things": service}) as found:
        yield found


def explained(bench: Bench, query: str, allowed: Allowance = FREE, lacking: frozenset[str] = LACKING) -> Explanation:
    operations = bench.gateway.operations
    return explain(operations.documents, allowed, operations.max_page, Envelope(query), lacking)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('{ thing(id: "1") { name parts { name } } }', ()),
        (
            '{ thing(id: "1") { label parts { label } } }',
            (Doubt("DEPRECATED", "The field Thing.label is deprecated. Use name."),),
        ),
        (
            '{ thing(id: "1") { secret { name } } }',
            (Doubt("SCOPES", "Fields that need the scope secrets:read, which this client lacks, come as errors."),),
        ),
    ],
)
async def test_what_is_warned_of(bench: Bench, query: str, found: tuple[Doubt, ...]) -> None:
    assert explained(bench, query).doubts == found


async def test_a_call_for_each_of_many_is_warned_of_where_it_stands(bench: Bench) -> None:
    [doubt] = explained(bench, '{ thing(id: "1") { parts { secret { name } } } }', lacking=frozenset()).doubts
    assert (doubt.kind, doubt.path) == ("N_PLUS_ONE", ("thing", "parts", "secret"))
    assert "up to 9 calls of things GET /secrets/{id}" in doubt.message


async def test_each_limit_that_is_exceeded_is_told_with_by_how_much(bench: Bench) -> None:
    tight = replace(FREE, points=5, depth=2)
    found = explained(bench, '{ thing(id: "1") { parts { name } } }', tight)
    assert found.refusal is not None
    assert [doubt.message for doubt in found.doubts] == [
        "The limit of price is 5; this is 11, over it by 6.",
        "The limit of depth is 2; this is 3, over it by 1.",
    ]


async def test_a_list_that_nobody_bounds_is_warned_of(bench: Bench) -> None:
    """No start lets a graph have one; a list inside a page can be, where its parent tells it no size."""
    found = explained(bench, '{ thing(id: "1") { parts { name } } }')
    steps = [replace(step, size=UNBOUNDED) for step in found.fields]
    [_, doubt] = doubts(found.plan, steps, (), ())
    assert doubt.message == "Nobody says how long thing.parts can be: it counts as 1000000 items."


@pytest.mark.parametrize(("points", "remaining", "warned"), [(5, 5, 0), (6, 5, 1), (2**62, 5, 1)])
def test_more_than_remains_is_warned_of(points: int, remaining: int, warned: int) -> None:
    assert len(over_quota(points, remaining)) == warned
