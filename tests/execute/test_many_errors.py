"""An answer with very many errors: the first are told, the rest are counted."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from bff import connect, field, upstream
from bff.execute.fault import MOST_ERRORS, UNTOLD
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, disagreement, world

shop = upstream("shop")


@strawberry.type
class Item:
    size: int | None
    weight: int
    strict: int = field(path="size")

    @strawberry.field
    def place(self, info: strawberry.Info) -> str:
        return ".".join(map(str, info.path.as_list()))


@strawberry.type
class Query:
    items: list[Item | None] | None = connect(shop.get("/items", many=True), assumed_size=100_000)


def _world(items: int) -> World:
    row = {"size": "large", "weight": 1}
    return world(strawberry.Schema(query=Query), {"shop": Faked(lambda _: [row] * items)})


async def _both(of: World, question: Question) -> list[Any]:
    return [await of.by_program(question, program) for program in (of.general(question), of.generated(question))]


async def test_as_many_as_are_told_are_those_of_graphql_core() -> None:
    of, question = _world(MOST_ERRORS), Question("{ items { weight size } }")
    expected = await of.by_core(question)
    assert len(expected.errors) == MOST_ERRORS
    for found in await _both(of, question):
        assert not disagreement(expected, found), disagreement(expected, found)


@pytest.mark.parametrize("query", ["{ items { weight size } }", "{ items { size weight: size } }"])
async def test_of_more_the_first_are_told_and_the_last_says_how_many_are_not(query: str) -> None:
    of, question = _world(1_000), Question(query)
    core = await of.by_core(question)
    for found in await _both(of, question):
        assert found.data == core.data
        *told, last = found.errors
        assert [error["path"] for error in told] == [error["path"] for error in core.errors[:MOST_ERRORS]]
        omitted = len(core.errors) - MOST_ERRORS
        assert last == {
            "message": f"{omitted} more errors are not told.",
            "extensions": {"code": "ERRORS_OMITTED", "omitted": omitted},
        }


async def test_a_great_many_places_are_found_in_one_walk() -> None:
    """Each by itself, this would be a hundred million steps."""
    of, question = _world(10_000), Question("{ items { place } }")
    found = await of.by_program(question, of.general(question))
    assert [item["place"] for item in found.data["items"][:2]] == ["items.0.place", "items.1.place"]
    assert found.data["items"][-1]["place"] == "items.9999.place"


@pytest.mark.parametrize("query", ["{ items { weight size } }", "{ items { size must: strict } }"])
async def test_what_is_not_told_holds_nothing_of_the_answer(query: str) -> None:
    of, question = _world(1_000), Question(query)
    for found in await _both(of, question):
        assert found.errors
        assert (UNTOLD.__traceback__, UNTOLD.__context__, UNTOLD.__cause__) == (None, None, None)
