"""Pages of other origins: what their browsers are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from bff import config
from bff.errors import StartRefused
from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

APP, OTHER = "https://app.example.com", "https://app.example.com.evil.test"
QUESTION = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded() -> AsyncIterator[Served]:
    settings = (
        "auth: {}\ntiers: {a: {points_per_minute: 10}}\nclients: {a: {tier: a, keys: [{sha256: '" + "0" * 64 + "'}]}}\n"
    )
    async with serving(f"{settings}graphql: {{cors: {{origins: ['{APP}'], max_age: 10m}}}}") as found:
        yield found


def told(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


async def test_a_browser_that_asks_whether_it_may_send_is_told_so_without_a_credential(guarded: Served) -> None:
    answer = await guarded.client.options("/graphql", headers={"origin": APP, **QUESTION})
    assert (answer.status_code, answer.content) == (204, b"")
    assert told(answer.headers) == {
        "access-control-allow-origin": APP,
        "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "600",
    }


async def test_what_a_browser_asks_first_is_a_request_too_and_counted_as_one(guarded: Served) -> None:
    await guarded.client.options("/graphql", headers={"origin": APP, **QUESTION})
    metrics = guarded.bench.gateway.metrics
    assert metrics is not None
    assert b'bff_requests_total{status="204",surface="graphql"}' in metrics.render()[0]
    assert b'bff_requests_in_flight{surface="graphql"} 0.0' in metrics.render()[0]


@pytest.mark.parametrize("origin", [OTHER, "null", "https://APP.example.com", "http://app.example.com", f"{APP}:443"])
async def test_another_origin_is_told_nothing(guarded: Served, origin: str) -> None:
    asked = await guarded.client.options("/graphql", headers={"origin": origin, **QUESTION})
    sent = await guarded.ask("{ posts { id } }", origin=origin)
    assert (told(asked.headers), told(sent.headers)) == ({}, {})


async def test_a_page_may_read_refusals_too_and_the_headers_that_it_needs(guarded: Served) -> None:
    answer = await guarded.ask("{ posts { id } }", origin=APP)
    assert answer.status_code == 401
    assert told(answer.headers) == {
        "access-control-allow-origin": APP,
        "access-control-expose-headers": "x-request-id, retry-after, ratelimit, ratelimit-policy",
    }


@pytest.mark.parametrize("origin", [APP, OTHER, None])
async def test_with_named_origins_every_answer_differs_by_origin(guarded: Served, origin: str | None) -> None:
    answer = await guarded.client.get("/graphql", headers={"origin": origin} if origin else {})
    assert {"accept", "origin"} <= {name.strip().lower() for name in answer.headers["vary"].split(",")}


async def test_options_that_no_browser_asks_are_answered_as_ever(guarded: Served) -> None:
    answer = await guarded.client.options("/graphql", headers={"origin": APP})
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


async def test_names_of_headers_that_could_not_be_are_not_repeated(guarded: Served) -> None:
    question = {**QUESTION, "access-control-request-headers": "a;b"}
    answer = await guarded.client.options("/graphql", headers={"origin": APP, **question})
    assert "access-control-allow-headers" not in answer.headers


async def test_cookies_are_let_through_only_where_that_is_said() -> None:
    async with serving(f"graphql: {{cors: {{origins: ['{APP}'], credentials: true}}}}") as served:
        answer = await served.ask("{ posts { id } }", origin=APP)
        assert answer.headers["access-control-allow-credentials"] == "true"


async def test_any_origin_is_a_star_and_answers_do_not_differ() -> None:
    async with serving("graphql: {cors: {origins: ['*']}}") as served:
        answer = await served.ask("{ posts { id } }", origin=OTHER)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "origin" not in answer.headers["vary"].lower()


async def test_unless_origins_are_named_nothing_is_said() -> None:
    async with serving() as served:
        answer = await served.client.options("/graphql", headers={"origin": APP, **QUESTION})
        assert told(answer.headers) == {}
        assert "origin" not in answer.headers.get("vary", "").lower()


@pytest.mark.parametrize(
    ("cors", "message"),
    [
        ("{origins: ['https://app.example.com/']}", "must be an origin"),
        ("{origins: [app.example.com]}", "must be an origin"),
        ("{origins: ['null']}", "must be an origin"),
        ("{origins: ['*'], credentials: true}", "must not hold * beside credentials"),
    ],
)
async def test_origins_that_could_not_be_meant_are_refused_at_start(cors: str, message: str) -> None:
    with pytest.raises(StartRefused) as refused:
        config.parse(f"graphql: {{cors: {cors}}}", {})
    assert message in refused.value.problems[0].message
