"""What the proxy refuses, over real sockets: each with its status and its document, and what the service saw of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bff.errors import BffError, Forbidden, QuotaExceeded, StartRefused, Unauthenticated
from bff.proxy import Admission, Asked, OpenPolicy, Proxy, Refused, Route

from .gateway import ALL, Answered, Gateway, asks, eventually, gateway
from .service import Received, Service, head, listening, says, whole
from .test_paths import REFUSED

OK = whole()


@asynccontextmanager
async def refusing(*routes: Route, answer: Any = OK, **more: Any) -> AsyncIterator[tuple[Service, Gateway]]:
    async with (
        listening(Service(says(answer) if isinstance(answer, bytes) else answer)) as service,
        gateway(service.url, *routes, **more) as proxy,
    ):
        yield service, proxy


def exactly(answer: Answered, status: int, code: str, detail: str, **more: Any) -> None:
    """The whole document, and the headers that every refusal has."""
    problem = answer.problem
    trace_id = problem.pop("traceId")
    assert len(trace_id) == 32
    assert problem.pop("title")
    assert problem == {"type": "about:blank", "status": status, "code": code, "detail": detail, **more}
    assert answer.status == status
    assert (answer.value("cache-control"), answer.value("x-content-type-options")) == ("no-store", "nosniff")
    assert answer.value("content-length") == str(len(answer.body))


async def test_an_unknown_route_is_404_and_a_known_one_says_its_methods() -> None:
    async with refusing(Route(path="/a", upstream="files", methods=frozenset({"GET"}))) as (service, proxy):
        exactly(await proxy.get("/b"), 404, "NOT_FOUND", "No route has this path.")
        answer = await proxy.get("/a", method="POST", body=b"x")
        exactly(answer, 405, "METHOD_NOT_ALLOWED", "This path does not have that method.")
        assert answer.value("allow") == "GET, HEAD"
        assert answer.value("proxy-status") == "gw; error=http_request_error"
        assert service.received == []
        assert [passage.route for passage in proxy.passages] == [None, None]


async def test_a_refusal_of_head_has_no_body() -> None:
    async with refusing(Route(path="/a", upstream="files")) as (_, proxy), proxy.connected() as connection:
        for _ in range(2):
            connection.writer.write(asks("/b", method="HEAD"))
            answer = await connection.answer(head_only=True)
            assert answer.status == 404
            assert int(answer.value("content-length") or 0) > 0


@pytest.mark.parametrize("raw", [raw for raw in REFUSED if raw and " " not in raw])
async def test_an_unsafe_path_is_refused_and_never_arrives(raw: str) -> None:
    async with refusing() as (service, proxy):
        answer = await proxy.exchange(asks(raw))
        assert answer.status == 400
        if answer.value("content-type") == "application/problem+json":  # else the parser has refused it
            assert answer.problem["code"] in {"UNSAFE_PATH", "BAD_REQUEST"}
        assert service.received == []


async def test_a_body_over_the_limit_is_refused_unread() -> None:
    async with refusing() as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/", "Content-Length: 1001", method="POST"))
        answer = await connection.answer()
        exactly(answer, 413, "REQUEST_TOO_LARGE", "The body is over the limit of 1000 bytes.")
        assert answer.value("connection") == "close"
        assert await connection.closed()
        assert service.received == []


async def test_a_chunked_body_is_cut_where_it_exceeds_the_limit() -> None:
    async with refusing() as (service, proxy), proxy.connected() as connection:
        connection.writer.write(
            asks("/", "Transfer-Encoding: chunked", method="POST") + b"3E8\r\n" + bytes(1000) + b"\r\n"
        )
        await eventually(lambda: service.received)
        connection.writer.write(b"1\r\nx\r\n")
        answer = await connection.answer()
        exactly(answer, 413, "REQUEST_TOO_LARGE", "The body is over the limit of 1000 bytes.")
        await asyncio.wait_for(service.hung_up.wait(), 10)
        assert service.last.digest == ""  # it never saw the end of a body


async def test_a_small_body_that_nobody_wanted_does_not_cost_the_connection() -> None:
    async with refusing(Route(path="/a", upstream="files")) as (service, proxy), proxy.connected() as connection:
        for begun, rest in ((b"body", b""), (b"bo", b"dy")):
            connection.writer.write(asks("/nowhere", "Content-Length: 4", method="POST") + begun)
            assert (await connection.answer()).status == 404
            connection.writer.write(rest + asks("/a"))
            assert (await connection.answer()).status == 200
        assert [request.line for request in service.received] == ["GET /a HTTP/1.1"] * 2


async def test_a_body_at_the_limit_passes() -> None:
    async with refusing() as (service, proxy):
        assert (await proxy.get("/", method="POST", body=bytes(1000))).status == 200
        assert service.last.size == 1000


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async with (
        refusing(Route(path="/", upstream="files", idle=0.1)) as (service, proxy),
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/", "Content-Length: 10", method="POST") + b"half")
        answer = await connection.answer()
        exactly(answer, 408, "REQUEST_TIMEOUT", "The body did not come in time.")
        await asyncio.wait_for(service.hung_up.wait(), 10)


async def test_the_service_decides_whether_a_body_is_continued() -> None:
    async with refusing() as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/", "Content-Length: 4", "Expect: 100-continue", method="POST"))
        assert (await connection.head()).status == 100
        connection.writer.write(b"body")
        assert (await connection.answer()).status == 200
        assert (service.last.body, service.last.values("expect")) == (b"body", [])


async def test_http_1_0_is_sent_no_word_before_the_answer() -> None:
    async with refusing() as (service, proxy), proxy.connected() as connection:
        sent = asks("/", "Content-Length: 4", "Expect: 100-continue", method="POST")
        connection.writer.write(sent.replace(b"HTTP/1.1", b"HTTP/1.0") + b"body")
        assert (await connection.answer()).status == 200
        assert (service.last.body, service.last.values("expect")) == (b"body", [])


async def test_an_expectation_that_nobody_knows_is_none() -> None:
    async with refusing() as (service, proxy):
        assert (await proxy.get("/", "Expect: a-miracle", method="POST", body=b"body")).status == 200
        assert service.last.values("expect") == []


@pytest.mark.parametrize(
    ("target", "length", "status"), [("/", 1001, 413), ("/..", 4, 400), ("/nowhere", 4, 404), ("/closed", 4, 401)]
)
async def test_what_is_refused_is_refused_before_its_body_is_sent(target: str, length: int, status: int) -> None:
    routes = [Route(path="/", upstream="files", max_body=1000), Route(path="/closed", upstream="files")]
    async with refusing(*routes, policy=Closed(Unauthenticated())) as (_, proxy), proxy.connected() as connection:
        connection.writer.write(asks(target, f"Content-Length: {length}", "Expect: 100-continue", method="POST"))
        answer = await connection.answer()
        assert answer.status == status  # and no 100 before it
        assert answer.value("connection") == "close"
        assert await connection.closed()


async def test_no_body_is_asked_for_when_the_service_cannot_be_reached() -> None:
    async with gateway("http://127.0.0.1:9") as proxy, proxy.connected() as connection:
        connection.writer.write(asks("/", "Content-Length: 4", "Expect: 100-continue", method="POST"))
        answer = await connection.answer()
        exactly(answer, 502, "UPSTREAM_UNREACHABLE", "The files service could not be reached.", upstream="files")
        assert answer.value("proxy-status") == "gw; error=connection_refused"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://name.invalid:80", "dns_error"),
        ("https://127.0.0.1:{port}", "tls_protocol_error"),
        ("http://127.0.0.1:9", "connection_refused"),
        ("http://127.0.0.1:{port}", "connection_terminated"),
    ],
)
async def test_a_service_that_cannot_be_reached_is_told_with_the_reason(url: str, why: str) -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = await reader.read(1)
        writer.write(b"what?" if begun != b"G" else b"")
        writer.close()

    async with await asyncio.start_server(hangs_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with gateway(url.format(port=port)) as proxy:
            answer = await proxy.get("/")
    assert (answer.status, answer.problem["code"]) == (502, "UPSTREAM_UNREACHABLE")
    assert answer.value("proxy-status") == f"gw; error={why}"
    assert not any(word in answer.body for word in (str(port).encode(), b"127.0.0.1", b"name.invalid"))


class Closed(OpenPolicy):
    """Lets nobody pass, for one reason."""

    def __init__(self, error: BffError | Refused) -> None:
        self.error = error
        self.asked: list[Asked] = []

    async def admit(self, asked: Asked) -> Admission:
        self.asked.append(asked)
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (Unauthenticated('Bearer realm="bff"'), 401, ("www-authenticate", 'Bearer realm="bff"')),
        (Forbidden("No.", ("files:read",)), 403, ("proxy-status", "gw; error=http_request_denied")),
        (QuotaExceeded("Spent.", retry_after=7), 429, ("retry-after", "7")),
        (
            Refused(QuotaExceeded("Spent.", retry_after=7), (("ratelimit", '"points";r=0;t=7'),)),
            429,
            ("ratelimit", '"points";r=0;t=7'),
        ),
    ],
    ids=["401", "403", "429", "429 with RateLimit"],
)
async def test_a_policy_refuses_before_any_call(
    error: BffError | Refused, status: int, header: tuple[str, str]
) -> None:
    policy = Closed(error)
    async with refusing(policy=policy) as (service, proxy):
        answer = await proxy.get("/a", "Authorization: Bearer t")
        assert (answer.status, answer.value(header[0])) == (status, header[1])
        assert service.received == []
        assert ("authorization", "Bearer t") in policy.asked[0].headers
        assert (policy.asked[0].client, policy.asked[0].route) == ("127.0.0.1", ALL)


class Counting(OpenPolicy):
    """Admits, and remembers what was settled."""

    def __init__(self) -> None:
        self.settled: list[int] = []

    async def admit(self, asked: Asked) -> Admission:
        async def settle(spent: int) -> None:
            await asyncio.sleep(0)
            self.settled.append(spent)

        return Admission(caller="web", answer=(("ratelimit", "x"),), onward=(("x-user-id", "u1"),), settle=settle)


async def test_an_admission_is_told_to_the_service_and_to_the_client_and_settled_once() -> None:
    policy = Counting()
    async with refusing(Route(path="/", upstream="files", price=3), policy=policy) as (service, proxy):
        answer = await proxy.get("/", "X-User-Id: forged")
        assert answer.value("ratelimit") == "x"
        assert service.last.values("x-user-id") == ["u1"]
        await eventually(lambda: proxy.passages)
        assert (policy.settled, proxy.passages[0].caller, proxy.passages[0].spent) == ([3], "web", 3)


async def test_a_client_that_leaves_has_its_quota_settled() -> None:
    async def never(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    policy = Counting()
    async with refusing(answer=never, policy=policy) as (service, proxy):
        async with proxy.connected() as connection:
            connection.writer.write(asks("/"))
            await eventually(lambda: service.received)
        await eventually(lambda: policy.settled)
        assert policy.settled == [1]


async def test_a_call_that_found_no_slot_costs_nothing() -> None:
    async def never(request: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    policy = Counting()
    one_at_a_time = refusing(answer=never, policy=policy, max_in_flight=1, queue_size=0)
    async with one_at_a_time as (service, proxy), proxy.connected() as connection:
        connection.writer.write(asks("/"))
        await eventually(lambda: service.received)
        answer = await proxy.get("/")
        assert (answer.status, answer.value("retry-after"), answer.value("ratelimit")) == (503, "1", "x")
        assert policy.settled == [0]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01 no such thing\r\n\r\n",
        head("99 What"),
        head("999 What", "Content-Length: 0"),
        head("101 Switching Protocols", "Upgrade: h2c", "Connection: upgrade"),
        head("200 OK", "Content-Length: 3", "Content-Length: 4") + b"abcd",
        head("200 OK", "Transfer-Encoding: gzip, chunked") + b"1\r\nx\r\n0\r\n\r\n",
        head("200 OK", "Connection: content-encoding", "Content-Encoding: gzip", "Content-Length: 1") + b"x",
        head("200 OK", "X: a\x01b", "Content-Length: 0"),
        head("200 OK", *(f"X-{number}: {'y' * 8000}" for number in range(100)), "Content-Length: 0"),
    ],
)
async def test_an_answer_that_is_not_one_is_502(raw: bytes) -> None:
    async with refusing(answer=says(raw, then_closes=True)) as (_, proxy):
        answer = await proxy.get("/")
        exactly(
            answer, 502, "UPSTREAM_MALFORMED", "The files service answered in an unexpected form.", upstream="files"
        )
        assert answer.value("proxy-status") == "gw; error=http_protocol_error"


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_service_that_dies_before_its_answer_is_502(raw: bytes) -> None:
    async with refusing(answer=says(raw, then_closes=True)) as (_, proxy):
        answer = await proxy.get("/")
        exactly(answer, 502, "UPSTREAM_UNREACHABLE", "The files service could not be reached.", upstream="files")


async def test_a_request_that_goes_in_circles_is_stopped() -> None:
    async with refusing() as (service, proxy):
        answer = await proxy.get("/", "Via: " + ", ".join(["1.1 gw"] * 5))
        exactly(answer, 502, "PROXY_LOOP", "The request has passed through this gateway too often.")
        assert service.received == []


async def test_a_defect_is_masked_and_told_to_the_observer() -> None:
    async with refusing(policy=Closed(RuntimeError("secret"))) as (_, proxy):  # type: ignore[arg-type]
        answer = await proxy.get("/")
        exactly(answer, 500, "INTERNAL", "Internal error.")
        assert b"secret" not in answer.body
        assert [str(error) for error in proxy.observer.failures] == ["secret"]


def test_routes_that_could_not_work_refuse_the_start() -> None:
    with pytest.raises(StartRefused) as refusal:
        Proxy([Route(path="a", upstream="nobody")], {}, OpenPolicy())
    assert [problem.place for problem in refusal.value.problems] == ["routes.0.path", "routes.0.upstream"]
