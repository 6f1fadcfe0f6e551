"""`bff-explain: plan`: what an operation would do and cost, asked over HTTP, and nothing called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio

from tests.explain.conftest import NESTED, Explained, explained

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Explained]:
    async with explained() as found:
        yield found


async def test_a_plan_is_told_and_no_service_is_called(gateway: Explained) -> None:
    gateway.forget()
    answer = await gateway.plan(NESTED)
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert "errors" not in answer.json()
    assert gateway.calls == 0
    plan = answer.json()["extensions"]["plan"]
    assert plan["allowed"] is True
    assert [(fetch["wave"], fetch["upstream"], fetch["call"]) for fetch in plan["fetches"]] == [
        (1, "posts", "GET /posts{?limit}"),
        (2, "users", "GET /users{?id*}"),
    ]
    assert plan["measures"]["price"] == {"value": 6 + 6 + 1 + 1, "most": 1000}
    assert plan["fields"] == [
        {"path": ["posts"], "coordinate": "Query.posts", "rows": 6, "calls": 1, "points": 7},
        {"path": ["posts", "author"], "coordinate": "Post.author", "rows": 6, "calls": 1, "points": 7},
    ]
    assert plan["warnings"] == []
    assert plan["complete"] is True


async def test_the_plan_stands_in_the_shape_of_federation_too(gateway: Explained) -> None:
    """As @graphql-hive/laboratory 0.3.0 reads it: Fetch, Flatten, Sequence, Parallel; paths of Field and "@"."""
    answer = await gateway.plan("{ posts(limit: 6) { name author { name } authorAlone { name } } }")
    assert answer.json()["extensions"]["queryPlan"] == {
        "kind": "QueryPlan",
        "node": {
            "kind": "Sequence",
            "nodes": [
                _fetch("posts", "GET /posts{?limit}"),
                {
                    "kind": "Parallel",
                    "nodes": [
                        {"kind": "Flatten", "path": [{"Field": "posts"}, "@"], "node": _fetch("users", call)}
                        for call in ("GET /users{?id*}", "GET /users/{id}")
                    ],
                },
            ],
        },
    }


async def test_without_a_call_there_is_a_plan_without_nodes(gateway: Explained) -> None:
    extensions = (await gateway.plan("{ __typename }")).json()["extensions"]
    assert extensions["queryPlan"] == {"kind": "QueryPlan"}
    assert extensions["plan"]["fetches"] == []


async def test_a_call_for_each_parent_is_warned_of(gateway: Explained) -> None:
    plan = (await gateway.plan("{ posts(limit: 6) { authorAlone { name } } }")).json()["extensions"]["plan"]
    assert plan["warnings"] == [
        {
            "kind": "N_PLUS_ONE",
            "message": "posts.authorAlone makes up to 6 calls of users GET /users/{id}, one per key: "
            "it has no form for many (N+1).",
            "path": ["posts", "authorAlone"],
        }
    ]


async def test_what_is_over_a_limit_is_explained_all_the_same(gateway: Explained) -> None:
    answer = await gateway.plan("{ posts(limit: 100) { author { posts { name } } } }")
    plan = answer.json()["extensions"]["plan"]
    assert (answer.status_code, plan["allowed"]) == (200, False)
    assert plan["errors"][0]["extensions"]["code"] == "OPERATION_TOO_EXPENSIVE"
    [warning] = plan["warnings"]
    assert warning["kind"] == "OVER_LIMIT"
    price = plan["measures"]["price"]
    assert f"over it by {price['value'] - price['most']}" in warning["message"]
    assert gateway.calls == 0


async def test_what_is_not_valid_is_refused_as_ever(gateway: Explained) -> None:
    answer = await gateway.plan("{ nobody }", accept="application/graphql-response+json")
    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_mutation_is_explained_and_not_run(gateway: Explained) -> None:
    gateway.forget()
    plan = (await gateway.plan('mutation { createPost(input: {name: "a", authorId: 1}) { __typename } }')).json()
    assert plan["extensions"]["plan"]["operation"]["kind"] == "mutation"
    assert plan["extensions"]["queryPlan"]["node"]["operationKind"] == "mutation"
    assert gateway.calls == 0


async def test_by_get_too(gateway: Explained) -> None:
    answer = await gateway.served.client.get("/graphql", params={"query": NESTED}, headers={"bff-explain": "plan"})
    assert answer.json()["extensions"]["plan"]["measures"]["upstreamCalls"]["value"] == 2


@pytest.mark.parametrize("value", ["yes", "PLAN", "plan, trace"])
async def test_another_word_is_a_mistake(gateway: Explained, value: str) -> None:
    answer = await gateway.ask(NESTED, value)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "The header 'bff-explain' must be plan or trace."


def _fetch(service: str, call: str) -> dict[str, Any]:
    return {
        "kind": "Fetch",
        "serviceName": service,
        "variableUsages": [],
        "operationKind": "query",
        "operation": call,
    }


async def test_a_document_that_was_only_explained_is_not_registered_by_its_name(gateway: Explained) -> None:
    name = {"persistedQuery": {"version": 1, "sha256Hash": sha256(NESTED.encode()).hexdigest()}}
    answer = await gateway.served.post({"query": NESTED, "extensions": name}, bff_explain="plan")
    assert answer.json()["extensions"]["plan"]["allowed"] is True
    refused = await gateway.served.post({"extensions": name})
    assert refused.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    await gateway.served.post({"query": NESTED, "extensions": name})
    answer = await gateway.served.post({"extensions": name}, bff_explain="plan")
    assert answer.json()["extensions"]["plan"]["allowed"] is True
