"""Every form that a connector can have, answered by a made-up service in that form."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Annotated, Any

import pytest
import strawberry
from strawberry.scalars import JSON

from bff import Connection, Cursor, config, connect, constant, field, upstream
from tests import world
from tests.mock.made_up import made_up

shop = upstream("shop")

by_member = shop.get("/prices{?sku*}", key="sku", by_key=True, rows="data.prices")
lists_by_member = shop.get("/stock{?sku*}", key="sku", by_key=True, many=True)
by_pair = shop.post("/rates/batch", body=[{"of": "sku", "in": "currency"}], key={"sku": "of", "currency": "to.code"})
by_body = shop.post("/makers/query", body={"filter": {"ids": "id"}}, key="id", rows="result")
by_header = shop.get("/offer", headers={"x-offer": "token"}, rows="offer")
in_path = shop.get("/shelves/{row}/boxes{/box}")
pages = shop.get("/items{?limit,cursor}", rows="page.items", paging=Cursor(next="page.next", total="page.total"))
anything = shop.get("/things", many=True)
one_kind = shop.get("/kinds/{id}", typename="Book")
totals = shop.get("/totals")
version = shop.get("/version")
words = shop.get("/words", many=True)
refund = shop.post("/refunds", body={"sku": "sku"})


@strawberry.interface
class Thing:
    name: str


@strawberry.type
class Book(Thing):
    pages: int


@strawberry.type
class Film(Thing):
    minutes: int


@strawberry.type
class Price:
    amount: Decimal
    since: datetime.datetime
    at: datetime.time | None


@strawberry.type
class Rate:
    factor: float
    of: strawberry.Private[str]
    to: str = field(path="to.code")


@strawberry.type
class Maker:
    id: int
    token: uuid.UUID
    notes: JSON
    parent: Annotated[Maker, strawberry.lazy("tests.mock.test_forms")] | None
    children: list[Annotated[Maker, strawberry.lazy("tests.mock.test_forms")]] = field(assumed_size=2)


@strawberry.type
class Entry:
    key: str
    value: int


@strawberry.type
class Item:
    dotted: str = field(path=("com.example.name",))
    sizes: list[Entry] = field(path="by.size", entries=True, assumed_size=3)
    sku: strawberry.ID
    tags: list[list[str]]
    things: list[Thing] = field(assumed_size=3)
    price: Price | None = connect(by_member, sku="sku")
    amounts: list[int] = connect(lists_by_member, sku="sku", path="left", assumed_size=5)
    rate: Rate | None = connect(by_pair, sku="sku", currency=constant("EUR"))
    makers: list[Maker] = connect(by_body, id="maker_ids", assumed_size=2)
    maker: Maker | None = connect(by_body, id="first_maker.id")


@strawberry.type
class Box:
    label: str


@strawberry.type
class Query:
    totals: list[Entry] | None = connect(totals, entries=True, assumed_size=9)
    version: str | None = connect(version)
    words: list[str] | None = connect(words)
    items: Connection[Item] = connect(pages, assumed_size=4)
    things: list[Thing] = connect(anything, assumed_size=2)

    @connect(one_kind)
    def kind(self, id: strawberry.ID) -> Thing | None: ...

    @connect(in_path)
    def box(self, row: str, box: int) -> Box | None: ...

    @connect(by_header)
    def offer(self, token: str) -> Box | None: ...

    @connect(by_body)
    def maker(self, id: strawberry.ID) -> Maker | None: ...

    @field()
    async def by_hand(self, info: strawberry.Info) -> str:
        found = await info.context.upstream("shop").get("/kinds/7")
        return str(found.json()["name"])


@strawberry.type
class Mutation:
    @connect(refund)
    def refund(self, sku: str) -> Box | None: ...


SETTINGS = "upstreams: {shop: {url: 'http://shop'}, users: {url: 'http://users'}, posts: {url: 'http://posts'}}"
MAKER = "id token notes parent { id } children { id children { id } }"
ITEM = f"""sku tags dotted sizes {{ key value }} things {{ __typename name ... on Book {{ pages }} }}
  price {{ amount since at }} amounts
  rate {{ factor to }} makers {{ {MAKER} }} maker {{ id }}"""


async def asked(query: str, schema: strawberry.Schema, seed: int = 0) -> Any:
    async with made_up(schema, config.parse(SETTINGS, {}), seed) as gateway:
        data = await gateway.data(query)
        assert not gateway.listener.failures
        return data


def forms() -> strawberry.Schema:
    return strawberry.Schema(query=Query, mutation=Mutation, types=[Book, Film])


@pytest.mark.parametrize("seed", range(4))
async def test_every_form_is_answered(seed: int) -> None:
    query = f"""{{ items {{ totalCount edges {{ node {{ {ITEM} }} }} pageInfo {{ hasNextPage }} }}
      things {{ __typename name }} kind(id: "x") {{ __typename name }} box(row: "a", box: 3) {{ label }}
      totals {{ key value }} version words offer(token: "t") {{ label }} maker(id: "7") {{ {MAKER} }} byHand }}"""
    data = await asked(query, forms(), seed)
    assert data["kind"]["__typename"] == "Book"
    assert data["maker"]["id"] == 7
    items = [edge["node"] for edge in data["items"]["edges"]]
    assert 1 <= len(items) <= 4
    assert all(item["price"] and item["rate"]["to"] == "EUR" for item in items)
    assert all(isinstance(maker["id"], int) for item in items for maker in item["makers"])


async def test_a_key_that_no_row_can_have_is_not_there() -> None:
    assert await asked('{ maker(id: "seven") { id } }', forms()) == {"maker": None}


async def test_a_call_that_changes_something_is_answered() -> None:
    assert (await asked('mutation { refund(sku: "7") { label } }', forms()))["refund"]["label"]


@pytest.mark.parametrize("seed", range(4))
async def test_the_graph_of_the_engines_own_tests_is_answered(seed: int) -> None:
    user = "id name born balance stop greeting later score(season: 1) { points } notes { text } friends { name }"
    query = f"""{{ user(id: 7) {{ {user} posts {{ name author {{ name }} authorName likes }} }}
      users(ids: [1, 2]) {{ id }}
      posts(limit: 3) {{ name authorAlone {{ id }} }} pages(first: 2) {{ edges {{ node {{ id }} }} }}
      search(q: "x") {{ __typename name }} filtered(filter: {{pageSize: 2}}) {{ name }} }}"""
    data = await asked(query, world.make_schema(), seed)
    assert data["user"]["id"] == "7"
    assert len(data["posts"]) == 3
    assert {found["__typename"] for found in data["search"]} == {"Post", "User"}
