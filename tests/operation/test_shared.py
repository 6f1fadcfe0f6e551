"""Equal queries of the same moment are one execution, which belongs to none of those who asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest
import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from bff import connect, constant, field, requires, upstream
from bff.auth import Caller
from bff.envelope import Envelope
from bff.operation import EVERYBODY, OPEN, Answer, Asking
from bff.plan.context import Context
from bff.telemetry.metrics import MetricsObserver
from bff.upstreams import Request
from tests.kit import Bench, Service, opened, reply
from tests.upstream.calls import eventually

notes = upstream("notes")
users = upstream("users")
listed = notes.get("/notes{?n}", many=True)


@strawberry.type
class Note:
    text: str
    hidden: str | None = requires("notes:all")(field(path="text"))

    @field()
    def boom(self) -> str | None:
        raise RuntimeError("the password is hunter2")

    @field()
    async def boom_later(self) -> str | None:
        await asyncio.sleep(0)
        raise RuntimeError("the password is hunter2")

    @field()
    def seen(self, info: Info[Context, None]) -> str:
        """What code could find out of who asks, and should not."""
        scope = info.context.scope
        return f"{sorted(scope.claims.items())} {sorted(scope.scopes)} {sorted(scope.incoming)}"


@strawberry.type
class User:
    name: str


@strawberry.type
class Query:
    @connect(listed, assumed_size=10)
    def notes(self, n: int = 1) -> list[Note]: ...

    @connect(users.get("/me{?n}"), n=constant(1))
    def me(self) -> User | None: ...

    @field()
    async def never(self) -> str | None:
        await asyncio.Event().wait()
        return "never"

    @field(uses=[listed])
    async def told(self, info: Info[Context, None]) -> str:
        await info.context.load(listed, n=1)
        raise GraphQLError("in words of its own")

    @field()
    async def written(self, info: Info[Context, None]) -> int:
        """A query that writes: no service is safe from code."""
        return (await info.context.upstream("notes").post("/notes", json={})).status_code


@strawberry.type
class Mutation:
    @connect(notes.post("/notes", body="text"))
    def write(self, text: str) -> Note | None: ...


QUERY = "query Q($n: Int! = 1) { notes(n: $n) { text } }"
ANOTHER = "query  Q($n: Int! = 1) { notes(n: $n) { text } }"
TIERS = """
auth: {anonymous: guest}
tiers:
  guest: {points_per_minute: 600, burst: 600, max_concurrent: 100}
  partner: {points_per_minute: 600, burst: 600}
  alone: {points_per_minute: 600, burst: 600, share: false}
