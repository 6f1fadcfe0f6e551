"""What runs after what, what runs together, and how many tasks that takes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
import strawberry

from bff import connect, constant, field, upstream
from bff.upstreams import Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, world

shop = upstream("shop")
by_ids = shop.get("/items{?id*}", key="id", max_batch=10_000)
listed = shop.get("/items/list", many=True)
made_known = shop.post("/items{?label}")

PATIENCE = 30  # seconds for what takes milliseconds


class Meeting:
    """Where all who are expected must have come before anybody goes on."""

    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._all_here = asyncio.Event()

    async def join(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self._all_here.set()
        async with asyncio.timeout(PATIENCE):
            await self._all_here.wait()


meeting: Meeting


@strawberry.type
class Item:
    id: strawberry.ID
    next: "Item | None" = connect(by_ids, id="next_id")  # noqa: UP037 - strawberry reads it

    @strawberry.field
    async def met(self) -> bool:
        await meeting.join()
        return True

    @strawberry.field
    async def met_too(self) -> list[bool]:
        async def late() -> bool:
            await meeting.join()
            return True

        return [late(), late()]  # type: ignore[list-item]

    @field(uses=[by_ids])
    async def loaded(self, info: strawberry.Info) -> "Item | None":  # noqa: UP037 - strawberry reads it
        found: Item | None = await info.context.load(by_ids, id=self.id)
        return found


@strawberry.type
class Query:
    items: list[Item] = connect(listed, assumed_size=1_000)

    @strawberry.field
    async def met(self) -> list[bool]:  # type: ignore[misc]  # an asynchronous generator is a list to clients
        await meeting.join()
        yield True


@strawberry.type
class Mutation:
    @connect(made_known)
    def make(self, label: str) -> Item | None:
        """One more item."""

    fixed: Item | None = connect(made_known, label=constant("fixed"))

    @strawberry.field
    async def code(self, name: str) -> str:
        done.append(f"{name} begins")
        await asyncio.sleep(0)
        done.append(f"{name} ends")
        return name

    @strawberry.field
    def at_once(self, name: str) -> str:
        done.append(f"{name} at once")
        return name


done: list[str] = []


def _world(rows: int) -> World:
    def answer(request: Request) -> Any:
        done.append(f"{request.method} {request.target[:21]}")
        if request.method == "POST":
            return {"id": 1, "next_id": 2}
        if request.label == listed.label:
            return [{"id": at, "next_id": at + 1} for at in range(rows)]
        return [{"id": at, "next_id": at + 1} for at in range(rows + 5)]

    done.clear()
    return world(strawberry.Schema(query=Query, mutation=Mutation), {"shop": Faked(answer)})


ways = pytest.mark.parametrize("way", [World.general, World.generated], ids=["general", "generated"])
Way = Callable[[World, Question], Any]


@ways
async def test_each_change_is_made_when_the_one_before_it_is_done_to_its_end(way: Way) -> None:
    of = _world(1)
    question = Question("""mutation {
        one: make(label: "a") { next { next { id } } }
        two: code(name: "b")
        three: atOnce(name: "c")
        fixed { id }
        four: make(label: "d") { next { id } }
    }""")
    expected = await of.by_core(question)
    by_core = list(done)
    done.clear()
    found = await of.by_program(question, way(of, question))
    assert (found.data, found.errors) == (expected.data, [])
    assert done == by_core
    made = [each for each in done if not each.startswith("GET")]
    names = ["POST /items?label=a", "b begins", "b ends", "c at once", "POST /items?label=fixed", "POST /items?label=d"]
    assert made == names
    assert done.index("GET /items?id=3") < done.index("b begins")


@ways
async def test_code_that_waits_runs_side_by_side_for_all_objects_and_fields_of_a_wave(way: Way) -> None:
    global meeting  # noqa: PLW0603 - where code of this test's types meets
    of = _world(3)
    question = Question("{ met items { met metToo again: met } }")
    program = way(of, question)
    meeting = Meeting(3 * (1 + 2 + 1))
    found = await of.by_program(question, program)
    assert not found.errors
    assert found.data["items"] == [{"met": True, "metToo": [True, True], "again": True}] * 3


@contextmanager
def _counted() -> Any:
    """How many tasks are begun."""
    begun = Counter[str]()
    loop = asyncio.get_running_loop()

    def factory(loop: Any, work: Any, **options: Any) -> Any:
        begun[getattr(work, "__qualname__", type(work).__name__)] += 1  # machine code has no such name
        return asyncio.Task(work, loop=loop, **options)

    loop.set_task_factory(factory)
    try:
        yield begun
    finally:
        loop.set_task_factory(None)


@ways
async def test_loads_take_as_many_tasks_for_a_thousand_rows_as_for_two(way: Way) -> None:
    question = Question("{ items { next { next { id } too: next { id } } } }")
    counts = []
    for rows in (2, 1_000):
        of = _world(rows)
        program = way(of, question)
        with _counted() as begun:
            found = await of.by_program(question, program)
        assert not found.errors
        assert len(found.data["items"]) == rows
        assert found.calls == {listed.label: 1, by_ids.label: 2}
        counts.append(begun)
    assert counts[0] == counts[1]


@ways
async def test_what_code_loads_for_all_objects_is_one_call(way: Way) -> None:
    of = _world(30)
    question = Question("{ items { loaded { id loaded { id } } } }")
    found = await of.by_program(question, way(of, question))
    assert not found.errors
    assert found.calls == {listed.label: 1, by_ids.label: 1}
