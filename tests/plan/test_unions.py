"""Unions whose rows do not say which type they are: told by a rule, wherever such a row can stand."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pytest
import strawberry

from bff import connect, field, one_of, upstream
from bff.connectors.union import Rule, rule_of
from bff.errors import StartRefused
from tests.kit import opened, reply

zoo = upstream("zoo")


@strawberry.type
class Cat:
    name: str

    @field()
    def title(self) -> str:
        return f"the cat {self.name}"


@strawberry.type
class Dog:
    name: str
    friend: Annotated[Cat | Dog, one_of("Pet", by="pet.type", values={"cat": "Cat", "dog": "Dog", "7": "Dog"})] | None


Pet = Annotated[
    Cat | Dog,
    one_of("Pet", by="pet.type", values={"cat": "Cat", "dog": "Dog", "7": "Dog", "true": "Cat"}),
]


@strawberry.type
class Circle:
    radius: float | None


@strawberry.type
class Square:
    side: float | None


@strawberry.type
class Blob:
    colour: str | None


Shape = Annotated[
    Circle | Square | Blob,
    one_of(
        "Shape",
        members={"Circle": ["radius"], "Square": ["side", "kind"], "Blob": ()},
        description="Every way to be.",
    ),
]


@strawberry.type
class IntBox:
    value: int


@strawberry.type
class NumberBox:
    value: float


@strawberry.type
class TextBox:
    value: str


@strawberry.type
class FlagBox:
    value: bool


@strawberry.type
class ListBox:
    value: list[str]


Anything = Annotated[
    Circle | IntBox | NumberBox | TextBox | FlagBox | ListBox,
    one_of(
        "Anything",
        members={"Circle": ["radius"]},
        boxes={
            "integer": "IntBox",
            "number": "NumberBox",
            "string": "TextBox",
            "boolean": "FlagBox",
            "array": "ListBox",
        },
    ),
]


@strawberry.type
class House:
    pet: Pet | None
    pets: list[Pet | None] | None = field(assumed_size=10)
    deep: Pet | None = field(path="a.b")
    any: Anything | None
    many: list[Anything | None] | None = field(path="a.many", assumed_size=10)

    @field()
    def owner(self) -> str:
        return f"{type(self.pet).__name__} {type(self.any).__name__}: {getattr(self.any, 'value', None)!r}"


@strawberry.type
class Query:
    house: House | None = connect(zoo.get("/x"))
    pet: Pet | None = connect(zoo.get("/x"))
    pets: list[Pet | None] | None = connect(zoo.get("/x", many=True), assumed_size=10)
    cat: Pet | None = connect(zoo.get("/x", typename="Cat"))
    shape: Shape | None = connect(zoo.get("/x"))
    any: Anything | None = connect(zoo.get("/x"))
    many: list[Anything | None] | None = connect(zoo.get("/x", many=True), assumed_size=10)
    inside: Anything | None = connect(zoo.get("/x"), path="value")


schema = strawberry.Schema(query=Query)
CAT, DOG = {"pet": {"type": "cat"}, "name": "Tom"}, {"pet": {"type": "dog"}, "name": "Rex"}
BOXES = (
    "__typename ... on IntBox { int: value } ... on NumberBox { number: value } ... on TextBox { text: value }"
    " ... on FlagBox { flag: value } ... on ListBox { list: value } ... on Circle { radius }"
)


async def ask(query: str, row: Any) -> Any:
    """Data and codes of errors; the second time, when the plan's code is generated, as the first."""
    async with opened(schema, {"zoo": lambda _: reply(row)}) as bench:
        first, second = await bench.ask(query), await bench.ask(query)
    assert (first.data, first.errors) == (second.data, second.errors)
    return first.data, [error["extensions"]["code"] for error in first.errors]


async def test_the_text_of_a_member_tells() -> None:
    assert await ask("{ pet { __typename ... on Cat { name title } } }", CAT) == (
        {"pet": {"__typename": "Cat", "name": "Tom", "title": "the cat Tom"}},
        [],
    )


@pytest.mark.parametrize(("told", "name"), [(7, "Dog"), (7.0, "Dog"), ("7", "Dog"), (True, "Cat")])
async def test_numbers_and_booleans_tell_as_json_writes_them(told: Any, name: str) -> None:
    assert await ask("{ pet { __typename } }", {"pet": {"type": told}}) == ({"pet": {"__typename": name}}, [])


@pytest.mark.parametrize("told", ["bird", None, {}, [], "", "Cat"])
async def test_what_no_rule_knows_is_malformed_at_its_field_and_in_a_list_alone(told: Any) -> None:
    row = {"pet": {"type": told}}
    assert await ask("{ pet { __typename } }", row) == ({"pet": None}, ["UPSTREAM_MALFORMED"])
    assert await ask("{ pets { __typename } }", [CAT, row]) == (
        {"pets": [{"__typename": "Cat"}, None]},
        ["UPSTREAM_MALFORMED"],
    )


