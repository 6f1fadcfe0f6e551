"""`/graphql` and `/graphql/` are one place for every way to ask. No answer is a redirect; each says what chose it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from tests.http.conftest import Served, serving
from tests.http.test_negotiate import APOLLO
from tests.subscriptions.world import make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORIGIN = "https://app.example.com"
SETTINGS = f"""
limits: {{max_operations: 5}}
graphql: {{cors: {{origins: ['{ORIGIN}']}}}}
auth: {{anonymous: everybody}}
tiers: {{everybody: {{points_per_minute: 1000000}}}}
"""
MUTATION = 'mutation { createPost(input: {name: "x", authorId: 1}) { __typename } }'
TOTAL = {"query": "{ total }"}
COUNT = {"query": "subscription { count(to: 2) }"}
DEFERRED = {"query": "{ user(id: 1) { name ... @defer { friends { name } } } }"}
NAME = hashlib.sha256(b"{ total }").hexdigest()
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
PREFLIGHT = {
    "origin": ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type",
}
CHANGING = {"x-request-id", "date"}

ASKED: dict[str, tuple[int, dict[str, Any]]] = {
    "a query by POST": (200, {"method": "POST", "json": TOTAL}),
    "a query by GET": (200, {"method": "GET", "params": TOTAL}),
    "the head of a query": (200, {"method": "HEAD", "params": TOTAL}),
    "a document by its name": (200, {"method": "GET", "params": {"documentId": NAME}}),
    "a batch": (200, {"method": "POST", "json": [TOTAL, TOTAL]}),
    "a plan": (403, {"method": "POST", "json": TOTAL, "headers": {"bff-explain": "plan"}}),
    "server-sent events": (200, {"method": "POST", "json": COUNT, "headers": {"accept": "text/event-stream"}}),
    "server-sent events by GET": (200, {"method": "GET", "params": COUNT, "headers": {"accept": "text/event-stream"}}),
    "events in parts": (200, {"method": "POST", "json": COUNT, "headers": {"accept": APOLLO}}),
    "what is deferred": (200, {"method": "POST", "json": DEFERRED, "headers": {"accept": "multipart/mixed"}}),
    "the page": (200, {"method": "GET", "headers": {"accept": BROWSER}}),
    "the methods": (204, {"method": "OPTIONS"}),
    "a preflight": (204, {"method": "OPTIONS", "headers": PREFLIGHT}),
    "what is no request": (400, {"method": "POST", "content": b"{", "headers": {"content-type": "application/json"}}),
    "what does not fit the schema": (400, {"method": "POST", "json": {"query": "{ nope }"}}),
    "nothing": (400, {"method": "GET"}),
    "a bad credential": (401, {"method": "POST", "json": TOTAL, "headers": {"x-api-key": "nobody's"}}),
    "a mutation by GET": (405, {"method": "GET", "params": {"query": MUTATION}}),
    "another method": (405, {"method": "PUT", "json": TOTAL}),
    "what nobody can produce": (406, {"method": "POST", "json": TOTAL, "headers": {"accept": "image/png"}}),
    "a body over the limit": (413, {"method": "POST", "json": {"query": " " * 300_000}}),
    "another type": (415, {"method": "POST", "content": b"{ total }", "headers": {"content-type": "text/plain"}}),
}
EVENTS = [what for what in ASKED if "events" in what]  # no coding is chosen for them: they are never compressed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_server() -> AsyncIterator[Served]:
    async with serving(SETTINGS, make_schema()) as found:
        hashed = {"persistedQuery": {"version": 1, "sha256Hash": NAME}}
        assert (await found.post({**TOTAL, "extensions": hashed})).status_code == 200
        yield found


def told(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """All that a client sees, but for what is new in every answer."""
    text = answer.text.replace(answer.headers["x-request-id"], "") if "x-request-id" in answer.headers else answer.text
    return answer.status_code, {k: v for k, v in answer.headers.items() if k not in CHANGING}, text


@pytest.mark.parametrize("what", ASKED)
async def test_both_paths_answer_alike_without_a_redirect(served: Served, what: str) -> None:
    status, asked = ASKED[what]
    found = [await served.client.request(url=path, **asked) for path in ("/graphql", "/graphql/")]
    assert [answer.status_code for answer in found] == [status, status]
    if what != "the page":  # whose files stand below its path
        assert told(found[0]) == told(found[1])


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
async def test_a_socket_opens_at_both(served: Served, path: str) -> None:
    at = f"ws://127.0.0.1:{served.port}{path}"
    async with connect(at, subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}


@pytest.mark.parametrize("what", [what for what, (status, _) in ASKED.items() if status != 204])
async def test_every_answer_says_by_which_headers_it_was_chosen(served: Served, what: str) -> None:
    _, asked = ASKED[what]
    answer = await served.client.request(url="/graphql", **asked)
    chosen_by = {"Accept", "Origin"} if what in EVENTS else {"Accept", "Accept-Encoding", "Origin"}
    assert {each.strip() for each in answer.headers["vary"].split(",")} == chosen_by


@pytest.mark.parametrize("what", [what for what, (status, _) in ASKED.items() if status >= 400])
async def test_every_refusal_is_told_in_graphqls_form_with_a_code(served: Served, what: str) -> None:
    _, asked = ASKED[what]
    answer = await served.client.request(url="/graphql", **asked)
    (error,) = answer.json()["errors"]
    assert error["message"]
    assert error["extensions"]["code"]
    assert "data" not in answer.json()
