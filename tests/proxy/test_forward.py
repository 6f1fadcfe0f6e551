"""What crosses the proxy, over real sockets on both sides."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import psutil
import pytest

from bff.proxy import Route
from bff.upstreams import circuit

from .gateway import Gateway, asks, eventually, gateway
from .service import MIB, Received, Service, head, listening, says, whole

SIZE = 64 * MIB
GROWTH = 24 * MIB  # of this process, which holds client, proxy and service


@asynccontextmanager
async def passing(
    answer: Any, *routes: Route, eager: bool = False, **more: Any
) -> AsyncIterator[tuple[Service, Gateway]]:
    async with (
        listening(Service(says(answer) if isinstance(answer, bytes) else answer, eager=eager)) as service,
        gateway(service.url, *routes, **more) as proxy,
    ):
        yield service, proxy


async def test_a_request_and_its_answer_pass() -> None:
    async with passing(whole(b"hello", "200 OK", "X-Own: 1", "Content-Type: text/plain")) as (service, proxy):
        answer = await proxy.get("/a/b?c=d", "X-Mine: 2", "Accept: text/*")
        assert (answer.status, answer.body) == (200, b"hello")
        assert [answer.value(name) for name in ("x-own", "content-type", "content-length")] == ["1", "text/plain", "5"]
        assert service.last.line == "GET /a/b?c=d HTTP/1.1"
        assert service.last.values("x-mine") == ["2"]
        assert service.last.values("accept") == ["text/*"]
        assert service.last.values("host") == [f"127.0.0.1:{service.port}"]


@pytest.mark.parametrize(
    "target",
    [
        "/a%20b",
        "/%41%7e~",
        "/a|b",
        "/a+b?c+d=%zz",
        "/x?",
        "/x??",
        "/x?a=/../;%2f%00",
        "/caf%C3%A9",
        "/caf%c3%a9",
        "/a/",
        "/",
        '/a"<>^`{}?"<>^`{}|',
        "/100%25?100%",
    ],
)
async def test_a_target_arrives_byte_for_byte(target: str) -> None:
    async with passing(whole()) as (service, proxy):
        assert (await proxy.get(target)).status == 200
        assert service.last.target == target


async def test_a_prefix_is_replaced() -> None:
    route = Route(path="/files/{path...}", upstream="files", strip_prefix="/files", replace_prefix="/v2")
    async with passing(whole(), route) as (service, proxy):
        await proxy.get("/files/a%20b/?x")
        assert service.last.target == "/v2/a%20b/?x"
        assert (await proxy.get("/other")).status == 404
        assert len(service.received) == 1


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_body_arrives_whole_and_framed_as_it_came(framing: str) -> None:
    async with passing(whole()) as (service, proxy):
        if framing == "length":
            await proxy.get("/", method="PUT", body=b"some body")
            assert service.last.values("content-length") == ["9"]
            assert service.last.values("transfer-encoding") == []
        else:
            raw = (
                asks("/", "Transfer-Encoding: chunked", method="PUT")
                + b"4\r\nsome\r\n5;x=y\r\n body\r\n0\r\nTrailer: x\r\n\r\n"
            )
            await proxy.exchange(raw)
            assert service.last.values("content-length") == []
            assert service.last.values("transfer-encoding") == ["chunked"]
        assert service.last.body == b"some body"


async def test_a_request_without_a_body_gets_none() -> None:
    async with passing(whole()) as (service, proxy):
        await proxy.get("/")
        await proxy.get("/", method="DELETE")
        assert service.received[0].values("content-length") == service.received[0].values("transfer-encoding") == []
        assert service.received[1].values("content-length") == ["0"]
        await proxy.get("/", method="GET", body=b"odd but legal")
        assert service.last.body == b"odd but legal"


def resident() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


async def test_a_large_answer_streams_at_constant_memory() -> None:
    piece = os.urandom(256 * 1024)

    async def sends(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", f"Content-Length: {SIZE}"))
        for _ in range(SIZE // len(piece)):
            writer.write(piece)
            await writer.drain()

    async with passing(sends) as (_, proxy), proxy.connected() as connection:
        before, most, size = resident(), 0, 0
        connection.writer.write(asks("/large"))
        answer = await connection.head()
        async for part in connection.pieces(answer):
            size += len(part)
            if size % (4 * MIB) < len(part):
                most = max(most, resident())
    assert size == SIZE
    assert most - before < GROWTH


async def test_a_large_body_streams_at_constant_memory() -> None:
    piece = os.urandom(256 * 1024)
    digest = hashlib.sha256()
    async with passing(whole(), Route(path="/{x...}", upstream="files", max_body=SIZE)) as (service, proxy):
        async with proxy.connected() as connection:
            before, most = resident(), 0
            connection.writer.write(asks("/large", f"Content-Length: {SIZE}", method="PUT"))
            for _ in range(SIZE // len(piece)):
                connection.writer.write(piece)
                digest.update(piece)
                await connection.writer.drain()
                most = max(most, resident())
            assert (await connection.answer()).status == 200
        assert (service.last.size, service.last.digest) == (SIZE, digest.hexdigest())
    assert most - before < GROWTH


async def test_a_client_that_does_not_read_holds_the_service_back() -> None:
    sent = 0

    async def sends(request: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head("200 OK", f"Content-Length: {SIZE}"))
        while True:
            writer.write(bytes(MIB))
            await writer.drain()
            sent += MIB

    async with passing(sends) as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/large"))
        await connection.head()
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < SIZE / 2
        connection.writer.close()
        await asyncio.wait_for(service.hung_up.wait(), 10)


async def test_a_client_that_takes_nothing_is_given_up() -> None:
    async def sends(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", f"Content-Length: {SIZE}"))
        while True:
            writer.write(bytes(MIB))
            await writer.drain()

    impatient = Route(path="/{x...}", upstream="files", idle=0.1)
    async with passing(sends, impatient) as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/large"))
        await asyncio.wait_for(service.hung_up.wait(), 10)
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "OPERATION_ABANDONED"


async def test_events_are_delivered_as_they_happen() -> None:
    happens = asyncio.Queue[bytes]()

    async def sends(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"))
        while event := await happens.get():
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        writer.write(b"0\r\n\r\n")

    async with passing(sends) as (_, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/events"))
        answer = await connection.head()  # before there is any event
        pieces = connection.pieces(answer)
        for event in (b"data: 1\n\n", b"data: 2\n\n"):
            happens.put_nowait(event)
            assert await asyncio.wait_for(anext(pieces), 10) == event
        happens.put_nowait(b"")
        assert [piece async for piece in pieces] == []


async def test_a_client_that_leaves_ends_its_call_and_frees_the_slot() -> None:
    async def never(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.target == "/never":
            await asyncio.Event().wait()
        writer.write(whole())

    async with passing(never, max_in_flight=1, queue_size=0) as (service, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks("/never"))
            await eventually(lambda: service.received)
            assert (await proxy.get("/other")).status == 503
        await asyncio.wait_for(service.hung_up.wait(), 10)
        await eventually(lambda: len(proxy.passages) == 2)
        assert (await proxy.get("/other")).status == 200
        left = next(passage for passage in proxy.passages if passage.code == "OPERATION_ABANDONED")
        assert (left.status, left.exchange and left.exchange.error) == (None, "CANCELLED")


async def test_a_client_that_leaves_inside_an_answer_ends_the_call() -> None:
    async def half(request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Content-Length: 10") + b"half")
        await asyncio.Event().wait()

    async with passing(half) as (service, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks("/"))
            await connection.head()
        await asyncio.wait_for(service.hung_up.wait(), 10)


async def test_a_client_that_leaves_inside_its_body_ends_the_call_unfinished() -> None:
    async with passing(whole()) as (service, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks("/", "Content-Length: 10", method="POST") + b"half")
            await eventually(lambda: service.received)
        await asyncio.wait_for(service.hung_up.wait(), 10)
        assert service.last.digest == ""
        await eventually(lambda: proxy.passages)
        assert proxy.passages[0].code == "OPERATION_ABANDONED"


@pytest.mark.parametrize("framing", ["Content-Length: 10", "Transfer-Encoding: chunked"])
async def test_an_answer_that_breaks_off_is_cut_and_never_ended(framing: str) -> None:
    body = b"half" if framing.startswith("C") else b"4\r\nhalf\r\n"
    async with passing(says(head("200 OK", framing) + body, then_closes=True)) as (_, proxy):
        answer = await proxy.get("/")
        assert (answer.status, answer.body, answer.complete) == (200, b"half", False)
        await eventually(lambda: proxy.passages)
        assert (proxy.passages[0].status, proxy.passages[0].code) == (200, "UPSTREAM_MALFORMED")


async def test_packed_bytes_pass_as_they_are() -> None:
    async with passing(whole(b"\x1f\x8bnot really", "200 OK", "Content-Encoding: gzip")) as (service, proxy):
        answer = await proxy.get("/", "Accept-Encoding: gzip, br")
        assert (answer.body, answer.value("content-encoding")) == (b"\x1f\x8bnot really", "gzip")
        assert service.last.values("accept-encoding") == ["gzip, br"]
        await proxy.get("/")
        assert service.last.values("accept-encoding") == ["identity"]


async def test_head_has_the_length_and_no_body() -> None:
    async with passing(head("200 OK", "Content-Length: 1234", "ETag: x")) as (service, proxy):
        async with proxy.connected() as connection:
            for _ in range(2):  # on one connection, so that a body would be in the way
                connection.writer.write(asks("/", method="HEAD"))
                answer = await connection.answer(head_only=True)
                assert (answer.status, answer.value("content-length"), answer.value("etag")) == (200, "1234", "x")
        assert service.last.line.startswith("HEAD ")


@pytest.mark.parametrize(
    ("raw", "length"),
    [
        (head("204 No Content"), None),
        (head("304 Not Modified", "ETag: x", "Content-Length: 1234"), None),
        (head("205 Reset Content", "Content-Length: 0"), "0"),
        (head("103 Early Hints", "Link: </x>") + head("204 No Content"), None),
    ],
)
async def test_answers_without_a_body_have_none(raw: bytes, length: str | None) -> None:
    async with passing(raw) as (_, proxy), proxy.connected() as connection:
        for _ in range(2):
            connection.writer.write(asks("/"))
            answer = await connection.answer()
            assert (answer.value("content-length"), answer.value("transfer-encoding")) == (length, None)


async def test_ranges_and_conditions_are_the_services_business() -> None:
    raw = whole(b"bcd", "206 Partial Content", "Content-Range: bytes 1-3/10", "Accept-Ranges: bytes")
    async with passing(raw) as (service, proxy):
        answer = await proxy.get("/", "Range: bytes=1-3", 'If-Range: "e"', 'If-None-Match: "a", "b"', "If-Match: *")
        assert (answer.status, answer.body, answer.value("content-range")) == (206, b"bcd", "bytes 1-3/10")
        sent = [service.last.values(name) for name in ("range", "if-range", "if-none-match", "if-match")]
        assert sent == [["bytes=1-3"], ['"e"'], ['"a", "b"'], ["*"]]


async def test_options_pass_until_their_hops_are_spent() -> None:
    async with passing(whole(b"", "200 OK", "Allow: GET")) as (service, proxy):
        assert (await proxy.get("/", "Max-Forwards: 2", method="OPTIONS")).value("allow") == "GET"
        assert service.last.values("max-forwards") == ["1"]
        answer = await proxy.get("/", "Max-Forwards: 0", method="OPTIONS")
        assert (answer.status, answer.value("allow")) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
        assert len(service.received) == 1


async def test_a_redirect_is_an_answer() -> None:
    async with passing(whole(b"", "302 Found", "Location: /elsewhere")) as (_, proxy):
        answer = await proxy.get("/")
        assert (answer.status, answer.value("location")) == (302, "/elsewhere")


async def test_links_and_cookies_of_an_answer_are_translated_unless_the_route_says_not() -> None:
    async def moves(request: Received, writer: asyncio.StreamWriter) -> None:
        here = f"http://{request.values('host')[0]}/v1/b"
        cookies = ("Set-Cookie: a=1; Domain=127.0.0.1; Path=/v1", "Set-Cookie: b=2")
        writer.write(whole(b"", "302 Found", f"Location: {here}?x", f"Content-Location: {here}", *cookies))

    route = Route(path="/files/{path...}", upstream="files", strip_prefix="/files", replace_prefix="/v1")
    plain = replace(route, path="/raw/{path...}", strip_prefix="/raw", translate=False)
    async with passing(moves, route, plain) as (service, proxy):
        answer = await proxy.get("/files/a")
        assert (answer.value("location"), answer.value("content-location")) == ("/files/b?x", "/files/b")
        assert answer.values("set-cookie") == ["a=1; Path=/files", "b=2"]
        assert (await proxy.get("/raw/a")).value("location") == f"{service.url}/v1/b?x"


async def test_nobodys_hop_reaches_the_other_side() -> None:
    raw = whole(
        b"", "200 OK", "Connection: X-Secret", "X-Secret: 1", "Keep-Alive: timeout=5", "Date: then", "Server: s/1"
    )
    async with passing(raw) as (service, proxy):
        answer = await proxy.get(
            "/", "Connection: X-Mine", "X-Mine: 1", "TE: trailers", "Upgrade: h2c", "Keep-Alive: 1"
        )
        for name in ("connection", "x-mine", "te", "upgrade", "keep-alive"):
            assert service.last.values(name) == []
        for name in ("x-secret", "keep-alive", "server"):
            assert answer.values(name) == []
        assert answer.value("date") != "then"
        assert answer.value("via") == "1.1 gw"
        assert service.last.values("via") == ["1.1 gw"]


async def test_what_a_client_says_about_itself_never_arrives() -> None:
    claims = [
        "X-Forwarded-For: 6.6.6.6",
        "Forwarded: for=6.6.6.6",
        "X_Forwarded_For: 6.6.6.6",
        "X-User-Id: 1",
        "X-Real-IP: 6",
    ]
    async with passing(whole()) as (service, proxy):
        await proxy.get("/", *claims, "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "Authorization: Bearer t")
        assert service.last.values("x-forwarded-for") == ["127.0.0.1"]
        assert service.last.values("forwarded") == ['for=127.0.0.1;host="api.example";proto=http']
        assert service.last.values("x-forwarded-proto") == ["http"]
        assert service.last.values("x-forwarded-host") == ["api.example"]
        for name in ("x_forwarded_for", "x-user-id", "x-real-ip", "authorization"):
            assert service.last.values(name) == []


async def test_a_trusted_hop_is_believed() -> None:
    async with passing(whole(), trusted=[ip_network("127.0.0.1")]) as (service, proxy):
        await proxy.get("/", "X-Forwarded-For: 6.6.6.6, 192.0.2.1", "X-Forwarded-Proto: https")
        assert service.last.values("x-forwarded-for") == ["192.0.2.1, 127.0.0.1"]
        assert service.last.values("x-forwarded-proto") == ["https"]
        assert proxy.passages[0].client == "192.0.2.1"


async def test_credentials_and_fixed_headers_go_where_the_upstream_says() -> None:
    async with passing(whole(), forward=frozenset({"cookie"}), headers=(("x-key", "k"),)) as (service, proxy):
        await proxy.get("/", "Cookie: a=1", "Authorization: Bearer t", "X-Key: mine")
        assert service.last.values("cookie") == ["a=1"]
        assert service.last.values("authorization") == []
        assert service.last.values("x-key") == ["k"]


async def test_a_trace_goes_on() -> None:
    async with passing(whole()) as (service, proxy):
        answer = await proxy.get("/", f"Traceparent: 00-{'a' * 32}-{'b' * 16}-01", "X-Request-Id: theirs")
        (parent,) = service.last.values("traceparent")
        assert parent.startswith(f"00-{'a' * 32}-")
        assert "b" * 16 not in parent
        assert answer.value("x-request-id") == "a" * 32 == service.last.values("x-request-id")[0]


async def test_many_cookies_are_many_headers() -> None:
    async with passing(whole(b"", "200 OK", "Set-Cookie: a=1", "Set-Cookie: b=2")) as (_, proxy):
        assert (await proxy.get("/")).values("set-cookie") == ["a=1", "b=2"]


async def test_an_answer_may_come_before_the_body_has_been_read() -> None:
    async with passing(whole(b"early", "403 Forbidden"), eager=True) as (_, proxy):
        answer = await proxy.exchange(asks("/", "Content-Length: 10", method="POST") + b"half")
        assert (answer.status, answer.body) == (403, b"early")


async def test_a_connection_serves_one_request_after_another() -> None:
    async with passing(whole()) as (service, proxy), proxy.connected() as connection:
        for number in range(3):
            connection.writer.write(asks(f"/{number}", method="POST", body=b"x"))
            assert (await connection.answer()).status == 200
        connection.writer.write(asks("/4") + asks("/5"))  # pipelined
        assert [(await connection.answer()).status for _ in range(2)] == [200, 200]
        assert [request.target for request in service.received] == ["/0", "/1", "/2", "/4", "/5"]


async def test_silence_ends_a_call_and_a_long_one_that_moves_does_not() -> None:
    async def slowly(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.target == "/silent":
            await asyncio.Event().wait()
        writer.write(head("200 OK", "Transfer-Encoding: chunked"))
        for _ in range(8):
            writer.write(b"1\r\n.\r\n")
            await asyncio.sleep(0.06)
        if request.target == "/stalls":
            await asyncio.Event().wait()
        writer.write(b"0\r\n\r\n")

    patient = Route(path="/{x...}", upstream="files", timeout=0.2, idle=0.4)
    async with passing(slowly, patient) as (_, proxy):
        silent = await proxy.get("/silent")
        assert (silent.status, silent.problem["code"]) == (504, "UPSTREAM_TIMEOUT")
        moving = await proxy.get("/moves")
        assert (moving.body, moving.complete) == (b"." * 8, True)
        stalled = await proxy.get("/stalls")
        assert (stalled.body, stalled.complete) == (b"." * 8, False)
        await eventually(lambda: len(proxy.passages) == 3)
        assert [passage.code for passage in proxy.passages] == ["UPSTREAM_TIMEOUT", None, "UPSTREAM_TIMEOUT"]


async def test_an_upload_that_moves_outlasts_the_timeout() -> None:
    patient = Route(path="/{x...}", upstream="files", timeout=0.2, idle=5)
    async with passing(whole(), patient) as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/", "Content-Length: 6", method="PUT"))
        for _ in range(6):
            await asyncio.sleep(0.06)
            connection.writer.write(b".")
        assert (await connection.answer()).status == 200
        assert service.last.body == b"......"


async def test_clients_that_leave_anywhere_leave_nothing_behind() -> None:
    async def slowly(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.002)
        writer.write(head("200 OK", "Transfer-Encoding: chunked"))
        for _ in range(3):
            writer.write(b"4\r\nsome\r\n")
            await asyncio.sleep(0.002)
        writer.write(b"0\r\n\r\n")

    async with passing(slowly, max_in_flight=4, queue_size=100) as (service, proxy):

        async def leaves(turns: int) -> None:
            async with proxy.connected() as connection:
                connection.writer.write(asks("/", "Content-Length: 8", method="POST") + b"12345678"[: turns % 9])
                for _ in range(turns):
                    await asyncio.sleep(0.0005)

        for batch in range(0, 120, 20):
            await asyncio.gather(*(leaves(turns) for turns in range(batch % 40, batch % 40 + 20)))
        await eventually(lambda: len(proxy.passages) == 120)
        await eventually(lambda: service.open <= 4)
        answers = await asyncio.gather(*(proxy.get("/") for _ in range(8)))
        assert {(answer.status, answer.complete) for answer in answers} == {(200, True)}
        assert proxy.observer.failures == []


async def test_a_service_that_is_down_is_not_waited_for_by_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "LASTING", 0.0)

    async def silent(_request: Received, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    route = Route(path="/{path...}", upstream="files", timeout=0.05, price=3)
    async with passing(silent, route, circuit_failures=2, circuit_pause=60.0) as (service, proxy):
        answers = [await proxy.get("/a") for _ in range(4)]
        assert [answer.status for answer in answers] == [504, 504, 503, 503]
        assert answers[-1].problem["code"] == "UPSTREAM_UNAVAILABLE"
        assert (answers[-1].value("retry-after"), answers[-1].value("proxy-status")) == (
            "1",
            "gw; error=destination_unavailable",
        )
        assert len(service.received) == 2
        assert [fact.spent for fact in proxy.passages] == [3, 3, 0, 0]


@pytest.mark.parametrize(
    ("method", "body", "status", "times"),
    [
        ("GET", None, 200, 2),
        ("DELETE", b"", 200, 2),
        ("PUT", b"", 200, 2),
        ("PUT", b"x", 502, 1),
        ("POST", b"", 502, 1),
    ],
)
async def test_what_meets_a_kept_connection_that_has_ended_is_sent_once_more_where_that_does_no_harm(
    method: str, body: bytes | None, status: int, times: int
) -> None:
    """RFC 9110 9.2.2. A body that is being handed on is not there a second time."""
    connections: set[int] = set()

    async def ends(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.target == "/first" or id(writer) not in connections:
            connections.add(id(writer))
            writer.write(whole())
        else:
            writer.close()

    async with passing(ends) as (service, proxy):
        await proxy.get("/first")
        answer = await proxy.get("/second", method=method, body=body)
        assert answer.status == status
        assert [seen.target for seen in service.received] == ["/first", *["/second"] * times]
        fact = proxy.passages[-1].exchange
        assert fact is not None
        assert fact.repeated is (times == 2)
