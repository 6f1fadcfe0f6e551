"""What is right for certain is right by graphql-core's rules too, and what clients mostly send is told so."""

from __future__ import annotations

import random
from functools import cache

import pytest
from graphql import (
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    build_schema,
    parse,
    specified_rules,
    validate,
)
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from bff.document import DocumentLimits, Documents, Refusal
from bff.document.limits import MAX_ERRORS
from bff.document.reading import RULES
from bff.document.sound import KNOWS_ALL_RULES, MOST_REACHED, Sound
from bff.errors import DocumentInvalid
from bff.plan.graph import Graph, read_graph
from bff.plan.install import install
from schema import schema as travel
from tests.execute import family
from tests.execute.documents import Author
from tests.explain.corrupt import corrupted

EXAMPLES = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
STRICT = (*RULES, NoSchemaIntrospectionCustomRule)
LIMITS = DocumentLimits(20_000, 1_000, introspection=True)

chances = st.randoms(use_true_random=False)
numbers = st.sampled_from((None, *family.NUMBERS))
kinds = st.sampled_from(("query", "query", "query", "mutation"))


@cache
def graph(number: int | None) -> Graph:
    """One of the generated graphs, or that of the reference."""
    found = read_graph(travel) if number is None else family.graph(number)
    install(found)
    return found


@cache
def reading(number: int | None) -> tuple[Sound, Documents]:
    return Sound(graph(number).schema), Documents(graph(number), LIMITS, 10)


def told(errors: list[GraphQLError] | tuple[GraphQLError, ...]) -> list[str]:
    return [str(error) for error in errors]  # with its place in the text


@settings(EXAMPLES, max_examples=100)
@given(number=numbers, chance=chances, kind=kinds, size=st.integers(1, 8))
def test_documents_that_are_right_are_known_at_once_unless_they_look_at_the_schema(
    number: int | None, chance: random.Random, kind: str, size: int
) -> None:
    core, (sound, _) = graph(number).schema, reading(number)
    text = Author(core, chance, size=size).document(kind)
    note(text)
    node = parse(text)
    right = not validate(core, node, STRICT)
    event("right" if right else "wrong")
    assert sound(node) == right


@settings(EXAMPLES, max_examples=200)
@given(number=numbers, chance=chances, kind=kinds, size=st.integers(1, 8))
def test_what_a_document_is_refused_for_is_what_the_rules_say(
    number: int | None, chance: random.Random, kind: str, size: int
) -> None:
    core, (sound, documents) = graph(number).schema, reading(number)
    text = corrupted(Author(core, chance, size=size).document(kind), chance)
    note(text)
    try:
        node = parse(text)
    except GraphQLSyntaxError:
        return
    assert not sound(node) or not validate(core, node, STRICT)
    expected = told(validate(core, node, RULES, max_errors=MAX_ERRORS))
    event("refused" if expected else "run")
    try:
        documents.get(text)
        found = []
    except Refusal as refusal:
        found = told(refusal.errors)
    assert found == expected


def test_there_is_no_rule_that_it_does_not_know() -> None:
    assert KNOWS_ALL_RULES
    assert len(specified_rules) == 32


SMALL = build_schema(
    """
    directive @tag(name: String!) on FIELD
    scalar JSON
    enum Colour { RED BLUE }
    input Filter { id: ID! colour: Colour size: Int! = 2 below: Filter all: [Filter!] }
    input One @oneOf { a: Int b: Int }
    interface Node { id: ID! }
    type User implements Node { id: ID! name(short: Boolean): String! friends(first: Int! = 10, like: Filter): [User!] }
    type Post implements Node { id: ID! name: String title: String! by: User data(of: JSON): JSON }
    type Comment { text: String! }
    union Found = User | Post
    type Query {
      me: User node(id: ID!): Node found(text: String, colours: [Colour!], one: One, ids: [[Int]]): [Found!]!
      number(float: Float, int: Int, id: ID, flag: Boolean): Int
    }
    type Mutation { rename(id: ID!, name: String!): User }
    type Subscription { renamed: User }
    """
)

