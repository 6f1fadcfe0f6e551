"""Variables and arguments that are plainly right are what graphql-core makes of them; what is not goes to it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLScalarType,
    GraphQLString,
    OperationDefinitionNode,
    build_schema,
    parse,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from bff.plan.inputs import Arguments, Variables

SCHEMA = build_schema("""
    enum Size { SMALL LARGE }
    input Range { from: Int = 1, to: Int! }
    scalar Date
    type Query {
      field(
        int: Int, float: Float, text: String = "none", flag: Boolean, id: ID!, ids: [ID!], grid: [[Int]],
        size: Size = SMALL, range: Range, date: Date, list: [Int!] = [1, 2], must: Int! = 7
      ): String
    }
""")
TYPES = (
    *("Int", "Int!", "Float", "String!", "Boolean", "ID", "ID!", "[ID!]", "[[Int]]", "Size", "Size!", "Range", "Date"),
    *("Int = 3", "[Int!] = [4]", "String = null", "Size = LARGE", "Float! = 2", "Range = {to: 3}"),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "7", "LARGE", "SMALL", 2**31, -(2**31), 2**53 + 1, 1.0])
)
values: Any = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "to", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)


def _operation(text: str) -> OperationDefinitionNode:
    (found,) = parse(text, no_location=True).definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


def _outcome(of: Callable[[], dict[str, Any]]) -> str:
    try:
        return repr(sorted(of().items()))
    except GraphQLError as error:
        return error.message


def _told(errors: list[GraphQLError]) -> list[str]:
    return [error.message for error in errors]


@given(st.lists(st.sampled_from(TYPES), max_size=3), st.dictionaries(st.sampled_from("abcd"), values, max_size=4))
def test_variables_are_what_graphql_core_makes_of_them(types: list[str], sent: dict[str, Any]) -> None:
    declared = ", ".join(f"${name}: {type_}" for name, type_ in zip("abc", types, strict=False))
    operation = _operation(f"query Q({declared}) {{ __typename }}" if declared else "query Q { __typename }")
    expected = get_variable_values(SCHEMA, operation.variable_definitions or (), sent, 5, hide_suggestions=True)
    variables = Variables(SCHEMA, operation)
    for _ in range(2):
        found = variables.coerced(sent, max_errors=5, hide_suggestions=True)
        if isinstance(expected, VariableValues):
            assert isinstance(found, VariableValues)
            assert repr(found.coerced) == repr(expected.coerced)  # 1 is not 1.0, nor True
            assert found.sources.keys() == expected.sources.keys()
            assert all(found.sources[name].value == expected.sources[name].value for name in found.sources)
        else:
            assert isinstance(found, list)
            assert _told(found) == _told(expected)


WRITTEN = (
    *("int: $int", "int: 5", "float: $float", "float: 1", "text: $text", 'text: "x"', "text: null", "flag: true"),
    *("ids: $ids", 'ids: ["a", 7]', "ids: [$id]", "grid: [[1], null]", "size: LARGE", "size: $size", "date: $date"),
    *("range: {to: $int}", "range: {to: 2}", "range: $range", "list: []", "list: $list", "must: $must", "must: 1"),
)
DECLARED = (
    'query Q($int: Int, $float: Float, $text: String, $id: ID = "i", $ids: [ID!], $size: Size, $range: Range, '
    "$date: Date, $list: [Int!], $must: Int) { field(%s) }"
)
GIVEN: dict[str, Any] = {
    "int": 3,
    "float": 2.5,
    "text": "t",
    "id": "j",
    "ids": ["a"],
    "size": "LARGE",
    "range": {"to": 1},
    "date": "2026-01-31",
    "list": [1],
    "must": None,
}


@given(
    st.lists(st.sampled_from(WRITTEN), max_size=6, unique_by=lambda text: text.partition(":")[0]),
    st.sampled_from(["id: $id", 'id: "z"', "id: 9"]),
    st.fixed_dictionaries({}, optional={name: st.just(value) | st.none() for name, value in GIVEN.items()}),
)
def test_arguments_are_what_graphql_core_makes_of_them(written: list[str], ident: str, sent: dict[str, Any]) -> None:
    operation = _operation(DECLARED % ", ".join([*written, ident]))
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    assert SCHEMA.query_type
    declared = SCHEMA.query_type.fields["field"]
    variables = get_variable_values(SCHEMA, operation.variable_definitions or (), sent)
    assert isinstance(variables, VariableValues)
    arguments = Arguments(declared, node)
    for _ in range(2):
        expected = _outcome(lambda: get_argument_values(declared, node, variables, hide_suggestions=True))
        assert _outcome(lambda: arguments.coerced(variables)) == expected


def test_what_code_could_change_is_made_anew_for_each_run() -> None:
    operation = _operation('{ field(id: "z", list: [1, 2]) }')
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    assert SCHEMA.query_type
    arguments = Arguments(SCHEMA.query_type.fields["field"], node)
    first = arguments.coerced(VariableValues({}, {}))
    first["list"].append(3)
    assert arguments.coerced(VariableValues({}, {}))["list"] == [1, 2]


def test_what_a_scalar_of_ones_own_reads_is_read_anew_for_each_run() -> None:
    times = count(1)
    moment = GraphQLScalarType("Moment", coerce_input_value=lambda _: next(times))
    declared = GraphQLField(GraphQLString, {"at": GraphQLArgument(moment)})
    (node,) = _operation('{ field(at: "now") }').selection_set.selections
    assert isinstance(node, FieldNode)
    arguments = Arguments(declared, node)
    first, second = (arguments.coerced(VariableValues({}, {}))["at"] for _ in range(2))
    assert first != second
