"""WebSockets through a route: a real client on one side, a real server on the other."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from bff.errors import Forbidden, QuotaExceeded
from bff.proxy import Admission, Asked, Route, WebSocket
from tests.accepting import accepting, port_of

from .gateway import Gateway, asks, eventually, gateway
from .service import MIB, Service, head, listening, says, whole

OPEN = WebSocket()
ROUTE = Route(path="/{path...}", upstream="chat", websocket=OPEN)
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY)

Talks = Callable[[ServerConnection], Awaitable[None]]


async def echo(client: ServerConnection) -> None:
    async for message in client:
        await client.send(message)


@dataclass
class Chat:
    """A service that talks over WebSockets."""

    port: int = 0
    asked: list[Request] = field(default_factory=list)
    ended: list[tuple[int | None, str | None]] = field(default_factory=list)
    open: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def chatting(talks: Talks = echo, **options: Any) -> AsyncIterator[Chat]:
    chat = Chat()

    async def serving(client: ServerConnection) -> None:
        assert client.request
        chat.asked.append(client.request)
        chat.open += 1
        try:
            await talks(client)
            await client.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            chat.open -= 1
            chat.ended.append((client.close_code, client.close_reason))

    async with serve(serving, "127.0.0.1", 0, **{"compression": None, **options}) as server:
        chat.port = next(iter(server.sockets)).getsockname()[1]
        yield chat


@asynccontextmanager
async def between(
    talks: Talks = echo, *routes: Route, of: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[tuple[Chat, Gateway]]:
    async with chatting(talks, **(of or {})) as chat, gateway(chat.url, *(routes or (ROUTE,)), **more) as proxy:
        yield chat, proxy


def opening(proxy: Gateway, target: str = "/room", **options: Any) -> connect:
    return connect(f"ws://127.0.0.1:{proxy.port}{target}", proxy=None, **{"compression": None, **options})


async def hears(client: ClientConnection) -> Any:
    return await asyncio.wait_for(client.recv(), 10)


async def end_of(client: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(10):
        async for _ in _heard(client):
            pass
    return client.close_code, client.close_reason


async def _heard(client: ClientConnection) -> AsyncIterator[Any]:
    with suppress(ConnectionClosed):
        while True:
            yield await client.recv()


async def refusal(proxy: Gateway, **options: Any) -> Response:
    with pytest.raises(InvalidStatus) as refused:
        async with opening(proxy, **options):
            pass
    return refused.value.response


async def test_messages_pass_both_ways_each_as_what_it_is() -> None:
    async with between() as (_, proxy), opening(proxy) as client:
        for message in ("text", "", "caf\u00e9 \U0001f600", b"bytes", b"", bytes(range(256)), "x" * 100_000):
            await client.send(message)
            assert await hears(client) == message


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.text() | some.binary(), max_size=20))
def test_whatever_is_said_arrives_in_its_order(messages: list[str | bytes]) -> None:
    async def talk() -> None:
        async with between() as (_, proxy), opening(proxy) as client:
            for message in messages:
                await client.send(message)
            assert [await hears(client) for _ in messages] == messages

    asyncio.run(talk())


async def test_a_message_in_fragments_is_one_message() -> None:
    async with between() as (_, proxy), opening(proxy) as client:
        await client.send(["one ", "message ", "in parts"])
        assert await hears(client) == "one message in parts"


async def test_a_service_may_speak_first_and_a_client_that_takes_its_time_misses_nothing() -> None:
    async def floods(client: ServerConnection) -> None:
        for number in range(500):
            await client.send(f"{number} " + "x" * 10_000)

    async with between(floods) as (_, proxy), opening(proxy, max_queue=1) as client:
        heard = [(await hears(client)).partition(" ")[0] for _ in range(500)]
    assert heard == [str(number) for number in range(500)]


async def test_the_handshake_arrives_as_any_request_does() -> None:
    route = Route(path="/chat/{room}", upstream="chat", strip_prefix="/chat", replace_prefix="/v1", websocket=OPEN)
    forward: dict[str, Any] = {"forward": frozenset({"cookie"}), "headers": (("x-key", "k"),)}
    sent = {"X-Mine": "1", "X-User-Id": "admin", "X-Forwarded-For": "6.6.6.6", "Cookie": "a=1", "Authorization": "b"}
    async with (
        between(echo, route, **forward) as (chat, proxy),
        opening(proxy, "/chat/a%20b?x=%2f;", additional_headers=sent, user_agent_header="tester/1"),
    ):
        headers = chat.asked[0].headers
        assert chat.asked[0].path == "/v1/a%20b?x=%2f;"
        assert headers["Host"] == f"127.0.0.1:{chat.port}"
        assert (headers["X-Mine"], headers["Cookie"], headers["X-Key"]) == ("1", "a=1", "k")
        assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
        assert headers["Via"] == "1.1 gw"
        assert headers["User-Agent"] == "tester/1"
        assert not {"x-user-id", "authorization", "sec-websocket-extensions"} & {name.lower() for name in headers}
        for name in ("Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Host"):
            assert len(headers.get_all(name)) == 1


async def test_extensions_are_each_hops_own() -> None:
    async with (
        between(of={"compression": "deflate"}) as (chat, proxy),
        opening(proxy, compression="deflate") as client,
    ):
        await client.send("hello")
        assert await hears(client) == "hello"
        assert "Sec-WebSocket-Extensions" not in chat.asked[0].headers
        assert client.protocol.extensions == []


@pytest.mark.parametrize("chosen", ["v1.chat", "v2.chat", None])
async def test_the_service_chooses_the_subprotocol(chosen: str | None) -> None:
    def choose(_: ServerConnection, offered: Any) -> Any:
        assert offered == ["v2.chat", "v1.chat"]
        return chosen

    async with (
        between(of={"subprotocols": ["v1.chat", "v2.chat"], "select_subprotocol": choose}) as (_, proxy),
        opening(proxy, subprotocols=["v2.chat", "v1.chat"]) as client,
    ):
        assert client.subprotocol == chosen


async def test_a_service_that_chooses_what_nobody_offered_is_malformed() -> None:
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
    async with listening(Service(says(answer))) as service, gateway(service.url, ROUTE) as proxy:
        found = await refusal(proxy)  # the key was another, so the proof is wrong
        assert found.status_code == 502
        assert b"UPSTREAM_MALFORMED" in found.body


async def test_what_the_service_says_with_its_101_arrives_and_what_is_its_hops_does_not() -> None:
    def adds(_: ServerConnection, __: Request, response: Response) -> Response:
        response.headers["Set-Cookie"] = "a=1"
        response.headers["Set-Cookie"] = "b=2"
        response.headers["X-Own"] = "1"
        response.headers["Keep-Alive"] = "timeout=5"
        response.headers["Server"] = "secret/1"
        return response

    async with between(of={"process_response": adds}) as (_, proxy), opening(proxy) as client:
        assert client.response
        headers = client.response.headers
        assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
        assert (headers["X-Own"], headers["Via"]) == ("1", "1.1 gw")
        assert len(headers["X-Request-Id"]) == 32
        assert not {"keep-alive", "server"} & {name.lower() for name in headers}


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "bye"), (3000, "own"), (4999, "caf\u00e9 " * 20)])
async def test_the_end_is_told_with_its_code_and_its_reason(code: int, reason: str) -> None:
    async with between() as (chat, proxy):
        async with opening(proxy) as client:
            await client.close(code, reason)
        await eventually(lambda: chat.ended)
        assert chat.ended == [(code, reason)]

    async def leaves(client: ServerConnection) -> None:
        await client.close(code, reason)

    async with between(leaves) as (_, proxy), opening(proxy) as client:
        assert await end_of(client) == (code, reason)


async def test_an_end_without_a_code_has_none_on_the_other_side() -> None:
    async def leaves(client: ServerConnection) -> None:
        if client.request and client.request.path == "/first":
            await client.close(None)  # type: ignore[arg-type]

    async with between(leaves) as (chat, proxy):
        async with opening(proxy, "/first") as client:
            assert await end_of(client) == (1005, "")
        async with opening(proxy, "/then") as client:
            await client.close(None)  # type: ignore[arg-type]
        await eventually(lambda: len(chat.ended) == 2)
        assert chat.ended[1] == (1005, "")


async def test_who_is_lost_is_told_as_gone() -> None:
    async with between() as (chat, proxy):
        async with opening(proxy) as client:
            client.transport.abort()
        await eventually(lambda: chat.ended)
        assert chat.ended[0][0] == 1001

    async def lost(client: ServerConnection) -> None:
        client.transport.abort()

    async with between(lost) as (_, proxy), opening(proxy) as client:
        assert await end_of(client) == (1014, "The service is gone")
        await eventually(lambda: proxy.passages)
        assert (proxy.passages[0].status, proxy.passages[0].code) == (101, "UPSTREAM_UNREACHABLE")


async def test_a_client_that_does_not_read_holds_the_service_back_and_is_given_up() -> None:
    sent = 0

    async def floods(client: ServerConnection) -> None:
        nonlocal sent
        while True:
            await client.send(b"x" * 65_536)
            sent += 1

    brief = Route(path="/{path...}", upstream="chat", websocket=WebSocket(idle=0.5))
    async with between(floods, brief) as (chat, proxy), proxy.connected() as connection:
        transport: Any = connection.writer.transport
        connection.writer.write(asks("/room", *UPGRADE))
        assert (await connection.head()).status == 101
        transport.pause_reading()
        await eventually(lambda: chat.ended)
        assert sent * 65_536 < 64 * MIB  # what the kernel holds on four ends, and a few messages here
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "REQUEST_TIMEOUT"


async def test_a_service_that_does_not_read_holds_the_client_back() -> None:
    async def deaf(client: ServerConnection) -> None:
        await client.wait_closed()

    brief = Route(path="/{path...}", upstream="chat", websocket=WebSocket(idle=0.3))
    pings = {
        "ping_interval": 1,
        "ping_timeout": 1,
        "close_timeout": 0.5,
    }  # by which it notices that nobody is there any more
    async with between(deaf, brief, of=pings) as (_, proxy), opening(proxy) as client:
        sent = 0
        with suppress(ConnectionClosed):
            while True:
                await client.send(b"x" * 65_536)
                sent += 1
                assert sent * 65_536 < 64 * MIB
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "REQUEST_TIMEOUT"


async def test_both_may_close_at_once() -> None:
    async def leaves(client: ServerConnection) -> None:
        await client.recv()
        await client.close(3001)

    async with between(leaves) as (chat, proxy):
        for _ in range(20):
            async with opening(proxy) as client:
                await client.send("go")
                await client.close(3002)
        await eventually(lambda: len(proxy.passages) == 20 and not chat.open)
        assert {passage.code for passage in proxy.passages} == {None}
        assert not proxy.observer.failures


async def test_a_message_over_the_limit_ends_it_from_either_side() -> None:
    async def says_much(client: ServerConnection) -> None:
        await client.send("x" * 2_001)

    small = Route(path="/{path...}", upstream="chat", websocket=WebSocket(max_size=2_000))
    async with between(says_much, small) as (_, proxy), opening(proxy) as client:
        assert (await end_of(client))[0] == 1009
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "UPSTREAM_TOO_LARGE"
    async with between(echo, small) as (_, proxy), opening(proxy) as client:
        await client.send("x" * 2_000)
        assert len(await hears(client)) == 2_000
        await client.send("x" * 2_001)
        assert (await end_of(client))[0] == 1009


async def test_a_routes_limit_may_be_over_that_of_the_server() -> None:
    async with between(of={"max_size": None}) as (_, proxy), opening(proxy, max_size=None) as client:
        await client.send("x" * 1_000_000)
        assert len(await hears(client)) == 1_000_000


async def test_a_socket_on_which_nothing_is_said_is_closed_and_one_that_moves_is_not() -> None:
    async def listens(client: ServerConnection) -> None:
        async for _ in client:
            pass

    brief = Route(path="/{path...}", upstream="chat", websocket=WebSocket(idle=0.3))
    async with between(listens, brief) as (chat, proxy), opening(proxy) as client:
        began = time.monotonic()
        while time.monotonic() < began + 0.6:
            await client.send(".")
            await asyncio.sleep(0.02)
        assert await end_of(client) == (1001, "Nothing was said for too long")
        await eventually(lambda: chat.ended)
        assert chat.ended[0][0] == 1001
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "REQUEST_TIMEOUT"


async def test_a_route_that_says_nothing_of_websockets_has_none() -> None:
    plain = Route(path="/{path...}", upstream="chat")
    async with between(echo, plain) as (chat, proxy):
        found = await refusal(proxy)
        assert (found.status_code, found.headers["Content-Type"]) == (404, "application/problem+json")
        assert not chat.asked
        assert (proxy.passages[0].status, proxy.passages[0].code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("target", "status"), [("/other", 404), ("/chat/../x", 400), ("/chat//x", 400), ("/chat/a%2fb", 400)]
)
async def test_where_no_route_leads_or_no_path_is_safe_nothing_is_opened(target: str, status: int) -> None:
    route = Route(path="/chat/{path...}", upstream="chat", websocket=OPEN)
    async with between(echo, route) as (chat, proxy):
        answer = await proxy.get(target, *UPGRADE)
        assert answer.status == status
        assert not chat.asked


async def test_a_plain_request_on_the_same_route_passes_as_one() -> None:
    async with listening(Service(says(whole(b"page")))) as service, gateway(service.url, ROUTE) as proxy:
        assert (await proxy.get("/room")).body == b"page"
        assert service.last.values("upgrade") == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(HTTPStatus.UNAUTHORIZED, "who?"), (HTTPStatus.FORBIDDEN, ""), (HTTPStatus.SERVICE_UNAVAILABLE, "x" * 5_000)],
)
async def test_a_refusal_of_the_service_passes_as_it_is(status: HTTPStatus, body: str) -> None:
    def refuses(client: ServerConnection, _: Request) -> Response:
        answer = client.respond(status, body)
        answer.headers["WWW-Authenticate"] = 'Basic realm="x"'
        return answer

    async with between(of={"process_request": refuses}) as (_, proxy):
        found = await refusal(proxy)
        assert (found.status_code, found.body) == (status, body.encode())
        assert found.headers["WWW-Authenticate"] == 'Basic realm="x"'
        assert found.headers["Via"] == "1.1 gw"
        assert (proxy.passages[0].status, proxy.passages[0].spent) == (status, 1)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_a_refusal_without_a_body_has_no_length_of_one(status: str) -> None:
    """RFC 9110 8.6."""
    async with (
        listening(Service(says(head(status, "ETag: x"), then_closes=True))) as service,
        gateway(service.url, ROUTE) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/room", *UPGRADE))
        answer = await connection.head()
        assert (str(answer.status), answer.value("etag")) == (status[:3], "x")
        assert (answer.value("content-length"), answer.value("content-type")) == (None, None)
        assert await connection.closed()


async def test_a_service_that_says_goodbye_and_does_not_hang_up_has_said_goodbye() -> None:
    """Long before a ping would tell (`bff.upstreams.lines.PING`), or its connection is left."""
    over = asyncio.Event()

    async def stays(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        (key,) = re.findall(r"(?i)^sec-websocket-key: (.*?)\r$", asked, re.MULTILINE)
        accept = f"Sec-WebSocket-Accept: {accept_key(key)}"
        writer.write(head("101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", accept))
        writer.write(b"\x81\x02hi" + b"\x88\x05" + (4000).to_bytes(2, "big") + b"bye")
        await over.wait()
        writer.close()

    async with accepting(stays) as server, gateway(f"http://127.0.0.1:{port_of(server)}", ROUTE) as proxy:
        async with asyncio.timeout(15), connect(f"ws://127.0.0.1:{proxy.port}/room", ping_interval=None) as client:
            assert await client.recv() == "hi"
            await client.wait_closed()
            assert (client.close_code, client.close_reason) == (4000, "bye")
        over.set()


async def test_an_answer_that_is_no_handshake_passes_as_it_is_and_is_not_followed() -> None:
    moved = whole(b"over there", "302 Found", "Location: http://elsewhere.example/")
    async with listening(Service(says(moved))) as service, gateway(service.url, ROUTE) as proxy:
        answer = await proxy.get("/room", *UPGRADE)
        assert (answer.status, answer.body) == (302, b"over there")
        assert answer.value("location") == "http://elsewhere.example/"
        assert len(service.received) == 1


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 502, "UPSTREAM_MALFORMED"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 502, "UPSTREAM_MALFORMED"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", 502, "UPSTREAM_MALFORMED"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 502, "UPSTREAM_UNREACHABLE"),
    ],
)
async def test_no_tunnel_stands_before_the_service_has_proved_that_it_is_one(
    raw: bytes, status: int, code: str
) -> None:
    async with listening(Service(says(raw, then_closes=True))) as service, gateway(service.url, ROUTE) as proxy:
        answer = await proxy.get("/room", *UPGRADE)
        assert (answer.status, answer.problem["code"]) == (status, code)


async def test_a_service_that_is_not_there_or_silent_is_told_by_status() -> None:
    silent = Route(path="/{path...}", upstream="chat", timeout=0.2, websocket=OPEN)

    async def never(_: Any, __: Any) -> None:
        await asyncio.Event().wait()

    async with listening(Service(never)) as service, gateway(service.url, silent) as proxy:
        assert (await proxy.get("/room", *UPGRADE)).problem["code"] == "UPSTREAM_TIMEOUT"
    async with gateway("http://127.0.0.1:1", ROUTE) as proxy:
        assert (await proxy.get("/room", *UPGRADE)).problem["code"] == "UPSTREAM_UNREACHABLE"


async def test_a_client_that_leaves_during_the_handshake_ends_it() -> None:
    async def never(_: Any, __: Any) -> None:
        await asyncio.Event().wait()

    async with listening(Service(never)) as service, gateway(service.url, ROUTE) as proxy:
        async with proxy.connected() as connection:
            connection.writer.write(asks("/room", *UPGRADE))
            await eventually(lambda: service.received)
        await asyncio.wait_for(service.hung_up.wait(), 10)
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].status is None


# What is no handshake of a WebSocket is no upgrade at all (RFC 9110 7.8): it goes on as the request that it also is,
# or is refused; no connection is ever handed over by it.
@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        (("Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"), {200}),
        (("Connection: Upgrade", "Upgrade: websocket"), {200}),  # without a key
        (("Connection: Upgrade", "Upgrade: websocket, h2c", "Sec-WebSocket-Version: 13", KEY), {200}),
        (("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 8", KEY), {426}),
        (("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"), {400}),
        (("Connection: Upgrade", "Upgrade: TLS/1.0"), {200}),
        (("Connection: close", "Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY), {200}),
        ((*UPGRADE, "Sec-WebSocket-Protocol: a b"), {400}),
        ((*UPGRADE, "Host: other.example"), {400}),
    ],
)
async def test_another_wish_opens_no_tunnel(headers: tuple[str, ...], statuses: set[int]) -> None:
    async with listening(Service(says(whole(b"page")))) as service, gateway(service.url, ROUTE) as proxy:
        answer = await proxy.get("/room", *headers)
        assert answer.status in statuses
        for request in service.received:
            assert request.values("upgrade") == request.values("connection") == []


@pytest.mark.parametrize(
    ("more", "status"),
    [(["X-Long: " + "x" * 9_000], 431), (["X-More: 1"] * 110, 431), (["X-More: 1"] * 130, 431), (["X-A: \x01"], 400)],
    ids=["long", "many", "more", "control"],
)
async def test_a_handshake_with_a_head_that_nobody_reads_is_refused_and_ends(more: list[str], status: int) -> None:
    async with (
        listening(Service(says(whole(b"page")))) as service,
        gateway(service.url, ROUTE) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/room", *UPGRADE, *more))
        assert (await connection.answer()).status == status
        assert await connection.closed()
        assert not service.received


@pytest.mark.parametrize("version", ["0", "8", "14", "13, 8", ""])
async def test_another_version_of_the_protocol_is_told_which_one_would_do(version: str) -> None:
    headers = [each for each in UPGRADE if "Version" not in each]
    async with (
        listening(Service(says(whole(b"page")))) as service,
        gateway(service.url, ROUTE) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/room", *headers, f"Sec-WebSocket-Version: {version}"))
        answer = await connection.answer()
        assert (answer.status, answer.value("sec-websocket-version")) == (426, "13")
        assert await connection.closed()
        assert not service.received


async def test_http_1_0_knows_no_upgrade() -> None:
    async with listening(Service(says(whole(b"page")))) as service, gateway(service.url, ROUTE) as proxy:
        answer = await proxy.exchange(asks("/room", *UPGRADE).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert (answer.status, answer.body) == (200, b"page")
        assert service.last.values("upgrade") == []


@pytest.mark.parametrize("target", ["/x?", "/x??", "/a|b?c+d=%zz", "/caf%c3%a9", "/a/?%2f%00"])
async def test_the_target_of_a_handshake_arrives_byte_for_byte(target: str) -> None:
    async with between() as (chat, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks(target, *UPGRADE))
            assert (await connection.head()).status == 101
        assert [request.path for request in chat.asked] == [target]


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS"])
async def test_only_get_opens_a_tunnel(method: str) -> None:
    async with listening(Service(says(whole(b"")))) as service, gateway(service.url, ROUTE) as proxy:
        assert (await proxy.get("/room", *UPGRADE, method=method)).status == 200
        assert service.last.values("upgrade") == []


async def test_bytes_behind_a_refused_handshake_are_no_request() -> None:
    refused = whole(b"no", "426 Upgrade Required", "Sec-WebSocket-Version: 7")
    async with listening(Service(says(refused))) as service, gateway(service.url, ROUTE) as proxy:
        async with proxy.connected() as connection:
            connection.writer.write(asks("/room", *UPGRADE))
            assert (await connection.answer()).status == 426
            connection.writer.write(asks("/admin"))
            assert await connection.closed()
        assert [request.target for request in service.received] == ["/room"]


async def test_bytes_right_behind_a_handshake_make_it_a_plain_request() -> None:
    async with listening(Service(says(whole(b"page")))) as service, gateway(service.url, ROUTE) as proxy:
        async with proxy.connected() as connection:
            connection.writer.write(asks("/room", *UPGRADE) + asks("/then"))
            assert [(await connection.answer()).status for _ in range(2)] == [200, 200]
        assert [request.values("upgrade") for request in service.received] == [[], []]


@dataclass
class Door:
    """A policy that writes down what it is asked and told."""

    refuses: Exception | None = None
    expires: float | None = None
    anonymous: bool = False
    asked: list[Asked] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)

    async def admit(self, asked: Asked) -> Admission:
        self.asked.append(asked)
        if self.refuses:
            raise self.refuses

        async def settle(spent: int) -> None:
            self.settled.append(spent)

        return Admission(
            caller="web",
            anonymous=self.anonymous,
            expires=self.expires,
            answer=(("ratelimit", '"points";r=9'),),
            onward=(("x-user", "42"),),
            settle=settle,
        )


@pytest.mark.parametrize(
    ("error", "status"), [(Forbidden("No."), 403), (QuotaExceeded("No.", retry_after=3), 429)], ids=["403", "429"]
)
async def test_a_policy_refuses_before_anything_is_opened(error: Exception, status: int) -> None:
    async with between(policy=Door(refuses=error)) as (chat, proxy):
        assert (await refusal(proxy)).status_code == status
        assert not chat.asked


async def test_an_admission_is_told_to_both_and_paid_once_the_socket_stands() -> None:
    door = Door()
    priced = Route(path="/{path...}", upstream="chat", price=7, websocket=OPEN)
    async with between(echo, priced, policy=door) as (chat, proxy):
        async with opening(proxy, additional_headers={"X-User": "1"}) as client:
            assert door.settled == [7]
            assert door.asked[0].switching
            assert chat.asked[0].headers.get_all("X-User") == ["42"]
            assert client.response
            assert client.response.headers["RateLimit"] == '"points";r=9'
        await eventually(lambda: proxy.passages)
        (passage,) = proxy.passages
        assert (passage.status, passage.caller, passage.spent, passage.code) == (101, "web", 7, None)
        assert passage.exchange
        assert (passage.exchange.status, passage.exchange.label) == (101, "WEBSOCKET /{path...}")


async def test_what_was_said_is_counted() -> None:
    async with between() as (_, proxy):
        async with opening(proxy) as client:
            await client.send("12345")
            await hears(client)
        await eventually(lambda: proxy.passages)
        exchange = proxy.passages[0].exchange
        assert exchange
        assert exchange.request_bytes >= 5
        assert exchange.response_bytes >= 5


async def test_a_socket_ends_with_the_credential() -> None:
    async with between(policy=Door(expires=time.time() + 0.3)) as (chat, proxy), opening(proxy) as client:
        assert await end_of(client) == (1008, "The credential has expired")
        await eventually(lambda: chat.ended)


async def test_a_client_has_so_many_and_another_has_its_own() -> None:
    two = Route(path="/{path...}", upstream="chat", websocket=WebSocket(per_client=2, max_open=3))
    async with between(echo, two, policy=Door()) as (chat, proxy), opening(proxy), opening(proxy) as second:
        found = await refusal(proxy)
        assert (found.status_code, found.headers["Retry-After"]) == (429, "1")
        assert len(chat.asked) == 2
        await second.close()
        await eventually(lambda: len(proxy.passages) == 2)
        async with opening(proxy):
            pass


async def test_a_route_has_so_many_in_all() -> None:
    one = Route(path="/{path...}", upstream="chat", websocket=WebSocket(max_open=1))
    door = Door()
    async with between(echo, one, policy=door) as (chat, proxy), opening(proxy):
        found = await refusal(proxy)
        assert (found.status_code, found.headers["Retry-After"]) == (503, "1")
        assert len(chat.asked) == 1
        assert door.settled == [1, 0]


async def test_sockets_take_no_slot_of_calls() -> None:
    async with between(max_in_flight=1, queue_size=0) as (_, proxy), opening(proxy), opening(proxy) as client:
        await client.send("both")
        assert await hears(client) == "both"


async def test_a_stop_tells_both_and_lets_none_begin() -> None:
    async with between() as (chat, proxy), opening(proxy) as client:
        proxy.proxy.stop()
        assert await end_of(client) == (1012, "Service restart")
        await eventually(lambda: chat.ended)
        assert (await refusal(proxy)).status_code == 503
        assert proxy.passages[0].code == "GATEWAY_STOPPING"


async def test_many_come_and_go_anyhow_and_leave_nothing_behind() -> None:
    async with between() as (chat, proxy):
        tasks = len(asyncio.all_tasks())

        async def one(number: int) -> None:
            async with opening(proxy) as client:
                await client.send(str(number))
                assert await hears(client) == str(number)
                if number % 3 == 0:
                    client.transport.abort()
                elif number % 3 == 1:
                    await client.send("unheard")

        for batch in range(5):
            await asyncio.gather(*(one(batch * 20 + number) for number in range(20)))
        await eventually(lambda: len(proxy.passages) == 100 and not chat.open)
        await eventually(lambda: len(asyncio.all_tasks()) <= tasks)
        assert not proxy.observer.failures
