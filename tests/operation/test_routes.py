"""What passes through stands under the same credentials, scopes and quotas as the graph."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import strawberry
from jose import jwt

from bff import connect, upstream
from bff.app import create_app
from bff.auth import new_key
from tests.kit import Bench, opened, reply

KEY, DIGEST = new_key()
CONFIGURATION = f"""
auth: {{anonymous: guest}}
tiers:
  guest: {{points_per_minute: 60, burst: 6, max_price: 6}}
  full: {{points_per_minute: 600}}
clients:
  reader: {{tier: full, keys: [{{sha256: "{DIGEST}"}}], scopes: ["files:read"]}}
routes:
  - {{path: "/files/{{path...}}", upstream: files, methods: [GET], scopes: ["files:read"], strip_prefix: /files}}
  - {{path: "/open/{{path...}}", upstream: files, price: 3}}
"""


@strawberry.type
class Query:
    @connect(upstream("files").get("/count"))
    def count(self) -> int | None: ...


@asynccontextmanager
async def front() -> AsyncIterator[tuple[httpx.AsyncClient, Bench]]:
    def service(request: httpx.Request) -> httpx.Response:
        return reply(3) if request.url.path == "/count" else reply({"path": request.url.raw_path.decode()})

    async with opened(strawberry.Schema(query=Query), {"files": service}, CONFIGURATION) as bench:
        transport = httpx.ASGITransport(create_app(bench.gateway))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client, bench


async def test_a_route_passes_through_to_whoever_may_use_it() -> None:
    async with front() as (client, bench):
        answer = await client.get("/files/a%20b/c?d=1", headers={"x-api-key": KEY})
        assert answer.status_code == 200
        assert answer.json() == {"path": "/a%20b/c?d=1"}
        assert answer.headers["ratelimit"].startswith('"points";r=599')
        assert "x-api-key" not in bench.services["files"].calls[0].headers


async def test_without_its_scope_it_is_403_and_without_a_valid_credential_401() -> None:
    async with front() as (client, bench):
        for headers, status in (({}, 403), ({"x-api-key": "bff_wrong"}, 401)):
            answer = await client.get("/files/a", headers=headers)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == status
        assert bench.urls == []
        assert [why for _, _, why in bench.listener.denials] == ["the API key is mistyped or none"]


async def test_routes_and_operations_spend_one_budget() -> None:
    async with front() as (client, bench):
        assert (await client.get("/open/a")).status_code == 200
        assert (await client.post("/graphql", json={"query": "{ count }"})).json() == {"data": {"count": 3}}
        refused = await client.get("/open/b")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        problem: dict[str, Any] = refused.json()
        assert problem["code"] == "QUOTA_EXCEEDED"
        assert len(bench.urls) == 2


async def test_what_no_route_has_is_a_problem_document() -> None:
    async with front() as (client, _):
        missing = await client.get("/nowhere")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        wrong = await client.post("/files/a", headers={"x-api-key": KEY})
        assert wrong.status_code == 405
        assert "GET" in wrong.headers["allow"]
        assert (await client.get("/files/%2e%2e/etc", headers={"x-api-key": KEY})).status_code == 400


SECRET = "a-secret-of-thirty-two-bytes-or-more"


@asynccontextmanager
async def front_with_tokens() -> AsyncIterator[tuple[httpx.AsyncClient, Bench]]:
    """Tokens of one issuer, whose claims the service gets as headers."""

    def service(request: httpx.Request) -> httpx.Response:
        return reply(3) if request.url.path == "/count" else reply({})

    settings = """
auth:
  anonymous: guest
  jwt: [{issuer: "https://id.example/", audience: files, secret: "${SECRET}", algorithms: [HS256], tier: guest}]
tiers: {guest: {points_per_minute: 600}}
routes: [{path: "/open/{path...}", upstream: files}]
"""
    policies = ", claims: {x-user: sub, x-scopes: scope, x-missing: nothing}"
    environ = {"SECRET": SECRET}
    async with opened(strawberry.Schema(query=Query), {"files": service}, settings, policies, environ) as bench:
        transport = httpx.ASGITransport(create_app(bench.gateway))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client, bench


async def test_a_service_gets_the_claims_that_it_lists_and_no_caller_can_make_them_up() -> None:
    now = int(time.time())
    claims = {"iss": "https://id.example/", "aud": "files", "sub": "ana", "scope": "a b", "iat": now, "exp": now + 60}
    bearer = {"authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"}
    forged = {"x-user": "root", "x-scopes": "all", "x-missing": "here"}
    async with front_with_tokens() as (client, bench):
        for headers, expected in (
            ({**bearer, **forged}, {"x-user": "ana", "x-scopes": "a b"}),
            (forged, {}),
        ):
            assert (await client.get("/open/a", headers=headers)).status_code == 200
            assert (await client.post("/graphql", json={"query": "{ count }"}, headers=headers)).status_code == 200
            for call in bench.services["files"].calls[-2:]:
                assert {name: call.headers[name] for name in forged if name in call.headers} == expected