RIGHT = (
    "{ me { id } }",
    "query A { me { id } } query B { me { id } }",
    'mutation M($id: ID!) { rename(id: $id, name: "x") { id name } }',
    "{ me { id id name } me { name } }",
    "{ me { id ...F } } fragment F on User { id ...G } fragment G on Node { id __typename }",
    "{ node(id: 1) { __typename id ... on User { name } ... on Post { by { name } } ...{ id } } }",
    "{ found { ... on Node { id } ... on User { user: name } ... on Post { name } } }",
    "query ($n: Int) { me { friends(first: $n) { id } } }",
    "query ($n: Int = 3) { me { friends(first: $n) { id } } }",
    "query ($x: Boolean!) { me @include(if: $x) { id @skip(if: false) @include(if: $x) } }",
    "query ($f: Filter) { me { friends(like: $f) { id } } }",
    'query ($c: Colour, $s: Int) { me { friends(like: {id: 7, colour: $c, size: $s, below: {id: "x"}}) { id } } }',
    '{ me { friends(like: {id: "x", all: {id: 1}, below: null}) { id } } }',
    "query ($c: Colour!) { found(colours: [RED, $c], ids: [1, [2, null]]) { __typename } }",
    "query ($c: [Colour!] = [RED]) { found(colours: $c) { __typename } }",
    "{ number(float: 1, int: -7, id: 3, flag: null) }",
    '{ node(id: 1) { ... on Post { data(of: "x") } } }',
    "query Q($a: Int) { ...F } fragment F on Query { number(int: $a) }",
)

WRONG = (
    "{ nobody }",
    "{ me }",
    "{ me { id { x } } }",
    "{ me { id(x: 1) } }",
    "{ node { id } }",
    "{ node(id: 1, id: 1) { id } }",
    "{ node(id: null) { id } }",
    "{ number(int: 99999999999) }",
    "{ number(int: 1.5) }",
    "{ number(int: [1]) }",
    "{ number(flag: {a: 1}) }",
    "{ found(colours: [GREEN]) { __typename } }",
    "{ found(colours: [null]) { __typename } }",
    "{ found { id } }",
    "{ found { name } }",
    "{ found(one: {a: 1, b: 2}) { __typename } }",
    "{ me { friends(like: {}) { id } } }",
    "{ me { friends(like: {id: 1, id: 2}) { id } } }",
    "{ me { friends(like: {id: 1, nothing: 2}) { id } } }",
    "{ me { friends(like: {id: 1, size: null}) { id } } }",
    "{ me { friends(first: null) { id } } }",
    "query ($n: Int) { me { friends(like: {id: $n}) { id } } }",
    "query ($n: Int = null) { node(id: $n) { id } }",
    "query ($n: ID = null) { node(id: $n) { id } }",
    "query ($n: ID) { node(id: $n) { id } }",
    "query ($n: [Int]) { number(int: $n) }",
    'query ($n: Int = "x") { number(int: $n) }',
    "query ($n: User) { number(int: $n) }",
    "query ($n: Nothing) { number(int: $n) }",
    "query ($n: Int, $n: Int) { number(int: $n) }",
    "query ($n: Int) { me { id } }",
    "{ number(int: $n) }",
    "query A($n: Int) { ...F } query B { ...F } fragment F on Query { number(int: $n) }",
    "query A($n: Int) { ...F } query B($n: ID) { ...F } fragment F on Query { number(int: $n) }",
    "query A { me { id } } query A { me { id } }",
    "query A { me { id } } { me { id } }",
    "{ me { id } } { me { id } }",
    "{ me { ...F } }",
    "{ me { id } } fragment F on User { id }",
    "{ me { ...F } } fragment F on Post { id }",
    "{ me { ... on Post { id } } }",
    "{ me { ... on Nothing { id } } }",
    "{ me { ... on Colour { id } } }",
    "{ me { ...F } } fragment F on Colour { id }",
    "{ me { ...F } } fragment F on User { id } fragment F on User { id }",
    "{ me { ...F } } fragment F on User { ...F }",
    "{ me { ...F } } fragment F on User { ...G } fragment G on User { friends { ...F } }",
    "{ me { x: id x: name } }",
    "{ me { name name(short: true) } }",
    "{ me { ...F name(short: true) } } fragment F on User { name }",
    "{ me { id } me { id: name } }",
    "{ found { ... on User { name } ... on Post { name } } }",
    "{ found { ... on User { x: id } ... on Post { x: by { id } } } }",
    "{ me { id @skip } }",
    "{ me { id @skip(if: true, if: true) } }",
    "{ me { id @skip(if: 1) } }",
    "{ me { id @skip(if: true) @skip(if: true) } }",
    "{ me { id @nothing } }",
    "query @skip(if: true) { me { id } }",
    "query ($x: Boolean) { me { id @skip(if: $x) } }",
    "subscription { renamed { id } again: renamed { id } }",
    "{ me { id } } type New { id: ID }",
    "fragment F on User @skip(if: true) { id } { me { ...F } }",
)

