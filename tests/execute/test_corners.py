"""Single questions whose answers are easily different: each by graphql-core, by the general way, by generated code."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Optional

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from bff import connect, field, requires, upstream
from bff.document import Refusal
from bff.upstreams import Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, disagreement, propagated, world

shop = upstream("shop")
by_ids = shop.get("/items{?id*}", key="id")
in_size = shop.get("/sizes{?id*,size}", key="id")
on_shelf = shop.get("/shelf")
adding = shop.post("/items", body="name")


@strawberry.enum
class Size(enum.Enum):
    """Values, names and the words of clients are three things."""

    SMALL = "LARGE"
    LARGE = strawberry.enum_value("small", name="Big")
    BOTH = "SMALL"


@strawberry.type
class Item:
    id: strawberry.ID
    size: Size | None = None
    next: Optional["Item"] = connect(by_ids, id="next_id")  # noqa: UP037, UP045 - strawberry reads it


@strawberry.type
class Broken:
    name: str = "broken"

    @property
    def next_id(self) -> str:
        raise RuntimeError("no")

    next: Item | None = connect(by_ids, id="next_id")


@strawberry.type
class Shelf:
    items: list[Item] = field(assumed_size=3)
    rows: list[list[int]]

    @strawberry.field
    def first(self) -> Item:
        return self.items[0]


@strawberry.type
class Query:
    shelf: Shelf | None = connect(on_shelf)

    @connect(by_ids)
    def item(self, id: strawberry.ID = strawberry.ID("1")) -> Item | None:  # noqa: B008
        """One."""

    @connect(in_size)
    def sized(self, id: strawberry.ID, size: JSON) -> Item | None:
        """One, with anything as its size."""

    @strawberry.field
    def again(self) -> "Query":  # noqa: UP037 - strawberry reads it
        return self

    @strawberry.field
    def broken(self) -> Broken:
        return Broken()

    @strawberry.field
    def words(self, what: str) -> list[str]:
        return WORDS[what]()  # type: ignore[no-any-return]

    @requires("see")
    @strawberry.field
    def secret(self) -> str:
        return "secret"


def _stopping() -> Any:
    yield "one"
    raise GraphQLError("told")


async def _stopping_later() -> Any:
    yield "one"
    raise GraphQLError("told")


async def _word(word: str) -> str:
    if not word:
        raise GraphQLError("no word", extensions={"code": "EMPTY"})
    return word


WORDS: Mapping[str, Any] = {
    "tuple": lambda: ("a", "b"),
    "set": lambda: {"a"},
    "dict": lambda: {"a": 1},
    "text": lambda: "text",
    "number": lambda: 7,
    "generator": lambda: (each for each in "ab"),
    "stopping": _stopping,
    "stopping later": _stopping_later,
    "awaitables": lambda: [_word("a"), "b", _word("c")],
    "an awaitable that fails": lambda: [_word("a"), _word("")],
    "awaitables in a generator": lambda: (_word(each) for each in "ab"),
    "an exception": lambda: ["a", ValueError("no")],
    "a told exception": lambda: ["a", GraphQLError("no")],
}


@strawberry.type
class Mutation:
    @connect(adding)
    def add(self, name: str) -> Item:
        """One more."""

    @connect(adding)
    def try_to_add(self, name: str) -> Item | None:
        """One more, or none."""

    @requires("write")
    @strawberry.field
    def guarded(self) -> str:
        return "done"

    @strawberry.field
    def fails(self) -> str:
        raise ValueError("no")


SIZES = ("LARGE", "small", "SMALL", "Big", "BOTH", 7, None, True)


def _answer(request: Request) -> Any:
    if request.label.startswith("GET /shelf"):
        return {
            "items": [{"id": at, "size": size} for at, size in enumerate(SIZES[:3])],
            "rows": [[1, "2"], None, [3.0]],
        }
    if request.method == "POST":
        return {"id": 9} if b"good" in (request.body or b"") else {}  # type: ignore[operator]
    return [{"id": str(at), "size": size, "next_id": at + 1} for at, size in enumerate(SIZES)]


ADDED = ('a: add(name: "good") { id next { id } }', 'a: tryToAdd(name: "bad") { id }', 'a: add(name: "bad") { id }')
GOOD, MISSED, BAD = ADDED  # the second one leaves null, the third one no answer

QUESTIONS = {
    "introspection below a type that is the root": """{
        again { __typename __schema { queryType { name } } again { n: __type(name: "Item") { name } } }
    }""",
    "an enum by its values": f"{{ {' '.join(f'i{at}: item(id: {at}) {{ size }}' for at in range(len(SIZES)))} }}",
    "a parent that raises where a key is read": "{ broken { name next { id } } item { id } }",
    "a variable that has no text": """{
        sized(id: 1, size: 1180591620717411303424) { id } again { sized(id: 1, size: {a: 1}) { id } }
    }""",
    "lists of lists": "{ shelf { rows items { id } } }",
    "rows that code returns": "{ shelf { first { id size next { id next { id } } } items { id } } }",
    "one field many times": "{ item { id id ...F ... { id next { id } } } } fragment F on Item { id next { size } }",
    "nothing but what is left out": "{ item { id @skip(if: true) } shelf @include(if: false) { rows } }",
    "fields that only some may see": "{ again { secret } item { id } }",
    "a field at the top that only some may see": "{ item { id } secret }",
    **{f"words: {what}": f'{{ words(what: "{what}") item {{ id }} }}' for what in WORDS},
    "all is done": f"mutation {{ {GOOD} b: guarded @skip(if: true) c: {GOOD[3:]} }}",
    "what failed leaves null": f"mutation {{ {MISSED} c: {GOOD[3:]} }}",
    "what failed leaves no answer": f"mutation {{ {GOOD} b: {BAD[3:]} c: {GOOD[3:]} }}",
    "code that failed leaves no answer": f"mutation {{ fails {GOOD} }}",
    "what is forbidden leaves no answer": f"mutation {{ {GOOD} guarded c: {GOOD[3:]} }}",
}


@pytest.mark.parametrize("query", QUESTIONS.values(), ids=QUESTIONS.keys())
async def test_both_answer_alike(query: str) -> None:
    of = world(strawberry.Schema(query=Query, mutation=Mutation), {"shop": Faked(_answer)})
    question = Question(query)
    expected = await of.by_core(question)
    for program in (of.general(question), of.generated(question)):
        found = await of.by_program(question, program)
        assert not disagreement(expected, found), disagreement(expected, found)
        assert found.calls == expected.calls or propagated(expected)


@pytest.mark.parametrize("what", ["stopping", "stopping later", "an awaitable that fails"])
async def test_a_clients_error_is_told_from_wherever_in_a_list_it_is_raised(what: str) -> None:
    of = world(strawberry.Schema(query=Query), {"shop": Faked(_answer)})
    question = Question(f'{{ words(what: "{what}") }}')
    for found in (await of.by_core(question), await of.by_program(question, of.general(question))):
        assert [error["extensions"]["code"] for error in found.errors] in (["RESOLVER_ERROR"], ["EMPTY"])


async def test_nothing_is_changed_after_a_change_that_leaves_no_answer() -> None:
    of = world(strawberry.Schema(query=Query, mutation=Mutation), {"shop": Faked(_answer)})
    question = Question(QUESTIONS["what failed leaves no answer"])
    found = await of.by_program(question, of.general(question))
    assert found.data is None
    assert found.calls == {adding.label: 2}


async def test_nothing_is_called_for_an_answer_that_may_not_be() -> None:
    of = world(strawberry.Schema(query=Query), {"shop": Faked(_answer)})
    question = Question("{ item { id } secret }")
    found = await of.by_program(question, of.general(question))
    assert (found.data, [error["extensions"]["code"] for error in found.errors]) == (None, ["FORBIDDEN"])
    assert not found.calls


@pytest.mark.parametrize("query", ["{ item @include(if: $on) { id } }", "{ item { id next @skip(if: $on) { id } } }"])
async def test_null_says_neither_to_skip_nor_to_include(query: str) -> None:
    """graphql-core begins to execute before it sees; here nothing is called."""
    of = world(strawberry.Schema(query=Query), {"shop": Faked(_answer)})
    question = Question(f"query($on: Boolean = true) {query}", {"on": None})
    assert "BAD_USER_INPUT" in [error["extensions"]["code"] for error in (await of.by_core(question)).errors]
    with pytest.raises(Refusal) as refused:
        of.documents.get(question.query).program(
            of.documents.get(question.query).operation(None), of.coerced(question), frozenset()
        )
    assert refused.value.kind.code == "BAD_USER_INPUT"
