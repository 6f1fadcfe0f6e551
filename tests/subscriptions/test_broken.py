"""What breaks in our own code while an operation is answered over a WebSocket: told, and the end of nothing else."""

from __future__ import annotations

import asyncio

import pytest

from bff.socket import messages
from tests.http.conftest import Served, serving, until
from tests.subscriptions.conftest import listening, talk
from tests.subscriptions.test_unread import HANDSHAKE, gone, said, unread, waiting
from tests.subscriptions.world import make_schema

FOLLOWING = messages.following


@pytest.fixture(autouse=True)
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers the operation "faulty" cannot be written."""

    def following(id_: str, payload: bytes) -> str:
        if id_ == "faulty":
            raise RuntimeError("the password is hunter2")
        return FOLLOWING(id_, payload)

    monkeypatch.setattr(messages, "following", following)


def failures(gateway: Served) -> list[tuple[str, str]]:
    return [(place, str(error)) for _, place, error in gateway.bench.listener.failures]


@pytest.mark.parametrize("query", ["{ total }", "subscription { count }"])
async def test_the_client_is_told_that_it_was_our_fault_and_the_connection_stays(query: str) -> None:
    async with serving(schema=make_schema()) as gateway, talk(gateway) as client:
        await client.subscribe(query, "faulty")
        told = await client.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL")
        assert "hunter2" not in str(told)
        assert failures(gateway) == [("socket", "the password is hunter2")]
        await client.subscribe("{ total }")
        assert await client.values() == [{"data": {"total": 3}}]


async def test_a_client_that_does_not_listen_even_to_that_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        serving("subscriptions: {stall: 200ms}", schema=make_schema()) as gateway,
        unread(gateway, HANDSHAKE) as client,
    ):
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, said("connection_init"))
        payload = {"query": "subscription { posted { name } }"}
        await loop.sock_sendall(client, said("subscribe", id="1", payload=payload))
        await listening(gateway, 1)
        gateway.bench.gateway.streams.topics.deliver("posts", {"id": 1, "name": "x" * 5_000_000, "author_id": 1})
        await until(lambda: waiting(gateway) > 100_000)
        await loop.sock_sendall(client, said("subscribe", id="faulty", payload={"query": "{ total }"}))
        await gone(gateway)
        assert failures(gateway) == [("socket", "the password is hunter2")]
    assert [each.getMessage() for each in caplog.records if each.levelname != "INFO"] == [
        "a WebSocket was cut off: its client took nothing for 0.2 s"
    ]


async def test_a_fault_that_cannot_be_told_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def error(id_: str, errors: object) -> str:
        raise ValueError(id_)

    monkeypatch.setattr(messages, "error", error)
    async with serving(schema=make_schema()) as gateway, talk(gateway) as client:
        await client.subscribe("{ total }", "faulty")
        assert await client.closed() == (4500, "Internal error")
