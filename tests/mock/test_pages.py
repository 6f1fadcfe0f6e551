"""Pages of made-up services lead from one to the next until the end, in every way that connectors know."""

import pytest
import strawberry

from bff import Connection, config, connect, upstream
from bff.connectors.paging import After, Cursor, Offset, Page, Paging
from tests.mock.made_up import made_up

shop = upstream("shop")


@strawberry.type
class Item:
    id: strawberry.ID
    name: str


QUERY = """query($after: String) {
  items(after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } }
}"""


@pytest.mark.parametrize(
    ("template", "rows", "paging"),
    [
        ("/items{?limit,offset}", "items", Offset(total="total")),
        ("/items{?limit,offset}", "", Offset(link=True)),
        ("/items{?limit,page}", "", Page(total="header:x-total")),
        ("/items{?page}", "items", Page(limit=None, size=9)),
        ("/items{?limit,cursor}", "items", Cursor(next="page.next", total="page.total")),
        ("/items{?limit,cursor}", "items", Cursor(next="next", next_is_url=True)),
        ("/items{?cursor}", "", Cursor(limit=None, link=True)),
        ("/items{?limit,cursor}", "", Cursor(next="header:x-next")),
        ("/items{?limit,after}", "data", After(more="has_more")),
        ("/items{?limit,after}", "", After(link=True)),
    ],
)
async def test_every_row_is_seen_once(template: str, rows: str, paging: Paging) -> None:
    @strawberry.type
    class Query:
        @connect(shop.get(template, rows=rows, paging=paging))
        def items(self, first: int = 7, after: str | None = None) -> Connection[Item]: ...

    settings = config.parse("upstreams: {shop: {url: 'http://shop'}}", {})
    async with made_up(strawberry.Schema(query=Query), settings) as gateway:
        seen: list[str] = []
        more, after = True, None
        while more and len(seen) < 100:
            found = (await gateway.data(QUERY, after=after))["items"]
            seen += [edge["node"]["id"] for edge in found["edges"]]
            more, after = found["pageInfo"]["hasNextPage"], found["pageInfo"]["endCursor"]
        assert 20 <= len(seen) < 60
