"""Webhooks in a gateway: from bff.yaml to a subscriber."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry

from bff import config, published, subscribe
from bff.app import create_app
from bff.cli.serve import check_workers
from bff.errors import GatewayStopping, StartRefused
from bff.events import open_events
from bff.gateway import Gateway, open_gateway
from bff.plan.scope import Scope

from .sender import OTHER, SECRET, sign

HOOKS = """
webhooks:
  - {path: /hooks/orders, topic: orders, secrets: ["${ONE}", "${TWO}"]}
"""


@strawberry.type
class Order:
    number: int


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


@strawberry.type
class Subscription:
    @subscribe(published("orders", where={"customer": "data.customer"}, rows="data"))
    def order(self, customer: strawberry.ID) -> Order | None: ...


SCHEMA = strawberry.Schema(query=Query, subscription=Subscription)


def gateway(text: str, **environ: str) -> Gateway:
    return open_gateway(config.parse(text, {"ONE": SECRET, "TWO": OTHER, **environ}), Path("/"), schema=SCHEMA)


@pytest.fixture
async def client() -> AsyncIterator[tuple[Gateway, httpx.AsyncClient]]:
    found = gateway(HOOKS)
    app: Any = create_app(found)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as client:
        yield found, client
    await found.aclose()


@pytest.mark.parametrize("secret", [SECRET, OTHER])
async def test_a_message_reaches_the_subscriber_who_asked_for_it(
    client: tuple[Gateway, httpx.AsyncClient], secret: str
) -> None:
    on, http = client
    source = on.graph.fields["Subscription.order"].source
    events = open_events(on.streams, source, {"customer": "7"}, Scope(on.upstreams, 0.0))
    box, leave = on.streams.seat(source.events, {"customer": "7"}, Scope({}, 0.0))  # type: ignore[arg-type]
    for number, customer in enumerate((8, 7)):
        body = f'{{"data": {{"customer": {customer}, "number": {number}}}}}'.encode()
        answer = await http.post(
            "/hooks/orders", content=body, headers=sign(body, f"m{number}", int(time.time()), secret)
        )
        assert answer.status_code == 204
    assert await anext(box) == {"customer": 7, "number": 1}
    leave()
    await events.aclose()
    metrics = (await http.get("/metrics")).text
    assert 'surface="webhook"' in metrics


async def test_other_paths_are_no_webhooks(client: tuple[Gateway, httpx.AsyncClient]) -> None:
    _, http = client
    for path in ("/hooks/orders/", "/hooks", "/hooks/Orders"):
        assert (await http.post(path, content=b"{}", headers=sign(b"{}"))).status_code == 404


def refused(text: str, **environ: str) -> list[str]:
    with pytest.raises(StartRefused) as found:
        gateway(text, **environ)
    return [str(problem) for problem in found.value.problems]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("webhooks: [{path: /h, topic: orders, secrets: [whsec_x]}]", "one variable of the environment"),
        ("webhooks: [{path: /h, topic: orders, secrets: []}]", "must not be empty"),
        ("webhooks: [{path: /h, topic: orders, secrets: ['${BAD}']}]", "24 to 64 bytes in base64"),
        ("webhooks: [{path: /h, topic: orders, secrets: ['${SHORT}']}]", "24 to 64 bytes in base64"),
        ("webhooks: [{path: h, topic: orders, secrets: ['${ONE}']}]", "a path of plain segments"),
        ("webhooks: [{path: /h, topic: Orders, secrets: ['${ONE}']}]", "lower-case words"),
        ("webhooks: [{path: /graphql, topic: orders, secrets: ['${ONE}']}]", "the gateway itself answers"),
        ("webhooks: [{path: /readyz, topic: orders, secrets: ['${ONE}']}]", "the gateway itself answers"),
        ("webhooks: [{path: /h, topic: orders, secrets: ['${ONE}'], tolerance: 2h}]", "must not be longer than 1h"),
        (
            "webhooks: [{path: /h, topic: orders, secrets: ['${ONE}']}, {path: /h, topic: b, secrets: ['${ONE}']}]",
            "is the path of a webhook once more",
        ),
        (
            """
upstreams: {a: {url: 'http://a'}}
routes: [{path: /h, upstream: a}]
webhooks: [{path: /h, topic: orders, secrets: ['${ONE}']}]
""",
            "is the path of a route",
        ),
        (
            "webhooks: [{path: /h, topic: order, secrets: ['${ONE}']}]",
            "Subscription.order: nothing publishes on the topic 'orders' (did you mean 'order'?)",
        ),
    ],
)
def test_mistakes_are_refused_at_start(text: str, says: str) -> None:
    found = refused(text, BAD="whsec_!", SHORT="whsec_c2hvcnQ=")
    assert any(says in problem for problem in found), found


async def test_a_topic_without_any_webhook_is_a_warning() -> None:
    on = gateway("")
    assert "no webhook publishes on the topic 'orders'" in str(on.warnings)
    await on.aclose()


async def test_no_secret_is_shown() -> None:
    on = gateway(HOOKS)
    assert SECRET.removeprefix("whsec_") not in repr(on.config)
    await on.aclose()


async def test_a_message_to_one_replica_reaches_the_subscribers_of_all(store: str) -> None:
    replicas = [gateway(f"store: '{store}'\n{HOOKS}") for _ in range(2)]
    boxes = []
    for each in replicas:
        await each.start()
        source = each.graph.fields["Subscription.order"].source.events
        assert source is not None
        boxes.append(each.streams.seat(source, {"customer": "7"}, Scope({}, 0.0))[0])
    body = b'{"data": {"customer": 7, "number": 1}}'
    for each in replicas:  # the sender repeats itself, and is heard once
        app: Any = create_app(each)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as http:
            answer = await http.post("/hooks/orders", content=body, headers=sign(body, "m1", int(time.time())))
        assert answer.status_code == 204
    for box in boxes:
        async with asyncio.timeout(10):
            assert await anext(box) == {"customer": 7, "number": 1}
    for each in replicas:
        await each.aclose()
    for box in boxes:
        with pytest.raises(GatewayStopping):
            await anext(box)


def test_several_workers_need_a_store_that_carries_events_between_them() -> None:
    settings = config.parse(HOOKS, {"ONE": SECRET, "TWO": OTHER})
    with pytest.raises(StartRefused, match="event would reach the subscribers of one of 2 workers"):
        check_workers(settings, 2)
    check_workers(config.parse("store: 'valkey://127.0.0.1:9'\n" + HOOKS, {"ONE": SECRET, "TWO": OTHER}), 2)
    check_workers(config.parse("", {}), 2)
