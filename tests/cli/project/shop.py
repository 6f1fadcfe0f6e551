"""A graph of two small services, for tests of the command line: a project as an adopter has one."""

from __future__ import annotations

import strawberry

from bff import connect, upstream

goods = upstream("goods")
makers = upstream("makers")

item_by_id = goods.get("/items/{id}")
items_of = goods.get("/items{?maker*}", key={"maker": "maker_id"}, many=True, rows="items")
makers_by_ids = makers.get("/makers{?id*}", key="id")


@strawberry.type
class Maker:
    """Who makes things."""

    id: strawberry.ID
    name: str
    items: list[Item] = connect(items_of, maker="id", assumed_size=20)


@strawberry.type
class Item:
    """A thing that is for sale."""

    id: strawberry.ID
    name: str
    maker_id: strawberry.Private[str]
    maker: Maker | None = connect(makers_by_ids, id="maker_id")


@strawberry.type
class Query:
    @connect(item_by_id)
    def item(self, id: strawberry.ID) -> Item | None:
        """One item by its id."""

    @connect(makers_by_ids)
    def makers(self, id: list[strawberry.ID]) -> list[Maker]:
        """Makers by their ids."""


schema = strawberry.Schema(query=Query)
