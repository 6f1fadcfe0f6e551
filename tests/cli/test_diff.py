"""`bff diff`: what breaks clients, what may surprise them, and what is safe."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from graphql import BreakingChange, DangerousChange, build_schema
from graphql.utilities import find_schema_changes
from hypothesis import given, settings
from hypothesis import strategies as st

from bff.schema_diff import SEVERITIES, compare
from tests.cli.conftest import edit
from tests.cli.running import Bff

OURS = """
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE
directive @cost(weight: String!) on FIELD_DEFINITION
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
"""

QUERY = "type Query { a: Int }"


@pytest.mark.parametrize(
    ("old", "new", "severity", "kind", "coordinate", "message"),
    [
        ("type Query { a: Int b: Int }", QUERY, "breaking", "FIELD_REMOVED", "Query.b", "was removed"),
        (
            'type Query { a: Int b: Int @deprecated(reason: "use a") }',
            QUERY,
            "breaking",
            "FIELD_REMOVED",
            "Query.b",
            "was removed; it was deprecated: use a",
        ),
        (QUERY, "type Query { a: Int b: Int }", "safe", "FIELD_ADDED", "Query.b", "was added"),
        ("type Query { a: Int! }", QUERY, "breaking", "FIELD_CHANGED_KIND", "Query.a", "was Int! and is Int"),
        (QUERY, "type Query { a: Int! }", "safe", "FIELD_CHANGED_KIND_SAFE", "Query.a", "was Int and is Int!"),
        (QUERY, "type Query { a: [Int] }", "breaking", "FIELD_CHANGED_KIND", "Query.a", "was Int and is [Int]"),
        (QUERY, "type Query { a(b: Int): Int }", "dangerous", "OPTIONAL_ARG_ADDED", "Query.a(b:)", "was added"),
        (
            QUERY,
            "type Query { a(b: Int!): Int }",
            "breaking",
            "REQUIRED_ARG_ADDED",
            "Query.a(b:)",
            "was added and is required",
        ),
        (
            "type Query { a(b: Int! = 5): Int }",
            "type Query { a(b: Int!): Int }",
            "breaking",
            "ARG_DEFAULT_VALUE_CHANGE",
            "Query.a(b:)",
            "has no default any more, it was 5",
        ),
        (
            "type Query { a(b: Int = 5): Int }",
            "type Query { a(b: Int = 6): Int }",
            "dangerous",
            "ARG_DEFAULT_VALUE_CHANGE",
            "Query.a(b:)",
            "had the default 5 and has 6",
        ),
        (
            "type Query { a(b: Int): Int }",
            "type Query { a(b: Int!): Int }",
            "breaking",
            "ARG_CHANGED_KIND",
            "Query.a(b:)",
            "was Int and is Int!",
        ),
        (
            "enum E { X Y } type Query { a: E }",
            "enum E { X } type Query { a: E }",
            "breaking",
            "VALUE_REMOVED_FROM_ENUM",
            "E.Y",
            "was removed",
        ),
        (
            "enum E { X } type Query { a: E }",
            "enum E { X Y } type Query { a: E }",
            "dangerous",
            "VALUE_ADDED_TO_ENUM",
            "E.Y",
            "was added",
        ),
        (
            "type Query { a: Int b: B } type B { c: Int d(e: Int): Int }",
            "type Query { a: Int b: Int }",
            "breaking",
            "TYPE_REMOVED",
            "B",
            "was removed",
        ),
        (
            "type Query { a: A } type A { x: Int }",
            "type Query { a: A } union A = B type B { x: Int }",
            "breaking",
            "TYPE_CHANGED_KIND",
            "A",
            "was an object type and is a union",
        ),
        (
            "type Query { a: Int } type Mutation { b: Int }",
            "type Query { a: Int }",
            "breaking",
            "ROOT_REMOVED",
            "schema",
            "has no mutations",
        ),
        (
            "type Query { a(b: I): Int } input I { x: Int }",
            "type Query { a(b: I): Int } input I @oneOf { x: Int }",
            "breaking",
            "ONE_OF_ADDED",
            "I",
            "takes exactly one of its members",
        ),
        (
            QUERY,
            'type Query { a: Int @deprecated(reason: "use b") }',
            "safe",
            "DEPRECATION_ADDED",
            "Query.a",
            "is deprecated: use b",
        ),
        (
            QUERY,
            'type Query { "Words" a: Int }',
            "safe",
            "DESCRIPTION_CHANGED",
            "Query.a",
            "is described in other words",
        ),
        (
            QUERY,
            'type Query { a: Int @requiresScopes(scopes: [["a:read", "b:read"]]) }',
            "dangerous",
            "SCOPES_CHANGED",
            "Query.a",
            "needs the scope a:read and b:read",
        ),
        (
            'type Query @requiresScopes(scopes: [["a"]]) { a: Int }',
            QUERY,
            "dangerous",
            "SCOPES_CHANGED",
            "Query",
            "needs no scope any more, it was a",
        ),
        (
            QUERY,
            'type Query { a: Int @cost(weight: "5") }',
            "dangerous",
            "COST_CHANGED",
            "Query.a",
            "weighed the default and weighs 5",
        ),
        (
            "type Query { a: [Int] @listSize(assumedSize: 5) }",
            "type Query { a: [Int] @listSize(assumedSize: 9) }",
            "dangerous",
            "LIST_SIZE_CHANGED",
            "Query.a",
            "was sized by assumedSize: 5 and is by assumedSize: 9",
        ),
        (
            f"directive @d on FIELD {QUERY}",
            f"directive @d on OBJECT {QUERY}",
            "breaking",
            "DIRECTIVE_REMOVED",
            "@d",
            "was removed",
        ),
    ],
    ids=lambda value: value if str(value).isupper() else "",
)
def test_a_change_has_its_severity_its_coordinate_and_words(
    old: str, new: str, severity: str, kind: str, coordinate: str, message: str
) -> None:
    found = compare(build_schema(OURS + old), build_schema(OURS + new))
    assert (severity, kind, coordinate, message) in {
        (each.severity, each.kind, each.coordinate, each.message) for each in found
    }
    assert all(each.effect for each in found if each.severity != "safe")


def test_what_was_removed_whole_is_one_change() -> None:
    old = build_schema("type Query { a: Int b: B } type B { c: Int d(e: Int): Int }")
    assert [each.coordinate for each in compare(old, build_schema(QUERY))] == ["B", "Query.b"]


def test_a_schema_directive_itself_is_nothing_that_a_client_meets() -> None:
    assert compare(build_schema(QUERY), build_schema(OURS + QUERY)) == ()


NAMES = st.sampled_from(["A", "B", "C"])
FIELDS = st.sampled_from(["x", "y", "z"])
WRAPPED = st.sampled_from(["{}", "{}!", "[{}]", "[{}!]!"])


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """Small schemas over few names, so that two of them have much in common."""
    enums = draw(st.lists(st.sampled_from(["ONE", "TWO", "THREE"]), min_size=1, unique=True))
    inputs = draw(st.dictionaries(FIELDS, WRAPPED, min_size=1))
    union = draw(st.lists(NAMES, min_size=1, unique=True))
    members = " ".join(f"{name}: {wrap.format('Int')}" for name, wrap in inputs.items())
    text = [f"enum E {{ {' '.join(enums)} }}", f"union U = {' | '.join(union)}", "interface I { x: Int }"]
    text.append(f"input P {{ {members} }}")
    for name in ("Query", "A", "B", "C"):
        typed = st.tuples(arguments(), st.sampled_from(["E", "U", "A", "Int"]), WRAPPED)
        fields = draw(st.dictionaries(FIELDS, typed))
        also = "" if name == "Query" else draw(st.sampled_from(["", " implements I"]))
        body = [f"{each}{given}: {wrap.format(type_)}" for each, (given, type_, wrap) in fields.items() if each != "x"]
        text.append(f"type {name}{also} {{ x: Int keep(p: P): U {' '.join(body)} }}")
    return "\n".join(text)


def arguments() -> st.SearchStrategy[str]:
    default = st.sampled_from(["", " = 1", " = 2"])
    one = st.tuples(st.sampled_from(["Int", "Int!", "String"]), default).filter(
        lambda it: not (it[0] == "String" and it[1])
    )
    return st.one_of(st.just(""), one.map(lambda it: f"(n: {it[0]}{it[1]})"))


COORDINATE = re.compile(
    r"[A-Z]\w*(?:\.\w+(?:\(\w+:\))?)|(?<=from union type )\w+|(?<=to union type )\w+|\w+(?= no longer)"
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(schemas(), schemas())
def test_whatever_graphql_core_finds_is_found_and_is_no_less_severe(old: str, new: str) -> None:
    before, after = build_schema(old), build_schema(new)
    ours: dict[str, int] = {}
    for change in compare(before, after):
        ours[change.coordinate] = min(SEVERITIES.index(change.severity), ours.get(change.coordinate, 9))
    for found in find_schema_changes(before, after):
        if "Standard scalar" in found.description or not (place := COORDINATE.search(found.description)):
            continue
        severity = 0 if isinstance(found, BreakingChange) else 1 if isinstance(found, DangerousChange) else 2
        assert ours.get(place[0], 9) <= severity, (found, ours)


def test_the_committed_schema_is_held_against_the_project(bff: Bff, project: Path) -> None:
    (project / "schema.graphql").write_text(bff("schema", cwd=project).stdout)
    done = bff("diff", "schema.graphql", cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 breaking, 0 dangerous, 0 safe\n", "")

    edit(project / "shop.py", "    name: str\n    items", "    title: str\n    items")
    edit(project / "shop.py", "assumed_size=20", "assumed_size=30")
    done = bff("diff", "schema.graphql", cwd=project)
    assert done.returncode == 1
    priced = "(operations have another price, and may be over a limit)"
    assert done.stdout.splitlines() == [
        "breaking: Maker.name: was removed (operations that ask for it are refused)",
        f"dangerous: Maker.items: was sized by assumedSize: 20 and is by assumedSize: 30 {priced}",
        "safe: Maker.title: was added",
        "1 breaking, 1 dangerous, 1 safe",
    ]


def test_dangerous_changes_fail_only_when_asked_to(bff: Bff, tmp_path: Path) -> None:
    (tmp_path / "old.graphql").write_text("enum E { A } type Query { a: E }")
    new = "enum E { A B } type Query { a: E }"
    assert bff("diff", "old.graphql", "-", stdin=new, cwd=tmp_path).returncode == 0
    done = bff("diff", "old.graphql", "-", "--strict", "--json", stdin=new, cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "ok": False,
        "breaking": 0,
        "dangerous": 1,
        "safe": 0,
        "changes": [
            {
                "severity": "dangerous",
                "kind": "VALUE_ADDED_TO_ENUM",
                "coordinate": "E.B",
                "message": "was added",
                "effect": "a value comes that clients may not know",
            }
        ],
    }


def test_a_schema_may_stand_in_a_revision_of_git(bff: Bff, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=20)

    (tmp_path / "schema.graphql").write_text("type Query { a: Int b: Int }")
    git("init", "-q")
    git("add", "schema.graphql")
    git("commit", "-qm", "one")
    (tmp_path / "schema.graphql").write_text(QUERY)
    done = bff("diff", "HEAD:schema.graphql", "schema.graphql", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("breaking: Query.b: was removed")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("none.graphql", "none.graphql: no such file or directory\n"),
        ("broken.graphql", "broken.graphql:1:14: schema: Syntax Error: Expected Name, found <EOF>.\n"),
        ("wrong.graphql", "wrong.graphql: Unknown type 'B'.\n"),
        (".", "bff.yaml: "),
        ("HEAD:none.graphql", "HEAD:none.graphql: fatal: "),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(bff: Bff, tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "broken.graphql").write_text("type Query { ")
    (tmp_path / "wrong.graphql").write_text("type Query { a: B }")
    done = bff("diff", source, "wrong.graphql", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
