"""Operations whose time is over, or that nobody waits for: they end by themselves, and leave nothing behind."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
import strawberry

from bff import connect, field, upstream
from bff.errors import OperationAbandoned
from bff.execute import execute
from bff.upstreams import Reply, Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, disagreement, world

shop = upstream("shop")
listed = shop.get("/items", many=True)
by_ids = shop.get("/items{?id*}", key="id")
never = shop.get("/never")

ended: list[str] = []


@strawberry.type
class Item:
    id: strawberry.ID
    next: "Item | None" = connect(by_ids, id="id")  # noqa: UP037 - strawberry reads it

    @strawberry.field
    async def for_ever(self) -> str | None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(str(self.id))
        return "never"

    @field(uses=[never])
    async def loads_for_ever(self, info: strawberry.Info) -> str | None:
        await info.context.load(never)
        return "never"

    @strawberry.field
    async def items_for_ever(self) -> list[str] | None:
        return [self.for_ever()]  # type: ignore[list-item, call-arg]

    @strawberry.field
    async def stream_for_ever(self) -> list[str] | None:  # type: ignore[misc]  # a list to clients
        yield "one"
        await asyncio.Event().wait()

    @strawberry.field
    def name(self) -> str:
        return "name"


@strawberry.type
class Query:
    items: list[Item] | None = connect(listed, assumed_size=9)
    never: Item | None = connect(never)


class _Patient(Faked):
    """Never answers `/never`; says when it is asked."""

    def __init__(self) -> None:
        super().__init__(lambda _: [{"id": 1}, {"id": 2}])
        self.asked = asyncio.Event()

    async def send(self, request: Request) -> Reply:
        if request.target == "/never":
            self.asked.set()
            await asyncio.Event().wait()
        return await super().send(request)


def _world() -> tuple[World, _Patient]:
    ended.clear()
    service = _Patient()
    return world(strawberry.Schema(query=Query), {"shop": service}), service


@pytest.mark.parametrize("name", ["forEver", "loadsForEver", "streamForEver"])
async def test_code_that_is_late_is_an_error_of_its_field(name: str) -> None:
    of, _ = _world()
    question = Question(f"{{ items {{ id {name} next {{ name }} }} }}", timeout=0.05)
    expected = await of.by_core(question)
    for program in (of.general(question), of.generated(question)):
        found = await of.by_program(question, program)
        assert not disagreement(expected, found), disagreement(expected, found)
        assert {error["extensions"]["code"] for error in found.errors} == {"OPERATION_TIMEOUT"}


async def test_an_item_that_is_late_ends_with_its_list() -> None:
    """graphql-core would wait for it for ever."""
    of, _ = _world()
    question = Question("{ items { id itemsForEver } }", timeout=0.05)
    found = await of.by_program(question, of.general(question))
    assert [(error["path"], error["extensions"]["code"]) for error in found.errors] == [
        (["items", at, "itemsForEver"], "OPERATION_TIMEOUT") for at in (0, 1)
    ]
    assert ended == ["1", "2"]


@pytest.mark.parametrize(
    "query", ["{ items { id forEver loadsForEver } never { id next { id } } }", "{ never { id } }"]
)
async def test_an_abandoned_operation_ends_and_leaves_nothing(query: str) -> None:
    of, service = _world()
    question = Question(query)
    for program in (of.general(question), of.generated(question)):
        service.asked.clear()
        before = asyncio.all_tasks()
        context = of.context(question, Counter())
        asked = of.asked(of.documents.get(query), question, context)
        running = asyncio.ensure_future(execute(program, asked, {}))
        await service.asked.wait()
        context.abandon()
        result = await running
        await context.aclose()
        assert {type(error.original_error) for error in result.errors} == {OperationAbandoned}
        assert result.data is not None
        assert result.data["never"] is None
        assert asyncio.all_tasks() == before


async def test_an_operation_that_was_abandoned_before_it_began_calls_nothing() -> None:
    of, service = _world()
    question = Question("{ items { id forEver itemsForEver next { id } } }")
    context = of.context(question, calls := Counter[str]())
    context.abandon()
    result = await execute(of.general(question), of.asked(of.documents.get(question.query), question, context), {})
    await context.aclose()
    assert result.data == {"items": None}
    assert not calls
    assert not service.asked.is_set()
