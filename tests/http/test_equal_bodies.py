"""Requests with one and the same body, at one and the same moment: it is read once, and each gets what is its own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
import strawberry
from strawberry.scalars import JSON

from bff import connect, field, requires, upstream
from bff.auth.keys import new_key
from bff.envelope import Envelope
from tests.http.conftest import Served, serving, until

posts = upstream("posts")
MANY = 5
(SEER, SEER_DIGEST), (BLIND, BLIND_DIGEST), (POOR, POOR_DIGEST) = new_key(), new_key(), new_key()
SETTINGS = f"""
auth: {{}}
tiers:
  partner: {{points_per_minute: 100000, burst: 100000, share: false}}
  guest: {{points_per_minute: 100000, burst: 100000, share: false, max_price: 2}}
clients:
  seer: {{tier: partner, keys: [{{sha256: "{SEER_DIGEST}"}}], scopes: ["names"]}}
  blind: {{tier: partner, keys: [{{sha256: "{BLIND_DIGEST}"}}]}}
  poor: {{tier: guest, keys: [{{sha256: "{POOR_DIGEST}"}}], scopes: ["names"]}}
"""


@strawberry.type
class Post:
    id: strawberry.ID
    name: str | None = requires("names")(field(path="name"))


@strawberry.type
class Query:
    @connect(posts.get("/posts{?limit}", rows="items", many=True), slicing_arguments=["limit"])
    def posts(self, limit: int = 2) -> list[Post]: ...

    @field()
    async def joined(self, words: JSON) -> str:
        """Code that spoils what it is given."""
        assert isinstance(words, list)  # handed to it as it came
        words.append("again")
        await asyncio.sleep(0)
        return " ".join(map(str, words))


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[Served]:
    async with serving(SETTINGS, strawberry.Schema(Query)) as found:
        yield found


def known() -> list[bytes]:
    """The bodies that what is under way is known by."""
    return sorted([each.text for each in gc.get_objects() if isinstance(each, Envelope) and each.text])


async def at_once(gateway: Served, keys: list[str], body: Any) -> list[httpx.Response]:
    """Their answers; all of them have asked before the first call is answered."""
    service = gateway.bench.services["posts"]
    service.gate = asyncio.Event()
    asked = [asyncio.ensure_future(gateway.post(body, x_api_key=key)) for key in keys]
    await service.called(1)
    await until(lambda: sum(task.done() for task in asked) + len(gateway.server.server_state.tasks) >= len(asked))
    assert len(known()) <= 1
    service.gate.set()
    return list(await asyncio.gather(*asked))


async def test_equal_bodies_of_a_moment_are_read_once(gateway: Served) -> None:
    answers = await at_once(gateway, [SEER] * MANY, {"query": "{ posts { id } }"})
    assert len({answer.content for answer in answers}) == 1


async def test_bodies_that_differ_by_a_byte_are_not_equal(gateway: Served) -> None:
    bodies = [b'{"query": "query ($n: Int) { posts(limit: $n) { id } }", "variables": {"n": %d}}' % n for n in (1, 2)]
    service = gateway.bench.services["posts"]
    service.gate = asyncio.Event()
    asked = [asyncio.ensure_future(gateway.post(body, x_api_key=SEER)) for body in bodies]
    await service.called(2)
    assert known() == bodies
    service.gate.set()
    assert [len((await answer).json()["data"]["posts"]) for answer in asked] == [1, 2]


async def test_equal_bodies_of_callers_with_other_scopes_and_limits_are_decided_for_each(gateway: Served) -> None:
    body = {"query": "{ posts { id name } }"}
    keys = [SEER, BLIND, POOR, BLIND, SEER, POOR]
    seer, blind, poor, *others = [answer.json() for answer in await at_once(gateway, keys, body)]
    assert None not in [post["name"] for post in seer["data"]["posts"]]
    assert {error["extensions"]["code"] for error in blind["errors"]} == {"FORBIDDEN"}
    assert {post["name"] for post in blind["data"]["posts"]} == {None}
    assert [error["extensions"]["code"] for error in poor["errors"]] == ["OPERATION_TOO_EXPENSIVE"]
    assert others == [blind, seer, poor]


async def test_code_that_changes_what_it_is_given_changes_nothing_for_others(gateway: Served) -> None:
    query = "query ($words: JSON!) { joined(words: $words) posts { id } }"
    body = {"query": query, "variables": {"words": ["once"]}}
    answers = await at_once(gateway, [SEER] * MANY, body)
    assert {answer.json()["data"]["joined"] for answer in answers} == {"once again"}


async def test_nothing_is_kept_of_a_body_once_it_is_answered(gateway: Served) -> None:
    await at_once(gateway, [SEER] * MANY, {"query": "{ posts { id } }"})
    await gateway.idle()
    await until(lambda: not known())


async def test_nothing_is_kept_of_the_body_of_a_client_that_left(gateway: Served) -> None:
    service = gateway.bench.services["posts"]
    service.gate = asyncio.Event()
    asked = asyncio.ensure_future(gateway.post({"query": "{ posts { id } }"}, x_api_key=SEER))
    await service.called(1)
    assert len(known()) == 1
    asked.cancel()
    await until(lambda: not known())
    service.gate.set()
