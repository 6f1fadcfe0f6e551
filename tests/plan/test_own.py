"""Code may do what it likes with the rows that it gets: nobody else reads them, in this operation or another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st
from strawberry.scalars import JSON
from strawberry.types import Info

from bff import Offset, connect, field, upstream
from bff.connectors.paging import Paged
from bff.plan.own import own
from tests.kit import opened

people = upstream("people")
by_ids = people.get("/people{?id*}", key="id")
of_team = people.get("/team{?team*}", key="team", many=True)
pages = people.get("/pages{?limit,offset}", rows="items", paging=Offset(total="total"))


@strawberry.type
class Person:
    id: strawberry.ID
    name: str
    tags: list[str]
    more: JSON

    @field(uses=[by_ids])
    async def loaded(self, info: Info) -> str:
        row = await info.context.load(by_ids, id=self.id)
        row["name"] += "!"
        row["tags"].append("loaded")
        row["more"]["in"].clear()
        return str(row["name"])

    @field(uses=[of_team])
    async def listed(self, info: Info) -> int:
        rows = await info.context.load(of_team, team=1)
        rows.append({"name": "me"})
        rows[0]["name"] = "me"
        return len(rows)

    @field(uses=[pages])
    async def paged(self, info: Info) -> int:
        page = await info.context.load(pages, limit=2, offset=0)
        page.answer["items"].pop()
        page.rows[0]["name"] = "me"
        return len(page.rows)

    @field()
    def read(self) -> int:
        self.tags.append("read")
        self.more["in"].append("read")  # type: ignore[index]
        return len(self.tags)


@strawberry.type
class Query:
    @connect(by_ids)
    def person(self, id: strawberry.ID) -> Person | None: ...


def service(request: httpx.Request) -> httpx.Response:
    row = {"id": 1, "team": 1, "name": "Ana", "tags": ["a"], "more": {"in": ["a"]}}
    body: Any = {"items": [row, row], "total": 2} if request.url.path == "/pages" else [row]
    return httpx.Response(200, json=body, headers={"cache-control": "public, max-age=60"})


@pytest.mark.parametrize("policies", [", cache: {}", "", ", coalesce: false"])
async def test_what_code_changes_in_a_row_is_read_by_nobody_else(policies: str) -> None:
    query = "{ person(id: 1) { loaded read listed paged name tags more again: loaded reread: read } }"
    async with opened(strawberry.Schema(query=Query), {"people": service}, policies=policies) as bench:
        answers = [await bench.ask(query) for _ in range(3)]
    for answer in answers:
        assert not answer.errors
        assert answer.data == {
            "person": {
                "loaded": "Ana!",
                "read": 1,
                "listed": 2,
                "paged": 2,
                "name": "Ana",
                "tags": ["a"],
                "more": {"in": ["a"]},
                "again": "Ana!",
                "reread": 1,
            }
        }


def containers(value: Any) -> Iterator[int]:
    if isinstance(value, Paged):
        yield from (*containers(value.answer), *containers(value.rows))
    elif isinstance(value, (dict, list)):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
values = st.recursive(leaves, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)))


@given(st.one_of(values, st.builds(Paged, values, st.lists(values))))
def test_a_copy_is_equal_and_holds_nothing_of_what_it_was_made_of(value: Any) -> None:
    copy = own(value)
    assert copy == value
    assert set(containers(copy)).isdisjoint(containers(value))
