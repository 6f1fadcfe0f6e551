"""What a reverse proxy is hired for: nothing is sent twice, no service is drowned, and what dies harms nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from ipaddress import ip_network

import pytest

from bff.proxy import Route

from .gateway import asks, eventually, gateway
from .service import Received, Service, head, listening, says, whole

FEW = Route(path="/{path...}", upstream="files")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"])
async def test_a_connection_that_the_service_has_closed_costs_nobody_an_answer(method: str) -> None:
    async with (
        listening(Service(says(whole(b"" if method == "HEAD" else b"ok"), then_closes=True))) as service,
        gateway(service.url) as proxy,
    ):
        for _ in range(20):
            body = b"x" if method in {"PUT", "POST", "PATCH"} else None
            assert (await proxy.get("/", method=method, body=body)).status == 200
        assert len(service.received) == 20


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
async def test_what_may_have_been_done_is_never_sent_twice(method: str) -> None:
    """A service that takes the request on a connection that was used before, and dies: was it done, or not?"""
    seen: Counter[str] = Counter()

    async def dies_second(request: Received, writer: asyncio.StreamWriter) -> None:
        seen[request.target] += 1
        if request.target != "/first":
            writer.close()
            return
        writer.write(whole(b"ok"))

    async with listening(Service(dies_second)) as service, gateway(service.url) as proxy:
        assert (await proxy.get("/first", method=method, body=b"x")).status == 200
        answer = await proxy.get("/second", method=method, body=b"x")
        assert (answer.status, answer.problem["code"]) == (502, "UPSTREAM_UNREACHABLE")
        assert seen == {"/first": 1, "/second": 1}


async def test_a_service_that_starts_again_between_two_requests_costs_neither_an_answer() -> None:
    service = Service(says(whole(b"ok")))
    async with listening(service):
        port = service.port
    async with gateway(f"http://127.0.0.1:{port}") as proxy:
        for _ in range(5):
            assert (await proxy.get("/")).problem["code"] == "UPSTREAM_UNREACHABLE"
            async with listening(service, port):
                assert [(await proxy.get("/", method=method)).status for method in ("GET", "POST", "GET")] == [200] * 3


async def test_a_service_is_never_asked_more_than_it_can_take_and_the_rest_is_told_at_once() -> None:
    most, gate = 0, asyncio.Event()

    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, service.open)
        await gate.wait()
        writer.write(whole(b"ok", "200 OK", "Connection: close"))
        await writer.drain()
        writer.close()

    service = Service(slow)
    async with (
        listening(service),
        gateway(service.url, max_in_flight=5, queue_size=10, queue_wait=30.0) as proxy,
    ):
        asked = [asyncio.ensure_future(proxy.get("/")) for _ in range(60)]
        await eventually(lambda: sum(task.done() for task in asked) == 45)
        refused = [task.result() for task in asked if task.done()]
        assert {answer.status for answer in refused} == {503}
        assert {answer.value("retry-after") for answer in refused} == {"1"}
        assert {answer.value("proxy-status") for answer in refused} == {"gw; error=connection_limit_reached"}
        gate.set()
        statuses = Counter(answer.status for answer in await asyncio.gather(*asked))
        assert statuses == {200: 15, 503: 45}
        assert most <= 5


async def test_who_leaves_the_queue_is_not_asked_for() -> None:
    gate = asyncio.Event()

    async def slow(request: Received, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.write(whole(b"ok"))

    async with (
        listening(Service(slow)) as service,
        gateway(service.url, max_in_flight=1, queue_size=10, queue_wait=30.0) as proxy,
    ):
        first = asyncio.ensure_future(proxy.get("/first"))
        await eventually(lambda: service.received)
        for number in range(5):
            async with proxy.connected() as connection:
                connection.writer.write(asks(f"/left/{number}"))
                await connection.writer.drain()
                await eventually(lambda: "1 of 10 queued" in repr(proxy.upstream.sender))
            await eventually(lambda: "0 of 10 queued" in repr(proxy.upstream.sender))
        gate.set()
        assert (await first).status == 200
        assert (await proxy.get("/last")).status == 200
        assert [request.target for request in service.received] == ["/first", "/last"]


async def test_what_is_told_of_requests_is_what_clients_got() -> None:
    """Whatever happens to them: the record has each request once, with the status that its client saw."""

    async def anyhow(request: Received, writer: asyncio.StreamWriter) -> None:
        if "dies" in request.target:
            writer.close()
            return
        if "breaks" in request.target:
            writer.write(head("200 OK", "Content-Length: 100") + b"half")
            await writer.drain()
            writer.close()
            return
        writer.write(whole(b"ok", "201 Created" if request.line.startswith("PUT") else "404 Not Found"))

    routes = (Route(path="/{path...}", upstream="files", methods=frozenset({"GET", "PUT"}), max_body=10),)
    asked = [
        asks("/fine"),
        asks("/fine", method="PUT", body=b"x"),
        asks("/large", method="PUT", body=bytes(11)),
        asks("/dies"),
        asks("/breaks"),
        asks("/no/method", method="DELETE"),
        asks("/a/../b"),
        asks("/", "Connection: Authorization"),
    ]
    async with listening(Service(anyhow)) as service, gateway(service.url, *routes, max_in_flight=100) as proxy:
        answers = await asyncio.gather(*(proxy.exchange(each) for each in asked * 10))
        await eventually(lambda: len(proxy.passages) == len(answers))
        assert Counter(answer.status for answer in answers) == Counter(passage.status for passage in proxy.passages)
        ids = [answer.value("x-request-id") for answer in answers]
        assert len(set(ids)) == len(answers)
        assert set(ids) == {passage.trace_id for passage in proxy.passages}
        told = Counter((passage.status, passage.code) for passage in proxy.passages)
        assert told[502, "UPSTREAM_UNREACHABLE"] == 10  # it died before its answer
        assert told[200, "UPSTREAM_MALFORMED"] == 10  # and in it, after the status had been said
        assert not proxy.observer.failures


async def test_clients_that_are_slow_in_every_way_delay_nobody_else() -> None:
    async with (
        listening(Service(says(whole(bytes(3_000_000))))) as service,
        gateway(service.url, Route(path="/{path...}", upstream="files", idle=30.0), max_in_flight=100) as proxy,
        proxy.connected() as no_head,
        proxy.connected() as no_body,
        proxy.connected() as no_reader,
    ):
        no_head.writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-")
        no_body.writer.write(asks("/", "Content-Length: 100", method="POST") + b"half")
        no_reader.writer.write(asks("/"))
        for _ in range(5):
            assert len((await asyncio.wait_for(proxy.get("/"), 10)).body) == 3_000_000


async def test_trailers_of_either_side_stay_behind_and_the_body_is_whole() -> None:
    raw = (
        head("200 OK", "Transfer-Encoding: chunked", "Trailer: X-Sum")
        + b"2\r\nok\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a\r\n\r\n"
    )
    async with listening(Service(says(raw))) as service, gateway(service.url) as proxy, proxy.connected() as connection:
        for _ in range(2):
            sent = asks("/", "Transfer-Encoding: chunked", "Trailer: X-Mine", method="POST")
            connection.writer.write(sent + b"2\r\nhi\r\n0\r\nX-Mine: 1\r\nAuthorization: Bearer x\r\n\r\n")
            answer = await connection.answer()
            assert (answer.status, answer.body, answer.complete) == (200, b"ok", True)
            assert not {"trailer", "x-sum", "set-cookie"} & {name for name, _ in answer.headers}
            assert service.last.body == b"hi"
            for name in ("trailer", "x-mine", "authorization"):
                assert service.last.values(name) == []


async def test_a_trailer_claims_nothing() -> None:
    """A proxy in front cleans headers, and few of them trailers."""
    claims = (
        b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nHost: evil\r\nX-Key: stolen\r\nTraceparent: x\r\n"
    )
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url, trusted=[ip_network("127.0.0.1")]) as proxy,
    ):
        sent = asks("/", "X-Forwarded-For: 192.0.2.1", "Transfer-Encoding: chunked", method="POST")
        assert (await proxy.exchange(sent + b"2\r\nhi\r\n0\r\n" + claims + b"\r\n")).status == 200
        assert service.last.values("x-forwarded-for") == ["192.0.2.1, 127.0.0.1"]
        assert service.last.values("x-forwarded-proto") == ["http"]
        assert service.last.values("x-key") == []
        assert proxy.passages[0].client == "192.0.2.1"


@pytest.mark.parametrize(
    "what", [b"0\r\nX-Long: ", b"0\r\n", b"2;long="], ids=["a trailer", "trailers", "an extension"]
)
async def test_what_stands_beside_a_body_without_end_ends_the_connection(what: bytes) -> None:
    more = b"X-More: 1\r\n" * 1_000 if what == b"0\r\n" else b"x" * 10_000
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(asks("/", "Transfer-Encoding: chunked", method="POST") + b"2\r\nhi\r\n" + what)
        with suppress(ConnectionError):
            for _ in range(50):
                connection.writer.write(more)
                await connection.writer.drain()
        assert await connection.closed()
        await asyncio.wait_for(service.hung_up.wait(), 10)


@pytest.mark.parametrize("count", [1, 3])
async def test_words_before_the_answer_stay_behind(count: int) -> None:
    early = b"".join(
        [head("103 Early Hints", "Link: </a.css>; rel=preload"), head("102 Processing"), head("100 Continue")][:count]
    )
    async with listening(Service(says(early + whole(b"ok")))) as service, gateway(service.url) as proxy:
        answer = await proxy.get("/", "Expect: nothing")
        assert (answer.status, answer.body, answer.values("link")) == (200, b"ok", [])
        assert service.last.values("expect") == []


async def test_a_service_that_breaks_off_hurts_its_own_client_alone() -> None:
    async def halves(request: Received, writer: asyncio.StreamWriter) -> None:
        if request.target == "/breaks":
            writer.write(head("200 OK", "Content-Length: 100") + b"half")
            await writer.drain()
            writer.close()
            return
        await asyncio.sleep(0)
        writer.write(whole(b"ok"))

    async with listening(Service(halves)) as service, gateway(service.url, FEW, max_in_flight=100) as proxy:
        targets = ["/breaks", "/fine"] * 20
        answers = await asyncio.gather(*(proxy.get(target) for target in targets))
        for target, answer in zip(targets, answers, strict=True):
            assert answer.complete is (target == "/fine")
