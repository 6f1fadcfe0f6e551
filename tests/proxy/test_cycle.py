"""How a request is taken and its answer leaves: in which calls of the kernel, framed how, and what cannot be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from bff.proxy.cycle import ONE_PIECE, Cycle

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
BODY = {"type": "http.response.body", "body": b"body"}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


class Sent(asyncio.Transport):
    """What the kernel was asked to send, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.calls.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.closed


class Line:
    """A connection."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.sent = Sent()
        self.transport: asyncio.Transport = self.sent
        self.flow = FlowControl(self.transport)
        self.server_state = ServerState()
        self.ended = ""

    def read_on(self) -> None:
        self.flow.read_paused = False

    def answered(self, cycle: Cycle) -> None:
        assert cycle.complete
        self.ended = "stays" if cycle.lasts else "closes"

    def cut(self) -> None:
        self.ended = "cut"

    def asks(self, method: str = "GET", *, lasts: bool = True, waits: bool = False) -> Cycle:
        return Cycle(self, {"method": method, "http_version": "1.1"}, lasts=lasts, waits=waits)


async def test_a_whole_answer_leaves_by_one_call() -> None:
    line = Line()
    cycle = line.asks()
    await cycle.send(START)
    await cycle.send(BODY)
    assert (line.sent.calls, line.ended) == ([HEAD + b"body"], "stays")
    await asyncio.sleep(0)
    assert line.sent.calls == [HEAD + b"body"]


async def test_a_long_answer_leaves_by_one_call_too() -> None:
    line = Line()
    cycle = line.asks()
    body = bytes(ONE_PIECE + 1)
    await cycle.send(START | {"headers": [(b"content-length", b"%d" % len(body))]})
    await cycle.send({"type": "http.response.body", "body": body})
    assert [call.partition(b"\r\n\r\n")[2] for call in line.sent.calls] == [body]


async def test_once_what_has_come_is_taken_the_connection_is_read_on() -> None:
    line = Line()
    cycle = line.asks("POST")
    taking = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    cycle.feed(b"much")
    line.flow.read_paused = True
    cycle.feed_end()
    assert await taking == {"type": "http.request", "body": b"much", "more_body": False}
    assert not line.flow.read_paused


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    line = Line()
    cycle = line.asks()
    await cycle.send(START)
    await asyncio.sleep(0)
    assert line.sent.calls == [HEAD]
    await cycle.send(BODY)
    assert line.sent.calls == [HEAD, b"body"]


@pytest.mark.parametrize(("method", "status"), [("GET", 204), ("GET", 304), ("HEAD", 200)])
async def test_an_answer_without_a_body_leaves_at_once(method: str, status: int) -> None:
    line = Line()
    cycle = line.asks(method)
    await cycle.send({"type": "http.response.start", "status": status, "headers": [(b"x", b"y")]})
    (call,) = line.sent.calls
    assert call.endswith(b"\r\nx: y\r\n\r\n")
    await cycle.send({"type": "http.response.body", "body": b"of GET" if method == "HEAD" else b""})
    assert (len(line.sent.calls), line.ended) == (1, "stays")


async def test_nothing_is_written_to_who_is_gone() -> None:
    line = Line()
    cycle = line.asks()
    await cycle.send(START)
    line.sent.closed = True
    await asyncio.sleep(0)
    cycle.disconnect()
    await cycle.send(BODY)
    assert (line.sent.calls, line.ended) == ([], "")


async def test_a_body_of_unknown_length_goes_out_in_chunks() -> None:
    line = Line()
    cycle = line.asks()
    await cycle.send({"type": "http.response.start", "status": 200})
    for piece in (b"one", b"", b"three"):
        await cycle.send({"type": "http.response.body", "body": piece, "more_body": True})
    await cycle.send({"type": "http.response.body"})
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert line.sent.calls == [head + b"3\r\none\r\n", b"5\r\nthree\r\n", b"0\r\n\r\n"]


@pytest.mark.parametrize(
    ("headers", "lasts", "said", "ends"),
    [
        ([], True, b"", "stays"),
        ([], False, b"connection: close\r\n", "closes"),
        ([(b"connection", b"x, Close")], True, b"connection: x, Close\r\n", "closes"),
        ([(b"connection", b"close")], False, b"connection: close\r\n", "closes"),
        ([(b"connection", b"closed")], True, b"connection: closed\r\n", "stays"),
        ([(b"connection", b"close"), (b"connection", b"x")], True, b"connection: close\r\nconnection: x\r\n", "closes"),
    ],
)
async def test_the_connection_stays_unless_somebody_says_otherwise(
    headers: list[tuple[bytes, bytes]], lasts: bool, said: bytes, ends: str
) -> None:
    line = Line()
    cycle = line.asks(lasts=lasts)
    await cycle.send(START | {"headers": [*headers, (b"content-length", b"0")]})
    await cycle.send({"type": "http.response.body"})
    lines = sorted(line.sent.calls[0].split(b"\r\n")[1:-2])
    assert (lines, line.ended) == (sorted([*said.split(b"\r\n")[:-1], b"content-length: 0"]), ends)


async def test_what_every_answer_says_comes_first() -> None:
    line = Line()
    line.server_state.default_headers = [(b"date", b"now")]
    cycle = line.asks()
    await cycle.send(START)
    await cycle.send(BODY)
    assert line.sent.calls == [b"HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 4\r\n\r\nbody"]


@pytest.mark.parametrize(
    "header",
    [
        (b"x y", b""),
        (b"x:", b""),
        (b"X", b""),
        (b"x\r\ny", b""),
        (b"x", b"a\r\nb: c"),
        (b"x", b"\n"),
        (b"x", b"\0"),
        (b"x", b"\x7f"),
    ],
)
@pytest.mark.parametrize("beside", [[], [(b"content-type", b"text/plain; charset=utf-8")]])
async def test_a_header_that_would_be_something_else_on_the_wire_is_not_sent(
    header: tuple[bytes, bytes], beside: list[tuple[bytes, bytes]]
) -> None:
    line = Line()
    with pytest.raises(RuntimeError, match="cannot be sent"):
        await line.asks().send(START | {"headers": [*beside, header, *beside]})
    await asyncio.sleep(0)
    assert line.sent.calls == []


async def test_a_value_may_have_whatever_http_allows() -> None:
    line = Line()
    cycle = line.asks()
    await cycle.send(START | {"headers": [(b"x-!#$%&'*+.^_`|~9", b"\t a\xff"), (b"content-length", b"0")]})
    await cycle.send({"type": "http.response.body"})
    assert b"\r\nx-!#$%&'*+.^_`|~9: \t a\xff\r\n" in line.sent.calls[0]


@pytest.mark.parametrize(
    "messages",
    [
        [BODY],
        [START, START],
        [START, BODY, BODY],
        [START, {"type": "http.response.body", "body": b"bo"}],
        [START, {"type": "http.response.body", "body": b"bodies"}],
        [START | {"status": 204}, BODY],
    ],
)
async def test_what_is_no_answer_is_refused(messages: list[dict[str, Any]]) -> None:
    *before, last = messages
    cycle = Line().asks()
    for message in before:
        await cycle.send(message)
    with pytest.raises(RuntimeError):
        await cycle.send(last)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    pass


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError


async def _half(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)


async def _half_broken(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    raise ValueError


@pytest.mark.parametrize("app", [_nothing, _broken])
async def test_who_gets_no_answer_is_told(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    await line.asks().run(app)
    assert line.sent.calls[0].startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert line.ended == "closes"
    assert [record.getMessage() for record in caplog.records] == ["a request failed"]


@pytest.mark.parametrize(("app", "said"), [(_half, []), (_half_broken, ["a request failed"])])
async def test_an_answer_that_is_not_ended_is_cut(app: Any, said: list[str], caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    await line.asks().run(app)
    assert (line.sent.calls, line.ended) == ([HEAD], "cut")
    assert [record.getMessage() for record in caplog.records] == said


async def test_nobody_is_told_once_the_client_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    cycle = line.asks()
    cycle.disconnect()
    await cycle.run(_nothing)
    assert (line.sent.calls, line.ended, caplog.records) == ([], "", [])


async def test_a_body_is_taken_as_it_comes_and_its_end_once() -> None:
    cycle = Line().asks("POST")
    assert [cycle.feed(piece) for piece in (b"a", b"b", b"c")] == [1, 2, 3]
    assert await cycle.receive() == {"type": "http.request", "body": b"abc", "more_body": True}
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    assert not waiting.done()
    cycle.feed(b"d")
    cycle.feed_end()
    assert await waiting == {"type": "http.request", "body": b"d", "more_body": False}
    waiting = asyncio.ensure_future(cycle.receive())
    await asyncio.sleep(0)
    assert not waiting.done()
    cycle.disconnect()
    assert await waiting == await cycle.receive() == {"type": "http.disconnect"}


async def test_all_who_wait_hear_that_the_client_is_gone() -> None:
    cycle = Line().asks()
    waiting = [asyncio.ensure_future(cycle.receive()) for _ in range(2)]
    await asyncio.sleep(0)
    cycle.disconnect()
    assert await asyncio.gather(*waiting) == [{"type": "http.disconnect"}] * 2


async def test_who_waits_to_be_asked_for_the_body_is_asked_once_and_not_after_an_answer() -> None:
    line = Line()
    cycle = line.asks("POST", waits=True)
    cycle.feed(b"x")
    cycle.feed_end()
    await cycle.receive()
    assert line.sent.calls == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    line = Line()
    cycle = line.asks("POST", waits=True)
    await cycle.send(START)
    await cycle.send(BODY)
    assert (await cycle.receive(), line.sent.calls) == ({"type": "http.disconnect"}, [HEAD + b"body"])
