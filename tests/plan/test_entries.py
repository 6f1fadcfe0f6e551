"""Maps: objects whose members are data come as lists of entries, and entries go out as objects."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry

from bff import argument, connect, field, upstream
from tests.kit import body_of, opened, reply

boxes = upstream("boxes")
HUGE = {f"k{number}": number for number in range(6)}


@strawberry.type
class Note:
    text: str


@strawberry.type
class Label:
    key: str
    value: str | None


@strawberry.type
class NoteEntry:
    key: str
    value: Note


@strawberry.type
class Shelf:
    key: str
    value: list[Label] | None = field(entries=True, assumed_size=3)


@strawberry.type
class Box:
    labels: list[Label] | None = field(entries=True, assumed_size=5)
    notes: list[NoteEntry] | None = field(path="deep.notes", entries=True, assumed_size=5)
    shelves: list[Shelf] | None = field(entries=True, assumed_size=5)

    own: list[Label] | None = connect(
        boxes.get("/boxes/{id}"), id="box_id", path="labels", entries=True, assumed_size=50
    )

    @field()
    def first(self) -> str | None:
        return self.labels[0].key if self.labels else None


@strawberry.input
class LabelInput:
    key: str
    value: str | None = strawberry.UNSET


@strawberry.input
class BoxInput:
    labels: list[LabelInput] | None = field(entries=True, path="the-labels", default=None)


@strawberry.type
class Query:
    box: Box | None = connect(boxes.get("/box"))
    map: list[Label] | None = connect(boxes.get("/map"), entries=True, assumed_size=5)
    inner: list[Label] | None = connect(boxes.get("/inner"), path="labels", entries=True, assumed_size=5)


@strawberry.type
class Mutation:
    @connect(boxes.put("/labels", body="labels"), labels=argument("labels", entries=True))
    def label(self, labels: list[LabelInput] | None = None) -> Box | None: ...

    @connect(boxes.post("/boxes", body="input"))
    def make(self, input: BoxInput) -> Box | None: ...


schema = strawberry.Schema(query=Query, mutation=Mutation)


async def ask(query: str, row: Any) -> Any:
    """The answer of the second time, when the plan's code is generated, which must be that of the first."""
    async with opened(schema, {"boxes": lambda _: reply(row)}) as bench:
        first, second = await bench.ask(query), await bench.ask(query)
    assert (first.data, first.errors) == (second.data, second.errors)
    return second


async def test_members_of_an_object_come_as_entries_in_its_order() -> None:
    row = {
        "labels": {"b": "2", "a": None, "": "x"},
        "deep": {"notes": {"n": {"text": "hi"}}},
        "shelves": {"top": {"left": "1"}, "low": None},
    }
    query = "{ box { labels { key value } notes { key value { text } } shelves { key value { key value } } first } }"
    found = await ask(query, row)
    assert found.body == {
        "data": {
            "box": {
                "labels": [
                    {"key": "b", "value": "2"},
                    {"key": "a", "value": None},
                    {"key": "", "value": "x"},
                ],
                "notes": [{"key": "n", "value": {"text": "hi"}}],
                "shelves": [
                    {"key": "top", "value": [{"key": "left", "value": "1"}]},
                    {"key": "low", "value": None},
                ],
                "first": "b",
            }
        }
    }


@pytest.mark.parametrize(("labels", "expected"), [(None, None), ({}, []), ([], [])], ids=["null", "empty", "php"])
async def test_null_stays_null_and_an_empty_map_is_an_empty_list(labels: Any, expected: Any) -> None:
    assert (await ask("{ box { labels { key } } }", {"labels": labels})).data == {"box": {"labels": expected}}


@pytest.mark.parametrize("labels", [[{"key": "a", "value": "b"}], "a", 7, True, [None]], ids=repr)
async def test_what_is_no_object_is_malformed_at_the_field(labels: Any) -> None:
    found = await ask("{ box { labels { key } } }", {"labels": labels})
    assert found.data == {"box": {"labels": None}}
    assert [error["extensions"]["code"] for error in found.errors] == ["UPSTREAM_MALFORMED"]


async def test_a_map_is_no_longer_than_its_price_knew() -> None:
    for query in ("{ box { labels { key } } }", "{ inner { key } }"):
        found = await ask(query, {"labels": HUGE})
        assert [error["extensions"]["code"] for error in found.errors] == ["LIST_TOO_LONG"]


async def test_an_answer_that_is_a_map_comes_as_entries() -> None:
    assert (await ask("{ map { key value } }", {"a": "1"})).data == {"map": [{"key": "a", "value": "1"}]}
    assert (await ask("{ map { key value } }", {})).data == {"map": []}
    assert (await ask("{ inner { key } }", {"labels": {"a": "1"}})).data == {"inner": [{"key": "a"}]}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('{labels: [{key: "b", value: "1"}, {key: "a"}, {key: "c", value: null}]}', {"b": "1", "a": None, "c": None}),
        ("{labels: []}", {}),
        ("{}", None),
    ],
)
async def test_entries_that_a_client_sends_are_an_object_to_the_service(written: str, sent: Any) -> None:
    async with opened(schema, {"boxes": lambda _: reply({})}) as bench:
        await bench.ask(f"mutation {{ make(input: {written}) {{ first }} }}")
        (call,) = bench.services["boxes"].calls
    assert body_of(call) == {"the-labels": sent}


@pytest.mark.parametrize(
    ("written", "sent"), [('(labels: [{key: "a", value: "1"}])', b'{"a":"1"}'), ("(labels: [])", b"{}"), ("", b"")]
)
async def test_an_argument_that_is_a_map_is_an_object_to_the_service(written: str, sent: bytes) -> None:
    async with opened(schema, {"boxes": lambda _: reply({})}) as bench:
        await bench.ask(f"mutation {{ label{written} {{ first }} }}")
        (call,) = bench.services["boxes"].calls
    assert call.content == sent


async def test_the_entries_of_one_row_cost_one_call() -> None:
    async with opened(schema, {"boxes": lambda _: reply({"labels": {}})}) as bench:
        await bench.ask("{ box { own { key } } }")
        (fact,) = bench.listener.operations
        assert fact.planned_calls == 2


@pytest.mark.parametrize(
    "query", ['make(input: {labels: [{key: "a"}, {key: "a"}]})', 'label(labels: [{key: "a"}, {key: "a"}])']
)
async def test_a_key_that_comes_twice_is_the_clients_mistake_and_makes_no_call(query: str) -> None:
    async with opened(schema, {"boxes": lambda _: reply({})}) as bench:
        found = await bench.ask(f"mutation {{ {query} {{ first }} }}")
        assert found.data == {query.partition("(")[0]: None}
        assert [error["extensions"]["code"] for error in found.errors] == ["BAD_USER_INPUT"]
        assert bench.urls == []
