"""Rows of which only what a plan reads becomes values: never another answer than whole rows give."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import strawberry
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString
from hypothesis import given
from hypothesis import strategies as st

from bff import codec, connect, constant, field, upstream
from bff.codec import Member
from bff.connectors.path import reader
from bff.execute.direct import Direct
from bff.plan.call import call_one
from bff.plan.scope import Scope
from bff.upstreams import Request, Sender, Upstream
from bff.upstreams.coalesce import Coalesce
from bff.upstreams.store import Store
from tests.execute.faked import Faked, Raw
from tests.execute.oracle import SETTINGS, Question, World, disagreement, world

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
    everything = dict.fromkeys(("id", "texts", "größe", "note", "made_by", "name"), "1")
    for step in of.generated(Question(query)).begun().steps:
        decode = step.direct._decode if isinstance(step.direct, Direct) else None
        found.append(set(codec.opened(decode(codec.encode(everything)))) if decode else None)
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
    found = _reads(query)
    assert len(found) == len(reads)
    assert all(found.count(each) == reads.count(each) for each in reads)


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "a\\", '"', "_1"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


names = st.sampled_from(["a", "b", "c", "get", "class", "_1", "a b", ""]) | st.text(st.characters(codec="ascii"))
scalars = {
    "Boolean": GraphQLBoolean,
    "Float": GraphQLFloat,
    "ID": GraphQLID,
    "Int": GraphQLInt,
    "String": GraphQLString,
}
numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([2**31, -(2**31), 2**53, 2**53 + 1, -(2**53) - 1, 2**63, -0.0])
)


@given(values, st.frozensets(names.filter(codec.findable), max_size=4))
def test_the_members_that_are_read_are_those_of_the_whole_row(value: Any, members: frozenset[str]) -> None:
    found = codec.rows(tuple(map(Member, members)))(json.dumps(value).encode())

    def only(row: Any) -> Any:
        return {name: row.get(name) for name in members} if isinstance(row, dict) else row

    plain = isinstance(value, dict) or (
        isinstance(value, list) and all(each is None or isinstance(each, dict) for each in value)
    )
    rows = [only(row) for row in value] if isinstance(value, list) else only(value)
    assert codec.opened(found) == (rows if plain else value)


@given(st.sampled_from(sorted(scalars)), values | numbers, st.booleans())
def test_what_is_read_as_a_scalar_is_what_the_scalar_makes_of_it(kind: str, value: Any, required: bool) -> None:
    found = codec.rows((Member("a", kind, required),))(codec.encode({"a": value}))
    if isinstance(found, codec.Row):
        read = found.get("a")
        assert read is not None or not required
        assert repr(str(read) if kind == "ID" and read is not None else read) == repr(
            None if value is None else scalars[kind].coerce_output_value(value)
        )
    else:
        assert found == {"a": json.loads(json.dumps(value))}


@pytest.mark.parametrize("text", ["9007199254740993", "-9007199254740993", "18446744073709551617", "1" + "0" * 30])
def test_a_whole_number_that_a_float_may_not_hold_is_left_for_the_scalar_to_judge(text: str) -> None:
    assert codec.rows((Member("a", "Float"),))(f'{{"a": {text}}}'.encode()) == {"a": int(text)}


@given(values)
def test_what_is_read_as_one_of_some_texts_is_one_of_them(value: Any) -> None:
    found = codec.rows((Member("a", frozenset({"up", "down"})),))(codec.encode([{"a": value}, {"a": "up"}, {}]))
    assert isinstance(found[0], codec.Row) == (value in {"up", "down"} if isinstance(value, str) else value is None)
    assert codec.opened(found)[1] == {"a": "up"}


def test_a_row_reads_as_the_object_that_it_came_of() -> None:
    rows = codec.rows((Member("class"), Member("user-id", "Int"), Member("get"), Member("getters")))
    row = rows(b'{"class": "first", "user-id": 7, "other": 1, "get": 8, "getters": 9}')
    assert (row.get("get"), row.get("getters")) == (8, 9)
    assert (row.get("class"), row.get("user-id"), row.get("other"), row.get("missing")) == ("first", 7, None, None)
    assert (reader("user-id")(row), reader("class.0")(row)) == (7, None)


@pytest.mark.parametrize("raw", [b'{"a": 1, "b": "\xff"}', b'{"\xff": 1, "a": 1}', b'[{"a": 1}, {"b": "\xc3"}]'])
def test_text_that_is_no_utf_8_is_refused_wherever_it_stands(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not UTF-8"):
        codec.rows((Member("a"),))(raw)


@pytest.mark.parametrize("name", ["größe", 'a"', "a\\", "a\n", "\x7f"])
def test_a_name_that_the_library_does_not_find_is_not_one_to_read_by(name: str) -> None:
    assert not codec.findable(name)


@strawberry.type
class Place:
    id: strawberry.ID


@strawberry.type
class Places:
    there: Place | None = connect(shop.get("/places/{id}", missing=[404]), id=constant("1"))
    here: Place | None = connect(shop.get("/places/{id}", missing=[410]), id=constant("1"))


@pytest.mark.parametrize("query", ["{ there { id } here { id } }", "{ here { id } there { id } }"])
async def test_what_one_answer_says_is_each_connectors_own(query: str) -> None:
    clock = asyncio.get_running_loop().time
    service = Coalesce(Faked(lambda _: Raw(404)), name="shop", timeout=60, joinable={}, clock=clock)
    of, question = world(strawberry.Schema(query=Places), {"shop": service}), Question(query)
    found = await of.by_program(question, of.generated(question))
    assert [error["path"] for error in found.errors] == [["here"]]
    assert sum(found.calls.values()) == 2
    await service.aclose()


def _places(request: Request) -> Any:
    if request.target == "/refs":
        return Raw(200, b'[{"ref": 1}, {"ref": true}, {"ref": 1.0}, {"ref": null}, {"ref": 1}]')
    return [{"id": "true", "name": "true"}, {"id": "1", "name": "one"}]


@strawberry.type
class Ref:
    maker: Maker | None = connect(by_ids, id="ref")


@strawberry.type
class Refs:
    refs: list[Ref] = connect(shop.get("/refs", many=True), assumed_size=10)


async def test_keys_that_python_takes_for_one_are_several() -> None:
    of, question = (
        world(strawberry.Schema(query=Refs), {"shop": Faked(_places)}),
        Question("{ refs { maker { name } } }"),
    )
    found = await of.by_program(question, of.generated(question))
    assert disagreement(await of.by_core(question), found) is None
    names = [row["maker"] and row["maker"]["name"] for row in found.data["refs"]]
    assert names == ["one", "true", "one", None, "one"]


@pytest.mark.parametrize(("store", "kind"), [(None, codec.Row), (Store(1_000_000), dict)])
async def test_what_is_kept_for_others_is_read_whole_from_the_first_time_on(store: Store | None, kind: type) -> None:
    service = Faked(lambda _: {"id": "1", "name": "one"})
    kept = Upstream("shop", service, SETTINGS, _no_stream, service, store=store)
    scope = Scope({"shop": kept}, asyncio.get_running_loop().time() + 60)
    found = await call_one(scope, shop.get("/one"), {}, codec.rows((Member("id", "ID"),)))
    assert isinstance(found, kind)


def _no_stream(_head: float, _idle: float) -> Sender:
    raise NotImplementedError("answers are read whole")
