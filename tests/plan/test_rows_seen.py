"""Rows as the methods of their type see them, objects that methods return, and rows that are no objects."""

import datetime
import enum
from typing import Any

import httpx
import pytest
import strawberry

from bff import argument, connect, field, upstream
from tests.kit import opened, reply

shop = upstream("shop")
all_orders = shop.get("/orders", many=True)
by_ids = shop.get("/items{?id*}", key="id", max_batch=2)

ORDER = {
    "id": 1,
    "ordered": "2026-01-31",
    "states": ["open", "sent"],
    "address": {"street": "Row", "flat": {"floor": 3}},
    "former": [{"street": "Old", "flat": {"floor": 4}}, {"street": "Older"}],
    "item_id": 7,
}


@strawberry.enum
class State(enum.Enum):
    """How far an order is."""

    OPEN = "open"
    SENT = "sent"


@strawberry.type
class Address:
    street: str
    floor: int | None = field(path="flat.floor")


@strawberry.type
class Item:
    id: strawberry.ID


@strawberry.type
class Order:
    id: strawberry.ID
    ordered: datetime.date
    states: list[State]
    address: Address
    former: list[Address] = field(assumed_size=5)
    item_id: strawberry.Private[int]
    item: Item | None = connect(by_ids, id="item_id")

    @strawberry.field
    def seen(self) -> str:
        floors = [each.floor for each in (self.address, *self.former)]
        return f"{self.ordered.year} {[state.name for state in self.states]} {floors} {self.item_id}"

    @strawberry.field
    def place(self) -> Address:
        return self.address

    @field(assumed_size=2)
    def pair(self) -> list["Order"]:
        """The order as it was seen, and one made by hand."""
        made = Order(
            id=strawberry.ID("2"),
            ordered=datetime.date(2025, 1, 1),
            states=[State.OPEN],
            address=Address(street="Hand", floor=None),
            former=[],
            item_id=8,
        )
        return [self, made]


@strawberry.type
class Query:
    @connect(all_orders, assumed_size=10)
    def orders(self) -> list[Order] | None:
        """All orders."""

    @connect(by_ids, id=argument("ids"))
    def items(self, ids: list[strawberry.ID]) -> list[Item | None] | None:
        """Items in the order asked for."""


def _shop(rows: Any) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get_list("id")
        if "bad" in ids:
            return reply({}, 500)
        return reply(rows if request.url.path == "/orders" else [{"id": key} for key in ids])

    return answer


async def _ask(query: str, rows: Any = (ORDER,)) -> Any:
    async with opened(strawberry.Schema(query=Query), {"shop": _shop(list(rows))}) as bench:
        return await bench.ask(query)


async def test_a_method_sees_every_member_as_its_type_says() -> None:
    answer = await _ask("{ orders { seen } }")
    assert answer.data == {"orders": [{"seen": "2026 ['OPEN', 'SENT'] [3, 4, None] 7"}]}


@strawberry.type
class Defaults:
    """Every member has a default, which is in the class as well."""

    nick: str | None = "nobody"
    kind: strawberry.Private[str | None] = None
    state: State = State.SENT
    tags: list[str] = strawberry.field(default_factory=list)

    @property
    def loud(self) -> str:
        return str(self.nick).upper()

    @strawberry.field
    def seen(self) -> str:
        return f"{self.nick} {self.loud} {self.kind} {self.state.name} {self.tags}"

    @strawberry.field
    def renamed(self) -> str:
        self.nick = "Neo"
        return self.loud


async def test_a_method_sees_the_rows_value_and_not_the_default_of_its_class() -> None:
    @strawberry.type
    class Query:
        one: Defaults = connect(shop.get("/orders"))

    rows = {"nick": "Ana", "kind": "K", "state": "open", "tags": ["a"], "loud": "no"}
    async with opened(strawberry.Schema(query=Query), {"shop": _shop(rows)}) as bench:
        answer = await bench.ask("{ one { seen renamed } }")
    assert answer.data == {"one": {"seen": "Ana ANA K OPEN ['a']", "renamed": "NEO"}}, answer.errors


async def test_a_method_may_return_what_it_sees() -> None:
    answer = await _ask("{ orders { place { street floor } } }")
    assert answer.data == {"orders": [{"place": {"street": "Row", "floor": 3}}]}


async def test_objects_that_a_method_returns_have_their_links_too() -> None:
    answer = await _ask("{ orders { pair { id ordered states address { street } item { id } } } }")
    assert not answer.errors, answer.errors
    assert answer.data["orders"][0]["pair"] == [
        {
            "id": "1",
            "ordered": "2026-01-31",
            "states": ["OPEN", "SENT"],
            "address": {"street": "Row"},
            "item": {"id": "7"},
        },
        {"id": "2", "ordered": "2025-01-01", "states": ["OPEN"], "address": {"street": "Hand"}, "item": {"id": "8"}},
    ]


@pytest.mark.parametrize("wrong", [{"ordered": "soon"}, {"states": ["lost"]}])
async def test_a_member_that_is_not_of_its_type_is_the_services_fault_in_a_method_as_well(wrong: Any) -> None:
    answer = await _ask("{ orders { seen } }", [ORDER | wrong])
    assert answer.errors[0]["extensions"] == {"code": "UPSTREAM_MALFORMED", "upstream": "shop"}


@pytest.mark.parametrize("row", ["text", 7, True, ["list"]])
async def test_rows_that_are_no_objects_are_malformed(row: Any) -> None:
    answer = await _ask("{ orders { id } }", [row])
    assert (answer.data, answer.errors[0]["extensions"]["code"]) == ({"orders": None}, "UPSTREAM_MALFORMED")


async def test_an_item_whose_batch_failed_is_an_error_of_its_own() -> None:
    answer = await _ask('{ items(ids: ["1", "2", "bad", "3", "4"]) { id } }')
    assert answer.data == {"items": [{"id": "1"}, {"id": "2"}, None, None, {"id": "4"}]}
    assert [error["path"] for error in answer.errors] == [["items", 2], ["items", 3]]
