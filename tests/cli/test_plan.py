"""`bff plan`: what an operation would do and cost, before anything is called."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.running import Bff

DEAR = "query Dear($ids: [ID!]!) { makers(id: $ids) { items { maker { name } } } }"


def test_an_operation_is_shown_in_waves_with_its_price_and_limits(bff: Bff, sound: Path) -> None:
    done = bff("plan", "example.graphql", cwd=sound)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == dedent("""\
        query
                                                              keys calls    rows  points
        wave 1
          item                                                   1     1       1       2
            goods GET /items/{id}  one call
        wave 2
          item.maker                                             1     1       1       2
            makers GET /makers{?id*}  batch of 100
        wave 3
          item.maker.items                                       1     1      20      21
            goods GET /items{?maker*}  batch of 100

                          at worst   at most
        price                   25       100
        upstream calls           3        10
        depth                    4        15
        aliases                  0        30
        root fields              1        20
        selections               6      5000
        rows                    22

        Within the limits.
        """)


def test_the_functions_that_shape_its_rows_can_be_read(bff: Bff, sound: Path) -> None:
    done = bff("plan", "{ item(id: 1) { name maker { name } } }", "--code", cwd=sound)
    assert (done.returncode, done.stderr) == (0, "")
    functions = [node.name for node in ast.parse(done.stdout).body if isinstance(node, ast.FunctionDef)]
    assert functions == [
        *("part_0_Maker", "part_1_Item", "part_2_Query"),
        *("rows_0_Maker", "rows_1_Item"),
        *("value_0_maker", "value_1_item"),
        *("put_0_maker", "keys_0_maker"),
    ]
    assert '"name": v_name, "maker": None' in done.stdout


def test_an_operation_beyond_the_limits_is_refused_with_the_numbers(bff: Bff, sound: Path) -> None:
    done = bff("plan", DEAR, "--variables", '{"ids": ["1", "2", "3", "4", "5"]}', cwd=sound)
    assert done.returncode == 1
    assert "query Dear\n" in done.stdout
    assert "  makers.items.maker                                   100     1     100     101\n" in done.stdout
    assert done.stdout.endswith("\nRefused: The operation's price is 208 points; at most 100 are allowed.\n")


def test_the_plan_is_there_for_programs_too(bff: Bff, sound: Path) -> None:
    done = bff("plan", DEAR, "--json", "--variables", '{"ids": ["1", "2", "3", "4", "5"]}', cwd=sound)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [fetch["wave"] for fetch in found["fetches"]] == [1, 2, 3]
    assert found["fetches"][1] == {
        "path": ["makers", "items"],
        "coordinate": "Maker.items",
        "wave": 2,
        "upstream": "goods",
        "call": "GET /items{?maker*}",
        "form": "batch of 100",
        "keys": 5,
        "calls": 1,
        "rows": 100,
        "points": 101,
        "later": False,
    }
    assert found["allowed"] is False
    assert found["errors"][0]["extensions"] == {"code": "OPERATION_TOO_EXPENSIVE", "price": 208, "maxPrice": 100}
    assert found["measures"]["price"] == {"value": 208, "most": 100}
    assert found["measures"]["upstreamCalls"] == {"value": 3, "most": 10}
    assert found["operation"] == {"kind": "query", "name": "Dear"}
    assert found["complete"] is True
    assert found["fields"][0] == {"path": ["makers"], "coordinate": "Query.makers", "rows": 5, "calls": 1, "points": 6}
    assert [(warning["kind"], warning["message"]) for warning in found["warnings"]] == [
        ("OVER_LIMIT", "The limit of price is 100; this is 208, over it by 108.")
    ]


def test_a_mistake_in_the_document_is_shown_below_its_line(bff: Bff, sound: Path) -> None:
    done = bff("plan", "-", stdin="{\n  item(id: 7) { nam }\n}\n", cwd=sound)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == dedent("""\
        Cannot query field 'nam' on type 'Item'. Did you mean 'name'?

        GraphQL request:2:17
        1 | {
        2 |   item(id: 7) { nam }
          |                 ^
        3 | }
        """)


def test_a_mistake_in_the_document_is_there_for_programs_too(bff: Bff, sound: Path) -> None:
    done = bff("plan", "{ item(id: 7) { nam } }", "--json", cwd=sound)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "allowed": False,
        "errors": [
            {
                "message": "Cannot query field 'nam' on type 'Item'. Did you mean 'name'?",
                "locations": [{"line": 1, "column": 17}],
                "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["query.graphql"], "query.graphql: no such file or directory"),
        (["{ item }", "--variables", "[1]"], "--variables must be a JSON object"),
        (["{ item }", "--variables", "{"], "--variables is not JSON"),
        ([], "Missing argument"),
    ],
    ids=["no file", "no object", "no JSON", "no query"],
)
def test_wrong_usage_is_status_2_and_says_what_would_be_right(
    bff: Bff, sound: Path, arguments: list[str], says: str
) -> None:
    done = bff("plan", *arguments, cwd=sound)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
