"""What a client may read of what went wrong inside: the words of its own mistakes, and of nothing else."""

from __future__ import annotations

from typing import Any, NewType

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from bff import codec, connect, field, upstream
from tests.kit import opened, reply

SECRET = "hunter2"
things = upstream("things")
Strict = NewType("Strict", str)
Opaque = NewType("Opaque", object)


def refuse(_: Any) -> Any:
    raise KeyError(SECRET)


@strawberry.interface
class Thing:
    id: strawberry.ID


@strawberry.type
class Chair(Thing):
    legs: int | None


@strawberry.type
class Other:
    name: str


class Hidden:
    """Nothing of the graph."""

    def __repr__(self) -> str:
        return f"<{SECRET}>"


@strawberry.type
class Query:
    thing: Thing | None = connect(things.get("/thing"))
    opaque: Opaque | None = connect(things.get("/thing"))

    @field()
    def chair(self) -> Chair | None:
        return Hidden()  # type: ignore[return-value]

    @field()
    def any(self) -> Thing | None:
        return Hidden()  # type: ignore[return-value]

    @connect(things.get("/strict{?by}"))
    def strict(self, by: Strict) -> Other | None: ...

    @field()
    def made(self) -> Opaque | None:
        return Opaque(Hidden())

    @field()
    def refused(self) -> str | None:
        raise GraphQLError("No.", extensions={"code": "MINE", "seen": Hidden(), "many": [1, {"a": None}]})

    @field()
    def fine(self) -> str:
        return "fine"


def schema() -> strawberry.Schema:
    scalars: Any = {
        Strict: strawberry.scalar(name="Strict", parse_value=refuse, serialize=str),
        Opaque: strawberry.scalar(name="Opaque", parse_value=lambda value: value, serialize=lambda value: value),
    }
    return strawberry.Schema(query=Query, types=[Chair, Other], config=StrawberryConfig(scalar_map=scalars))


async def ask(query: str, typename: str = "Chair", **variables: Any) -> Any:
    async with opened(schema(), {"things": lambda _: reply({"id": 1, "__typename": typename})}) as bench:
        answer = await bench.ask(query, **variables)
    assert SECRET not in codec.encode(answer.body).decode()
    return answer


@pytest.mark.parametrize("typename", [f"{SECRET} <b>", "Other", "Query", "Thing", "String"])
async def test_a_row_of_a_type_that_its_field_cannot_have_is_malformed_and_the_name_is_not_told(typename: str) -> None:
    answer = await ask("{ thing { id } fine }", typename)
    assert answer.data == {"thing": None, "fine": "fine"}
    assert answer.errors[0]["extensions"]["code"] == "UPSTREAM_MALFORMED"
    assert answer.errors[0]["message"] == "Thing came with a value that is not an object whose type is known."


@pytest.mark.parametrize("name", ["chair", "any"])
async def test_code_that_returns_something_else_than_its_type_is_our_mistake_and_not_the_clients(name: str) -> None:
    answer = await ask(f"{{ {name} {{ id }} fine }}")
    assert (answer.data, answer.errors[0]["message"]) == ({name: None, "fine": "fine"}, "Internal error.")
    assert answer.errors[0]["extensions"]["code"] == "INTERNAL"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ strict(by: "x") { name } }', {}),
        ("query ($by: Strict!) { strict(by: $by) { name } }", {"by": "x"}),
        ('query ($by: Strict! = "x") { strict(by: $by) { name } }', {}),
    ],
    ids=["literal", "variable", "default"],
)
async def test_what_the_parser_of_a_scalar_raises_is_a_refusal_without_its_words(query: str, variables: Any) -> None:
    (error,) = (await ask(query, **variables)).errors
    assert "Expected value of type 'Strict" in error["message"]
    assert ", found: " in error["message"]


async def test_a_value_that_json_cannot_hold_is_an_error_at_its_field_and_the_rest_is_there() -> None:
    answer = await ask("{ made fine }")
    assert answer.data == {"made": None, "fine": "fine"}
    assert answer.errors[0]["extensions"]["code"] == "INTERNAL"


async def test_of_extensions_those_that_json_can_hold_are_shown() -> None:
    answer = await ask("{ refused fine }")
    assert answer.data == {"refused": None, "fine": "fine"}
    assert answer.errors[0]["extensions"] == {"code": "MINE", "many": [1, {"a": None}]}
