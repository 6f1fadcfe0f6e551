"""Documents that are large, deep, wide, broken or forbidden: refused by name before a service is called, or answered.

No time is measured: what took exponential time would not end within the deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
import strawberry
from graphql import get_introspection_query, parse

from bff.document import MAX_TEXT, DocumentLimits, Documents
from bff.errors import OperationTooComplex
from bff.operation import Answer
from bff.plan.compile import MAX_STEPS, compile_plan
from bff.plan.graph import read_graph
from bff.plan.install import install
from bff.plan.kept import MAX_STEPS_KEPT, Plans
from bff.plan.model import Plan
from tests.http.conftest import serving
from tests.kit import Bench, opened
from tests.world import SERVICES, make_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRAPH = read_graph(make_schema())
install(GRAPH)

COMPLEX, INVALID, UNPARSABLE = "OPERATION_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_bench() -> AsyncIterator[Bench]:
    async with opened(make_schema(), SERVICES) as found:
        yield found


@pytest.fixture
def bench(one_bench: Bench) -> Bench:
    for service in one_bench.services.values():
        service.calls.clear()
    return one_bench


async def answer_of(bench: Bench, document: str, **variables: Any) -> Answer:
    async with asyncio.timeout(5):
        return await bench.ask(document, **variables)


def code(answer: Answer) -> str:
    return str(answer.errors[0]["extensions"]["code"])


def doubling(times: int, fields: str = "...F{next} ...F{next}") -> str:
    """Fragments of which each spreads the next one twice: 2^times selections in a few hundred bytes."""
    chain = [f"fragment F{n} on User {{ {fields.format(next=n + 1)} }}" for n in range(times)]
    return " ".join(["{ user(id: 1) { ...F0 } }", *chain, f"fragment F{times} on User {{ id }}"])


def nested(times: int, before: str, after: str, core: str = "id") -> str:
    return "{ user(id: 1) { " + before * times + core + after * times + " } }"


def spread(times: int) -> str:
    """Fragments beside each other that all ask for the same, as generated documents have them."""
    chain = [f"fragment F{n} on User {{ id name __typename }}" for n in range(times)]
    return " ".join(["{ user(id: 1) {", *(f"...F{n}" for n in range(times)), "} }", *chain])


DEEP_FRIENDS = ("friends { ", " }")
INLINE = ("... on User { ", " }")


@pytest.mark.parametrize(
    ("document", "refused_with", "message"),
    [
        ("{ user(id: 1) { " + "id " * 10_000 + "} }", COMPLEX, "more than 5000 tokens"),
        ("# \n" * 5_001 + "{ __typename }", COMPLEX, "more than 5000 comments"),
        ("{ __typename " + "@skip(if: false) " * 51 + "}", COMPLEX, "51 directives; at most 50"),
        ("{ " + " ".join(f"a{n}: total @skip(if: true)" for n in range(51)) + " }", COMPLEX, "51 directives"),
        ("{ __typename " + "@nope " * 2_000 + "}", COMPLEX, "2000 directives"),
        ("{ total " + "@nope " * 50 + "}", INVALID, "Unknown directive '@nope'"),
        ("{ " + "__typename " * 2_000 + "}", COMPLEX, "repeats too many fields"),
        ("{ user(id: 1) { " + "friends { id } " * 1_200 + "} }", COMPLEX, "repeats too many fields"),
        ("{ " + "posts(limit: 1) { id } " * 500 + "}", COMPLEX, "repeats too many fields"),
        (spread(400), COMPLEX, "repeats too many fields"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(21)) + " }", COMPLEX, "root fields is 21"),
        ("{ ...R } fragment R on Query { " + " ".join(f"a{n}: total" for n in range(21)) + "}", COMPLEX, "root fields"),
        ("{ user(id: 1) { " + " ".join(f"a{n}: id" for n in range(31)) + " } }", COMPLEX, "aliases is 31"),
        (nested(14, *DEEP_FRIENDS), COMPLEX, "depth is 16; at most 15"),
        (nested(100, *DEEP_FRIENDS), COMPLEX, "depth is 102"),
        *[(nested(times, *DEEP_FRIENDS), COMPLEX, "nested too deeply") for times in (250, 1_200)],
        *[(nested(times, *INLINE), COMPLEX, "nested too deeply") for times in (250, 1_200)],
        ("{ user(id: " + "[" * 2_000 + "1" + "]" * 2_000 + ") { id } }", COMPLEX, "nested too deeply"),
        ("{ user(id: " + "{a: " * 1_000 + "1" + "}" * 1_000 + ") { id } }", COMPLEX, "nested too deeply"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", INVALID, "introspect"),
        # fragments that are broken
        ("{ user(id: 1) { ...A } } fragment A on User { ...A }", INVALID, "within itself"),
        ("{ user(id: 1) { ...A } } fragment A on User { friends { ...B } } fragment B on User { ... { ...A } }",
         INVALID, "within itself via 'B'"),
        ("{ user(id: 1) { ...Nope } }", INVALID, "Unknown fragment 'Nope'"),
        ("{ user(id: 1) { ...A } } fragment A on User { id } fragment A on User { id }", INVALID, "only one fragment"),
        ("{ total } fragment A on User { id }", INVALID, "never used"),
        ("{ user(id: 1) { ...A } } fragment A on Nope { id }", INVALID, "Unknown type 'Nope'"),
        ("{ user(id: 1) { ...A } } fragment A on String { id }", INVALID, "non composite type"),
        ("{ ...A } fragment A on User { id }", INVALID, "can never be of type"),
        # what is not a document
        ("{ user(id: 1) { id }", UNPARSABLE, "<EOF>"),
        ("\ud7ff{", UNPARSABLE, "Unexpected character"),
        ('{ user(id: "\\uD800") { id } }', UNPARSABLE, "Invalid Unicode escape"),
        ("{ total }\0", UNPARSABLE, "Unexpected character"),
        ("subscription { total }", INVALID, "subscription operation is not supported"),
        ("query A { total } query A { total }", INVALID, "only one operation named 'A'"),
        ("{ user(id: 1) { ...on User { a: id a: name } } }", INVALID, "conflict"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
async def test_a_document_is_refused_by_name_and_calls_nothing(
    bench: Bench, document: str, refused_with: str, message: str
) -> None:
    answer = await answer_of(bench, document)
    assert code(answer) == refused_with
    assert message in answer.errors[0]["message"]
    assert (answer.status, answer.ran, bench.urls) == (400, False, [])


def steps(document: str) -> int:
    node = parse(document)
    return compile_plan(GRAPH, node, node.definitions[0], {}).steps  # type: ignore[arg-type]


@pytest.mark.parametrize("times", [12, 20, 30, 40])
async def test_fragments_that_double_cost_what_their_text_costs(bench: Bench, times: int) -> None:
    document = doubling(times)
    assert steps(document) <= 2 * times + 5
    answer = await answer_of(bench, document)
    assert answer.data == {"user": {"id": "1"}}
    assert bench.urls == ["/users?id=1"]


@pytest.mark.parametrize("times", [12, 20, 30, 40])
@pytest.mark.parametrize(
    "fields",
    [
        "a: friends {{ ...F{next} }} b: friends {{ ...F{next} }}",
        "friends {{ ...F{next} ... on User {{ ...F{next} }} }}",
        "... {{ ...F{next} }} ... on Named {{ ...F{next} }} friends {{ ...F{next} }}",
    ],
)
async def test_fragments_that_double_below_fields_are_refused_within_the_budget(
    bench: Bench, times: int, fields: str
) -> None:
    document = doubling(times, fields)
    with suppress(OperationTooComplex):  # refused by the budget itself
        assert steps(document) <= MAX_STEPS
    answer = await answer_of(bench, document)
    assert code(answer) in {COMPLEX, "OPERATION_TOO_EXPENSIVE"}
    assert bench.urls == []


@pytest.mark.parametrize(
    "document",
    [
        nested(100, *INLINE),
        "{ " + "__typename " * 200 + "}",
        spread(50),
        "{ user(id: 1) { friends { " + "id __typename ... on User { id name __typename } " * 25 + "} } }",
        get_introspection_query(input_value_deprecation=True, specified_by_url=True),
        "{ __typename " + "@skip(if: false) @include(if: true) }",
        "\ufeff{ __typename }",
        "{ __typename }\r\n# the end",
        "{ __schema: __typename } ",
        "query __schema { __typename }",
    ],
    ids=lambda document: document[:30],
)
async def test_what_is_large_or_odd_and_harmless_is_answered(bench: Bench, document: str) -> None:
    answer = await answer_of(bench, document)
    assert answer.errors == []
    assert answer.data


USER = "query Q($id: ID!) { user(id: $id) { id } }"
POSTS = "query Q($n: Int!) { posts(limit: $n) { id } }"
CREATE = "mutation M($input: PostInput!) { createPost(input: $input) { __typename } }"


@pytest.mark.parametrize(
    ("document", "variables", "message"),
    [
        (USER, {}, "Expected a value of non-null type 'ID!'"),
        (USER, {"id": None}, "null"),
        (USER, {"id": {"a": 1}}, "ID cannot represent value"),
        (USER, {"id": 1.5}, "ID cannot represent value"),
        (POSTS, {"n": "10"}, "Int cannot represent non-integer"),
        (POSTS, {"n": 1.5}, "Int cannot represent non-integer"),
        *[(POSTS, {"n": number}, "non 32-bit") for number in (2**31, -(2**31) - 1, 2**63, 2**200, 1e300)],
        (CREATE, {"input": []}, "PostInput"),
        (CREATE, {"input": {"name": "x"}}, "required field 'authorId'"),
        (CREATE, {"input": {"name": "x", "authorId": 1, "nope": 1}}, "unknown field 'nope'"),
        (CREATE, {"input": {"name": "x", "authorId": 1, "stop": "NOPE"}}, "does not exist in 'Stop' enum"),
        (CREATE, {"input": {"name": "x", "authorId": 1, "on": "2026-02-30"}}, "Date"),
    ],
)
async def test_a_variable_that_does_not_fit_is_refused_with_its_position(
    bench: Bench, document: str, variables: dict[str, Any], message: str
) -> None:
    answer = await answer_of(bench, document, **variables)
    assert code(answer) == "BAD_USER_INPUT"
    assert message in answer.errors[0]["message"]
    assert answer.errors[0]["locations"] == [{"line": 1, "column": document.index("$") + 1}]
    assert (answer.status, answer.ran, bench.urls) == (400, False, [])


@pytest.mark.parametrize("n", [-1, 101, 99_999_999])
async def test_a_page_outside_the_bounds_is_refused(bench: Bench, n: int) -> None:
    answer = await answer_of(bench, POSTS, n=n)
    assert (code(answer), bench.urls) == ("BAD_USER_INPUT", [])


async def test_an_error_repeats_little_of_what_it_is_about(bench: Bench) -> None:
    answer = await answer_of(bench, CREATE, input={"name": "x" * 1_000_000, "nope": 1})
    assert code(answer) == "BAD_USER_INPUT"
    assert len(str(answer.body)) < 10_000


async def test_a_megabyte_of_text_does_no_harm(bench: Bench) -> None:
    answer = await answer_of(bench, USER, id="x" * 1_000_000)
    assert (code(answer), bench.urls) == ("BAD_USER_INPUT", [])


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ usr(id: 1) { id } }", {}),
        ("{ user(idd: 1) { id } }", {}),
        ("{ user(id: 1) { nam } }", {}),
        ("{ user(id: 1) { ...F } } fragment F on Usr { id }", {}),
        ('mutation { createPost(input: {name: "x", authorId: 1, stop: FUL}) { __typename } }', {}),
        (CREATE, {"input": {"name": "x", "authorId": 1, "stop": "FUL"}}),
        (CREATE, {"input": {"name": "x", "authorid": 1}}),
    ],
)
async def test_without_introspection_no_error_tells_a_name_that_was_not_asked_for(
    document: str, variables: dict[str, Any]
) -> None:
    async with opened(make_schema(), SERVICES, "graphql: {introspection: false}") as closed:
        answer = await answer_of(closed, document, **variables)
        assert answer.status == 400
        assert all("Did you mean" not in error["message"] for error in answer.errors)
    async with opened(make_schema(), SERVICES) as open_:
        answer = await answer_of(open_, document, **variables)
        assert any("Did you mean" in error["message"] for error in answer.errors)


@pytest.mark.parametrize("document", ["{ __schema { types { name } } }", '{ __type(name: "User") { name } }'])
async def test_introspection_can_be_turned_off(document: str) -> None:
    async with opened(make_schema(), SERVICES, "graphql: {introspection: false}") as closed:
        answer = await answer_of(closed, document)
        assert (answer.status, code(answer)) == (400, INVALID)
        assert (await answer_of(closed, "{ user(id: 1) { __typename } }")).data == {"user": {"__typename": "User"}}


@strawberry.type
class Query:
    @strawberry.field
    def now(self) -> int:
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


async def test_a_subscription_without_a_stream_is_refused_in_words() -> None:
    async with serving(schema=strawberry.Schema(Query, subscription=Subscription)) as served:
        answer = await served.ask("subscription { ticks }")
        assert answer.status_code == 406
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "NOT_ACCEPTABLE"
        assert "text/event-stream" in error["message"]
        assert "graphql-transport-ws" in error["message"]


async def test_documents_that_are_kept_are_bounded_by_their_number_and_their_text() -> None:
    documents = Documents(GRAPH, DocumentLimits(5_000, 50, introspection=True), 5)
    for n in range(10):
        documents.get(f"query Q{n} {{ total }}")
    assert len(documents) == 5
    for n in range(10):
        documents.get(f"query Q{n} {{ total }} #" + "x" * (MAX_TEXT // 3))
    assert len(documents) == 2
    documents.get("{ total } #" + "x" * MAX_TEXT)
    assert len(documents) == 0


SWITCHES = [f"v{n}" for n in range(6)]


def switched(number: int) -> str:
    """A document that has a plan for each of the 64 values of its variables."""
    declared = " ".join(f"${name}: Boolean!" for name in SWITCHES)
    aliases = " ".join(f"a{n}: id" for n in range(900))
    included = " ".join(f"{name}: id @include(if: ${name})" for name in SWITCHES)
    return f"query Q{number}({declared}) {{ user(id: 1) {{ {aliases} {included} }} }}"


async def test_plans_that_are_kept_are_bounded_by_their_steps_over_all_documents() -> None:
    documents = Documents(GRAPH, DocumentLimits(5_000, 50, introspection=True), 100)
    for number in range(4):
        document = documents.get(switched(number))
        operation = document.operation(None)
        for values in range(64):
            plan = document.plan(operation, {name: bool(values >> n & 1) for n, name in enumerate(SWITCHES)})
    assert 16 < len(document.programs) <= MAX_STEPS_KEPT // plan.steps < 4 * 64
    last = dict.fromkeys(SWITCHES, True)
    assert document.plan(operation, last) is document.plan(operation, last)


async def test_a_plan_that_is_used_is_kept_before_others_and_one_too_large_is_not() -> None:
    plans: Plans[Plan] = Plans(most=30)

    def kept(key: str, steps: int = 1) -> Plan:
        return plans.get(key, lambda: Plan("query", key, (), (), steps))

    first = kept("a"), kept("b")
    assert kept("a") is first[0]
    kept("c")
    assert (kept("a") is first[0], len(plans)) == (True, 2)
    assert kept("b") is not first[1]
    assert kept("large", 30).name == "large"
    assert len(plans) == 0


async def test_the_values_of_a_document_count_as_work() -> None:
    assert steps("{ user(id: 1) { id } }") == 3
    assert steps("{ posts(limit: 2) { id } }") == 3
