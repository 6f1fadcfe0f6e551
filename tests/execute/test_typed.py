"""Rows that are the answer as they are, and objects made of typed rows: what graphql-core answers, whatever comes."""

from __future__ import annotations

import asyncio
import enum
import json
from typing import Any

import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st

from bff import codec, connect, field, upstream
from bff.codec import Member, Row
from bff.execute.typed import typed_of
from bff.upstreams import Request
from bff.upstreams.coalesce import Coalesce
from tests.execute.faked import Faked
from tests.execute.generated import exactly
from tests.execute.oracle import Question, World, disagreement, world

shop = upstream("shop")
by_ids = shop.get("/owners{?id*}", key="id")


@strawberry.enum
class Same(enum.Enum):
    UP = "UP"
    DOWN = "DOWN"


@strawberry.enum
class Other(enum.Enum):
    UP = "up"
    DOWN = "down"


@strawberry.type
class Owner:
    id: int
    name: str


@strawberry.type
class Thing:
    id: strawberry.ID
    name: str
    items: str | None  # as an attribute of dicts is called
    count: int | None
    share: float | None
    open: bool | None
    same: Same | None
    other: Other | None
    far: str | None = field(path="texts.far")
    renamed: str | None = field(path="name")
    owner: Owner | None = connect(by_ids, id="owner_id")
    twin: Owner | None = connect(by_ids, id="items")


@strawberry.type
class Query:
    things: list[Thing] = connect(shop.get("/things", many=True), assumed_size=4)
    maybe: list[Thing | None] | None = connect(shop.get("/maybe", many=True), assumed_size=3)

    @connect(shop.get("/sized", many=True), assumed_size=3, slicing_arguments=["size"])
    def sized(self, size: int | None = None) -> list[Thing]:
        """As many as are asked for."""

    thing: Thing | None = connect(shop.get("/thing"))


FIELDS = ("id", "name", "items", "count", "share", "open", "same", "other", "far", "renamed", "__typename")
right: dict[str, st.SearchStrategy[Any]] = {
    "id": st.one_of(st.text("ab", min_size=1), st.integers(0, 9)),
    "name": st.text("xyz"),
    "items": st.one_of(st.none(), st.sampled_from(["1", "2"])),
    "count": st.one_of(st.none(), st.integers(-5, 5)),
    "share": st.one_of(st.none(), st.floats(-1, 1), st.integers(-3, 3)),
    "open": st.one_of(st.none(), st.booleans()),
    "same": st.sampled_from([None, "UP", "DOWN"]),
    "other": st.sampled_from([None, "up", "down"]),
    "texts": st.fixed_dictionaries({"far": st.text("f")}),
    "owner_id": st.one_of(st.none(), st.integers(1, 3)),
}
wrong = st.sampled_from([None, True, 7, 2**40, 1.5, "text", "up", [], [1], {}, {"id": 1}])
straight = st.fixed_dictionaries(right)
odd = st.fixed_dictionaries({}, optional={name: st.one_of(good, wrong) for name, good in right.items()})
several = st.one_of(st.lists(straight, max_size=5), st.lists(st.one_of(straight, odd, wrong), max_size=4), wrong)
answers = st.fixed_dictionaries(
    {"/things": several, "/maybe": several, "/sized": several, "/thing": st.one_of(straight, odd, wrong)}
)
owners = st.lists(
    st.one_of(
        st.fixed_dictionaries({"id": st.integers(1, 3), "name": st.text("o")}),
        st.fixed_dictionaries({"id": st.integers(1, 3), "name": wrong}),
    ),
    max_size=4,
)
selections = st.lists(
    st.sampled_from([*FIELDS, "alias: name", "owner { id name }", "who: owner { name }", "twin { id }"]),
    min_size=1,
    max_size=6,
    unique=True,
)
roots = st.sampled_from(["things", "maybe", "sized", "sized(size: 2)", "sized(size: null)", "sized(size: 9)", "thing"])


def _shop(answers: dict[str, Any], owners: Any) -> World:
    def answer(request: Request) -> Any:
        return owners if request.target.startswith("/owners") else answers[request.target]

    return world(strawberry.Schema(query=Query), {"shop": Faked(answer)})