LEFT_TO_THE_RULES = (
    "{ me { } }",
    "{ __schema { queryType { name } } }",
    '{ me { id @tag(name: "x") } }',
    "subscription { renamed { id } }",
    "{ found(one: {a: 1}) { __typename } }",
    "{ node(id: 1) { ... on Post { data(of: {a: [1]}) } } }",
)


def _errors(schema: GraphQLSchema, text: str) -> list[GraphQLError]:
    return validate(schema, parse(text), RULES)


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_plainly_right_is_right_for_certain(text: str) -> None:
    assert Sound(SMALL)(parse(text))
    assert not _errors(SMALL, text)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_never_right_for_certain(text: str) -> None:
    assert not Sound(SMALL)(parse(text))
    assert _errors(SMALL, text)


@pytest.mark.parametrize("text", LEFT_TO_THE_RULES)
def test_what_is_rare_is_left_to_the_rules(text: str) -> None:
    assert not Sound(SMALL)(parse(text))
    assert not _errors(SMALL, text)


def _operations(count: int, usages: int) -> str:
    operations = " ".join(f"query Q{number}($n: Int) {{ ...F }}" for number in range(count))
    fields = " ".join(f"n{number}: number(int: $n)" for number in range(usages))
    return f"{operations} fragment F on Query {{ {fields} }}"


def _chain(count: int) -> str:
    each = " ".join(f"fragment F{at} on User {{ friends {{ ...F{at + 1} }} }}" for at in range(count))
    return f"{{ me {{ ...F0 }} }} {each} fragment F{count} on User {{ id }}"


@pytest.mark.parametrize(
    "text",
    [
        "{ me " + "{ friends " * 110 + "{ id }" + " }" * 110 + " }",
        _chain(60),
        _chain(500),
        "{ me { " + "id " * 100 + "} }",
        _operations(MOST_REACHED // 50, 50),
        "query ($x: Filter = " + "{id: 1, below: " * 150 + "null" + "}" * 150 + ") { me { friends(like: $x) { id } } }",
    ],
    ids=["deep", "deep by fragments", "deeper than the stack", "repeated", "operations", "deep value"],
)
def test_a_document_that_takes_much_is_left_to_the_rules_or_told_alike(text: str) -> None:
    assert not Sound(SMALL)(parse(text)) or not _errors(SMALL, text)


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("told", [False, True])
def test_a_union_has_no_field_to_stream(told: bool, incremental: bool) -> None:
    """graphql-core's own rule looks for the field among those of the union."""
    limits = DocumentLimits(1_000, 10, introspection=told, suggestions=told, incremental=incremental)
    documents = Documents(graph(None), limits, 10)
    with pytest.raises(Refusal) as refusal:
        documents.get('mutation { deleteTrip(id: "x") { __typename @stream } }')
    assert len(refusal.value.errors) == 2 - incremental  # without the directive there is none of this name
    assert any("'DeleteTripResult'" in error.message for error in refusal.value.errors) == told


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("given", ["if: 1", "label: 1", "if: null", "if: [true]"])
def test_what_is_wrong_of_a_directive_in_a_subscription_is_told(given: str, told: bool, incremental: bool) -> None:
    """graphql-core's own rule for the one field that a subscription has would raise it."""
    limits = DocumentLimits(1_000, 10, introspection=told, suggestions=told, incremental=incremental)
    with pytest.raises(Refusal) as refusal:
        Documents(graph(None), limits, 10).get(f"subscription {{ ... @defer({given}) {{ __typename }} }}")
    assert isinstance(refusal.value.kind, DocumentInvalid)
