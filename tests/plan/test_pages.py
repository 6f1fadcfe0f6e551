"""Pages of services as Relay connections, over the ways in which services page."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
import strawberry

from bff import After, Connection, Cursor, Page, connect, upstream
from tests.kit import Bench, opened, reply

stars = upstream("stars")
ROWS = [{"id": number} for number in range(1, 24)]


@strawberry.type
class Star:
    id: int


@strawberry.type
class Query:
    @connect(stars.get("/pages{?page,per_page}", paging=Page(limit="per_page", link=True, max_limit=10)))
    def pages(self, first: int = 5, after: str | None = None) -> Connection[Star] | None: ...

    @connect(
        stars.get(
            "/urls{?cursor}",
            names={"cursor": "page[cursor]"},
            rows="data",
            paging=Cursor(limit=None, next="links.next", next_is_url=True),
        )
    )
    def urls(self, first: int = 5, after: str | None = None) -> Connection[Star] | None: ...

    @connect(
        stars.get("/keys{?starting_after,limit}", rows="data", paging=After(after="starting_after", more="has_more"))
    )
    def keys(self, first: int = 5, after: str | None = None) -> Connection[Star] | None: ...

    @connect(stars.get("/wrong{?cursor}", rows="data", paging=Cursor(limit=None, next_is_url=True)))
    def wrong(self, first: int = 5, after: str | None = None) -> Connection[Star] | None: ...


def answer(request: httpx.Request) -> httpx.Response:
    asked = request.url.params
    if request.url.path == "/pages":
        size, number = int(asked["per_page"]), int(asked["page"])
        link = (
            f'<https://internal/pages?page={number + 1}>; rel="next"' if number * size < len(ROWS) else "<x>; rel=prev"
        )
        return httpx.Response(200, json=ROWS[(number - 1) * size : number * size], headers={"link": link})
    if request.url.path == "/urls":
        start = int(asked.get("page[cursor]", 0))
        following = f"/urls?page%5Bcursor%5D={start + 10}" if start + 10 < len(ROWS) else None
        return reply({"data": ROWS[start : start + 10], "links": {"next": following}})
    if request.url.path == "/keys":
        start, size = int(asked.get("starting_after", 0)), int(asked["limit"])
        return reply({"data": ROWS[start : start + size], "has_more": start + size < len(ROWS)})
    return reply({"data": ROWS[:2], "next": "https://internal/secret?other=1"})


def a_bench() -> AbstractAsyncContextManager[Bench]:
    return opened(strawberry.Schema(query=Query), {"stars": answer})


@pytest.mark.parametrize(("name", "calls"), [("pages", 5), ("urls", 5), ("keys", 5)])
async def test_a_client_that_goes_on_after_the_last_cursor_sees_every_row_once(name: str, calls: int) -> None:
    wanted = "edges { node { id } } pageInfo { hasNextPage endCursor }"
    query = f"query ($after: String) {{ {name}(after: $after) {{ {wanted} }} }}"
    seen: list[int] = []
    after: str | None = None
    more = True
    async with a_bench() as bench:
        while more:
            found: Any = (await bench.ask(query, after=after)).body
            page = found["data"][name]
            seen += [edge["node"]["id"] for edge in page["edges"]]
            more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        assert seen == [row["id"] for row in ROWS]
        assert len(bench.urls) == calls


async def test_a_page_costs_one_call_whatever_is_asked_of_it() -> None:
    async with a_bench() as bench:
        found = await bench.ask("{ pages(first: 10) { edges { node { id } } } }")
        assert bench.urls == ["/pages?page=1&per_page=10"]
        (fact,) = bench.listener.operations
        assert (fact.planned_calls, fact.upstream_calls) == (1, 1)
        assert not found.errors


async def test_a_next_page_that_cannot_be_read_is_malformed_and_its_url_is_neither_called_nor_told() -> None:
    async with a_bench() as bench:
        found = await bench.ask("{ wrong { edges { node { id } } } }")
        assert [error["extensions"]["code"] for error in found.errors] == ["UPSTREAM_MALFORMED"]
        assert "secret" not in str(found.body)
        assert bench.urls == ["/wrong"]


@pytest.mark.parametrize("after", ["x", "WyJvIiwwXQ", "WyJrIiwxXQ"])
@pytest.mark.parametrize("name", ["pages", "urls", "keys"])
async def test_a_cursor_of_another_list_is_the_clients_mistake_and_makes_no_call(name: str, after: str) -> None:
    async with a_bench() as bench:
        found = await bench.ask(f'{{ {name}(after: "{after}") {{ edges {{ cursor }} }} }}')
        assert [error["extensions"]["code"] for error in found.errors] == ["BAD_USER_INPUT"]
        assert bench.urls == []
