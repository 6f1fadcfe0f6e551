"""Methods that are called as they are answer what they answer under Strawberry alone."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension

from bff.plan.graph import read_graph
from bff.plan.plainly import plain_method
from tests.execute.oracle import Question, World, world


class Louder(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


@strawberry.input
class Point:
    x: int = 1


@strawberry.type
class Query:
    @strawberry.field
    def nothing(self) -> str:
        return f"nothing of {self}"

    @strawberry.field
    def scalars(self, a_number: int, factor: float = 1.5, word: str | None = "w", *, on: bool = True) -> str:
        return f"{a_number!r} {factor!r} {word!r} {on!r}"

    @strawberry.field
    def by_id(self, key: strawberry.ID, other: strawberry.ID | None = strawberry.UNSET) -> str:
        return f"{key!r} {other is strawberry.UNSET}"

    @strawberry.field
    def named(self, of: strawberry.Parent[Any], text: str = "") -> str:
        return f"{of} {text}"

    @strawberry.field
    def rooted(root, text: str) -> str:
        return f"{root} {text}"

    @strawberry.field
    @staticmethod
    def still(text: str) -> str:
        return text

    @strawberry.field
    async def later(self, text: str) -> str:
        return text

    @strawberry.field
    def informed(self, info: strawberry.Info, text: str) -> str:
        return f"{info.field_name} {text}"

    @strawberry.field
    def pointed(self, at: Point) -> str:
        return f"{at.x}"

    @strawberry.field
    def listed(self, of: list[int]) -> str:
        return f"{of}"

    @strawberry.field
    def perhaps(self, number: strawberry.Maybe[int | None]) -> str:
        return f"{number}"

    @strawberry.field(extensions=[Louder()])
    def extended(self, text: str) -> str:
        return text


PLAIN = ("nothing", "scalars", "byId", "named", "rooted", "still", "later")
ASKED = [
    "{ nothing }",
    "{ scalars(aNumber: 3) }",
    "{ scalars(aNumber: 3, factor: 2, word: null, on: false) }",
    'query ($w: String) { scalars(aNumber: 1, word: $w) byId(key: 7, other: "x") }',
    '{ byId(key: 7) named rooted(text: "r") still(text: "s") later(text: "l") }',
    '{ informed(text: "i") pointed(at: {}) listed(of: [1, 2]) perhaps(number: 1) extended(text: "e") }',
]


def _schema() -> strawberry.Schema:
    return strawberry.Schema(query=Query)


def test_methods_without_anything_of_strawberrys_are_called_as_they_are() -> None:
    graph = read_graph(_schema())
    fields = {field.name: field for field in graph.fields.values() if field.kind == "code"}
    assert tuple(name for name, field in fields.items() if plain_method(field, graph.schema)) == PLAIN


@pytest.mark.parametrize("query", ASKED)
async def test_they_answer_what_they_answer_under_strawberry_alone(query: str) -> None:
    expected = await _schema().execute(query)
    of: World = world(_schema(), {})
    question = Question(query)
    found = await of.by_program(question, of.generated(question))
    assert expected.errors is None
    assert found.data == expected.data