async def test_rows_inside_rows_are_told_too_and_so_are_those_that_code_sees() -> None:
    row = {"pet": DOG | {"friend": CAT}, "pets": [CAT, None, DOG], "a": {"b": CAT, "many": [1, None]}, "any": "x"}
    query = (
        "{ house { pet { ... on Dog { name friend { ... on Cat { name } } } } pets { __typename }"
        " deep { __typename } many { __typename } owner } }"
    )
    assert await ask(query, row) == (
        {
            "house": {
                "pet": {"name": "Rex", "friend": {"name": "Tom"}},
                "pets": [{"__typename": "Cat"}, None, {"__typename": "Dog"}],
                "deep": {"__typename": "Cat"},
                "many": [{"__typename": "IntBox"}, None],
                "owner": "Dog TextBox: 'x'",
            }
        },
        [],
    )


async def test_a_type_that_the_connector_says_goes_first() -> None:
    assert await ask("{ cat { __typename } }", DOG) == ({"cat": {"__typename": "Cat"}}, [])


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"radius": 1}, "Circle"),
        ({"radius": None}, "Circle"),
        ({"radius": 1, "side": 1, "kind": "x"}, "Circle"),
        ({"side": 1, "kind": "x"}, "Square"),
        ({"side": 1}, "Blob"),
        ({}, "Blob"),
        ({"__typename": "Square"}, "Square"),
        ({"__typename": "Nonsense", "radius": 1}, "Circle"),
    ],
)
async def test_the_first_type_all_of_whose_members_are_there_fits(row: Any, name: str) -> None:
    assert await ask("{ shape { __typename } }", row) == ({"shape": {"__typename": name}}, [])


@pytest.mark.parametrize(
    ("value", "box"),
    [
        (7, {"__typename": "IntBox", "int": 7}),
        (7.5, {"__typename": "NumberBox", "number": 7.5}),
        ("a", {"__typename": "TextBox", "text": "a"}),
        (False, {"__typename": "FlagBox", "flag": False}),
        (["a", "b"], {"__typename": "ListBox", "list": ["a", "b"]}),
        ({"radius": 1.5}, {"__typename": "Circle", "radius": 1.5}),
        (None, None),
    ],
)
async def test_what_is_no_object_is_in_a_box_wherever_it_stands(value: Any, box: Any) -> None:
    assert await ask(f"{{ inside {{ {BOXES} }} }}", {"value": value}) == ({"inside": box}, [])
    assert await ask(f"{{ many {{ {BOXES} }} }}", [value, value]) == ({"many": [box, box]}, [])
    assert await ask(f"{{ house {{ any {{ {BOXES} }} }} }}", {"any": value}) == ({"house": {"any": box}}, [])
    if value is not None and not isinstance(value, list):  # a connector without `many` brings one row
        assert await ask(f"{{ any {{ {BOXES} }} }}", value) == ({"any": box}, [])


async def test_what_has_no_box_is_malformed() -> None:
    assert await ask("{ house { pet { __typename } } }", {"pet": "Tom"}) == (
        {"house": {"pet": None}},
        ["UPSTREAM_MALFORMED"],
    )


async def test_the_union_is_a_union_as_any_other_in_the_schema() -> None:
    assert '"""Every way to be."""\nunion Shape = Circle | Square | Blob\n' in schema.as_str()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "needs by= and values=, members= or boxes="),
        ({"by": "x"}, "by= names the member, and values= says"),
        ({"values": {"a": "A"}}, "by= names the member, and values= says"),
        ({"boxes": {"text": "A"}}, "'text' is no JSON type of boxes: any, array, boolean, integer, number, object"),
        ({"members": {"A": ()}, "boxes": {"any": "B"}}, "a box of objects leaves none to be told by values= or"),
    ],
)
def test_a_rule_that_tells_nothing_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        one_of("X", **options)


async def test_a_rule_that_names_what_the_union_lacks_stops_the_start() -> None:
    @strawberry.type
    class Wrong:
        thing: (
            Annotated[Cat | Circle, one_of("Thing", members={"Cat": (), "Doge": ()}, boxes={"string": "Circle"})] | None
        ) = connect(zoo.get("/x"))

    with pytest.raises(StartRefused) as refused:
        async with opened(strawberry.Schema(query=Wrong), {"zoo": lambda _: reply({})}):
            raise AssertionError
    assert [(each.message, each.hint) for each in refused.value.problems] == [
        ("one_of('Thing') tells the type 'Doge', which it does not have", "it has Cat, Circle"),
        (
            "Circle is a box of one_of('Thing') without a field 'value'",
            "add `value: …` with the type of the value",
        ),
    ]


def test_a_rule_is_found_on_what_one_of_made_and_on_nothing_else() -> None:
    assert isinstance(rule_of(one_of("A", members={"B": ()})), Rule)
    assert rule_of(strawberry.union("A")) is None
    assert rule_of(object()) is None
