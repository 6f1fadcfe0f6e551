"""What is known of parts before anything is called: the price, the plan, and who names the document."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from bff.limits import price
from bff.plan.graph import read_graph
from tests.execute.oracle import Question, World
from tests.http.conftest import serving
from tests.incremental.parts import in_parts, with_parts
from tests.incremental.reader import NEW, OLD, Parts
from tests.incremental.test_http import POSTS, QUERY
from tests.world import make_schema

MANY = "{ posts(limit: 250) %s { author { posts { name } } } }"


@pytest.fixture(scope="module")
def of() -> World:
    return with_parts(read_graph(make_schema()))


def calls(of: World, query: str) -> int:
    return price(in_parts(of, Question(query)), {}).calls


def test_a_deferred_field_costs_what_it_costs_at_once(of: World) -> None:
    whole = "{ user(id: 1) { friends { posts { author { name } } } } }"
    parts = "{ user(id: 1) { friends { posts { id } ... @defer { posts { author { name } } } } } }"
    assert calls(of, whole) == calls(of, parts)


def test_a_field_that_two_fragments_defer_is_paid_once(of: World) -> None:
    one = "{ user(id: 1) { ... @defer { posts { id } } } }"
    two = "{ user(id: 1) { ... @defer { posts { id } } ... @defer { posts { id name } } } }"
    assert calls(of, one) == calls(of, two) == 2


def test_the_stretches_of_a_list_are_paid_as_waves_of_their_own(of: World) -> None:
    """250 posts by 250 authors in batches of 10, and their posts in batches of 100: some batches are not full."""
    assert calls(of, MANY % "") == 1 + 25 + 3
    assert calls(of, MANY % "@stream(initialCount: 10)") == 1 + (25 + 3) + (3 + 3)


def test_streams_in_streams_are_priced_at_once(of: World) -> None:
    inner = "name"
    for _ in range(12):
        inner = f"friends @stream {{ {inner} }}"
    assert calls(of, f"{{ user(id: 1) {{ {inner} }} }}") > 0


async def test_an_explanation_says_what_comes_later() -> None:
    async with serving("graphql: {explain: true}") as served:
        query = "{ user(id: 1) { friends { id } ... @defer { posts { author { name } } } } }"
        found = (await served.ask(query, bff_explain="plan")).json()["extensions"]["plan"]
        traced = (await served.ask(query, bff_explain="trace", accept=NEW)).json()
    assert {".".join(fetch["path"]): fetch["later"] for fetch in found["fetches"]} == {
        "user": False,
        "user.friends": False,
        "user.posts": True,
        "user.posts.author": True,
    }
    assert len(traced["data"]["user"]["posts"]) == 2  # a trace is of an answer that comes whole
    assert traced["extensions"]["trace"]["upstreamCalls"] == 4


QUOTA = """
auth: {anonymous: everybody}
tiers: {everybody: {points_per_minute: 600, burst: 600}}
"""


async def test_what_was_not_used_is_given_back_when_the_last_part_is_sent() -> None:
    async with serving(QUOTA) as served:
        body = {"query": QUERY}
        headers = {"accept": NEW, "bff-cost": "1"}
        async with served.client.stream("POST", "/graphql", json=body, headers=headers) as response:
            held = response.headers["ratelimit"]
            parts = await Parts(response).all()
        cost = parts[-1]["extensions"]["cost"]
        assert "extensions" not in parts[0]
        assert cost["actual"] < cost["requested"]
        assert cost["upstreamCalls"] == 2
        again = await served.ask("{ user(id: 1) { name } }")
        remaining = re.compile(r"r=(\d+)")
        (before,), (after,) = (remaining.findall(each)[:1] for each in (held, again.headers["ratelimit"]))
        assert int(before) == 600 - cost["requested"]
        assert int(after) >= 600 - cost["actual"] - 3


async def test_a_refusal_is_a_plain_answer_with_its_status() -> None:
    async with serving("limits: {max_price: 1}") as served:
        answer = await served.ask(QUERY, accept=f"{NEW}, application/graphql-response+json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "OPERATION_TOO_EXPENSIVE"


async def test_documents_that_are_named_come_in_parts_too(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"trusted": QUERY}), "utf-8")
    async with serving(f"persisted: {{manifests: ['{manifest}']}}") as served:
        digest = hashlib.sha256(QUERY.encode()).hexdigest()
        named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
        for body in ({"documentId": "trusted"}, {"query": QUERY, **named}, named):
            async with served.client.stream("POST", "/graphql", json=body, headers={"accept": OLD}) as response:
                first, second = await Parts(response).all()
            assert first["data"] == {"user": {"name": "user 1"}}
            assert second["incremental"][0]["data"] == {"posts": POSTS}


async def test_nothing_streams_in_a_batch() -> None:
    async with serving("limits: {max_operations: 2}") as served:
        answer = await served.post([{"query": QUERY}, {"query": QUERY}], accept=NEW)
        assert [each["data"]["user"]["posts"] for each in answer.json()] == [POSTS, POSTS]
