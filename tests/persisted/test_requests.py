"""Requests that name their document, over a socket, in the shapes that clients expect."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bff.auth.keys import new_key
from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "query User($id: ID!) { user(id: $id) { name } }"
TRUSTED = "query Trusted { user(id: 1) { name } }"
CREATE = 'mutation { createPost(input: {name: "new", authorId: 1}) { __typename } }'
NUMBERS = count()
KEYS = {name: new_key() for name in ("app", "watched")}
NEWER = {"accept": "application/graphql-response+json"}
OLDER = {"accept": "application/json"}

SETTINGS = f"""
auth: {{anonymous: everybody}}
tiers:
  everybody: {{points_per_minute: 1000000, max_price: 10}}
  app: {{points_per_minute: 1000000, persisted: required}}
  watched: {{points_per_minute: 1000000, persisted: log-only}}
clients:
  app: {{tier: app, keys: [{{sha256: "{KEYS["app"][1]}"}}]}}
  watched: {{tier: watched, keys: [{{sha256: "{KEYS["watched"][1]}"}}]}}
"""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def hashed(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


def code(answer: httpx.Response) -> str | None:
    errors = answer.json().get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def manifest(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("manifest") / "documents.json"
    path.write_text(json.dumps({"trusted-1": TRUSTED}), "utf-8")
    return str(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_server(manifest: str) -> AsyncIterator[Served]:
    async with serving(f"{SETTINGS}persisted: {{manifests: ['{manifest}']}}") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def served(one_server: Served) -> AsyncIterator[Served]:
    yield one_server
    await one_server.forget()


@pytest.fixture
def query() -> str:
    """A text that no other test has."""
    return f"# {next(NUMBERS)}\n{QUERY}"


async def counted(served: Served, outcome: str, tier: str) -> float:
    line = f'bff_documents_total{{outcome="{outcome}",tier="{tier}"}} '
    lines = (await served.client.get("/metrics")).text.splitlines()
    return sum(float(each.removeprefix(line)) for each in lines if each.startswith(line))


async def by_hash(served: Served, text: str, **more: Any) -> httpx.Response:
    return await served.client.post("/graphql", json={"extensions": hashed(text), **more}, headers=NEWER)


async def test_a_hash_that_nobody_knows_is_a_miss_in_the_words_that_clients_look_for(
    served: Served, query: str
) -> None:
    answer = await by_hash(served, query)
    expected = {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
    assert answer.json() == {"errors": [expected]}
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")


async def test_for_who_takes_plain_json_alone_a_miss_has_status_200(served: Served, query: str) -> None:
    answer = await served.client.post("/graphql", json={"extensions": hashed(query)}, headers=OLDER)
    assert (answer.status_code, code(answer)) == (200, "PERSISTED_QUERY_NOT_FOUND")


async def test_what_was_sent_once_with_its_hash_runs_by_the_hash(served: Served, query: str) -> None:
    sent = await by_hash(served, query, query=query, variables={"id": "1"})
    by_post = await by_hash(served, query, variables={"id": "2"})
    parameters = {"extensions": json.dumps(hashed(query)), "variables": '{"id": "3"}'}
    by_get = await served.client.get("/graphql", params=parameters, headers=NEWER)
    names = [answer.json()["data"]["user"]["name"] for answer in (sent, by_post, by_get)]
    assert names == ["user 1", "user 2", "user 3"]


async def test_its_price_is_known_when_it_is_registered_and_is_that_of_its_name(served: Served, query: str) -> None:
    headers = {**NEWER, "bff-cost": "1"}
    body = {"extensions": hashed(query), "variables": {"id": "1"}}
    answers = [
        await served.client.post("/graphql", json=each, headers=headers) for each in ({**body, "query": query}, body)
    ]
    costs = [answer.json()["extensions"]["cost"] for answer in answers]
    assert costs[0]["requested"] == costs[1]["requested"] > 0
    assert costs[0]["actual"] == costs[1]["actual"] > 0


async def test_it_may_be_registered_by_get(served: Served, query: str) -> None:
    parameters = {"query": query, "variables": '{"id": 1}', "extensions": json.dumps(hashed(query))}
    await served.client.get("/graphql", params=parameters, headers=NEWER)
    assert code(await by_hash(served, query, variables={"id": "1"})) is None


@pytest.mark.parametrize("name", ["documentId", "doc_id"])
@pytest.mark.parametrize("prefix", ["", "sha256:"])
async def test_a_registered_hash_is_a_name_in_every_spelling(
    served: Served, query: str, name: str, prefix: str
) -> None:
    await by_hash(served, query, query=query, variables={"id": "1"})
    body = {name: prefix + digest(query), "variables": {"id": "1"}}
    answer = await served.client.post("/graphql", json=body, headers=NEWER)
    assert answer.json() == {"data": {"user": {"name": "user 1"}}}


async def test_a_hash_of_another_text_is_refused_and_registers_nothing(served: Served, query: str) -> None:
    answer = await by_hash(served, query, query="{ user(id: 1) { name } }")
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    assert code(await by_hash(served, query)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ posts(limit: 50) { name } }", "OPERATION_TOO_EXPENSIVE"),
    ],
)
async def test_what_is_refused_is_not_registered(served: Served, text: str, refusal: str) -> None:
    assert code(await by_hash(served, text, query=text)) == refusal
    assert code(await by_hash(served, text)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_who_is_not_let_in_registers_nothing(served: Served, query: str) -> None:
    headers = {**NEWER, "x-api-key": "nobody's"}
    answer = await served.client.post("/graphql", json={"query": query, "extensions": hashed(query)}, headers=headers)
    assert answer.status_code == 401
    assert code(await by_hash(served, query)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_trusted_document_is_known_by_its_hash_too(served: Served) -> None:
    assert (await by_hash(served, TRUSTED)).json() == {"data": {"user": {"name": "user 1"}}}


async def test_a_named_mutation_does_not_run_by_get(served: Served) -> None:
    await by_hash(served, CREATE, query=CREATE)
    answer = await served.client.get("/graphql", params={"documentId": digest(CREATE)}, headers=NEWER)
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": 5},
        {"documentId": ""},
        {"documentId": "x" * 257},
        {"documentId": "a", "doc_id": "b"},
        {"extensions": {"persistedQuery": 1}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a"}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"documentId": None, "doc_id": None, "extensions": {"persistedQuery": None}},
        {"documentId": "a", "query": 5},
    ],
    ids=str,
)
async def test_what_names_nothing_is_a_bad_request(served: Served, body: dict[str, Any]) -> None:
    answer = await served.client.post("/graphql", json=body, headers=NEWER)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_trusted_document_runs_by_its_name(served: Served) -> None:
    answer = await served.client.post("/graphql", json={"documentId": "trusted-1"}, headers=NEWER)
    assert answer.json() == {"data": {"user": {"name": "user 1"}}}


def as_client(name: str) -> dict[str, str]:
    return {**NEWER, "x-api-key": KEYS[name][0]}


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": "trusted-1"},
        {"doc_id": "trusted-1", "query": TRUSTED},
        {"query": TRUSTED},
        {"query": TRUSTED, "extensions": hashed(TRUSTED)},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "trusted-1"}}},
    ],
    ids=str,
)
async def test_where_trust_is_required_what_is_in_the_manifest_runs(served: Served, body: dict[str, Any]) -> None:
    answer = await served.client.post("/graphql", json=body, headers=as_client("app"))
    assert answer.json() == {"data": {"user": {"name": "user 1"}}}


async def test_where_trust_is_required_nothing_else_runs_whoever_registered_it(served: Served, query: str) -> None:
    await by_hash(served, query, query=query, variables={"id": "1"})
    served.bench.services["users"].calls.clear()
    for body in ({"query": query, "variables": {"id": "1"}}, {"extensions": hashed(query), "variables": {"id": "1"}}):
        answer = await served.client.post("/graphql", json=body, headers=as_client("app"))
        assert (answer.status_code, code(answer)) == (400, "DOCUMENT_NOT_TRUSTED")
    assert served.bench.services["users"].calls == []


async def test_where_trust_is_only_watched_everything_runs_and_is_told(served: Served) -> None:
    before = await counted(served, "logged", "watched")
    for body in ({"query": "query Own { user(id: 1) { name } }", "operationName": "Own"}, {"query": TRUSTED}):
        answer = await served.client.post("/graphql", json=body, headers=as_client("watched"))
        assert code(answer) is None
    assert await counted(served, "logged", "watched") == before + 1


async def test_every_refusal_is_an_operation_in_the_log_and_in_the_metrics(served: Served, query: str) -> None:
    before = await counted(served, "miss", "everybody"), await counted(served, "refused", "app")
    await by_hash(served, query)
    await served.client.post("/graphql", json={"query": query}, headers=as_client("app"))
    found = [(fact.client, fact.tier, fact.code) for fact in served.bench.listener.operations]
    assert found == [
        ("anonymous", "everybody", "PERSISTED_QUERY_NOT_FOUND"),
        ("app", "app", "DOCUMENT_NOT_TRUSTED"),
    ]
    assert await counted(served, "miss", "everybody") == before[0] + 1
    assert await counted(served, "refused", "app") == before[1] + 1


async def test_where_no_document_has_a_name_clients_are_told_to_stop_asking() -> None:
    async with serving("persisted: {automatic: false}") as served:
        answer = await by_hash(served, QUERY)
        assert answer.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
        assert code(answer) == "PERSISTED_QUERY_NOT_SUPPORTED"
        assert code(await by_hash(served, QUERY, query=QUERY, variables={"id": "1"})) is None
