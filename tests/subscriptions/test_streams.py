"""Subscriptions over HTTP: server-sent events and Apollo's parts, byte by byte, and who gets which."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from bff.endpoint.multipart import Multipart
from tests.http.conftest import Served, serving, until
from tests.http.test_negotiate import APOLLO, URQL
from tests.subscriptions.conftest import PARTS, STREAM, at_rest, streamed
from tests.subscriptions.world import make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNT = "subscription { count(to: 2) }"


async def test_events_come_in_frames_that_urql_can_read(gateway: Served) -> None:
    answer = await gateway.ask(COUNT, **STREAM)
    assert answer.content == (
        b":\n\n"
        b'event: next\ndata: {"data":{"count":1}}\n\n'
        b'event: next\ndata: {"data":{"count":2}}\n\n'
        b"event: complete\ndata:\n\n"
    )
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-request-id"]


async def test_parts_come_in_frames_that_apollo_can_read_at_once(gateway: Served) -> None:
    answer = await gateway.ask(COUNT, **PARTS)
    head = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
    assert answer.content == (
        b"--graphql" + head + b"{}"
        b"\r\n--graphql" + head + b'{"payload":{"data":{"count":1}}}'
        b"\r\n--graphql" + head + b'{"payload":{"data":{"count":2}}}'
        b"\r\n--graphql--\r\n"
    )
    assert answer.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'


async def test_every_part_ends_with_the_delimiter_of_the_next() -> None:
    body = Multipart("-")
    assert body.part(b"1").endswith(b"1\r\n---")
    assert body.part(b"2").endswith(b"2\r\n---")
    assert body.end() == b"--\r\n"
    assert Multipart("-").end() == b"-----\r\n"


@pytest.mark.parametrize(
    ("accept", "of_a_query", "of_a_subscription"),
    [
        ("text/event-stream", "text/event-stream", "text/event-stream"),
        (URQL, "application/graphql-response+json", "text/event-stream"),
        ("text/event-stream, multipart/mixed", "text/event-stream", "text/event-stream"),
        (f"{APOLLO},application/json", "application/json", "multipart/mixed"),
        (APOLLO, "multipart/mixed", "multipart/mixed"),
        ("text/event-stream, */*", "application/json", "text/event-stream"),
        ("application/json", "application/json", "application/json"),
        ("*/*", "application/json", "application/json"),
    ],
    ids=lambda value: value[:40],
)
async def test_accept_says_what_a_subscription_comes_in_and_queries_stay_what_they_are(
    gateway: Served, accept: str, of_a_query: str, of_a_subscription: str
) -> None:
    query, subscription = await gateway.ask("{ total }", accept=accept), await gateway.ask(COUNT, accept=accept)
    assert query.headers["content-type"].partition(";")[0] == of_a_query
    assert subscription.headers["content-type"].partition(";")[0] == of_a_subscription
    assert subscription.status_code == (406 if of_a_subscription == "application/json" else 200)


async def test_to_who_reads_streams_alone_a_query_is_one(gateway: Served) -> None:
    answer = await gateway.ask("{ total }", **STREAM)
    assert answer.content == b'event: next\ndata: {"data":{"total":3}}\n\nevent: complete\ndata:\n\n'
    parts = await gateway.ask("{ total }", accept=APOLLO)
    assert b'{"payload":{"data":{"total":3}}}' in parts.content
    assert parts.content.endswith(b"--graphql--\r\n")


async def test_browsers_open_streams_by_get(gateway: Served) -> None:
    answer = await gateway.client.get(f"/graphql?query={quote(COUNT)}", headers=STREAM)
    assert answer.text.count("event: next") == 2


@pytest.mark.parametrize("form", [STREAM, PARTS, {"accept": URQL}, {"accept": "application/json"}], ids=str)
@pytest.mark.parametrize("query", [COUNT, "subscription { silence }", "subscription { nope }", "{ total }"])
async def test_head_says_what_get_would_and_subscribes_to_nothing(
    gateway: Served, query: str, form: dict[str, str]
) -> None:
    """RFC 9110 9.3.2; on one connection, so that anything that came would be in the way."""
    target = f"/graphql?query={quote(query)}"
    wire = await gateway.wire()
    for _ in range(2):
        await wire.send(f"HEAD {target} HTTP/1.1", f"accept: {form['accept']}")
        head = await wire.head()
        assert "transfer-encoding" not in head.headers
    await at_rest(gateway)
    async with gateway.client.stream("GET", target, headers=form) as get:
        assert get.status_code == head.status
        for name in ("content-type", "cache-control", "vary", "x-accel-buffering"):
            assert get.headers.get(name) == head.headers.get(name)


@pytest.mark.parametrize("query", ["{ nope }", "{", "subscription { nope }", "{ user { name } }"])
async def test_what_cannot_run_is_told_in_the_stream(gateway: Served, query: str) -> None:
    answer = await gateway.ask(query, **STREAM)
    assert answer.status_code == 200
    assert answer.text.startswith('event: next\ndata: {"errors":[')
    assert answer.text.endswith("event: complete\ndata:\n\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"no json", 400), (b"x" * 300_000, 413), (b"{}", 400)],
    ids=["no JSON", "too large", "no query"],
)
async def test_what_is_no_request_is_refused_by_its_status(gateway: Served, sent: bytes, status: int) -> None:
    answer = await gateway.post(sent, **STREAM)
    assert answer.status_code == status
    assert json.loads(answer.content)["errors"]


async def test_what_ends_a_subscription_stands_beside_its_payload_in_parts(gateway: Served) -> None:
    answer = await gateway.ask('subscription { broken(how: "ours") }', **PARTS)
    assert b'{"payload":{"data":{"broken":1}}}' in answer.content
    assert b'{"payload":null,"errors":[{"message":' in answer.content
    assert answer.content.endswith(b"--graphql--\r\n")


async def test_silence_is_broken_by_heartbeats() -> None:
    async with serving("subscriptions: {heartbeat: 50ms}", schema=make_schema()) as gateway:
        async with streamed(gateway, "subscription { silence }") as stream:
            assert [await stream.line() for _ in range(6)] == [":", ""] * 3
        async with streamed(gateway, "subscription { silence }", **PARTS) as parts:
            lines = [await parts.line() for _ in range(12)]
            assert lines.count("{}") == 3
        await at_rest(gateway)


async def test_a_stream_is_not_compressed(gateway: Served) -> None:
    for form in (STREAM, PARTS):
        answer = await gateway.ask("subscription { count(to: 200) }", **form, accept_encoding="gzip, br")
        assert "content-encoding" not in answer.headers


async def test_a_subscription_ends_when_its_client_hangs_up(gateway: Served) -> None:
    async with streamed(gateway, "subscription { tick }"):
        await until(lambda: len(gateway.bench.gateway.subscriptions.live) == 1)
    await at_rest(gateway)
