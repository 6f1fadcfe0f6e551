"""What reviewers broke once: loads that waited for each other, and calls that nobody had priced."""

import asyncio
from typing import Any

import httpx
import pytest
import strawberry
from strawberry.types import Info

from bff import argument, connect, field, upstream
from tests.kit import body_of, opened, reply

shop = upstream("things")
by_ids = shop.get("/things{?id*}", key="id", max_batch=1)
batched = shop.get("/things{?id*}", key="id")
alone = shop.get("/thing/{id}")
kids_of = shop.get("/kids{?of*}", key="of", many=True)
all_of = shop.get("/all", many=True)
touch = shop.post("/touch", body={"ids": "id"}, key="id")
write = shop.post("/write", body="text")


@strawberry.input
class Pick:
    ids: list[strawberry.ID]


@strawberry.type
class Thing:
    id: strawberry.ID
    of: strawberry.Private[str]
    twins: list["Thing"] | None = connect(by_ids, id="twin_ids", assumed_size=2)
    kids: list["Thing"] | None = connect(kids_of, of="twin_ids", assumed_size=5)
    peer: "Thing | None" = connect(alone, id="id")
    best: "Thing | None" = connect(batched, id="best_id")

    @field(uses=[batched])
    async def a(self, info: Info) -> "Thing | None":
        """Waits for the very row that `best` below its neighbours waits for."""
        found: Thing | None = await info.context.load(batched, id=99)
        return found


@strawberry.type
class Box:
    items: list[Thing]


@strawberry.type
class Query:
    things: list[Thing] = connect(all_of, assumed_size=10)

    @connect(by_ids, id=argument("pick.ids"), assumed_size=20)
    def picked(self, pick: Pick) -> list[Thing]: ...

    @connect(shop.get("/box"), slicing_arguments=["first"], sized_fields=["items"])
    def box(self, first: int = 3) -> Box | None: ...

    @field(uses=[write])
    async def writes(self, info: Info) -> str:
        return str(await info.context.load(write, text="x"))

    @field(assumed_size=2)
    def coded(self) -> list[Thing] | None:
        return [Thing(id=strawberry.ID(str(number)), of="") for number in range(5)]

    @field(slicing_arguments=["first"])
    async def coded_later(self, first: int = 2) -> list[Thing] | None:
        return [Thing(id=strawberry.ID(str(number)), of="") for number in range(5)]


@strawberry.type
class Mutation:
    @connect(touch)
    def touch(self, id: strawberry.ID) -> Thing | None: ...


def row(number: int) -> dict[str, Any]:
    return {"id": number, "best_id": 99, "twin_ids": list(range(50)), "of": number}


def service(request: httpx.Request) -> httpx.Response:
    path, ids = request.url.path, request.url.params.get_list("id")
    if path == "/things":
        return reply([row(int(each)) for each in ids])
    if path.startswith("/thing/"):
        return reply(row(int(path.rpartition("/")[2])))
    if path == "/touch":
        return reply([row(int(each)) for each in body_of(request)["ids"]])
    if path == "/write":
        return reply({"ok": True})
    if path == "/box":
        return reply({"items": [row(number) for number in range(3)]})
    return reply([row(number) for number in range(3)])


WIDE = "limits: {timeout: 5s, max_upstream_calls: 1000, max_price: 100000}"


def schema() -> strawberry.Schema:
    return strawberry.Schema(query=Query, mutation=Mutation)


async def test_code_that_waits_for_a_row_which_others_wait_for_below_gets_it_at_once() -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        async with asyncio.timeout(4):
            answer = await bench.ask("{ things { peer { best { id } } a { best { id } } } }")
        assert not answer.errors


async def test_a_write_beside_waiting_loads_leaves_them_waiting_for_their_answer() -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        async with asyncio.timeout(4):
            answer = await bench.ask("{ writes things { peer { best { id } } } }")
        assert not answer.errors


async def test_equal_mutations_in_one_operation_are_both_made() -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        answer = await bench.ask("mutation { a: touch(id: 1) { id } b: touch(id: 1) { id } }")
        assert not answer.errors
        assert [call.url.path for call in bench.services["things"].calls] == ["/touch", "/touch"]


@pytest.mark.parametrize("query", ["{ things { twins { id } } }", "{ things { kids { id } } }"])
async def test_more_keys_in_a_parent_than_were_priced_are_an_error_and_no_call(query: str) -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        answer = await bench.ask(query)
        assert {error["extensions"]["code"] for error in answer.errors} == {"LIST_TOO_LONG"}
        assert bench.urls == ["/all"]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("{ picked(pick: {ids: [1, 2, 3, 4, 5]}) { id } }", 5),
        ("{ box(first: 3) { items { peer { id } } } }", 4),
    ],
)
async def test_lists_in_inputs_and_in_wrappers_are_priced(query: str, calls: int) -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        assert not (await bench.ask(query)).errors
        assert len(bench.urls) == calls
        assert bench.listener.operations[0].planned_calls >= calls


async def test_lists_that_code_returns_are_held_to_what_was_priced() -> None:
    async with opened(schema(), {"things": service}, WIDE) as bench:
        answer = await bench.ask("{ coded { id } codedLater(first: 3) { id } }")
        assert answer.data == {"coded": None, "codedLater": [{"id": "0"}, {"id": "1"}, {"id": "2"}]}
        assert [error["extensions"]["code"] for error in answer.errors] == ["LIST_TOO_LONG"]


async def test_fragments_that_fan_out_are_refused_by_their_shape_and_never_folded() -> None:
    levels = "".join(
        f"fragment F{n} on Thing {{ " + " ".join(f"x{k}: best {{ ...F{n + 1} }}" for k in range(6)) + " } "
        for n in range(7)
    )
    async with opened(schema(), {"things": service}, WIDE) as bench:
        async with asyncio.timeout(4):
            answer = await bench.ask("{ things { ...F0 } } " + levels + " fragment F7 on Thing { id }")
        assert answer.errors[0]["extensions"]["code"] == "OPERATION_TOO_COMPLEX"
        assert bench.urls == []
