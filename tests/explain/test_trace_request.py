"""`bff-explain: trace`: the operation runs, and its answer tells what really happened beside what was planned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bff.envelope import Envelope
from bff.explain import Explanations
from bff.operation import EVERYBODY, Asking
from bff.upstreams import NO_STORE
from tests.explain.conftest import NESTED, OPEN, Explained, explained
from tests.http.conftest import until
from tests.kit import opened
from tests.world import make_schema, posts_service, users_service

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Explained]:
    async with explained() as found:
        yield found


async def test_a_trace_has_the_data_the_plan_and_each_call_with_its_times(gateway: Explained) -> None:
    gateway.forget()
    answer = (await gateway.ask(NESTED, "trace")).json()
    assert len(answer["data"]["posts"]) == 6
    extensions = answer["extensions"]
    assert extensions["plan"]["measures"]["upstreamCalls"]["value"] == gateway.calls == 2
    assert extensions["queryPlan"]["kind"] == "QueryPlan"
    trace = extensions["trace"]
    first, second = trace["calls"]
    assert {name: first[name] for name in ("upstream", "call", "wave", "status", "error", "shared")} == {
        "upstream": "posts",
        "call": "GET /posts{?limit}",
        "wave": 1,
        "status": 200,
        "error": None,
        "shared": False,
    }
    assert (second["wave"], second["call"]) == (2, "GET /users{?id*}")
    assert 0 <= first["started"] <= second["started"]
    assert {"waited", "seconds", "cache", "bytes"} <= first.keys()
    assert (trace["upstreamCalls"], trace["shared"], trace["complete"]) == (2, False, True)
    assert trace["points"] == 14


async def test_what_is_refused_is_refused_without_an_explanation(gateway: Explained) -> None:
    answer = (await gateway.ask("{ posts(limit: 100) { author { posts { name } } } }", "trace")).json()
    assert set(answer) == {"errors"}


async def test_who_shared_the_work_of_an_equal_operation_is_told_so(gateway: Explained) -> None:
    gateway.forget()
    posts = gateway.served.bench.services["posts"]
    posts.gate = asyncio.Event()
    asked = [asyncio.ensure_future(gateway.ask(NESTED, "trace")) for _ in range(2)]
    await posts.called(1)
    flights = gateway.served.bench.gateway.operations.flights
    await until(lambda: any(flight.aboard == 2 for flight in flights._open.values()))
    posts.gate.set()
    traces = [(await answer).json()["extensions"]["trace"] for answer in asked]
    posts.gate = None
    assert sorted(trace["shared"] for trace in traces) == [False, True]
    assert [len(trace["calls"]) for trace in traces] == [2, 2]
    for trace in traces:  # the follower's calls are the leader's, and the first began before it came
        assert {call["shared"] for call in trace["calls"]} == {trace["shared"]}
        assert (trace["calls"][0]["started"] < 0) == trace["shared"]
    assert gateway.calls == 2


async def test_a_trace_is_kept_by_no_cache_even_where_the_answer_may_be() -> None:
    """Whoever asks for the same without the header must not get it."""

    def lasting(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=posts_service(request).json(), headers={"cache-control": "public, max-age=60"})

    async with opened(make_schema(), {"posts": lasting, "users": users_service}, OPEN, ", cache: {}") as bench:
        operations = bench.gateway.operations
        asking = Asking(Envelope("{ posts(limit: 2) { name } }"), EVERYBODY)
        assert (await operations.run(asking)).keeping != NO_STORE
        traced = await Explanations(operations).answer(asking, "trace")
    assert traced.keeping == NO_STORE
    assert [call["cache"] for call in traced.extensions["trace"]["calls"]] == ["hit"]


async def test_an_explained_operation_is_noted_once_and_a_plan_as_what_did_not_run(gateway: Explained) -> None:
    facts = gateway.served.bench.listener.operations
    facts.clear()
    await gateway.ask("query Named { posts(limit: 2) { name } }", "plan")
    await gateway.ask("query Named { posts(limit: 2) { name } }", "trace")
    await gateway.ask("{ nobody }", "plan")
    await gateway.ask("{ nobody }", "trace")
    await gateway.ask("{ nobody }", "what")
    assert [(fact.kind, fact.name, fact.code, fact.planned_calls, fact.upstream_calls) for fact in facts] == [
        ("explain", "Named", None, 1, 0),
        ("query", "Named", None, 1, 1),
        ("explain", None, "GRAPHQL_VALIDATION_FAILED", 0, 0),
        ("", None, "GRAPHQL_VALIDATION_FAILED", 0, 0),
        ("explain", None, "BAD_REQUEST", 0, 0),
    ]
