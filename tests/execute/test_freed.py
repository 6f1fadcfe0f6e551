"""What an operation leaves is freed when it is over, with no help of the collector, which hardly ever looks."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NewType

import httpx
import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from bff import connect, upstream
from bff.document import DocumentLimits
from bff.document.reading import Reading
from bff.execute.fault import Fault
from bff.limits import price
from bff.plan.context import Context
from bff.plan.load import Load
from tests.execute.faked import Faked
from tests.execute.oracle import Question, world
from tests.kit import Handler, opened, reply
from tests.world import SERVICES, make_schema

LIMITS = DocumentLimits(5_000, 50, introspection=True)
QUERIES = [
    "{ users(ids: [1, 2, 3]) { name posts { name author { name friends { name } } } } }",
    "{ posts(limit: 3) { name authorName } }",
    '{ search(q: "x") { name } }',
    "{ pages(first: 2) { edges { node { name } } } }",
    '{ pages(first: 2, after: "no cursor") { edges { node { name } } } }',
    '{ bad: user(id: "\\u0001") { name } }',
    "{ posts(limit: 3) { name wrong: strict } user(id: 1) { wrong: born } }",
    'mutation { createPost(input: {name: "x", authorId: 1}) { ... on Post { name author { name } } } }',
]


PLANS = [
    "{ users(ids: [1, 2, 3]) { name posts { name author { name friends { name } } } } }",
    "query ($n: Int = 2) { posts(limit: $n) { ...F } } fragment F on Post { name author { name posts { name } } }",
    'mutation { createPost(input: {name: "x", authorId: 1}) { ... on Post { name author { name } } } }',
]


@contextmanager
def uncollected() -> Iterator[Counter[str]]:
    """What only the collector would have freed meanwhile, by its type."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found.update(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def mistaken(service: Handler) -> Handler:
    """The service, but it says what no field can have."""

    def answer(request: httpx.Request) -> httpx.Response:
        return reply(json.loads(service(request).content, object_hook=_mistaken))

    return answer


def _mistaken(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: ["wrong"] for name in ("strict", "born") if name in row}


@pytest.mark.parametrize("query", QUERIES)
async def test_what_is_over_leaves_nothing_to_the_collector(query: str) -> None:
    async with opened(make_schema(), {name: mistaken(service) for name, service in SERVICES.items()}) as bench:
        for _ in range(2):  # the second run is made of generated functions
            await bench.ask(query)
        with uncollected() as found:
            await bench.ask(query)
        assert not {Load.__name__, Context.__name__, Fault.__name__, "frame"} & found.keys()


@pytest.mark.parametrize("runs", [0, 1, 2])
@pytest.mark.parametrize("query", PLANS)
async def test_a_document_that_is_forgotten_leaves_nothing_to_the_collector(query: str, runs: int) -> None:
    async with opened(make_schema(), SERVICES) as bench:
        graph = bench.gateway.graph
        _read(Reading(graph, LIMITS), query, runs)  # what is made once for all is made
        with uncollected() as found:
            _read(Reading(graph, LIMITS), query, runs)
        assert not found


Odd = NewType("Odd", object)
ODD: Any = strawberry.scalar(name="Odd", serialize=lambda _: None, parse_value=lambda value: value)
shop = upstream("shop")


@strawberry.type
class Thing:
    name: str
    odd: Odd | None


@strawberry.type
class Things:
    things: list[Thing] = connect(shop.get("/things", many=True), assumed_size=9)


async def test_what_failed_without_words_of_its_own_is_left_to_the_collector_and_freed_by_it() -> None:
    """The error knows the frames that it came through, and they the objects that it stands in."""
    schema = strawberry.Schema(query=Things, config=StrawberryConfig(scalar_map={Odd: ODD}))
    of = world(schema, {"shop": Faked(lambda _: [{"name": "a", "odd": 1}])})
    question = Question("{ things { name odd } }")
    assert (await of.by_program(question, of.generated(question))).errors
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, Fault)]


def _read(reading: Reading, query: str, runs: int) -> None:
    document = reading.document(query)
    operation = document.operation(None)
    variables = document.variables(operation, {}).coerced
    program = document.program(operation, variables)
    price(program.plan, variables)
    for _ in range(runs):
        program.begun()
