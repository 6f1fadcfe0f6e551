"""Operations that nobody waits for: they are observed all the same, and a shutdown waits for those that must end."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import strawberry

from bff import connect, constant, upstream
from bff.auth import Caller
from bff.envelope import Envelope
from bff.operation import Answer, Asking
from tests.kit import Bench, opened, reply

notes = upstream("notes")


@strawberry.type
class Query:
    @connect(notes.get("/count{?n}"), n=constant(1))
    def count(self) -> int | None: ...


@strawberry.type
class Mutation:
    @connect(notes.post("/notes", body="text"))
    def write(self, text: str) -> int | None: ...


def service(_: httpx.Request) -> httpx.Response:
    return reply(3)


@asynccontextmanager
async def abandoned(document: str) -> AsyncIterator[tuple[Bench, asyncio.Event]]:
    """A gateway whose one operation was cancelled while its service kept it waiting, until the event."""
    async with opened(strawberry.Schema(query=Query, mutation=Mutation), {"notes": service}) as bench:
        bench.services["notes"].gate = gate = asyncio.Event()
        leaving = asyncio.ensure_future(bench.ask(document))
        await bench.services["notes"].called(1)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        try:
            yield bench, gate
        finally:
            gate.set()


async def test_an_operation_that_nobody_waits_for_is_observed_once() -> None:
    for document, kind in (("query Q { count }", "query"), ('mutation Q { write(text: "x") }', "mutation")):
        async with abandoned(document) as (bench, gate):
            gate.set()
            await bench.gateway.operations.finished()
            (fact,) = bench.listener.operations
            assert (fact.name, fact.kind) == ("Q", kind)
            assert (fact.code, fact.status, fact.errors) == ("OPERATION_ABANDONED", 499, 1)


async def test_a_shutdown_waits_for_a_mutation_that_nobody_waits_for() -> None:
    async with abandoned('mutation { write(text: "x") }') as (bench, gate):
        (running,) = bench.gateway.operations.running
        closing = asyncio.ensure_future(bench.gateway.aclose())
        await asyncio.sleep(0)  # it has begun
        assert not closing.done()
        gate.set()
        await closing
        answer: Answer = running.result()
        assert answer.data == {"write": 3}
        assert not bench.gateway.operations.running


async def test_a_refusal_of_parts_that_nobody_waits_for_is_no_failure() -> None:
    said: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: said.append(told))
    poor = "auth: {anonymous: poor}\ntiers: {poor: {points_per_minute: 3, burst: 3}}"
    async with opened(strawberry.Schema(query=Query), {"notes": service}, poor) as bench:
        operations, caller = bench.gateway.operations, Caller("x", "poor")
        await operations.run(Asking(Envelope("{ count }"), caller))
        asking = Asking(Envelope("{ count ... @defer { a: count b: count } }"), caller, parts="2023")
        leaving = asyncio.ensure_future(operations.run(asking))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait({leaving})
        assert leaving.cancelled()
        await operations.finished()
    del leaving
    await asyncio.sleep(0)
    gc.collect()
    assert said == []
