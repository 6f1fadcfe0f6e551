"""Rows of which only what a plan reads becomes values: never another answer than whole rows give."""

from __future__ import annotations

import json
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from bff import codec, connect, field, upstream
from bff.execute.direct import Direct
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, world

shop = upstream("shop")
listed = shop.get("/items", many=True)
by_ids = shop.get("/makers{?id*}", key="id")


@strawberry.type
class Maker:
    id: strawberry.ID
    name: str


@strawberry.type
class Item:
    id: strawberry.ID
    label: str = field(path="texts.label")
    odd: str | None = field(path="größe")
    note: str | None
    maker: Maker | None = connect(by_ids, id="made_by.id")

    @strawberry.field
    def shouted(self) -> str:
        return self.note.upper() if self.note else ""


@strawberry.type
class Query:
    items: list[Item] = connect(listed, assumed_size=10)


def _shop() -> World:
    return world(strawberry.Schema(query=Query), {"shop": Faked(lambda _: [])})


def _reads(query: str) -> list[set[str] | None]:
    """What each step reads of rows that have everything; None where it reads them whole."""
    of = _shop()
    found: list[set[str] | None] = []
    everything = dict.fromkeys(("id", "texts", "größe", "note", "made_by", "name"), 1)
    for step in of.generated(Question(query)).begun().steps:
        decode = step.direct._decode if isinstance(step.direct, Direct) else None
        found.append(set(decode(codec.encode(everything))) if decode else None)
    return found


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        pytest.param("{ items { id } }", [{"id"}], id="its members"),
        pytest.param("{ items { label note } }", [{"texts", "note"}], id="the first member of a path"),
        pytest.param(
            "{ items { maker { name } } }", [{"made_by"}, {"id", "name"}], id="what a call below needs; a key"
        ),
        pytest.param("{ items { odd } }", [None], id="whole, where a name is not ASCII"),
        pytest.param("{ items { shouted } }", [None, None], id="whole, where code sees the row"),
        pytest.param(
            "{ items { maker { id } } more: items { note } }", [None, {"id"}, None], id="whole, where two places meet"
        ),
    ],
)
def test_a_step_reads_of_rows_what_its_plan_has_a_use_for(query: str, reads: list[set[str] | None]) -> None:
    assert sorted(map(repr, _reads(query))) == sorted(map(repr, reads))


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "a\\", '"', "_1"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    values,
    st.frozensets(
        st.sampled_from(["a", "b", "c", 'a"', "a\\", ""]) | st.text(st.characters(codec="ascii")), max_size=4
    ),
)
def test_the_members_that_are_read_are_those_of_the_whole_row(value: Any, members: frozenset[str]) -> None:
    found = codec.selecting(members)(json.dumps(value).encode())

    def only(row: Any) -> Any:
        return {name: row[name] for name in row if name in members} if isinstance(row, dict) else row

    plain = isinstance(value, dict) or (
        isinstance(value, list) and all(each is None or isinstance(each, dict) for each in value)
    )
    rows = [only(row) for row in value] if isinstance(value, list) else only(value)
    assert found == (rows if plain else value)
