"""Lists that come in stretches: rows that are there at once, and what code yields as it comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
import strawberry

from bff import connect, field, upstream
from bff.execute import Portion, Program, execute_in_parts
from bff.incremental.shapes import first_part, next_part
from bff.plan.deferral import STRETCH
from bff.plan.graph import read_graph
from bff.upstreams import Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World
from tests.incremental.parts import generated, in_parts, merged, with_parts

shop = upstream("shop")
listed = shop.get("/items", many=True)
by_ids = shop.get("/items{?id*}", key="id", max_batch=1_000)

steps: dict[str, asyncio.Event] = {}
closed: list[str] = []


@strawberry.type
class Item:
    id: strawberry.ID
    next: "Item | None" = connect(by_ids, id="next_id")  # noqa: UP037 - strawberry reads it

    @strawberry.field
    async def words(self) -> list[str]:  # type: ignore[misc]  # a list to clients
        try:
            for word in ("a", "b", "c"):
                yield f"{self.id}{word}"
                await steps[word].wait()
        finally:
            closed.append(str(self.id))

    @field(assumed_size=2)
    async def too_many(self) -> "list[Item]":  # type: ignore[misc]  # noqa: UP037
        for number in range(5):
            yield Item(id=strawberry.ID(str(number)))

    @strawberry.field
    async def breaks(self) -> list[str]:  # type: ignore[misc]
        yield "one"
        raise RuntimeError("hunter2")


@strawberry.type
class Query:
    items: list[Item] | None = connect(listed, assumed_size=1_000)


def _world(rows: int) -> World:
    closed.clear()
    steps.update({word: asyncio.Event() for word in "abc"})

    def answer(request: Request) -> Any:
        if "?" in request.target:
            return [{"id": each.partition("=")[2]} for each in request.target.partition("?")[2].split("&")]
        return [{"id": at, "next_id": rows + at} for at in range(rows)]

    found = with_parts(read_graph(strawberry.Schema(query=Query)))
    found.senders = {"shop": Faked(answer)}
    return found


async def test_rows_come_in_stretches_and_what_is_below_them_in_a_call_for_each() -> None:
    of = _world(2 * STRETCH + 50)
    question = Question("{ items @stream(initialCount: 10) { id next { id } } }")
    plan = in_parts(of, question)
    for program in (Program(of.graph, plan), generated(of, plan)):
        found, taken = await merged(of, question, program)
        pieces = [len(piece["items"]) for part in taken.parts for piece in part.get("incremental", ())]
        assert pieces == [STRETCH, STRETCH, 40]
        assert found.calls == {listed.label: 1, by_ids.label: 4}
        assert [item["next"]["id"] for item in found.data["items"]] == [str(250 + at) for at in range(250)]


async def test_what_code_yields_is_sent_when_it_comes() -> None:
    of = _world(1)
    question = Question("{ items { words @stream(initialCount: 1) } }")
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def send(part: Portion) -> None:
        data = part.executed.data if part.executed else None
        sent.put_nowait(first_part(part, "2023", data, []) if part.executed else next_part(part, "2023", _) or {})

    def _(error: Any) -> Any:
        raise AssertionError(error)

    context = of.context(question, Counter())
    asked = of.asked(of.documents.get(question.query), question, context)
    running = asyncio.ensure_future(execute_in_parts(Program(of.graph, in_parts(of, question)), asked, {}, send))
    assert (await sent.get())["data"] == {"items": [{"words": ["0a"]}]}
    for word, following in (("a", "b"), ("b", "c")):
        assert sent.empty()
        steps[word].set()
        assert (await sent.get())["incremental"] == [{"id": "0", "items": [f"0{following}"]}]
    steps["c"].set()
    assert await sent.get() == {"completed": [{"id": "0"}], "hasNext": False}
    await running
    await context.aclose()
    assert closed == ["0"]


async def test_lists_that_code_yields_do_not_wait_for_one_another() -> None:
    of = _world(3)
    for step in steps.values():
        step.set()
    found, _ = await merged(of, *_program(of, "{ items { words @stream } }"))
    assert found.data == {"items": [{"words": [f"{at}{word}" for word in "abc"]} for at in range(3)]}


async def test_what_yields_more_than_it_may_is_told_at_its_list() -> None:
    of = _world(1)
    found, _ = await merged(of, *_program(of, "{ items { tooMany @stream(initialCount: 1) { id } } }"))
    assert found.data == {"items": [{"tooMany": [{"id": "0"}, {"id": "1"}]}]}
    assert [(error["path"], error["extensions"]["code"]) for error in found.errors] == [
        (["items", 0, "tooMany"], "LIST_TOO_LONG")
    ]


async def test_what_breaks_while_it_yields_ends_its_list_and_is_masked() -> None:
    of = _world(1)
    found, _ = await merged(of, *_program(of, "{ items { breaks @stream(initialCount: 1) } }"))
    assert found.data == {"items": [{"breaks": ["one"]}]}
    assert [error["extensions"]["code"] for error in found.errors] == ["INTERNAL"]
    assert "hunter2" not in str(found.errors)
    found, _ = await merged(of, *_program(of, "{ items { breaks @stream(initialCount: 2) } }"))
    assert found.data == {"items": None}


@pytest.mark.parametrize("count", [1, 3])
async def test_what_yields_too_late_is_an_error_of_its_list(count: int) -> None:
    of = _world(1)
    question = Question(f"{{ items {{ words @stream(initialCount: {count}) }} }}", timeout=0.05)
    found, _ = await merged(of, question, Program(of.graph, in_parts(of, question)))
    assert [error["extensions"]["code"] for error in found.errors] == ["OPERATION_TIMEOUT"]
    assert closed == ["0"]


def _program(of: World, query: str) -> tuple[Question, Program]:
    question = Question(query)
    return question, Program(of.graph, in_parts(of, question))
