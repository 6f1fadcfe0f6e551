"""What a subscription answers, whatever carries it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.http.conftest import Served, until
from tests.subscriptions.conftest import listening, streamed, talk

pytestmark = pytest.mark.asyncio(loop_scope="module")


def publish(gateway: Served, topic: str, event: Any) -> int:
    return gateway.bench.gateway.streams.topics.deliver(topic, event)


async def heard(gateway: Served, topic: str) -> None:
    await until(lambda: gateway.bench.gateway.streams.topics.heard(topic))


async def test_each_event_is_an_answer_in_their_order(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { count(to: 3) }")
        assert await client.values() == [{"data": {"count": n}} for n in (1, 2, 3)]


async def test_below_an_event_is_an_ordinary_plan_that_fetches_batches_and_runs_code(gateway: Served) -> None:
    query = 'subscription { user(ids: ["1", "2", "901"]) { name score(season: 5) { points } friends { name } later } }'
    async with talk(gateway) as client:
        await client.subscribe(query)
        first, second, third = await client.values()
    assert first["data"]["user"] == {
        "name": "user 1",
        "score": {"points": 6},
        "friends": [{"name": "user 2"}, {"name": "user 3"}],
        "later": "user 1 later",
    }
    assert second["data"]["user"]["score"] == {"points": 7}
    assert third == {"data": {"user": None}}
    assert sorted(gateway.bench.services["users"].urls) == [
        "/scores?season=5&user=1",
        "/scores?season=5&user=2",
        "/users?id=2&id=3",
        "/users?id=3&id=4",
    ]


async def test_rows_of_a_list_share_their_calls(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { people { name score(season: 1) { points } } }")
        await heard(gateway, "lists")
        publish(gateway, "lists", {"rows": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]})
        found = await client.hear()
    assert [row["score"] for row in found["payload"]["data"]["people"]] == [{"points": 2}, {"points": 3}]
    assert gateway.bench.services["users"].urls == ["/scores?season=1&user=1&user=2"]


AUTHORS = "subscription { posted { author { name } } }"
POST = {"id": 1, "name": "a", "author_id": 7}


async def test_subscribers_to_whom_all_is_equal_share_what_an_event_comes_to(gateway: Served) -> None:
    async with talk(gateway) as one, talk(gateway) as two:
        for client in (one, two):
            for n in range(5):
                await client.subscribe(AUTHORS, str(n))
        await listening(gateway, 10)
        publish(gateway, "posts", POST)
        publish(gateway, "posts", POST | {"author_id": 8})
        found = [(await client.hear())["payload"]["data"]["posted"]["author"] for client in (one, two) * 10]
    assert sorted(each["name"] for each in found) == ["user 7"] * 10 + ["user 8"] * 10
    assert sorted(gateway.bench.services["users"].urls) == ["/users?id=7", "/users?id=8"]


async def test_what_a_service_is_told_of_a_caller_parts_those_who_share(gateway: Served) -> None:
    headers = [{"authorization": "Bearer ann"}, {"authorization": "Bearer bob"}]
    async with (
        talk(gateway, additional_headers=headers[0]) as ann,
        talk(gateway, additional_headers=headers[1]) as bob,
    ):
        for client in (ann, bob):
            await client.subscribe(AUTHORS)
        await listening(gateway, 2)
        publish(gateway, "posts", POST)
        for client in (ann, bob):
            assert (await client.hear())["payload"]["data"]["posted"]["author"]["name"] == "user 7"
    told = [call.headers["authorization"] for call in gateway.bench.services["users"].calls]
    assert sorted(told) == ["Bearer ann", "Bearer bob"]


async def test_an_event_whose_subscriber_leaves_is_abandoned_and_others_get_theirs(gateway: Served) -> None:
    gateway.bench.services["users"].gate = asyncio.Event()
    async with talk(gateway) as one, talk(gateway) as two:
        for client in (one, two):
            await client.subscribe(AUTHORS)
        await listening(gateway, 2)
        publish(gateway, "posts", POST)
        await gateway.bench.services["users"].called(1)
        await one.socket.close()
        await until(lambda: len(gateway.bench.gateway.subscriptions.live) == 1)
        gateway.bench.services["users"].gate.set()
        assert (await two.hear())["payload"]["data"]["posted"]["author"]["name"] == "user 7"
    assert len(gateway.bench.services["users"].calls) == 1


async def test_an_error_is_one_events_own(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { tick posted { name } }", "two")  # one field at the top, GraphQL 5.2.4.1
        refused = await client.hear()
        assert refused["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        await client.subscribe("subscription { tick }")
        await heard(gateway, "ticks")
        for n in (1, "no number", 3):
            publish(gateway, "ticks", {"n": n})
        one, wrong, three = [(await client.hear())["payload"] for _ in range(3)]
    assert (one, three) == ({"data": {"tick": 1}}, {"data": {"tick": 3}})
    assert wrong["data"] == {"tick": None}
    assert (wrong["errors"][0]["path"], wrong["errors"][0]["extensions"]["code"]) == (["tick"], "UPSTREAM_MALFORMED")


async def test_a_list_that_is_longer_than_it_says_is_an_error(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { people { name } }")
        await heard(gateway, "lists")
        publish(gateway, "lists", {"rows": [{"id": n, "name": "a"} for n in range(3)]})
        answer = (await client.hear())["payload"]
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "LIST_TOO_LONG"


async def test_arguments_and_variables_choose_the_events(gateway: Served) -> None:
    async with talk(gateway) as client:
        query = "subscription Posted($who: ID) { new: posted(author: $who) { id name } }"
        await client.subscribe(query, variables={"who": "7"}, operationName="Posted")
        await heard(gateway, "posts")
        assert publish(gateway, "posts", {"id": 1, "name": "a", "author_id": 8}) == 0
        assert publish(gateway, "posts", {"id": 2, "name": "b", "author_id": 7}) == 1
        assert (await client.hear())["payload"] == {"data": {"new": {"id": "2", "name": "b"}}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count(to: 99999999999) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
        ("subscription { count @skip(if: true) }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { watched { name } }", "FORBIDDEN"),
        ("subscription { mine }", "FORBIDDEN"),
        ("subscription { refused }", "RESOLVER_ERROR"),
        (f"subscription {{ {' '.join(f'a{n}: count' for n in range(2))} }}", "GRAPHQL_VALIDATION_FAILED"),
    ],
    ids=lambda value: value[:50],
)
async def test_what_cannot_begin_is_an_error_and_nothing_is_left_of_it(gateway: Served, query: str, code: str) -> None:
    async with talk(gateway) as client:
        await client.subscribe(query)
        answer = await client.hear()
        assert (answer["type"], answer["id"]) == ("error", "1")
        assert answer["payload"][0]["extensions"]["code"] == code
    async with streamed(gateway, query) as stream:
        (answer,) = await stream.events()
        assert answer["errors"][0]["extensions"]["code"] == code
        assert "data" not in answer


async def test_code_that_yields_events_calls_services_anew_for_each(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { asked(times: 3) }")
        assert await client.values() == [{"data": {"asked": "1 user 1"}}] * 3
    assert gateway.bench.services["users"].urls == ["/users?id=1"] * 3
    assert len(gateway.bench.services["posts"].calls) == 3


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("ours", {"code": "UPSTREAM_UNREACHABLE", "upstream": "users"}),
        ("said", {"code": "RESOLVER_ERROR", "why": "because"}),
        ("badly", {"code": "INTERNAL"}),
    ],
)
async def test_a_source_that_fails_ends_its_subscription_in_words(
    gateway: Served, how: str, expected: dict[str, str]
) -> None:
    query = f'subscription {{ broken(how: "{how}") }}'
    async with talk(gateway) as client:
        await client.subscribe(query)
        assert (await client.hear())["payload"] == {"data": {"broken": 1}}
        answer = await client.hear()
        assert (answer["type"], answer["id"]) == ("error", "1")
        assert answer["payload"][0]["extensions"].items() >= expected.items()
        assert "hunter2" not in str(answer)
        await client.subscribe("{ total }")  # and nothing else
        assert await client.values() == [{"data": {"total": 3}}]
    assert len(gateway.bench.listener.failures) == (how == "badly")


async def test_a_source_that_says_what_is_wrong_and_goes_on_is_heard_on(gateway: Served) -> None:
    async with talk(gateway) as client:
        await client.subscribe("subscription { tick }")
        await heard(gateway, "ticks")
        for n in range(150):  # more than one who does not read may leave waiting
            publish(gateway, "ticks", {"n": n})
        missed = (await client.hear())["payload"]
        rest = [(await client.hear())["payload"]["data"]["tick"] for _ in range(100)]
    assert missed["errors"][0]["extensions"]["code"] == "EVENTS_MISSED"
    assert rest == list(range(50, 150))
