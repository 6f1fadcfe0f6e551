"""A webhook's endpoint: what it takes, what it refuses, and what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bff.connectors import published
from bff.events import Streams
from bff.events.mailbox import Mailbox
from bff.plan.scope import Scope
from bff.telemetry import Silent
from bff.webhooks import MemoryCarrier, Webhook, WebhookEndpoint

from .sender import NOW, key, sign
from .sender import SECRET as GOOD

HOOK = Webhook("/hooks/orders", "orders", (key(GOOD),), tolerance=300, max_body=1_000)
BODY = b'{"type": "order.paid"}'


class Heard(Silent):
    def __init__(self) -> None:
        self.denials: list[str] = []
        self.failures: list[BaseException] = []

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        self.denials.append(detail)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        self.failures.append(error)


class World:
    """An endpoint, one subscriber, and a clock."""

    def __init__(self, hook: Webhook = HOOK, carried_by: type[MemoryCarrier] = MemoryCarrier, most: int = 100) -> None:
        self.now = float(NOW)
        self.streams = Streams()
        self.heard = Heard()
        self.carrier = carried_by(self.streams.topics, lambda: self.now, most=most)
        endpoint = WebhookEndpoint(hook, self.carrier, self.heard, lambda: self.now)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=endpoint), base_url="http://gateway")
        self.box: Mailbox = self.streams.seat(published("orders"), {}, Scope({}, 0.0))[0]

    async def send(self, body: bytes = BODY, **changes: Any) -> httpx.Response:
        headers = sign(body, changes.pop("id_", "msg_1"), round(self.now)) | changes
        return await self.client.post("/hooks/orders", content=body, headers=headers)

    async def events(self) -> list[Any]:
        self.box.end()
        return [event async for event in self.box]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    found = World()
    yield found
    await found.client.aclose()


async def test_a_signed_message_is_an_event_on_its_topic(world: World) -> None:
    answer = await world.send()
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(answer.headers["x-request-id"]) == 32
    assert await world.events() == [{"type": "order.paid"}]


async def test_what_came_before_is_acknowledged_and_not_published_again(world: World) -> None:
    assert [(await world.send()).status_code for _ in range(3)] == [204] * 3
    world.now += 500  # sent again, later, with a time of its own
    assert (await world.send()).status_code == 204
    assert (await world.send(id_="msg_2")).status_code == 204
    assert len(await world.events()) == 2


async def test_a_message_is_forgotten_once_its_signature_can_be_good_no_more(world: World) -> None:
    old = sign(BODY, "msg_1", NOW)
    await world.send()
    world.now += 601
    again = await world.client.post("/hooks/orders", content=BODY, headers=old)
    assert again.status_code == 401
    await world.send(id_="msg_2")
    assert len(world.carrier._seen) == 1


async def test_the_memory_of_messages_is_bounded() -> None:
    world = World(most=10)
    async with world.client:
        for at in range(50):
            await world.send(id_=f"msg_{at}")
    assert len(world.carrier._seen) == 10


async def test_the_same_id_of_another_sender_is_another_message() -> None:
    streams = Streams()
    box, _ = streams.seat(published("orders"), {}, Scope({}, 0.0))
    carrier = MemoryCarrier(streams.topics)
    assert [await carrier.publish("orders", sender, "1", b"{}", 10) for sender in ("/a", "/b", "/a")] == [
        True,
        True,
        False,
    ]
    box.end()
    assert [event async for event in box] == [{}, {}]


async def test_whoever_cannot_sign_is_told_one_thing_and_the_log_the_reason(world: World) -> None:
    wrongs: list[dict[str, Any]] = [{"webhook-signature": "v1,no"}, {"webhook-id": ""}, {"webhook-timestamp": "1"}]
    answers = [await world.send(**wrong) for wrong in wrongs]
    told = {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert told == {(401, "UNAUTHENTICATED", "A valid credential is needed.")}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"webhook-signature"}
    assert len(set(world.heard.denials)) == 3
    assert all(detail.startswith("webhook /hooks/orders: ") for detail in world.heard.denials)
    assert await world.events() == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"body": b"not json"}, 400, "BAD_REQUEST"),
        ({"body": b'{"a": "' + b"x" * 1_000 + b'"}'}, 413, "REQUEST_TOO_LARGE"),
        ({"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_what_is_no_message_is_refused(world: World, changes: dict[str, Any], status: int, code: str) -> None:
    answer = await world.send(**changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await world.events() == []


async def test_a_body_is_not_read_beyond_the_limit(world: World) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(1)
            yield b"x" * 100

    sent: list[int] = []
    answer = await world.client.post("/hooks/orders", content=endless(), headers=sign(b"x"))
    assert answer.status_code == 413
    assert len(sent) < 20


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_messages_come_by_post(world: World, method: str) -> None:
    answer = await world.client.request(method, "/hooks/orders", headers=sign(b""))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_what_breaks_is_masked_and_told_to_the_log() -> None:
    class Broken(MemoryCarrier):
        async def publish(self, *_: object) -> bool:
            raise ZeroDivisionError("secret")

    world = World(carried_by=Broken)
    async with world.client:
        answer = await world.send()
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert [type(error) for error in world.heard.failures] == [ZeroDivisionError]


async def test_a_message_that_drips_in_is_given_up() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    world = World(replace(HOOK, body_timeout=0.05))
    async with world.client:
        answer = await world.client.post(
            "/hooks/orders", content=drip(), headers={"content-type": "application/json"}, timeout=10
        )
    assert (answer.status_code, answer.json()["code"]) == (408, "REQUEST_TIMEOUT")
