"""What hand-written code is told of its field is what graphql-core would tell it."""

from __future__ import annotations

from typing import Any

import strawberry
from graphql import print_ast
from strawberry.scalars import JSON

from bff import connect, field, upstream
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, world

shop = upstream("shop")
listed = shop.get("/items", many=True)
by_id = shop.get("/owners/{id}")


def _told(info: strawberry.Info) -> JSON:
    """Everything that is told."""
    raw = info._raw_info
    found: Any = {
        "path": info.path.as_list(),
        "key": info.path.key,
        "type": info.path.typename,
        "field": [info.field_name, info.python_name, str(info.return_type), raw.field_name, str(raw.return_type)],
        "parent": str(raw.parent_type),
        "selected": repr(info.selected_fields),
        "nodes": [print_ast(node) for node in raw.field_nodes],
        "variables": {name: repr(value) for name, value in sorted(info.variable_values.items())},
        "operation": print_ast(info.operation),
        "fragments": sorted(raw.fragments),
        "root": info.root_value,
        "schema": raw.schema is info.schema._schema,
        "context": [info.context.trace_id, raw.context is info.context],
        "helpers": [raw.is_awaitable(7), raw.abort_signal],
    }
    told: JSON = found
    return told


@strawberry.type
class Owner:
    id: strawberry.ID

    @strawberry.field
    def told(self, info: strawberry.Info, x: int = 7) -> JSON:
        return _told(info)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Item(Named):
    owner: Owner | None = connect(by_id, id="owner_id")

    @strawberry.field
    async def told(self, info: strawberry.Info) -> JSON:
        return _told(info)

    @field(assumed_size=2)
    def parts(self, info: strawberry.Info) -> "list[Part]":  # noqa: UP037 - strawberry reads it
        return [Part(path=_told(info)), Part(path=JSON({}))]


@strawberry.type
class Part:
    path: JSON

    @strawberry.field
    def told(self, info: strawberry.Info) -> JSON:
        return _told(info)


@strawberry.type
class Query:
    items: list[Named] | None = connect(shop.get("/items", many=True, typename="Item"), assumed_size=9)

    @strawberry.field
    def told(self, info: strawberry.Info) -> JSON:
        return _told(info)


@strawberry.type
class Mutation:
    @strawberry.field
    def told(self, info: strawberry.Info, x: int) -> JSON:
        return _told(info)


def _world(owners: int = 9) -> World:
    rows = [{"name": "one", "owner_id": 1}, {"name": "two", "owner_id": 2 % owners + 1}]
    handler = Faked(lambda request: {"id": 1} if "owners" in request.target else rows)
    return world(strawberry.Schema(query=Query, mutation=Mutation, types=[Item]), {"shop": handler})


QUERY = """
query Named($x: Int = 3, $on: Boolean!) {
    told
    again: told @include(if: $on)
    items {
        ...F
        ... on Item { owner { told } parts { path told } }
    }
    more: items { ... on Item { told @skip(if: $on) owner { aliased: told(x: $x) } } }
}
fragment F on Item { name told told owner { id seven: told(x: 7) @skip(if: $on) } }
"""


async def test_code_is_told_the_same_by_both() -> None:
    of = _world()
    questions = [
        Question(QUERY, {"on": True}, name="Named"),
        Question(QUERY, {"on": False, "x": 1}, name="Named"),
        Question("mutation { a: told(x: 1) b: told(x: 2) }"),
    ]
    for question in questions:
        expected = await of.by_core(question)
        assert not expected.errors
        for program in (of.general(question), of.generated(question)):
            found = await of.by_program(question, program)
            assert found.data == expected.data


async def test_code_of_an_object_in_several_places_runs_once_and_is_told_the_first() -> None:
    of = _world(owners=1)
    question = Question("{ items { ... on Item { owner { told } } } }")
    found = await of.by_program(question, of.general(question))
    assert [item["owner"]["told"]["path"] for item in found.data["items"]] == [["items", 0, "owner", "told"]] * 2
