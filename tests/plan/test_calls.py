"""What a call carries: keys that fit together, headers from variables, and nothing that could mean something else."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import httpx
import pytest
import strawberry

from bff import argument, connect, upstream
from bff.plan.call import MAX_TARGET
from tests.kit import Bench, opened, reply

things = upstream("things")
by_ids = things.get("/things{?id*}", key="id")
in_path = things.get("/named/{ids}", key={"ids": "id"})
tree = things.get("/trees/{tree}{/parts*}", many=True)
told = things.get("/told/{id}", headers={"x-token": "token", "x-count": "count", "x-dry": "dry"})


@strawberry.type
class Thing:
    id: strawberry.ID


@strawberry.type
class Query:
    @connect(by_ids)
    def thing(self, id: strawberry.ID) -> Thing | None: ...

    @connect(by_ids, id=argument("ids"))
    def things(self, ids: list[strawberry.ID]) -> list[Thing]: ...

    @connect(in_path, ids=argument("id"))
    def named(self, id: strawberry.ID) -> Thing | None: ...

    @connect(tree, assumed_size=10)
    def tree(self, tree: str, parts: list[str]) -> list[Thing] | None: ...

    @connect(told)
    def told(
        self, id: strawberry.ID, token: str | None = None, count: int | None = None, dry: bool | None = None
    ) -> Thing | None: ...


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/things":
        return reply([{"id": each} for each in request.url.params.get_list("id")])
    return reply({"id": "1"})


def a_bench(settings: str = "") -> AbstractAsyncContextManager[Bench]:
    return opened(strawberry.Schema(query=Query), {"things": answer}, settings)


@pytest.mark.parametrize(
    "query",
    [
        '{ named(id: "..") { id } }',
        '{ tree(tree: "t", parts: ["..", "admin"]) { id } }',
        '{ tree(tree: "t", parts: []) { id } }',
    ],
)
async def test_a_list_that_would_lead_out_of_its_path_makes_no_call(query: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask(query)
        assert [error["extensions"]["code"] for error in found.errors] == ["BAD_USER_INPUT"]
        assert bench.urls == []


@pytest.mark.parametrize(
    "bad", ["\x01", "\ud800", "x" * 2_001, "é" * 400], ids=["control", "surrogate", "long", "wide"]
)
async def test_a_key_that_no_call_can_carry_fails_alone(bad: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask(
            "query ($bad: ID!) { a: thing(id: 1) { id } bad: thing(id: $bad) { id } b: thing(id: 2) { id } }", bad=bad
        )
        assert found.data == {"a": {"id": "1"}, "bad": None, "b": {"id": "2"}}
        (error,) = found.errors
        assert error["path"] == ["bad"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert bench.urls == ["/things?id=1&id=2"]


LONG = [f"{'x' * 1_900}{number}" for number in range(10)]


async def test_keys_too_long_to_stand_in_one_url_take_several_calls_and_each_comes() -> None:
    async with a_bench() as bench:
        found = await bench.ask("query ($ids: [ID!]!) { things(ids: $ids) { id } }", ids=LONG)
        assert found.data == {"things": [{"id": key} for key in LONG]}
        assert len(bench.urls) == 4
        assert all(len(url) <= MAX_TARGET for url in bench.urls)


async def test_calls_for_keys_too_long_for_one_count_towards_what_an_operation_may_make() -> None:
    async with a_bench("limits: {max_upstream_calls: 2}") as bench:
        found = await bench.ask("query ($ids: [ID!]!) { things(ids: $ids) { id } }", ids=LONG)
        assert {error["extensions"]["code"] for error in found.errors} == {"OPERATION_TOO_EXPENSIVE"}
        assert len(bench.urls) == 2


async def test_a_header_carries_the_text_of_its_variable_and_none_is_left_out() -> None:
    async with a_bench() as bench:
        await bench.ask("{ told(id: 1, count: 0, dry: false) { id } }")
        (call,) = bench.services["things"].calls
        assert (call.headers["x-count"], call.headers["x-dry"]) == ("0", "false")
        assert "x-token" not in call.headers


@pytest.mark.parametrize("token", ["a\r\nx-evil: 1", "a\x00", "\x7f"], ids=ascii)
async def test_a_header_value_that_could_end_its_line_is_the_clients_mistake_and_makes_no_call(token: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask("query ($token: String) { told(id: 1, token: $token) { id } }", token=token)
        (error,) = found.errors
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "x-evil" not in error["message"]
        assert bench.urls == []


@pytest.mark.parametrize(
    "query",
    [
        "{ thing(id: %s) { id } }",
        "query ($id: ID! = %s) { thing(id: $id) { id } }",
        "{ told(id: 1, count: %s) { id } }",
    ],
)
async def test_an_integer_with_thousands_of_digits_is_the_clients_mistake_and_makes_no_call(query: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask(query % ("9" * 5_000))
        assert found.errors
        assert {error["extensions"]["code"] for error in found.errors} <= {
            "BAD_USER_INPUT",
            "GRAPHQL_VALIDATION_FAILED",
        }
        assert bench.urls == []
