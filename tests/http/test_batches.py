"""Several operations in one request, as a JSON array."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bff.auth import Caller
from bff.auth.keys import new_key
from bff.batch import Batches
from bff.envelope import Batch, Envelope, from_json
from bff.operation import Asking
from tests.http.conftest import Served, serving, until
from tests.subscriptions.world import make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

POOR, POOR_SHA256 = new_key()
SETTINGS = f"""
limits: {{max_operations: 5}}
auth: {{anonymous: everybody}}
tiers:
  everybody: {{points_per_minute: 100000, max_concurrent: 1}}
  poor: {{points_per_minute: 10, burst: 12}}
clients:
  poor: {{tier: poor, keys: [{{sha256: "{POOR_SHA256}"}}]}}
"""
USER = "query User($id: ID!) { user(id: $id) { name } }"
CREATE = 'mutation Create($name: String!) { createPost(input: {name: $name, authorId: "1"}) { ... on Post { name } } }'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Served]:
    async with serving(SETTINGS) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    yield one_gateway
    await one_gateway.forget()


def user(number: int) -> dict[str, Any]:
    return {"query": USER, "variables": {"id": str(number)}}


def create(name: str) -> dict[str, Any]:
    return {"query": CREATE, "variables": {"name": name}}


def codes(answer: httpx.Response) -> list[str | None]:
    return [each["errors"][0]["extensions"]["code"] if "errors" in each else None for each in answer.json()]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
async def test_operations_are_answered_in_their_order(gateway: Served, accept: str) -> None:
    answer = await gateway.post([user(2), create("new"), user(1)], accept=accept)
    assert answer.status_code == 200
    assert answer.json() == [
        {"data": {"user": {"name": "user 2"}}},
        {"data": {"createPost": {"name": "new"}}},
        {"data": {"user": {"name": "user 1"}}},
    ]
    assert answer.headers["cache-control"] == "no-store"
    assert len(gateway.bench.listener.operations) == 3


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_each_has_its_own_errors_and_spoils_no_other(gateway: Served, accept: str) -> None:
    entries = [
        user(1),
        {"query": "{ nope }"},
        "{ total }",
        {"query": USER},
        [user(1)],
        {"query": "{"},
        {"query": "{ user(id: 1) { name boom } }"},
        {"variables": {}},
    ]
    found: list[str | None] = []
    for some in (entries[:4], entries[4:]):
        answer = await gateway.post(some, accept=accept)
        assert answer.status_code == 200
        found += codes(answer)
    refused = "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST", "BAD_USER_INPUT", "BAD_REQUEST", "GRAPHQL_PARSE_FAILED"
    assert found == [None, *refused, "INTERNAL", "BAD_REQUEST"]
    assert answer.json()[2]["data"] == {"user": {"name": "user 1", "boom": None}}


@pytest.mark.parametrize("entries", [[], [user(1)] * 6])
async def test_a_batch_of_none_or_of_too_many_is_400(gateway: Served, entries: list[Any]) -> None:
    answer = await gateway.post(entries)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert gateway.bench.urls == []


async def test_unless_batches_are_configured_an_array_is_400() -> None:
    async with serving() as served:
        answer = await served.post([user(1)])
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"].startswith("Batched operations are not accepted")


async def test_a_plan_is_not_had_in_a_batch(gateway: Served) -> None:
    answer = await gateway.post([user(1), user(2)], bff_explain="plan")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "Operations are explained one at a time."


async def test_deferred_parts_come_at_once_and_a_subscription_is_refused_by_itself() -> None:
    deferring, counting = {"query": "{ user(id: 1) { id ... @defer { name } } }"}, {"query": "subscription { count }"}
    async with serving("limits: {max_operations: 5}", make_schema()) as served:
        for accept in ("multipart/mixed;deferSpec=20220824, application/json", "text/event-stream"):
            answer = await served.post([deferring, counting], accept=accept)
            assert answer.headers["content-type"] == "application/json; charset=utf-8"
            assert codes(answer) == [None, "NOT_ACCEPTABLE"]
            assert answer.json()[0] == {"data": {"user": {"id": "1", "name": "user 1"}}}


async def test_what_a_batch_costs_is_the_sum_and_what_it_did_not_cost_is_given_back(gateway: Served) -> None:
    entries = [user(1), {"query": "{ nope }"}, create("new"), {"query": "{ posts(limit: 1) { id } }"}]
    answer = await gateway.post(entries, bff_cost="1", x_api_key=POOR)
    costs = [each["extensions"]["cost"] for each in answer.json() if "extensions" in each]
    spent = sum(cost["actual"] for cost in costs)
    assert spent == sum(fact.price for fact in gateway.bench.listener.operations)
    assert f"r={12 - spent}" in answer.headers["ratelimit"].replace(" ", "")
    assert len(costs) == 3


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_batch_over_the_quota_runs_in_no_part(accept: str) -> None:
    async with serving(SETTINGS) as served:
        await served.post([user(number) for number in range(4)], x_api_key=POOR)
        served.bench.services["users"].calls.clear()
        answer = await served.post([user(number) for number in range(4)], accept=accept, x_api_key=POOR)
        assert answer.status_code == 429
        assert codes(answer) == ["QUOTA_EXCEEDED"] * 4
        assert int(answer.headers["retry-after"]) > 0
        assert "ratelimit" in answer.headers
        assert served.bench.urls == []
        assert (await served.post([user(1)], x_api_key=POOR)).status_code == 200


async def test_a_batch_that_could_never_be_paid_at_once_is_too_expensive(gateway: Served) -> None:
    posts = {"query": "{ posts(limit: 8) { id } }"}
    assert codes(await gateway.post([posts])) == [None]
    (alone,) = gateway.bench.listener.operations
    assert alone.price < 12 < 2 * alone.price
    answer = await gateway.post([posts] * 2, accept="application/graphql-response+json", x_api_key=POOR)
    assert answer.status_code == 400
    assert codes(answer) == ["OPERATION_TOO_EXPENSIVE"] * 2


async def test_equal_queries_of_a_batch_share_one_execution(gateway: Served) -> None:
    answer = await gateway.post([user(7)] * 5)
    assert answer.json() == [{"data": {"user": {"name": "user 7"}}}] * 5
    assert gateway.bench.urls == ["/users?id=7"]


async def test_queries_run_side_by_side_and_a_mutation_between_those_before_and_those_after_it(
    gateway: Served,
) -> None:
    users, posts = gateway.bench.services["users"], gateway.bench.services["posts"]
    users.gate, posts.gate = asyncio.Event(), asyncio.Event()
    asked = asyncio.ensure_future(gateway.post([user(1), user(2), create("a"), user(3), create("b")]))
    await until(lambda: len(users.calls) == 2)
    assert posts.calls == []
    users.gate.set()
    await until(lambda: len(posts.calls) == 1)
    assert len(users.calls) == 2
    posts.gate.set()
    answer = await asked
    assert [next(iter(each["data"].values()))["name"] for each in answer.json()] == [
        "user 1",
        "user 2",
        "a",
        "user 3",
        "b",
    ]
    assert len(users.calls) == 3


async def test_operations_of_a_batch_may_be_named(gateway: Served) -> None:
    name = hashlib.sha256(USER.encode()).hexdigest()
    persisted = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}, "variables": {"id": "1"}}
    missed = await gateway.post([persisted, user(2)])
    assert codes(missed) == ["PERSISTED_QUERY_NOT_FOUND", None]
    await gateway.post([{**persisted, "query": USER}])
    assert (await gateway.post([persisted, user(2)])).json()[0] == {"data": {"user": {"name": "user 1"}}}


async def test_a_client_that_leaves_ends_the_queries_of_its_batch_and_not_its_mutations(gateway: Served) -> None:
    users, posts = gateway.bench.services["users"], gateway.bench.services["posts"]
    users.gate, posts.gate = asyncio.Event(), asyncio.Event()
    for entries, service in (([user(1), user(2)], users), ([create("a"), create("b")], posts)):
        body = json.dumps(entries).encode()
        wire = await gateway.wire()
        lines = ("POST /graphql HTTP/1.1", "content-type: application/json", f"content-length: {len(body)}")
        await wire.send(*lines, body=body)
        await service.called(1)
        await wire.close()
        await gateway.idle()
    await until(lambda: users.running == 0)
    assert posts.running == 1
    posts.gate.set()
    await until(lambda: not gateway.bench.gateway.operations.running)
    assert len(posts.calls) == 1
    users.gate.set()
    answer = await gateway.post([user(1)])  # nothing is held any more: the tier lets one request run at a time
    assert codes(answer) == [None]


async def test_a_client_that_leaves_before_anything_of_its_batch_has_begun_is_no_failure(gateway: Served) -> None:
    operations = gateway.bench.gateway.operations
    batches = Batches(operations, gateway.bench.gateway.persisted)
    asked = from_json(json.dumps([user(1), create("a")]).encode(), 2)
    assert isinstance(asked, Batch)
    answering = asyncio.ensure_future(batches.answer(Asking(Envelope(""), Caller("x", "everybody")), asked))
    await asyncio.sleep(0)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert gateway.bench.services["posts"].calls == []


async def test_malformed_json_is_400_for_the_whole(gateway: Served) -> None:
    for body in (b"[", b"[{]", b'[{"query": "{ total }", "query": "{ total }"}]'):
        answer = await gateway.post(body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
