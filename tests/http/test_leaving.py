"""Clients that hang up before the answer."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.types import Message

from bff.endpoint.leaving import Leave, Leaving
from bff.gateway import store
from bff.limits.memory import MemoryLedger
from bff.limits.quota import Standing
from bff.limits.store import Reservation
from tests.http.conftest import Served, serving, until
from tests.http.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALONE = """
auth: {anonymous: guest}
tiers: {guest: {points_per_minute: 1000000, burst: 1000000, share: false}}
"""
QUERY = "{ user(id: 1) { name } posts(limit: 2) { author { name } } }"
MUTATION = 'mutation { createPost(input: {name: "x", authorId: 1}) { ... on Post { id } } }'


async def asks(served: Served, query: str) -> Wire:
    body = json.dumps({"query": query}).encode()
    wire = await served.wire()
    lines = ("POST /graphql HTTP/1.1", "content-type: application/json", f"content-length: {len(body)}")
    await wire.send(*lines, body=body)
    return wire


async def test_when_the_client_hangs_up_its_query_ends_and_so_do_the_calls_it_made(served: Served) -> None:
    users = served.bench.services["users"]
    users.gate = asyncio.Event()
    wire = await asks(served, QUERY)
    await until(lambda: users.running > 0)
    await wire.close()
    await until(lambda: users.running == 0)
    await served.idle()
    assert not users.gate.is_set()
    await until(lambda: not served.bench.gateway.operations.running)
    assert served.bench.listener.failures == []


async def test_when_the_client_hangs_up_its_mutation_runs_to_its_end(served: Served) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    wire = await asks(served, MUTATION)
    await until(lambda: posts.running > 0)
    (running,) = served.bench.gateway.operations.running
    await wire.close()
    await served.idle()
    assert posts.running == 1
    posts.gate.set()
    assert (await running).data == {"createPost": {"id": "1"}}


async def test_a_hundred_clients_that_hang_up_leave_nothing_behind(served: Served) -> None:
    before = len(asyncio.all_tasks())
    users = served.bench.services["users"]
    users.gate = asyncio.Event()
    wires = [await asks(served, QUERY) for _ in range(100)]
    await until(lambda: users.running > 0)
    for wire in wires:
        await wire.close()
    await served.idle()
    await until(lambda: users.running == 0 and len(asyncio.all_tasks()) <= before)
    users.gate = None
    assert (await served.ask(QUERY)).status_code == 200


@pytest.mark.parametrize("query", ["{ total }", "{ nope }"])
async def test_an_answer_does_not_wait_for_the_client_to_leave(served: Served, query: str) -> None:
    wire = await asks(served, query)
    assert (await wire.answer()).status in {200, 400}
    await served.idle()
    await wire.close()


@pytest.mark.parametrize("turns", range(6))
async def test_who_leaves_at_the_moment_of_the_answer_ends_nothing_that_comes_after_it(turns: int) -> None:
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def answer() -> str:
        leaving = Leaving(receive)
        leaving.watch()
        try:
            await asyncio.sleep(0)
            gone.set()
            for _ in range(turns):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            assert leaving.left()
            return "left before"
        finally:
            leaving.end()
        for _ in range(5):  # the answer is being sent
            await asyncio.sleep(0)
        return "sent"

    assert await asyncio.ensure_future(answer()) in {"sent", "left before"}


class Server:
    """One that says itself that a client is gone."""

    def __init__(self) -> None:
        self.leave: Leave | None = None

    def tell(self, leave: Leave | None) -> None:
        self.leave = leave


async def _never() -> Message:
    raise AssertionError("nobody asks who is told")


async def test_whoever_does_something_is_told_that_the_client_is_gone_and_nothing_is_cancelled() -> None:
    server, told = Server(), list[str]()
    leaving = Leaving(_never, server.tell)
    assert leaving.watch(lambda: told.append("one"))
    assert leaving.watch(lambda: told.append("other"))
    assert server.leave is not None
    server.leave()
    assert leaving.watch(lambda: told.append("late"))
    await asyncio.sleep(0)
    leaving.end()
    assert told == ["one", "other", "late"]
    assert leaving.gone
    assert server.leave is None


async def test_where_something_cannot_be_told_the_task_is_cancelled() -> None:
    server = Server()

    async def answer() -> str:
        leaving = Leaving(_never, server.tell)
        try:
            assert not leaving.watch()
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return "given up" if leaving.left() else "told to stop"
        finally:
            leaving.end()
        return "done"

    task = asyncio.ensure_future(answer())
    await until(lambda: server.leave is not None)
    assert server.leave is not None
    server.leave()
    assert await task == "given up"


@pytest.mark.parametrize("query", ["{ never }", "{ user(id: 1) { posts { authorName } } }"])
async def test_what_a_stop_cuts_short_is_settled_before_the_accounts_are_closed(
    monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    events: list[str] = []

    class Noted:
        def __init__(self) -> None:
            self._ledger = MemoryLedger()
            self.reserve = self._ledger.reserve

        async def settle(self, reservation: Reservation, actual: int) -> Standing:
            events.append("settled")
            return await self._ledger.settle(reservation, actual)

        async def aclose(self) -> None:
            events.append("closed")
            await self._ledger.aclose()

    monkeypatch.setattr(store, "MemoryLedger", Noted)
    async with serving(ALONE) as served:
        served.bench.services["users"].gate = asyncio.Event()
        served.bench.services["posts"].gate = asyncio.Event()
        wire = await asks(served, query)
        await until(lambda: len(served.server.server_state.tasks) == 1)
    await wire.close()
    assert events[:2] == ["settled", "closed"]
    (fact,) = served.bench.listener.operations
    assert fact.code == "OPERATION_ABANDONED"


async def test_a_client_that_has_asked_for_more_than_it_waits_for_is_known_to_be_gone(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    posts = served.bench.services["posts"]
    posts.gate = asyncio.Event()
    body = json.dumps({"query": MUTATION}).encode()
    more = b"HEAD /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: gateway\r\n\r\n"
    wire = await served.wire()
    lines = ("POST /graphql HTTP/1.1", "content-type: application/json", f"content-length: {len(body)}")
    await wire.send(*lines, body=body + more + more)
    await until(lambda: posts.running > 0)
    await wire.close()
    await served.idle()
    posts.gate.set()
    await until(lambda: not served.bench.gateway.operations.running)
    assert [record.getMessage() for record in caplog.records if record.name == "bff.proxy.cycle"] == []
