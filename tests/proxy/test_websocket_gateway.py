"""WebSockets through the whole gateway: bff.yaml, credentials, origins, metrics, the server that users meet."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import pytest
from jose import jwt
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.http.conftest import Served, serving, until

from .test_websocket import Chat, chatting, end_of, hears

KEY, SECRET, ISSUER = "a-key-that-is-long-enough", "s" * 32, "http://127.0.0.1:9/"
APP, EVIL = "https://app.example.com", "https://evil.example"
SETTINGS = """  chat: {{url: "{url}", forward: [{forward}], query: {{token: hidden}}}}
auth:
  anonymous: strangers
  cookie: session
  jwt: [{{issuer: "{issuer}", audience: chat, secret: "${{SECRET}}", algorithms: [HS256], tier: users, leeway: 0s}}]
tiers: {{users: {{points_per_minute: 100, max_concurrent: 1}}, strangers: {{points_per_minute: 100}}}}
clients: {{web: {{tier: users, keys: [{{sha256: "{digest}"}}], scopes: [talk]}}}}
routes:
  - {{path: "/chat/{{room}}", upstream: chat, price: 40, scopes: [talk], websocket: {{}}}}
  - {{path: "/open/{{room}}", upstream: chat, websocket: {{origins: ["{origins}"], per_client: 3}}}}
  - {{path: "/plain", upstream: chat}}
"""


@asynccontextmanager
async def gateway(forward: str = "", origins: str = APP) -> AsyncIterator[tuple[Chat, Served]]:
    digest = sha256(KEY.encode()).hexdigest()
    async with chatting() as chat:
        more = {"issuer": ISSUER, "digest": digest, "forward": forward, "origins": origins}
        async with serving(SETTINGS.format(url=chat.url, **more), environ={"SECRET": SECRET}) as served:
            yield chat, served


def opening(served: Served, target: str, origin: Any = None, **headers: str) -> connect:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"ws://127.0.0.1:{served.port}{target}"
    return connect(url, proxy=None, compression=None, additional_headers=named, origin=origin)


async def status(served: Served, target: str, origin: str | None = None, **headers: str) -> int:
    """101, or what the handshake is refused with."""
    try:
        async with opening(served, target, origin, **headers) as client:
            await client.send("hello")
            assert await hears(client) == "hello"
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def token(**more: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "chat", "sub": "ann", "iat": now, "exp": now + 600, "scope": "talk"}
    return str(jwt.encode(claims | more, SECRET, algorithm="HS256"))


async def test_a_route_opens_to_who_may_and_costs_its_price() -> None:
    async with gateway() as (chat, served):
        assert await status(served, "/chat/a") == 403
        assert await status(served, "/chat/a", x_api_key="wrong") == 401
        assert await status(served, "/plain") == 404
        assert await status(served, "/nowhere") == 404
        assert await status(served, "/healthz") == 404
        assert not chat.asked
        # one at a time is what the tier allows of requests: an open socket is none any more
        async with opening(served, "/chat/a", x_api_key=KEY) as first, opening(served, "/chat/b", x_api_key=KEY):
            assert first.response
            assert "RateLimit" in first.response.headers
            assert await status(served, "/chat/c", x_api_key=KEY) == 429
        assert [request.path for request in chat.asked] == ["/chat/a?token=hidden", "/chat/b?token=hidden"]
        assert all("x-api-key" not in request.headers for request in chat.asked)


PAGES = [
    (None, {}, 101),
    ("http://127.0.0.1:{port}", {}, 101),
    (APP, {}, 101),
    (EVIL, {}, 403),
    ("null", {}, 403),
    ("https://127.0.0.1:{port}.evil.example", {}, 403),
    (EVIL, {"cookie": "session={token}"}, 403),
    (APP, {"cookie": "session={token}"}, 101),
    ("http://127.0.0.1:{port}", {"cookie": "session={token}"}, 101),
    (EVIL, {"authorization": "Bearer {token}"}, 403),
]


@pytest.mark.parametrize(("origin", "headers", "expected"), PAGES)
async def test_pages_of_other_origins_open_nothing(origin: str | None, headers: dict[str, str], expected: int) -> None:
    async with gateway() as (chat, served):
        page = origin and origin.format(port=served.port)
        sent = {name: value.format(token=token()) for name, value in headers.items()}
        assert await status(served, "/open/a", page, **sent) == expected
        assert len(chat.asked) == (expected == 101)


@pytest.mark.parametrize(
    ("forward", "headers", "expected"),
    [
        ("", {}, 101),
        ("", {"cookie": "theme=dark"}, 101),
        ("", {"cookie": "session={token}"}, 403),
        ("cookie", {"cookie": "theme=dark"}, 403),
        ("cookie", {}, 101),
    ],
)
async def test_any_page_is_none_with_a_cookie_that_counts(forward: str, headers: dict[str, str], expected: int) -> None:
    async with gateway(forward, "*") as (_, served):
        sent = {name: value.format(token=token()) for name, value in headers.items()}
        assert await status(served, "/open/a", EVIL, **sent) == expected


async def test_a_socket_ends_with_its_token() -> None:
    async with gateway() as (_, served):
        brief = token(exp=int(time.time()) + 2)
        async with opening(served, "/chat/a", authorization=f"Bearer {brief}") as client:
            assert await end_of(client) == (1008, "The credential has expired")


async def test_strangers_are_counted_by_their_address() -> None:
    async with (
        gateway() as (_, served),
        opening(served, "/open/a"),
        opening(served, "/open/b"),
        opening(served, "/open/c"),
    ):
        assert await status(served, "/open/d") == 429
        assert await status(served, "/open/d", x_api_key=KEY) == 101


async def test_open_sockets_are_in_the_metrics() -> None:
    async with gateway() as (_, served):

        async def shown(line: str) -> bool:
            return line in (await served.client.get("/metrics")).text

        async with opening(served, "/open/a"):
            assert await shown('bff_requests_in_flight{surface="websocket"} 1.0')
        await until(lambda: not served.server.server_state.tasks)
        assert await shown('bff_requests_in_flight{surface="websocket"} 0.0')
        assert await shown('bff_requests_total{status="101",surface="websocket"} 1.0')
        assert await shown('bff_passages_total{client="anonymous",outcome="101",route="/open/{room}"} 1.0')


async def test_a_stop_ends_open_sockets_in_good_manners() -> None:
    async with gateway() as (chat, served):
        async with opening(served, "/open/a") as client:
            await client.send("hello")
            assert await hears(client) == "hello"
            served.server.stop()
            assert await end_of(client) == (1012, "Service restart")
        await until(lambda: bool(chat.ended))
        assert chat.ended[0][0] == 1001


async def test_text_that_is_none_is_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async with gateway() as (_, served), opening(served, "/open/a") as client:
        await client.send(b"\xff", text=True)
        assert (await end_of(client))[0] == 1007
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_graphqls_own_path_is_not_passed_through() -> None:
    async with gateway() as (chat, served):
        url = f"ws://127.0.0.1:{served.port}/graphql"
        async with connect(url, proxy=None, subprotocols=["graphql-transport-ws"]) as client:  # type: ignore[list-item]
            assert client.subprotocol == "graphql-transport-ws"
        assert not chat.asked