@settings(exactly, max_examples=150)
@given(answers=answers, owners=owners, selection=selections, root=roots)
def test_both_answer_alike_of_rows_that_are_right_and_wrong(
    runner: asyncio.Runner, answers: dict[str, Any], owners: Any, selection: list[str], root: str
) -> None:
    of, question = _shop(answers, owners), Question(f"{{ {root} {{ {' '.join(selection)} }} }}")
    runner.run(_alike(of, question))


async def _alike(of: World, question: Question) -> None:
    expected = await of.by_core(question)
    found = await of.by_program(question, of.generated(question))
    assert disagreement(expected, found) is None, disagreement(expected, found)
    if expected.data is not None:
        assert found.data == expected.data


@pytest.mark.parametrize(
    ("selection", "as_they_are"),
    [
        ("name count", True),
        ("count name same open share", True),
        ("name name", True),
        ("alias: name", False),
        ("renamed", False),
        ("id name", False),  # a service may write 1, and a client reads "1"
        ("name other", False),
        ("name far", False),
        ("name __typename", False),
        ("name owner { name }", False),
    ],
)
def test_rows_are_the_answer_where_nothing_is_left_to_do(selection: str, as_they_are: bool) -> None:
    of = _shop({}, [])
    program = of.generated(Question(f"{{ things {{ {selection} }} }}"))  # which is over when nobody has it
    built = program.begun()
    (step,) = (step for step in built.steps if step.node.key == "things")
    known = typed_of(step, built.completion.parts)
    assert known is not None
    assert known.as_they_are == as_they_are


async def test_what_one_answer_brings_to_several_is_changed_by_none() -> None:
    """Both get the same rows, and have different owners."""

    def answer(request: Request) -> Any:
        if request.target == "/things":
            return [{"name": "a", "owner_id": 1}, {"name": "b", "owner_id": 1}]
        return [{"id": 1, "name": f"owner {next(names)}"}]

    names = iter(range(9))
    clock = asyncio.get_running_loop().time
    service = Coalesce(Faked(answer), name="shop", timeout=60, joinable={}, clock=clock)
    of, question = world(strawberry.Schema(query=Query), {"shop": service}), Question("{ things { owner { name } } }")
    program = of.generated(question)
    found = await asyncio.gather(*(of.by_program(question, program) for _ in range(2)))
    assert all(len({row["owner"]["name"] for row in each.data["things"]}) == 1 for each in found)
    await service.aclose()


def test_a_made_object_reads_and_is_written_as_the_dict_that_it_stands_for() -> None:
    made = codec.made(("id", "class", "items", "_1"))(1, [2], None, "x")
    made["items"] = {"a": 3}
    same = {"id": 1, "class": [2], "items": {"a": 3}, "_1": "x"}
    assert made == same
    assert same == made
    assert [made] == [same]
    assert made != {**same, "id": 2}
    assert dict(made) == same
    assert (made["_1"], made.get("class"), made.get("other"), list(made.keys())) == ("x", [2], None, list(same))
    assert json.loads(codec.encode(made)) == same
    with pytest.raises(KeyError):
        made["other"]


def test_kinds_of_objects_are_remembered_by_how_many_members_they_have() -> None:
    kept: codec.Kept[str, object] = codec.Kept(lambda _: object())
    first, wide = kept(("a",)), codec.MOST_KEPT // 4
    for number in range(3):
        kept(tuple(f"{number}_{at}" for at in range(wide)))
    assert kept(("a",)) is first
    kept(tuple(f"more_{at}" for at in range(wide)))  # the oldest of the wide ones goes
    assert kept(("a",)) is first
    for number in range(codec.MOST_KEPT):
        kept((str(number),))
    assert kept(("a",)) is not first


def test_a_row_that_was_read_cannot_be_changed() -> None:
    row = codec.rows((Member("a", "Int"),))(b'{"a": 1}')
    assert isinstance(row, Row)
    assert row == {"a": 1}
    with pytest.raises(AttributeError):
        row.a = 2  # type: ignore[attr-defined]