"""


@dataclass
class Alike(Bench):
    """Requests to one gateway whose services answer once they are let."""

    asked: Any = None

    def ask_for(
        self, query: str = QUERY, caller: Caller = EVERYBODY, trace_id: str = "", **more: Any
    ) -> asyncio.Future[Answer]:
        headers: Mapping[str, str] = more.pop("headers", {})
        trace_id = trace_id or f"trace-{next(self.asked)}"
        envelope = Envelope(query, variables=more)
        asking = Asking(envelope, caller, tuple(headers.items()), trace_id=trace_id, explain=True)
        return asyncio.ensure_future(self.gateway.operations.run(asking))

    async def together(self, *asked: asyncio.Future[Answer], calls: int = 1) -> list[Answer]:
        """What they come to, once the service was called so often and all of them wait."""
        await self.notes.called(calls)
        await settled()
        self.let()
        return await asyncio.gather(*asked)

    def let(self) -> None:
        for service in self.services.values():
            if service.gate:
                service.gate.set()

    @property
    def notes(self) -> Service:
        return self.services["notes"]


async def settled() -> None:
    """Turns of the event loop in which whatever can go on has gone on."""
    for _ in range(60):
        await asyncio.sleep(0)


@asynccontextmanager
async def alike(settings: str = "", policies: str = ", coalesce: false", forward: str = "") -> AsyncIterator[Alike]:
    numbers = count(1)

    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/me":
            return reply({"name": request.headers.get("authorization", "nobody")})
        return reply({"text": "t"} if request.method == "POST" else [{"text": f"call {next(numbers)}"}])

    schema = strawberry.Schema(query=Query, mutation=Mutation)
    services = {"notes": service, "users": service}
    async with opened(schema, services, settings, policies, forward=forward) as bench:
        for each in bench.services.values():
            each.gate = asyncio.Event()
        yield Alike(bench.gateway, bench.services, bench.listener, count(1))


async def test_equal_queries_of_the_same_moment_are_one_execution() -> None:
    async with alike() as bench:
        answers = await bench.together(*(bench.ask_for() for _ in range(5)))
        assert [answer.data for answer in answers] == [{"notes": [{"text": "call 1"}]}] * 5
        assert len({answer.text for answer in answers}) == 1
        assert bench.urls == ["/notes?n=1"]
        assert [fact.shared for fact in bench.listener.operations] == [False, True, True, True, True]
        assert [fact.upstream_calls for fact in bench.listener.operations] == [1, 0, 0, 0, 0]
        assert len(bench.gateway.operations.flights) == 0


async def test_those_who_come_when_it_has_landed_get_an_execution_of_their_own() -> None:
    async with alike() as bench:
        await bench.together(bench.ask_for())
        assert (await bench.ask_for()).data == {"notes": [{"text": "call 2"}]}


async def test_who_shares_pays_as_if_alone() -> None:
    async with alike(TIERS) as bench:
        callers = [Caller("anonymous", "guest"), Caller("other", "guest"), Caller("other", "guest")]
        answers = await bench.together(*(bench.ask_for(caller=caller) for caller in callers))
        assert len(bench.urls) == 1
        paid = [answer.extensions["cost"] for answer in answers]
        assert [cost["actual"] for cost in paid] == [2, 2, 2]  # a row and a call
        assert paid[0]["remaining"] == 598
        assert {cost["remaining"] for cost in paid[1:]} == {600 - 2 - 11, 600 - 2 - 2}  # 11 were held, for ten rows


async def test_who_has_no_points_left_does_not_share() -> None:
    tiers = "auth: {anonymous: guest}\ntiers: {guest: {points_per_minute: 60, burst: 15}}"
    async with alike(tiers) as bench:
        poor, rich = Caller("poor", "guest"), Caller("rich", "guest")
        first = bench.ask_for(caller=poor)
        await bench.notes.called(1)
        refused = await bench.ask_for(caller=poor)  # the first one's 11 points are held
        assert [error["extensions"]["code"] for error in refused.errors] == ["QUOTA_EXCEEDED"]
        answers = await bench.together(first, bench.ask_for(caller=rich))
        assert [answer.errors for answer in answers] == [[], []]
        assert len(bench.urls) == 1


async def test_a_metric_counts_what_was_shared() -> None:
    metrics = MetricsObserver(["anonymous"])
    async with alike() as bench:
        await bench.together(*(bench.ask_for() for _ in range(3)))
        for fact in bench.listener.operations:
            metrics.operation(fact)
    assert f'bff_operations_shared_total{{tier="{OPEN}"}} 2.0' in metrics.render()[0].decode()


@pytest.mark.parametrize("leaving", [0, 1, 2])
async def test_whoever_leaves_fails_nobody_else(leaving: int) -> None:
    async with alike() as bench:
        asked = [bench.ask_for() for _ in range(3)]
        await bench.notes.called(1)
        await settled()
        asked[leaving].cancel()
        await settled()
        assert asked[leaving].cancelled()
        del asked[leaving]
        for answer in await bench.together(*asked):
            assert (answer.data, answer.errors) == ({"notes": [{"text": "call 1"}]}, [])
        assert len(bench.urls) == 1


@pytest.mark.parametrize("query", [QUERY, "{ never }"])
async def test_the_last_who_leaves_ends_it_and_nothing_is_left_running(query: str) -> None:
    async with alike() as bench:
        before = asyncio.all_tasks()
        asked = [bench.ask_for(query) for _ in range(3)]
        await settled()
        for each in asked:
            assert len(bench.gateway.operations.flights) == 1
            each.cancel()
        await asyncio.wait(asked)
        await eventually(lambda: not bench.gateway.operations.running)
        assert len(bench.gateway.operations.flights) == 0
        assert bench.notes.running == 0
        await eventually(lambda: asyncio.all_tasks() == before)
        assert {fact.code for fact in bench.listener.operations} == {"OPERATION_ABANDONED"}


async def test_who_comes_when_all_have_left_gets_an_execution_of_its_own() -> None:
    async with alike() as bench:
        gone = bench.ask_for()
        await bench.notes.called(1)
        gone.cancel()
        await asyncio.wait({gone})
        (answer,) = await bench.together(bench.ask_for(), calls=2)
        assert (answer.errors, len(bench.urls)) == ([], 2)


async def test_who_leaves_before_it_has_boarded_harms_nobody() -> None:
    async with alike() as bench:
        first = bench.ask_for()
        hasty = bench.ask_for()
        await asyncio.sleep(0)
        hasty.cancel()
        (answer,) = await bench.together(first)
        assert (answer.errors, len(bench.urls)) == ([], 1)


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "equal variables in another order": ({"x": 1, "n": 2}, {"n": 2, "x": 1}, 1),
    "variables": ({"n": 1}, {"n": 2}, 2),
    "the text of the document": ({"query": QUERY}, {"query": ANOTHER}, 2),
    "a header that goes to the service": ({"headers": {"authorization": "a"}}, {"headers": {"authorization": "b"}}, 2),
    "a header that one has not": ({"headers": {"authorization": "a"}}, {}, 2),
    "a header that goes to nobody": ({"headers": {"x-other": "a"}}, {"headers": {"x-other": "b"}}, 1),
    "a claim that goes to the service": (
        {"caller": Caller("a", "guest", claims={"sub": "a"})},
        {"caller": Caller("a", "guest", claims={"sub": "b"})},
        2,
    ),
    "a claim that goes to nobody": (
        {"caller": Caller("a", "guest", claims={"other": "a"})},
        {"caller": Caller("a", "guest", claims={"other": "b"})},
        1,
    ),
    "the client": ({"caller": Caller("a", "guest")}, {"caller": Caller("b", "guest")}, 1),
    "the tier": ({"caller": Caller("a", "guest")}, {"caller": Caller("a", "partner")}, 2),
    "scopes of its fields": (
        {"query": "{ notes { hidden } }"},
        {"query": "{ notes { hidden } }", "caller": Caller("a", "guest", scopes=frozenset({"notes:all"}))},
        2,
    ),
    "scopes of no field": (
        {"caller": Caller("a", "guest", scopes=frozenset({"a"}))},
        {"caller": Caller("a", "guest", scopes=frozenset({"b"}))},
        1,
    ),
}


@pytest.mark.parametrize(("one", "other", "calls"), DIFFERENT.values(), ids=DIFFERENT.keys())
async def test_what_can_change_the_answer_parts_and_nothing_else(
    one: dict[str, Any], other: dict[str, Any], calls: int
) -> None:
    guest = Caller("a", "guest")
    async with alike(TIERS, ", coalesce: false, claims: {x-user: sub}", forward="authorization") as bench:
        await bench.together(*(bench.ask_for(**{"caller": guest, **each}) for each in (one, other)), calls=calls)
        assert len(bench.urls) == calls
        assert sum(fact.shared for fact in bench.listener.operations) == 2 - calls


async def test_what_goes_to_a_service_of_another_plan_parts_nobody() -> None:
    async with alike(forward="authorization") as bench:
        settings = bench.gateway.upstreams["notes"].settings
        object.__setattr__(settings, "forward", frozenset())  # notes are told nothing, users are
        asked = [bench.ask_for(headers={"authorization": who}) for who in "ab"]
        await bench.together(*asked)
        assert len(bench.urls) == 1
        asked = [bench.ask_for("{ notes { text } me { name } }", headers={"authorization": who}) for who in "ab"]
        answers = await asyncio.gather(*asked)
        assert [(answer.data or {})["me"] for answer in answers] == [{"name": "a"}, {"name": "b"}]


async def test_code_finds_nothing_in_its_scope_that_is_another_callers() -> None:
    """It may call any service, and look about: whoever shares with it must be told apart by nothing that it sees."""
    callers = [
        Caller("a", "guest", claims={"sub": "a"}),
        Caller("a", "guest", claims={"sub": "b"}),
        Caller("a", "guest", scopes=frozenset({"any"})),
    ]
    sent: list[dict[str, str]] = [{"authorization": "a"}, {"authorization": "b"}, {"x-other": "a"}, {"x-other": "b"}]
    async with alike(TIERS, forward="authorization") as bench:
        bench.let()
        who = [(caller, headers) for caller in callers for headers in sent for _ in range(2)]
        asked = [bench.ask_for("{ notes { seen } }", caller, headers=headers) for caller, headers in who]
        for (caller, headers), answer in zip(who, await asyncio.gather(*asked), strict=True):
            told = sorted(pair for pair in headers.items() if pair[0] == "authorization")
            expected = f"{sorted(caller.claims.items())} {sorted(caller.scopes)} {told}"
            assert answer.data == {"notes": [{"seen": expected}]}
        assert len(bench.urls) == 3 * 3


async def test_mutations_are_never_shared() -> None:
    async with alike() as bench:
        query = 'mutation { write(text: "x") { text } }'
        await bench.together(*(bench.ask_for(query) for _ in range(3)), calls=3)
        assert bench.urls == ["/notes"] * 3
        assert not any(fact.shared for fact in bench.listener.operations)


async def test_a_tier_can_do_without() -> None:
    async with alike(TIERS) as bench:
        alone = Caller("a", "alone")
        await bench.together(*(bench.ask_for(caller=alone) for _ in range(3)), calls=3)
        assert not any(fact.shared for fact in bench.listener.operations)


@pytest.mark.parametrize("failing", ["boom", "boomLater"])
async def test_an_error_has_the_trace_id_of_each_caller_and_is_logged_under_it(failing: str) -> None:
    async with alike() as bench:
        query = f"{{ notes {{ {failing} }} }}"
        answers = await bench.together(*(bench.ask_for(query, trace_id=f"id-{at}") for at in range(3)))
        assert len(bench.urls) == 1
        for at, answer in enumerate(answers):
            (error,) = answer.errors
            assert error["extensions"] == {"code": "INTERNAL", "traceId": f"id-{at}"}
            assert error["path"] == ["notes", 0, failing]
            assert f"id-{(at + 1) % 3}" not in answer.text.decode()
        assert [trace_id for trace_id, _, _ in bench.listener.failures] == ["id-0", "id-1", "id-2"]
        assert {repr(error) for _, _, error in bench.listener.failures} == {"RuntimeError('the password is hunter2')"}


async def test_an_error_of_code_in_its_own_words_is_told_to_all() -> None:
    async with alike() as bench:
        answers = await bench.together(*(bench.ask_for("{ told }") for _ in range(2)))
        assert [answer.errors[0]["message"] for answer in answers] == ["in words of its own"] * 2


async def mutation(bench: Alike) -> None:
    assert not (await bench.ask_for('mutation { write(text: "x") { text } }')).errors


async def code(bench: Alike) -> None:
    assert (await bench.ask_for("{ written }")).data == {"written": 200}


async def route(bench: Alike) -> None:
    sender = bench.gateway.upstreams["notes"].streaming(5.0, 5.0)  # what passes through goes by this
    (await sender.send(Request("POST", "/notes", asyncio.get_running_loop().time() + 5))).close()


@pytest.mark.parametrize("policies", ["", ", coalesce: false"])
@pytest.mark.parametrize("write", [mutation, code, route])
async def test_who_asks_after_a_write_does_not_get_what_began_before_it(
    write: Callable[[Alike], Awaitable[None]], policies: str
) -> None:
    """What began before may have been read before: who knows that a write is done must see what it did."""
    async with alike(policies=policies) as bench:
        before = bench.ask_for()
        await bench.notes.called(1)
        await settled()
        gate, bench.notes.gate = bench.notes.gate, None  # all but the first are answered at once
        await write(bench)
        after = await bench.ask_for()
        assert gate is not None
        assert not before.done()
        gate.set()
        assert after.data == {"notes": [{"text": "call 1"}]}
        assert (await before).data == {"notes": [{"text": "call 2"}]}
        assert not any(fact.shared for fact in bench.listener.operations)


async def test_who_asks_while_a_write_is_under_way_may_share() -> None:
    """Nobody can know of it yet."""
    async with alike() as bench:
        before = bench.ask_for()
        await bench.notes.called(1)
        writing = bench.ask_for('mutation { write(text: "x") { text } }')
        await bench.notes.called(2)
        await bench.together(before, writing, bench.ask_for(), calls=2)
        assert sum(fact.shared for fact in bench.listener.operations) == 1


# The execution ends with the time of who set out first. Time is the loop's, so a short one has to pass.

SHORT = "limits: {timeout: 600ms}"


async def test_who_has_time_left_is_not_failed_by_the_deadline_of_who_set_out_first() -> None:
    async with alike(SHORT) as bench:
        first = bench.ask_for()
        await bench.notes.called(1)
        await asyncio.sleep(0.2)
        others = [bench.ask_for() for _ in range(20)]
        (error,) = (await first).errors
        assert error["extensions"]["code"] == "UPSTREAM_TIMEOUT"
        bench.let()
        assert [answer.errors for answer in await asyncio.gather(*others)] == [[]] * 20
        assert len(bench.urls) < 1 + len(others)  # they set out together


async def test_who_comes_when_little_time_is_left_sets_out_alone() -> None:
    async with alike(SHORT) as bench:
        first = bench.ask_for()
        await bench.notes.called(1)
        await asyncio.sleep(0.4)
        second = bench.ask_for()
        await bench.notes.called(2)
        third = bench.ask_for()  # goes with the second
        answers = await bench.together(second, third, calls=2)
        assert [answer.errors for answer in answers] == [[], []]
        assert len(bench.urls) == 2
        await first


async def test_a_service_that_is_too_slow_for_all_is_not_asked_again_by_each() -> None:
    async with alike(policies=", coalesce: false, timeout: 50ms") as bench:
        answers = await asyncio.gather(*(bench.ask_for() for _ in range(5)))
        assert {answer.errors[0]["extensions"]["code"] for answer in answers} == {"UPSTREAM_TIMEOUT"}
        assert len(bench.urls) == 1
