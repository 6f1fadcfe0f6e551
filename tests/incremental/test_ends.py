"""Errors in parts: they stay in the part that they happened in, whatever became null there, and time ends all parts."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
import strawberry

from bff import connect, upstream
from bff.execute import Portion, Program, execute_in_parts
from bff.incremental.shapes import Spec, first_part, next_part
from bff.plan.graph import read_graph
from bff.upstreams import Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World
from tests.incremental.parts import in_parts, merged, with_parts

shop = upstream("shop")
by_ids = shop.get("/items{?id*}", key="id")


@strawberry.type
class Item:
    id: strawberry.ID
    name: str  # the service has none
    next: "Item | None" = connect(by_ids, id="next_id")  # noqa: UP037 - strawberry reads it
    sure: "Item" = connect(by_ids, id="next_id")  # noqa: UP037
    parts: "list[Item]" = connect(by_ids, id="part_ids", assumed_size=9)  # noqa: UP037

    @strawberry.field
    async def never(self) -> str | None:
        await asyncio.Event().wait()
        return "never"


@strawberry.type
class Query:
    @connect(by_ids)
    def item(self, id: strawberry.ID) -> Item | None: ...


def _row(number: int) -> dict[str, Any]:
    """Item 4 has a name, and no other."""
    row = {"id": number, "next_id": number + 1, "part_ids": [4, number + 1]}
    return row | ({"name": "four"} if number == 4 else {})


def _world() -> World:
    found = with_parts(read_graph(strawberry.Schema(query=Query)))
    found.senders = {"shop": Faked(lambda request: [_row(int(each)) for each in _ids(request)])}
    return found


def _ids(request: Request) -> list[str]:
    return [each.partition("=")[2] for each in request.target.partition("?")[2].split("&")]


@pytest.mark.parametrize(
    ("query", "data", "errors"),
    [
        pytest.param(
            "{ item(id: 1) { id ... @defer { next { id name } } } }",
            {"item": {"id": "1", "next": None}},
            [["item", "next", "name"]],
            id="as far as it may be null inside the part",
        ),
        pytest.param(
            "{ item(id: 1) { id ... @defer { sure { id name } } } }",
            {"item": {"id": "1"}},
            [["item", "sure", "name"]],
            id="and no further than the part",
        ),
        pytest.param(
            "{ item(id: 1) { next { id } ... @defer { next { name } } } }",
            {"item": {"next": {"id": "2"}}},
            [["item", "next", "name"]],
            id="not into what came at once",
        ),
        pytest.param(
            "{ item(id: 1) { id ... @defer { name } ... @defer { next { id } } } }",
            {"item": {"id": "1", "next": {"id": "2"}}},
            [["item", "name"]],
            id="not into a sibling",
        ),
        pytest.param(
            "{ item(id: 1) { id ... @defer { name ... @defer { next { id } } } } }",
            {"item": {"id": "1"}},
            [["item", "name"]],
            id="but what was to come inside a lost part does not come",
        ),
        pytest.param(
            "{ item(id: 1) { name ... @defer { next { id } } } }",
            {"item": None},
            [["item", "name"]],
            id="nor what was to come in what is null",
        ),
        pytest.param(
            "{ item(id: 1) { id parts @stream(initialCount: 1) { name } } }",
            {"item": {"id": "1", "parts": [{"name": "four"}]}},
            [["item", "parts", 1, "name"]],
            id="a list has what came before",
        ),
    ],
)
async def test_an_error_propagates(query: str, data: Any, errors: list[Any]) -> None:
    of = _world()
    question = Question(query)
    found, _ = await merged(of, question, Program(of.graph, in_parts(of, question)))
    assert found.data == data
    assert [error["path"] for error in found.errors] == errors


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("2022", {"incremental": [{"path": ["item"], "label": "L", "data": None, "errors": ["error"]}]}),
        ("2023", {"completed": [{"id": "0", "errors": ["error"]}]}),
        (
            "both",
            {
                "incremental": [{"id": "0", "path": ["item"], "label": "L", "errors": ["error"]}],
                "completed": [{"id": "0"}],
            },
        ),
    ],
)
async def test_a_lost_part_is_told_in_every_shape(spec: Spec, told: Any) -> None:
    assert await _last('{ item(id: 1) { id ... @defer(label: "L") { sure { name } } } }', spec) == told


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("2022", {"incremental": [{"path": ["item", "parts", 1], "items": None, "errors": ["error"]}]}),
        ("2023", {"completed": [{"id": "0", "errors": ["error"]}]}),
        (
            "both",
            {"incremental": [{"id": "0", "path": ["item", "parts"], "errors": ["error"]}], "completed": [{"id": "0"}]},
        ),
    ],
)
async def test_the_lost_rest_of_a_list_is_told_in_every_shape(spec: Spec, told: Any) -> None:
    assert await _last("{ item(id: 1) { id parts @stream(initialCount: 1) { name } } }", spec) == told


async def _last(query: str, spec: Spec) -> Any:
    of, question, seen = _world(), Question(query), []

    def send(part: Portion) -> None:
        data = part.executed.data if part.executed else None
        first = first_part(part, spec, data, []) if part.executed else None
        seen.append(first or next_part(part, spec, lambda _: {"message": "error"}))

    context = of.context(question, Counter())
    asked = of.asked(of.documents.get(query), question, context)
    await execute_in_parts(Program(of.graph, in_parts(of, question)), asked, {}, send)
    await context.aclose()
    assert seen[-1] is not None
    assert seen[-1].pop("hasNext") is False
    for entry in (*seen[-1].get("incremental", ()), *seen[-1].get("completed", ())):
        if "errors" in entry:
            entry["errors"] = [error["message"] for error in entry["errors"]]
    return seen[-1]


async def test_what_is_late_is_an_error_of_its_part() -> None:
    of = _world()
    question = Question("{ item(id: 1) { id ... @defer { never } ... @defer { next { id } } } }", timeout=0.05)
    found, taken = await merged(of, question, Program(of.graph, in_parts(of, question)))
    assert found.data == {"item": {"id": "1", "next": {"id": "2"}, "never": None}}
    assert [error["extensions"]["code"] for error in found.errors] == ["OPERATION_TIMEOUT"]
    assert len(taken.parts) == 3


async def test_an_abandoned_operation_ends_all_its_parts() -> None:
    of = _world()
    question = Question("{ item(id: 1) { id ... @defer { never } } }")
    context = of.context(question, Counter())
    asked = of.asked(of.documents.get(question.query), question, context)
    begun = asyncio.Event()

    def send(part: Portion) -> None:
        if not part.last:
            begun.set()

    before = asyncio.all_tasks()
    running = asyncio.ensure_future(execute_in_parts(Program(of.graph, in_parts(of, question)), asked, {}, send))
    await begun.wait()
    context.abandon()
    result = await running
    await context.aclose()
    assert result.data == {"item": {"id": "1", "never": None}}
    assert asyncio.all_tasks() == before
