"""A token in a cookie, over sockets: who may use it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jose import jwt

from bff import config
from bff.errors import StartRefused
from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "s" * 32
ISSUER, APP = "http://127.0.0.1:9/", "https://app.example.com"
SETTINGS = f"""
auth:
  cookie: token
  anonymous: everybody
  jwt: [{{issuer: "{ISSUER}", audience: travel, secret: "${{SECRET}}", algorithms: [HS256], tier: users}}]
tiers: {{everybody: {{points_per_minute: 1000}}, users: {{points_per_minute: 1000}}}}
routes: [{{path: "/search", upstream: posts, methods: [GET, POST]}}]
"""
HOST = "api.example.com"
OWN, CROSS = {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "cross-site"}


def token(subject: str = "ann") -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "travel", "sub": subject, "iat": now, "exp": now + 600}
    return str(jwt.encode(claims, SECRET, algorithm="HS256"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Served]:
    cors = f"graphql: {{cors: {{origins: ['{APP}'], credentials: true}}}}\n"
    async with serving(SETTINGS + cors, environ={"SECRET": SECRET}) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Served) -> AsyncIterator[Served]:
    yield one_gateway
    await one_gateway.forget()


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


def who(served: Served) -> str:
    return str(served.bench.listener.operations[-1].client)


async def ask(served: Served, cookie: str, **headers: Any) -> httpx.Response:
    return await served.ask("{ total }", cookie=cookie, host=HOST, **headers)


async def test_a_token_may_come_in_a_cookie(gateway: Served) -> None:
    answer = await ask(gateway, f"theme=dark; token={token()}; a=b")
    assert answer.json() == {"data": {"total": 3}}
    assert who(gateway) == f"{ISSUER} ann"


async def test_a_token_that_was_sent_on_purpose_counts_more_than_one_in_a_cookie(gateway: Served) -> None:
    await ask(gateway, f"token={token('ann')}", authorization=f"Bearer {token('bob')}")
    assert who(gateway) == f"{ISSUER} bob"


@pytest.mark.parametrize("cookie", ["theme=dark", "token=", "tokens=x", "Token=x", "=", ";;"])
async def test_without_the_cookie_its_sender_is_anonymous(gateway: Served, cookie: str) -> None:
    assert (await ask(gateway, cookie)).status_code == 200
    assert who(gateway) == "anonymous"


@pytest.mark.parametrize("cookie", ["token=nonsense", f"token={token()}; token={token()}", "a=b; token=x.y.z"])
async def test_a_wrong_token_or_two_of_them_let_nobody_in(gateway: Served, cookie: str) -> None:
    answer = await ask(gateway, cookie)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("sent", [CROSS, {"origin": "https://evil.test"}, {"origin": "null"}], ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_sites_page_cannot_ask_with_a_users_cookie(
    gateway: Served, method: str, sent: dict[str, str]
) -> None:
    headers = {"cookie": f"token={token()}", "host": HOST, **sent}
    query: dict[str, Any] = {"params": {"query": "{ total }"}} if method == "GET" else {"json": {"query": "{ total }"}}
    answer = await gateway.client.request(method, "/graphql", headers=headers, **query)
    assert (answer.status_code, code(answer)) == (403, "CROSS_SITE_REFUSED")
    assert gateway.bench.urls == []
    _, denied, detail = gateway.bench.listener.denials[-1]
    told = "Sec-Fetch-Site" if sent == CROSS else "Origin"
    assert (denied, detail) == ("CROSS_SITE_REFUSED", f"a cookie in a request of another site, by its {told}")


async def test_the_same_page_may_ask_without_the_cookie(gateway: Served) -> None:
    answer = await gateway.client.get("/graphql", params={"query": "{ total }"}, headers=CROSS)
    assert answer.json() == {"data": {"total": 3}}


async def test_an_origin_that_is_trusted_with_cookies_may_use_them(gateway: Served) -> None:
    answer = await ask(gateway, f"token={token()}", origin=APP, sec_fetch_site="cross-site")
    assert answer.json() == {"data": {"total": 3}}
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    ("sent", "status"), [({}, 403), (OWN, 200), ({"graphql-require-preflight": "1"}, 200), (CROSS, 403)], ids=str
)
async def test_a_query_by_get_with_a_cookie_has_to_show_where_it_is_from(
    gateway: Served, sent: dict[str, str], status: int
) -> None:
    headers = {"cookie": f"token={token()}", **sent}
    answer = await gateway.client.get("/graphql", params={"query": "{ total }"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(("method", "sent", "status"), [("POST", CROSS, 403), ("GET", CROSS, 200), ("POST", OWN, 200)])
async def test_what_passes_through_is_guarded_too(
    gateway: Served, method: str, sent: dict[str, str], status: int
) -> None:
    headers = {"cookie": f"token={token()}", **sent}
    answer = await gateway.client.request(method, "/search", headers=headers)
    assert answer.status_code == status, answer.text
    assert [request.headers.get("cookie") for request in gateway.bench.services["posts"].calls] in ([], [None])


async def test_where_a_service_gets_cookies_no_other_sites_page_may_use_them() -> None:
    for forward, status in {"authorization": 200, "cookie": 403}.items():
        async with serving(forward=forward) as served:
            answer = await served.ask("{ total }", cookie="session=1", sec_fetch_site="cross-site")
            assert answer.status_code == status


@pytest.mark.parametrize("auth", ["{cookie: token, anonymous: a}", "{cookie: 'a b', anonymous: a}"])
async def test_a_cookie_that_could_never_count_is_refused_at_start(auth: str) -> None:
    with pytest.raises(StartRefused):
        config.parse(f"auth: {auth}\ntiers: {{a: {{points_per_minute: 10}}}}", {})
