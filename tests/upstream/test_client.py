"""httpx on top of the stack: what hand-written resolvers call services with."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bff import errors
from bff.telemetry import Exchange
from bff.upstreams import Upstream
from bff.upstreams.httpx_wire import HttpxWire
from bff.upstreams.transport import client

from .calls import Facts, an_upstream, eventually
from .service import JSON, Service


@pytest.fixture
async def http(cities: Upstream) -> httpx.AsyncClient:
    """Never closed: it holds nothing."""
    return client(cities, deadline=asyncio.get_running_loop().time() + 20)


async def test_a_client_gets_json(http: httpx.AsyncClient, facts: Facts) -> None:
    answer = await http.get("/json", params={"id": "a b/c"})
    assert answer.json() == {"id": 7}
    assert [fact.label for fact in facts.exchanges] == ["GET (resolver)"]


async def test_a_client_sends_what_it_was_given_and_nothing_about_itself(cities: Upstream, service: Service) -> None:
    deadline = asyncio.get_running_loop().time() + 20
    given = (("authorization", "Bearer t"), ("x-tag", "a"), ("x-tag", "b"), ("x-city", "Łódź"))
    http = client(cities, deadline=deadline, headers=given)
    await http.post("/json?x=%2F", json={"a": 1}, headers={"x-more": "1", "connection": "x-tag", "host": "evil"})
    (seen,) = service.received
    assert seen.target == "/json?x=%2F"
    assert seen.body == b'{"a":1}'
    assert sorted(seen.headers) == [
        ("accept-encoding", "gzip"),
        ("authorization", "Bearer t"),
        ("content-length", "7"),
        ("content-type", "application/json"),
        ("host", service.url.removeprefix("http://")),
        ("user-agent", "bff"),
        ("x-city", "Łódź".encode().decode("latin-1")),
        ("x-more", "1"),
        ("x-tag", "a"),
        ("x-tag", "b"),
    ]


async def test_an_answer_arrives_unpacked(http: httpx.AsyncClient) -> None:
    answer = await http.get("/gzip")
    assert answer.content == JSON
    assert "content-encoding" not in answer.headers
    assert "content-length" not in answer.headers


async def test_an_answer_can_be_read_as_a_stream_and_left(http: httpx.AsyncClient, service: Service) -> None:
    async with http.stream("GET", "/spaced") as answer:
        assert [chunk async for chunk in answer.aiter_bytes()] == [JSON]
    async with http.stream("GET", "/spaced"):
        pass


async def test_a_client_streams_its_body(http: httpx.AsyncClient, service: Service) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    await http.put("/json", content=body())
    assert service.received[0].body == b"onetwo"


async def test_a_client_follows_no_redirect_and_keeps_no_cookie(http: httpx.AsyncClient, service: Service) -> None:
    assert (await http.get("/redirect")).status_code == HTTPStatus.FOUND
    assert (await http.get("/cookie")).cookies["session"] == "secret"
    await http.get("/json")
    assert [seen.target for seen in service.received] == ["/redirect", "/cookie", "/json"]
    assert [seen.values("cookie") for seen in service.received] == [[], [], []]
    assert not http.cookies


async def test_a_client_ignores_the_environment(cities: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    http = client(cities, deadline=asyncio.get_running_loop().time() + 20)
    assert (await http.get("/json")).content == JSON


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/closes", errors.UpstreamUnreachable),
        ("/truncated", errors.UpstreamMalformed),
        ("/huge", errors.UpstreamTooLarge),
        ("/bomb", errors.UpstreamTooLarge),
    ],
)
async def test_a_failure_is_the_gateways_own_error(
    http: httpx.AsyncClient, path: str, error: type[errors.UpstreamError]
) -> None:
    with pytest.raises(error):
        await http.get(path)


async def test_a_client_calls_no_other_host(http: httpx.AsyncClient, service: Service) -> None:
    with pytest.raises(ValueError, match="only the cities service"):
        await http.get(f"{service.url}/json")
    assert not service.received


async def test_a_client_is_late_when_its_operation_is(cities: Upstream) -> None:
    http = client(cities, deadline=asyncio.get_running_loop().time() + 0.02)
    with pytest.raises(errors.UpstreamTimeout):
        await http.get("/silent")


async def test_a_resolver_may_ask_for_less_time_but_not_for_more(http: httpx.AsyncClient, cities: Upstream) -> None:
    with pytest.raises(errors.UpstreamTimeout):
        await http.get("/silent", timeout=0.02)
    hurried = client(cities, deadline=asyncio.get_running_loop().time() + 0.02)
    with pytest.raises(errors.UpstreamTimeout):
        await hurried.get("/silent", timeout=1000)


async def test_a_client_leaves_nothing_behind_when_it_is_cancelled(
    http: httpx.AsyncClient, cities: Upstream, service: Service
) -> None:
    call = asyncio.ensure_future(http.get("/stalls"))
    await eventually(lambda: service.answering == 1)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert "0 of 100 in flight" in repr(cities.sender)
    await eventually(lambda: service.connections == 0)


async def test_calls_are_recorded_for_their_operation(cities: Upstream) -> None:
    recorded: list[Exchange] = []
    http = client(cities, deadline=asyncio.get_running_loop().time() + 20, record=recorded.append)
    await http.get("/json")
    assert [(fact.upstream, fact.status) for fact in recorded] == [("cities", 200)]


# A transport of httpx's as the wire --------------------------------------------------------------------------------


def over(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    upstream = an_upstream("", wire=HttpxWire("cities", transport))
    return client(upstream, deadline=asyncio.get_running_loop().time() + 20)


async def test_an_application_in_this_process_can_be_the_service() -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-path", scope["raw_path"])]})
        await send({"type": "http.response.body", "body": message["body"]})

    answer = await over(httpx.ASGITransport(echo)).post("/a%2Fb", content=b"hello")
    assert (answer.status_code, answer.headers["x-path"], answer.content) == (201, "/a%2Fb", b"hello")


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (httpx.ConnectError("no"), errors.UpstreamUnreachable),
        (httpx.ConnectTimeout("no"), errors.UpstreamUnreachable),
        (httpx.ReadError("no"), errors.UpstreamUnreachable),
        (httpx.ReadTimeout("no"), errors.UpstreamTimeout),
        (httpx.RemoteProtocolError("no"), errors.UpstreamMalformed),
    ],
)
async def test_what_httpx_raises_becomes_ours(raised: Exception, error: type[errors.UpstreamError]) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    with pytest.raises(error):
        await over(httpx.MockTransport(fail)).get("/")


async def test_the_policies_hold_over_any_wire() -> None:
    huge = httpx.MockTransport(lambda _: httpx.Response(200, content=bytes(2_000_000)))
    with pytest.raises(errors.UpstreamTooLarge):
        await over(huge).get("/")


async def test_a_packed_answer_of_a_mock_is_unpacked_once() -> None:
    packed = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(JSON))
    )
    assert (await over(packed).get("/")).content == JSON
