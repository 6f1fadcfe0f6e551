"""What a service or a resolver does wrong: an error at the field, the rest of the data intact, nothing told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import strawberry

from bff import connect, upstream
from bff.plan.lanes import Lane
from bff.upstreams import circuit
from tests.kit import Bench, opened, reply
from tests.world import SERVICES, make_schema, post_row, posts_service, user_row, users_service


def users(answer: httpx.Response) -> dict[str, Any]:
    return {**SERVICES, "users": lambda _: answer}


SECRET = "internal-host.example"


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (reply({"trace": SECRET}, 500), "UPSTREAM_STATUS", 500),
        (reply({"trace": SECRET}, 401), "UPSTREAM_STATUS", 401),
        (httpx.Response(302, headers={"location": f"http://{SECRET}/"}), "UPSTREAM_STATUS", 302),
        (httpx.Response(200, html=f"<h1>{SECRET}</h1>"), "UPSTREAM_MALFORMED", None),
        (httpx.Response(200, content=b'[{"id": 1, "na'), "UPSTREAM_MALFORMED", None),
        (httpx.Response(200, content=b"[NaN]"), "UPSTREAM_MALFORMED", None),
        (httpx.Response(200, content=b"[" * 100_000), "UPSTREAM_MALFORMED", None),
        (httpx.Response(200, content=b"\xff\xfe"), "UPSTREAM_MALFORMED", None),
        (httpx.Response(200, content=b""), "UPSTREAM_MALFORMED", None),
        (reply({"items": [SECRET]}), "UPSTREAM_MALFORMED", None),
        (reply([{"no_id": SECRET}]), "UPSTREAM_MALFORMED", None),
    ],
    ids=["500", "401", "redirect", "html", "truncated", "NaN", "deep", "not UTF-8", "empty", "wrong shape", "no key"],
)
async def test_a_bad_answer_is_an_error_at_its_field_and_the_rest_is_there(
    answer: httpx.Response, code: str, status: int | None
) -> None:
    async with opened(make_schema(), users(answer)) as bench:
        found = await bench.ask("{ user(id: 1) { name } posts(limit: 2) { id author { name } } }")
        assert found.data == {"user": None, "posts": [{"id": "0", "author": None}, {"id": "1", "author": None}]}
        assert sorted(map(str, (error["path"] for error in found.errors))) == [
            "['posts', 0, 'author']",
            "['posts', 1, 'author']",
            "['user']",
        ]
        for error in found.errors:
            assert error["extensions"]["code"] == code
            assert error["extensions"]["upstream"] == "users"
            assert error["extensions"].get("httpStatus") == status
        assert SECRET not in json.dumps(found.body)


@pytest.mark.parametrize(
    ("row", "path", "code"),
    [
        ({"born": SECRET}, "born", "UPSTREAM_MALFORMED"),
        ({"born": 5}, "born", "UPSTREAM_MALFORMED"),
        ({"balance": SECRET}, "balance", "UPSTREAM_MALFORMED"),
        ({"stop": SECRET}, "stop", "UPSTREAM_MALFORMED"),
        ({"stop": [SECRET]}, "stop", "UPSTREAM_MALFORMED"),
        ({"name": {"first": SECRET}}, "name", "UPSTREAM_MALFORMED"),
        ({"name": None}, "name", "NULL_VALUE"),
    ],
)
async def test_a_value_that_its_field_cannot_have_is_an_error_that_does_not_tell_the_value(
    row: dict[str, Any], path: str, code: str
) -> None:
    async with opened(make_schema(), users(reply([{**user_row(1), **row}]))) as bench:
        found = await bench.ask("{ user(id: 1) { id name born balance stop } total }")
        (error,) = found.errors
        assert error["path"] == ["user", path]
        assert error["extensions"]["code"] == code
        assert SECRET not in json.dumps(found.body)
        assert found.data
        assert found.data["total"] == 3


@strawberry.type
class Crate:
    id: strawberry.ID
    size: float | None


@strawberry.type
class Crates:
    crate: Crate | None = connect(upstream("yard").get("/crate"))


@pytest.mark.parametrize("number", ["1e400", "-1e999"])
async def test_a_number_that_no_float_has_room_for_is_an_error_of_who_asks_for_it_whenever_they_do(number: str) -> None:
    """The first time a plan reads whole rows, and later what it has a use for."""
    row = httpx.Response(200, content=f'{{"id": 1, "size": {number}}}')
    async with opened(strawberry.Schema(query=Crates), {"yard": lambda _: row}) as bench:
        for _ in range(3):
            found = await bench.ask("{ crate { id } }")
            assert (found.data, found.errors) == ({"crate": {"id": "1"}}, [])
            found = await bench.ask("{ crate { id size } }")
            assert found.data == {"crate": {"id": "1", "size": None}}
            assert [error["path"] for error in found.errors] == [["crate", "size"]]
            assert [error["extensions"]["code"] for error in found.errors] == ["UPSTREAM_MALFORMED"]


async def test_good_values_arrive_in_their_scalars() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        found = await bench.ask("{ user(id: 1) { born balance stop } }")
        assert found.data == {"user": {"born": "2000-01-31", "balance": "12.50", "stop": "HALF"}}


async def test_a_list_longer_than_declared_is_an_error_since_nobody_paid_for_what_is_below() -> None:
    many = [{**user_row(1), "friend_ids": [1, 2, 3, 4, 5]}]

    def service(request: httpx.Request) -> httpx.Response:
        return reply(many) if request.url.params["id"] == "1" else users_service(request)

    async with opened(make_schema(), {**SERVICES, "users": service}) as bench:
        found = await bench.ask("{ user(id: 1) { friends { id } } }")
        (error,) = found.errors
        assert error["extensions"]["code"] == "LIST_TOO_LONG"


async def test_a_longer_answer_than_the_client_asked_for_is_cut_to_what_was_asked() -> None:
    generous = reply({"items": [post_row(number) for number in range(50)]})
    async with opened(make_schema(), {**SERVICES, "posts": lambda _: generous}) as bench:
        found = await bench.ask("{ posts(limit: 2) { id } }")
        assert found.data == {"posts": [{"id": "0"}, {"id": "1"}]}


async def test_what_a_resolver_raises_is_masked_and_logged_under_the_trace_id_that_the_client_sees() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        found = await bench.ask("{ user(id: 1) { name boom later } }")
        assert found.data == {"user": {"name": "user 1", "boom": None, "later": "user 1 later"}}
        (error,) = found.errors
        assert error["message"] == "Internal error."
        assert "hunter2" not in json.dumps(found.body)
        ((trace_id, place, raised),) = bench.listener.failures
        assert trace_id == error["extensions"]["traceId"]
        assert place == "User.boom"
        assert "hunter2" in str(raised)


async def test_a_null_where_a_value_was_promised_takes_its_object_and_never_its_neighbours() -> None:
    """A non-null error cancels siblings in graphql-core; loads are shielded, so another branch keeps its rows."""

    def no_name(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/pages":
            return reply({"items": [{**post_row(1), "strict": None}], "total": 1})
        return posts_service(request)

    async with opened(make_schema(), {**SERVICES, "posts": no_name}) as bench:
        query = "{ pages { edges { node { strict author { name } } } } posts(limit: 2) { author { name } } }"
        found = await bench.ask(query)
        assert found.data is None or found.data["pages"] is None or found.data
        assert {error["extensions"]["code"] for error in found.errors} == {"NULL_VALUE"}


async def test_a_late_service_is_an_error_at_its_field_when_the_operation_ends() -> None:
    async with opened(make_schema(), SERVICES, "limits: {timeout: 400ms}") as bench:
        bench.services["users"].gate = asyncio.Event()
        found = await bench.ask("{ user(id: 1) { name } posts(limit: 1) { id author { id } } }")
        assert found.data == {"user": None, "posts": [{"id": "0", "author": None}]}
        assert {error["extensions"]["code"] for error in found.errors} == {"UPSTREAM_TIMEOUT"}


async def test_a_service_that_is_down_is_an_error_at_its_field_that_costs_no_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(circuit, "LASTING", 0.0)
    down = {**SERVICES, "posts": lambda _: reply({}, 503)}
    async with opened(make_schema(), down, policies=", circuit: {failures: 2, pause: 1m}") as bench:
        found = [await bench.ask("{ posts { id } user(id: 1) { name } }") for _ in range(4)]
        codes = [error["extensions"]["code"] for each in found for error in each.errors]
        assert codes == ["UPSTREAM_STATUS"] * 2 + ["UPSTREAM_UNAVAILABLE"] * 2
        assert [fact.upstream_calls for fact in bench.listener.operations] == [2, 2, 1, 1]
        assert len(bench.services["posts"].calls) == 2


async def test_a_value_that_no_url_can_carry_is_the_clients_mistake_and_makes_no_call() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        found = await bench.ask('{ user(id: "a\\u0000b") { id } long: user(id: "%s") { id } }' % ("x" * 9000))
        assert found.data == {"user": None, "long": None}
        assert {error["extensions"]["code"] for error in found.errors} == {"BAD_USER_INPUT"}
        assert bench.urls == []


async def stopped_after(bench: Bench, query: str, turns: int) -> None:
    running = asyncio.ensure_future(bench.ask(query))
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_thousands_of_cancelled_operations_leave_no_task_slot_or_loader_behind() -> None:
    """Cancelled at every turn of the event loop that an operation takes, and the next one is answered."""
    query = "{ posts(limit: 3) { author { friends { id posts { id } } } authorAlone { id } authorName } total }"
    settings = "limits: {max_upstream_calls: 1000, max_price: 100000}"
    async with opened(make_schema(), SERVICES, settings, ", max_in_flight: 4") as bench:
        before = len(asyncio.all_tasks())
        for at in range(2_000):
            await stopped_after(bench, query, at % 100)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == before
        assert all(service.running == 0 for service in bench.services.values())
        assert "0 of 4 in flight, 0 of 100 queued" in repr(bench.gateway.upstreams["users"].sender)
        found = await bench.ask(query)
        assert not found.errors


async def test_a_mutation_runs_to_its_end_whoever_waits_for_it() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        bench.services["posts"].gate = gate = asyncio.Event()
        mutation = 'mutation { createPost(input: {name: "x", authorId: 1}) { ... on Post { id } } }'
        await stopped_after(bench, mutation, 40)
        (running,) = bench.gateway.operations.running
        gate.set()
        assert (await running).data == {"createPost": {"id": "1"}}
        (answer,) = [call.method for call in bench.services["posts"].calls]
        assert answer == "POST"


async def test_code_that_is_not_done_in_time_is_an_error_at_its_field() -> None:
    async with opened(make_schema(), SERVICES, "limits: {timeout: 50ms}") as bench:
        found = await bench.ask("{ never user(id: 1) { name } }")
        assert found.data == {"never": None, "user": {"name": "user 1"}}
        (error,) = found.errors
        assert error["extensions"]["code"] == "OPERATION_TIMEOUT"


async def test_code_may_not_call_more_than_an_operation_may() -> None:
    async with opened(make_schema(), SERVICES, "limits: {max_upstream_calls: 2}", ", coalesce: false") as bench:
        found = await bench.ask("{ a: user(id: 1) { id } b: total c: total d: total }")
        assert len(bench.urls) == 2
        assert {error["extensions"]["code"] for error in found.errors} == {"OPERATION_TOO_EXPENSIVE"}


async def test_a_lane_runs_no_more_than_its_width_and_everything_in_the_end() -> None:
    done: list[int] = []
    running = peak = 0

    async def job(number: int) -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(number)

    tasks: list[asyncio.Task[Any]] = []

    def spawn(work: Any) -> asyncio.Task[Any]:
        tasks.append(asyncio.ensure_future(work))
        return tasks[-1]

    lane = Lane(3, spawn)
    for number in range(10):
        lane.submit(lambda number=number: job(number))  # type: ignore[misc]
    for task in tasks:  # grows while it is walked, as jobs make way for jobs
        await task
        await asyncio.sleep(0)
    assert sorted(done) == list(range(10))
    assert peak == 3
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)
    assert repr(lane) == "<Lane 0 of 3 running, 0 waiting>"
