"""What services call things, and what clients do: awkward names, defaults of inputs, dots in members."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from bff import argument, connect, field, upstream
from tests.kit import body_of, opened, reply

cars = upstream("cars")


@strawberry.input
class Search:
    per_page: int | None = field(path="per-page", default=strawberry.UNSET)
    retries: int = field(path="max-retries", default=3)
    tags: list[str] = field(default_factory=lambda: ["a"])
    owner: str | None = field(path=("owner.name",), default=None)


@strawberry.type
class Car:
    id: strawberry.ID
    class_: str | None = field(name="class", path="class")
    key_id: str | None = field(name="keyID")
    owner: str | None = field(path=("owner.name",))
    town: str | None = field(path=("owner.home", "town.name"))
    maker: Maker | None = connect(cars.get("/makers/{id}"), name="made_by", id=("maker.id",))


@strawberry.type
class Maker:
    id: strawberry.ID


@strawberry.type
class Query:
    car: Car | None = connect(cars.get("/car"))
    fleet: list[Car] = connect(cars.get("/fleet", rows=("all.cars",), many=True), assumed_size=10)

    @connect(
        cars.get("/cars{?limit}", many=True), slicing_arguments=["search.perPage"], limit=argument("search.per-page")
    )
    def cars(self, search: Search) -> list[Car]: ...


@strawberry.type
class Mutation:
    @connect(cars.post("/search", body="input"))
    def search(self, input: Search) -> Car | None: ...


ROW = {
    "id": 1,
    "class": "B",
    "key_id": "k",
    "owner.name": "Ann",
    "owner": {"name": "not she"},
    "owner.home": {"town.name": "Porto"},
    "maker.id": 7,
}
schema = strawberry.Schema(query=Query, mutation=Mutation)


def answer(request: Any) -> Any:
    if request.url.path.startswith("/makers/"):
        return reply({"id": request.url.path.removeprefix("/makers/")})
    found: dict[str, Any] = {"/fleet": {"all.cars": [ROW]}, "/cars": [ROW] * 3}
    return reply(found.get(request.url.path, ROW))


@pytest.mark.parametrize("time", [1, 2], ids=["the general way", "generated"])
async def test_fields_are_named_as_clients_know_them_and_read_where_services_put_them(time: int) -> None:
    async with opened(schema, {"cars": answer}) as bench:
        for _ in range(time):
            found = await bench.ask("{ car { class keyID owner town made_by { id } } }")
    expected = {"class": "B", "keyID": "k", "owner": "Ann", "town": "Porto", "made_by": {"id": "7"}}
    assert found.body == {"data": {"car": expected}}


async def test_rows_stand_behind_a_member_with_a_dot() -> None:
    async with opened(schema, {"cars": answer}) as bench:
        assert (await bench.ask("{ fleet { owner } }")).data == {"fleet": [{"owner": "Ann"}]}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("{}", {"max-retries": 3, "tags": ["a"], "owner.name": None}),
        ("{perPage: 5, retries: 1, tags: []}", {"per-page": 5, "max-retries": 1, "tags": [], "owner.name": None}),
        ('{perPage: null, owner: "Bo"}', {"per-page": None, "max-retries": 3, "tags": ["a"], "owner.name": "Bo"}),
    ],
)
async def test_members_that_a_client_leaves_out_have_their_default_and_the_services_name(
    written: str, sent: dict[str, Any]
) -> None:
    async with opened(schema, {"cars": answer}) as bench:
        await bench.ask(f"mutation {{ search(input: {written}) {{ id }} }}")
        (call,) = bench.services["cars"].calls
    assert body_of(call) == sent


def test_defaults_are_in_the_schema() -> None:
    text = schema.as_str()
    assert "perPage: Int\n" in text
    assert "retries: Int! = 3\n" in text
    assert 'tags: [String!]! = ["a"]\n' in text


async def test_a_list_is_cut_to_a_size_whose_member_has_another_name_at_the_service() -> None:
    async with opened(schema, {"cars": answer}) as bench:
        found = await bench.ask("{ cars(search: {perPage: 2}) { id } }")
        assert found.data == {"cars": [{"id": "1"}, {"id": "1"}]}
        assert bench.urls == ["/cars?limit=2"]
