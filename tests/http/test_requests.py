"""What arrives over a socket, and with which status and headers it is answered."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN_FIELD = "{\n  nope\n}"
NAMED = "application/json"
NEW = "application/graphql-response+json"
MUTATION = 'mutation M { createPost(input: {name: "x", authorId: 1}) { __typename } }'


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


async def test_an_operation_is_answered_in_json(served: Served) -> None:
    answer = await served.ask("query Q($id: ID!) { user(id: $id) { name } }", {"id": 1})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"user": {"name": "user 1"}}}


@pytest.mark.parametrize(
    ("query", "variables", "refused_with"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        (UNKNOWN_FIELD, None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { total } query B { total }", None, "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on User { id }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query Q($id: ID!) { user(id: $id) { id } }", {}, "BAD_USER_INPUT"),
        ("query Q($id: ID!) { user(id: $id) { id } }", {"id": [1]}, "BAD_USER_INPUT"),
        ("{ " + " ".join(f"a{n}: total" for n in range(21)) + " }", None, "OPERATION_TOO_COMPLEX"),
        ("{ posts(limit: 100) { author { posts { author { id } } } } }", None, "OPERATION_TOO_EXPENSIVE"),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(NAMED, 200), (NEW, 400), ("*/*", 400)])
async def test_an_operation_that_is_refused_has_the_status_its_client_expects_and_no_data(
    served: Served, query: str, variables: dict[str, Any] | None, refused_with: str, accept: str, status: int
) -> None:
    answer = await served.ask(query, variables, accept=accept)
    assert answer.status_code == status
    assert "data" not in answer.json()
    assert code(answer) == refused_with
    assert served.bench.urls == []


async def test_an_unknown_field_is_refused_with_its_position(served: Served) -> None:
    answer = await served.ask(UNKNOWN_FIELD)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["message"] == "Cannot query field 'nope' on type 'Query'."
    assert error["locations"] == [{"line": 2, "column": 3}]


async def test_of_several_operations_the_named_one_runs(served: Served) -> None:
    document = "query A { user(id: 1) { id } } query B { total }"
    for name, data in {"A": {"user": {"id": "1"}}, "B": {"total": 3}}.items():
        answer = await served.post({"query": document, "operationName": name})
        assert answer.json() == {"data": data}
    answer = await served.post({"query": document, "operationName": "C"})
    assert (answer.status_code, code(answer)) == (400, "OPERATION_RESOLUTION_FAILURE")
    assert answer.json()["errors"][0]["message"] == 'The document has no operation named "C".'


@pytest.mark.parametrize("accept", [NAMED, NEW, "*/*"])
@pytest.mark.parametrize("body", [b"{", b"null", b"[]", b'{"query": 5}', b'{"query": "{ total }", "variables": []}'])
async def test_what_is_not_a_request_is_400_for_everybody(served: Served, body: bytes, accept: str) -> None:
    answer = await served.post(body, accept=accept)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    assert "data" not in answer.json()


@pytest.mark.parametrize("accept", [NAMED, NEW, "*/*"])
async def test_errors_of_an_operation_that_ran_keep_status_200_and_the_data(served: Served, accept: str) -> None:
    answer = await served.ask("{ user(id: 1) { name boom } }", accept=accept)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"user": {"name": "user 1", "boom": None}}
    assert code(answer) == "INTERNAL"


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
async def test_a_body_that_is_not_declared_as_json_is_415(served: Served, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = await served.client.post("/graphql", content=b'{"query": "{ total }"}', headers=headers)
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["accept"] == "application/json"
    assert served.bench.urls == []


async def test_text_of_every_language_goes_both_ways(served: Served) -> None:
    mutation = "mutation M($name: String!) { createPost(input: {name: $name, authorId: 1}) { ... on Post { name } } }"
    for name in ("Zoë 🏊 日本", "\u202eright to left", "a\u0000b", "\u2028", "x" * 200_000):
        answer = await served.ask(mutation, {"name": name}, content_type="application/json; charset=utf-8")
        assert answer.json() == {"data": {"createPost": {"name": name}}}
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
async def test_a_query_comes_by_get_too(served: Served, path: str) -> None:
    parameters = {"query": "query Q($id: ID!) { user(id: $id) { name } }", "variables": '{"id": 1}', "extensions": "{}"}
    answer = await served.client.get(path, params=parameters)
    assert answer.status_code == 200
    assert answer.json() == {"data": {"user": {"name": "user 1"}}}


@pytest.mark.parametrize("accept", [NAMED, NEW, "*/*"])
@pytest.mark.parametrize("query", [MUTATION, "query Q { total } " + MUTATION])
async def test_a_mutation_by_get_is_405_and_nothing_is_executed(served: Served, query: str, accept: str) -> None:
    parameters = {"query": query, "operationName": "M"}
    answer = await served.client.get("/graphql", params=parameters, headers={"accept": accept})
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"
    assert served.bench.urls == []


@pytest.mark.parametrize(
    "query_string",
    [
        b"",
        b"query=",
        b"query={total}&variables={",
        b"query={total}&variables=[]",
        b"query={total}&query={total}",
        b"query=%ff",
        b"query=%ed%a0%80",
        b"query={total}&" + b"&".join(b"p%d=1" % n for n in range(200)),
    ],
    ids=lambda value: value[:30].decode(),
)
async def test_a_query_string_that_is_not_a_request_is_400(served: Served, query_string: bytes) -> None:
    url = httpx.URL(served.url).copy_with(query=query_string)
    answer = await served.client.get(url)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
    assert served.bench.urls == []


async def test_a_query_string_over_the_limit_of_a_body_is_413() -> None:
    async with serving("limits: {max_body: 1KiB}") as served:
        answer = await served.client.get("/graphql", params={"query": "{ total }" + " " * 2_000})
        assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")
        assert served.bench.urls == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_405_and_learn_which_there_are(served: Served, method: str) -> None:
    answer = await served.client.request(method, "/graphql", json={"query": "{ total }"})
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert served.bench.urls == []


async def test_options_tells_the_methods(served: Served) -> None:
    answer = await served.client.options("/graphql")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_head_is_get_without_the_body(served: Served) -> None:
    get = await served.client.get("/graphql", params={"query": "{ total }"})
    head = await served.client.head("/graphql", params={"query": "{ total }"})
    assert (head.status_code, head.content) == (200, b"")
    own = {"x-request-id", "date"}
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in get.headers.items() if k not in own
    }


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
async def test_both_spellings_of_the_path_answer_without_a_redirect(served: Served, path: str) -> None:
    answer = await served.post({"query": "{ total }"}, path)
    assert (answer.status_code, answer.json()) == (200, {"data": {"total": 3}})


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "*/*;q=0"])
async def test_what_nobody_here_can_produce_is_406_in_json(served: Served, accept: str) -> None:
    answer = await served.ask("{ total }", accept=accept)
    assert (answer.status_code, code(answer)) == (406, "NOT_ACCEPTABLE")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert served.bench.urls == []


@pytest.mark.parametrize(
    ("accept", "media_type"), [(NAMED, NAMED), (NEW, NEW), ("*/*", NAMED), (f"{NAMED};q=0.9, {NEW}", NEW)]
)
async def test_every_answer_says_what_it_is_and_on_what_it_depends(
    served: Served, accept: str, media_type: str
) -> None:
    for body in (b'{"query": "{ total }"}', b'{"query": "{ nope }"}', b"{"):
        answer = await served.post(body, accept=accept)
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert json.loads(answer.content.decode("utf-8"))


async def test_a_browser_gets_a_page_where_everybody_else_gets_json(served: Served) -> None:
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    page = await served.client.get("/graphql", headers={"accept": accept})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == "Accept, Accept-Encoding"
    assert (await served.post(b'{"query": "{ total }"}', accept=accept)).json() == {"data": {"total": 3}}


async def test_one_connection_serves_many_requests_whatever_became_of_them(served: Served) -> None:
    wire = await served.wire()
    for body, status in {b"{": 400, b'{"query": "{"}': 400, b'{"query": "{ total }"}': 200}.items():
        lines = ("POST /graphql HTTP/1.1", "content-type: application/json", f"content-length: {len(body)}")
        await wire.send(*lines, body=body)
        assert (await wire.answer()).status == status
