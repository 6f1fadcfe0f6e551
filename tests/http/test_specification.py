"""What GraphQL over HTTP demands of a server, sentence by sentence, where no other test here says it.

https://graphql.github.io/graphql-over-http/draft/; besides, its audits run in test_audits.py.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.http.conftest import Served
from tests.http.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMED = "application/json"
NEW = "application/graphql-response+json"
RECOMMENDED = f"{NEW}; charset=utf-8, {NAMED}; charset=utf-8"
TOTAL = '{"query": "{ total }"}'
MUTATION = 'mutation M { createPost(input: {name: "x", authorId: 1}) { __typename } }'


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


async def sent(wire: Wire, *lines: str, body: str = TOTAL) -> tuple[int, dict[str, str], Any]:
    await wire.send("POST /graphql HTTP/1.1", *lines, f"content-length: {len(body)}", body=body.encode())
    answer = await wire.answer()
    return answer.status, answer.headers, json.loads(answer.body)


# Media types


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "APPLICATION/JSON",
        "application/json; profile=x",
        "application/json;",
    ],
)
async def test_json_is_read_and_utf_8_is_assumed_if_no_encoding_is_given(served: Served, content_type: str) -> None:
    body = '{"query": "query($n: String!) { search(q: $n) { name } }", "variables": {"n": "Zoë 日本"}}'
    answer = await served.post(body.encode(), content_type=content_type)
    assert (answer.status_code, answer.json()["data"]["search"][0]["name"]) == (200, "post 7")


async def test_without_accept_the_newer_type_is_answered(served: Served) -> None:
    status, headers, body = await sent(await served.wire(), "content-type: application/json")
    assert (status, headers["content-type"], body) == (200, f"{NEW}; charset=utf-8", {"data": {"total": 3}})


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (RECOMMENDED, NEW),
        (f"{NAMED};q=0.9, {NEW};q=0.8", NAMED),
        (f"{NAMED};q=0.5, {NEW};q=0.6", NEW),
        (f"text/html, {NAMED}", NAMED),
        (f"application/xml, {NEW};q=0.1", NEW),
    ],
)
async def test_of_the_types_that_are_accepted_the_one_of_highest_priority_is_answered(
    served: Served, accept: str, media_type: str
) -> None:
    answer = await served.post(TOTAL.encode(), accept=accept)
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"


async def test_accept_may_come_in_several_fields(served: Served) -> None:
    lines = ("content-type: application/json", "accept: text/html", f"accept: {NEW}")
    status, headers, _ = await sent(await served.wire(), *lines)
    assert (status, headers["content-type"]) == (200, f"{NEW}; charset=utf-8")


# Requests


@pytest.mark.parametrize("accept", [NAMED, NEW])
@pytest.mark.parametrize(
    "members", [{"operationName": None, "variables": None, "extensions": None}, {"operationName": ""}, {"future": [1]}]
)
async def test_null_is_as_good_as_absent_and_members_that_are_unknown_are_ignored(
    served: Served, members: dict[str, Any], accept: str
) -> None:
    answer = await served.post({"query": "{ total }", **members}, accept=accept)
    assert answer.json() == {"data": {"total": 3}}


@pytest.mark.parametrize("accept", [NAMED, NEW])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"qeury": "{ total }"},
        {"query": None},
        {"query": ["{ total }"]},
        {"query": "{ total }", "operationName": 1},
        {"query": "{ total }", "variables": [7]},
        {"query": "{ total }", "variables": "{}"},
        {"query": "{ total }", "extensions": 0},
    ],
)
async def test_parameters_that_are_missing_or_of_a_wrong_type_are_400(
    served: Served, body: dict[str, Any], accept: str
) -> None:
    answer = await served.post(body, accept=accept)
    assert (answer.status_code, code(answer), "data" in answer.json()) == (400, "BAD_REQUEST", False)


async def test_parameters_of_a_post_are_in_its_body_and_not_in_its_url(served: Served) -> None:
    answer = await served.post(b"{}", path="/graphql?query={total}")
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    answer = await served.post(TOTAL.encode(), path="/graphql?query={nope}&operationName=x")
    assert answer.json() == {"data": {"total": 3}}


# GET


async def ask(served: Served, method: str = "GET", **parameters: str) -> httpx.Response:
    return await served.client.request(method, "/graphql", params=parameters, headers={"accept": NEW})


async def test_a_url_is_decoded_as_forms_are(served: Served) -> None:
    url = httpx.URL(served.url).copy_with(
        query=b"query=query($i:+ID!)+%7B+user(id:%24i)%7Bname%7D+%7D&variables=%7B%22i%22%3A1%7D&future=1"
    )
    assert (await served.client.get(url)).json() == {"data": {"user": {"name": "user 1"}}}


async def test_an_empty_operation_name_is_none_and_null_is_a_name(served: Served) -> None:
    two = "query null { total } query other { user(id: 1) { id } }"
    assert (await ask(served, query="{ total }", operationName="")).json() == {"data": {"total": 3}}
    assert (await ask(served, query=two, operationName="null")).json() == {"data": {"total": 3}}
    assert code(await ask(served, query=two, operationName="")) == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_mutation_by_a_safe_method_is_405_and_halts(served: Served, method: str) -> None:
    answer = await ask(served, method, query=MUTATION)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert served.bench.urls == []


async def test_a_query_beside_a_mutation_may_run_by_get(served: Served) -> None:
    answer = await ask(served, query=f"query Q {{ total }} {MUTATION}", operationName="Q")
    assert answer.json() == {"data": {"total": 3}}


# Statuses


@pytest.mark.parametrize(("accept", "refused"), [(NAMED, 200), (NEW, 400)])
@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nope }"},
        {"query": "query A { total } query B { total }"},
        {"query": "query Q($id: ID!) { user(id: $id) { id } }", "variables": {"id": None}},
    ],
)
async def test_a_request_error_has_the_status_of_its_media_type_and_no_data(
    served: Served, body: dict[str, Any], accept: str, refused: int
) -> None:
    answer = await served.post(body, accept=accept)
    assert (answer.status_code, "data" in answer.json()) == (refused, False)
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize("accept", [NAMED, NEW, "*/*"])
@pytest.mark.parametrize(
    ("query", "data"), [("{ user(id: 1) { boom } }", {"user": {"boom": None}}), ("{ total }", None)]
)
async def test_an_operation_that_ran_is_200_whatever_became_of_its_fields_even_if_its_data_is_null(
    served: Served, query: str, data: Any, accept: str
) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    posts = served.bench.services["posts"]
    handler, posts.handler = posts.handler, broken
    try:
        answer = await served.ask(query, accept=accept)
    finally:
        posts.handler = handler
    assert (answer.status_code, answer.json()["data"]) == (200, data)
    assert answer.json()["errors"]


@pytest.mark.parametrize("accept", [NAMED, NEW, "text/html"])
@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (("content-type: application/json",), "NONSENSE"),
        (("content-type: application/json",), ""),
        (("content-type: text/plain",), TOTAL),
        ((), TOTAL),
        (("content-type: application/json", "content-encoding: br"), TOTAL),
        (("content-type: application/json",), " " * 300_000),
    ],
)
async def test_whatever_is_wrong_with_a_request_is_4xx_and_said_in_graphqls_form(
    served: Served, lines: tuple[str, ...], body: str, accept: str
) -> None:
    status, headers, found = await sent(await served.wire(), *lines, f"accept: {accept}", body=body)
    assert 400 <= status < 500
    assert headers["content-type"].removesuffix("; charset=utf-8") in {NAMED, NEW}
    assert found["errors"][0]["message"]
    assert "data" not in found
