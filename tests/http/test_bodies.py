"""Bodies that are too large, that never come, and that are not wanted: bytes on a socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.http.conftest import Served, serving
from tests.http.wire import Answer, Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 256 * 1024
POST = ("POST /graphql HTTP/1.1", "content-type: application/json")
FULL_CHUNK = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def code(answer: Answer) -> str:
    return str(json.loads(answer.body)["errors"][0]["extensions"]["code"])


async def refused_and_closed(wire: Wire, status: int, why: str) -> None:
    answer = await wire.answer()  # the first bytes: nothing has said "100 Continue" before
    assert (answer.status, code(answer)) == (status, why)
    assert answer.headers["connection"] == "close"
    assert await wire.ended()


async def test_a_body_announced_over_the_limit_is_refused_before_a_byte_of_it_is_asked_for(served: Served) -> None:
    wire = await served.wire()
    await wire.send(*POST, f"content-length: {LIMIT + 1}", "expect: 100-continue")
    await refused_and_closed(wire, 413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize(
    ("lines", "status", "why"),
    [
        (("POST /graphql HTTP/1.1", "content-type: text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ((*POST, "content-encoding: br"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ((*POST, "accept: text/html"), 406, "NOT_ACCEPTABLE"),
        (("PUT /graphql HTTP/1.1", "content-type: application/json"), 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_a_body_that_is_not_wanted_is_not_asked_for(
    served: Served, lines: tuple[str, ...], status: int, why: str
) -> None:
    wire = await served.wire()
    await wire.send(*lines, "content-length: 100", "expect: 100-continue")
    await refused_and_closed(wire, status, why)


async def test_a_body_within_the_limit_is_asked_for_and_answered(served: Served) -> None:
    body = b'{"query": "{ total }"}'
    body += b" " * (LIMIT - len(body))
    wire = await served.wire()
    await wire.send(*POST, f"content-length: {len(body)}", "expect: 100-continue")
    assert (await wire.answer()).status == 100
    wire.writer.write(body)
    answer = await wire.answer()
    assert (answer.status, json.loads(answer.body)) == (200, {"data": {"total": 3}})
    assert "connection" not in answer.headers


async def test_a_chunked_body_is_refused_as_soon_as_it_is_over_the_limit(served: Served) -> None:
    wire = await served.wire()
    await wire.send(*POST, "transfer-encoding: chunked", body=FULL_CHUNK * (LIMIT // 0x2000))
    wire.writer.write(b"1\r\n \r\n")  # one byte over, and the end has not come
    answer = await wire.answer()
    assert (answer.status, code(answer)) == (413, "REQUEST_TOO_LARGE")
    wire.writer.write(LAST_CHUNK)
    assert await wire.ended()


async def test_a_chunked_body_within_the_limit_is_answered(served: Served) -> None:
    wire = await served.wire()
    chunks = [b'{"que', b'ry": "{ tot', b'al }"}']
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    await wire.send(*POST, "transfer-encoding: chunked", body=body + LAST_CHUNK)
    assert json.loads((await wire.answer()).body) == {"data": {"total": 3}}


@pytest.mark.parametrize("size", [LIMIT + 1, 20 * LIMIT])
async def test_a_client_that_sends_on_regardless_still_gets_the_answer(served: Served, size: int) -> None:
    """Closed at once on unread bytes, a connection is reset, and then most clients report no status at all."""
    answer = await served.post(b" " * size)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["message"] == "The body is over the limit of 262144 bytes."


async def test_a_body_that_ends_early_ends_the_request(served: Served) -> None:
    wire = await served.wire()
    await wire.send(*POST, "content-length: 100", body=b'{"query": "{ to')
    await wire.close()
    await served.idle()
    assert served.bench.urls == []
    assert served.bench.listener.failures == []


async def test_a_body_that_drips_is_given_up_however_often_a_byte_comes_and_is_counted() -> None:
    async with serving("limits: {body_timeout: 200ms}") as gateway:
        wire = await gateway.wire()
        await wire.send(*POST, f"content-length: {LIMIT}", body=b"{")
        answer = asyncio.ensure_future(wire.answer())
        while not answer.done():
            wire.writer.write(b" ")
            await asyncio.wait([answer], timeout=0.01)
        assert ((await answer).status, code(await answer)) == (408, "REQUEST_TIMEOUT")
        assert (await answer).headers["connection"] == "close"
        counted = (await gateway.client.get("/metrics")).text
        assert 'bff_requests_total{status="408",surface="graphql"} 1.0' in counted
        await gateway.forget()


async def test_a_body_may_come_in_pieces(served: Served) -> None:
    body = b'{"query": "{ total }"}'
    wire = await served.wire()
    await wire.send(*POST, f"content-length: {len(body)}", body=body[:1])
    for at in range(1, len(body)):
        await asyncio.sleep(0)
        wire.writer.write(body[at : at + 1])
        await wire.writer.drain()
    assert json.loads((await wire.answer()).body) == {"data": {"total": 3}}
