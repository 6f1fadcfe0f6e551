"""Generated source: nothing of a document, a schema or a service can enter it but names, and it reads well."""

from __future__ import annotations

import ast
import builtins
import enum
import keyword
import re
from functools import partial
from typing import Any

import pytest
import strawberry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bff import connect, field, upstream
from bff.execute import Codes, Program
from bff.execute.codes import MOST_TEXT
from bff.execute.naming import checked
from bff.plan.graph import read_graph
from bff.upstreams import Request
from tests.execute.faked import Faked
from tests.execute.oracle import Question, World, disagreement, world

shop = upstream("shop")
on_shelf = shop.get("/shelf")
by_ids = shop.get("/items{?id*}", key="id")

HOSTILE = (
    *(
        '"',
        "'",
        '"""',
        "\\",
        "\n",
        '"\n    import os\n',
        '"})\nraise SystemExit()\n#',
        "{0}",
        "%s",
        "{v}",
        "#",
        "\u2028",
    ),
    *("row", "rows", "made", "later", "object", "DICTS", "__class__", "__builtins__", "v_name", "ß", "a b", "-1", "0"),
)
NAMES = (
    *(name for name in (*keyword.kwlist, *keyword.softkwlist, *dir(builtins)) if not name.startswith("__")),
    *("row", "rows", "made", "later", "object", "objects", "value", "v_row", "rows_row", "DICTS", "_", "_1"),
    *("x" * 200, "part_1_Item", "general_1_name", "__dunder__"[2:]),
)

texts = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=20)).filter(lambda text: "." not in text)
names = st.one_of(st.sampled_from(NAMES), st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,30}", fullmatch=True))
exactly = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@strawberry.type
class Item:
    id: strawberry.ID
    name: str | None
    again: "Item | None" = connect(by_ids, id="id")  # noqa: UP037 - strawberry reads it


@strawberry.type
class Query:
    shelf: Item | None = connect(on_shelf)
    items: list[Item] | None = connect(shop.get("/many", many=True), assumed_size=9)


def _answer(request: Request) -> Any:
    row = {"id": 7, "name": "seven"}
    return row if request.label.startswith("GET /shelf") else [row, {"id": 8, "name": None}]


def _small() -> World:
    return world(strawberry.Schema(query=Query), {"shop": Faked(_answer)})


async def _both(of: World, query: str) -> Any:
    """What both executors answer."""
    question = Question(query)
    expected = await of.by_core(question)
    found = await of.by_program(question, of.generated(question))
    assert not disagreement(expected, found), disagreement(expected, found)
    return found.data


@exactly
@given(keys=st.lists(names.filter(lambda name: not name.startswith("__")), min_size=4, max_size=4, unique=True))
def test_any_name_may_be_an_alias(runner: Any, keys: list[str]) -> None:
    one, two, three, four = keys
    query = f"{{ {one}: shelf {{ {one}: id {two}: again {{ {three}: name {one}: name }} {four}: __typename }} }}"
    data = runner.run(_both(_small(), query))
    assert data == {one: {one: "7", two: {three: "seven", one: "seven"}, four: "Item"}}


@exactly
@given(members=st.lists(texts, min_size=2, max_size=2, unique=True), text=texts)
def test_any_text_may_be_a_path_an_enums_value_and_a_description(runner: Any, members: list[str], text: str) -> None:
    first, second = members
    enumerated: Any = strawberry.enum(_enum(text), description=text)
    annotations = {"one": str, "two": enumerated | None, "three": list[str]}
    body = {
        "one": field(path=first, description=text),
        "two": field(path=second, deprecation_reason=text),
        "three": field(path=f"{first}X.{second}"),
    }
    odd: Any = strawberry.type(type("Odd", (), {"__annotations__": annotations, **body}), description=text)
    query: Any = strawberry.type(
        type("Query", (), {"__annotations__": {"odd": odd}, "odd": connect(on_shelf, description=text)})
    )
    row = {first: text, second: text, f"{first}X": {second: [text]}}
    of = World(read_graph(strawberry.Schema(query=query)), {"shop": Faked(lambda _: row)})
    assert runner.run(_both(of, "{ odd { one two three } }")) == {"odd": {"one": text, "two": "WORD", "three": [text]}}
    _only_ours(of.generated(Question("{ odd { one two three } }")))


def _enum(text: str) -> Any:
    return enum.Enum("Word", {"WORD": text})


def _only_ours(program: Program) -> None:
    """Every text in the source is a name, and every name that is looked up is bound by us or built in."""
    source = program.source()
    tree = ast.parse(source.text)
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Lambda))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert re.fullmatch(r"[_A-Za-z][_0-9A-Za-z]*", node.value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "row":
            assert node.attr == "get" or not node.attr.startswith("__")
    known = {
        *source.names,
        *source.parts,
        *source.typed,
        *source.steps,
        *(node.name for node in tree.body if isinstance(node, ast.FunctionDef)),
        "str",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "map",
        "type",
        "zip",
        "AttributeError",
    }
    for function in tree.body:
        assert isinstance(function, ast.FunctionDef)
        local = {each.arg for each in function.args.args} | {
            each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        read = {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
        assert read <= known | local | {"len"}, read - known - local


GOLDEN = """\
def part_0_Item(rows, later):
    made = []
    for row in rows:
        v_name = row.get("name")
        if not (v_name.__class__ is str) and v_name is not None:
            v_name = general_1_name(v_name, later)
        made.append({"name": v_name})
    return made


def part_1_Item(rows, later):
    made = []
    for row in rows:
        v_id = row.get("id")
        if not (v_id.__class__ is str):
            v_id = general_2_id(v_id, later)
        v_name = row.get("name")
        if not (v_name.__class__ is str) and v_name is not None:
            v_name = general_3_name(v_name, later)
        made.append({"id": v_id, "name": v_name, "again": None})
    objects_again, rows_again = later.owed[0]
    objects_again.extend(made)
    rows_again.extend(rows)
    return made


def part_2_Query(rows, later):
    made = [{"items": None} for row in rows]
    objects_items, rows_items = later.owed[1]
    objects_items.extend(made)
    rows_items.extend(rows)
    return made


def rows_0_Item(rows, later):
    made = [made_4_again(row.name) for row in rows]
    return made


def rows_1_Item(rows, later):
    made = [made_5_items(f"{row.id}", row.name, None) for row in rows]
    objects_again, rows_again = later.owed[0]
    objects_again.extend(made)
    rows_again.extend(rows)
    return made


def value_0_again(value, later):
    if value.__class__ is row_7_again:
        return rows_0_Item((value,), later)[0]
    value = opened_8_again(value)
    if value.__class__ is dict:
        value = part_0_Item((value,), later)[0]
    elif value is not None:
        value = general_6_again(value, later)
    return value


def value_1_items(value, later):
    if value.__class__ is list and len(value) <= 9 and kinds_10_items.issuperset(map(type, value)):
        return rows_1_Item(value, later)
    value = opened_11_items(value)
    if value.__class__ is list and DICTS.issuperset(map(type, value)):
        value = part_1_Item(value, later)
    elif value is not None:
        value = general_9_items(value, later)
    return value


def put_0_again(objects, tickets, values):
    try:
        for made, ticket in zip(objects, tickets, strict=True):
            made.again = values[ticket]
    except AttributeError:
        for made, ticket in zip(objects, tickets, strict=True):
            made["again"] = values[ticket]


def keys_0_again(rows):
    return [row.id for row in rows]
"""


def test_the_source_of_a_plan_is_readable_and_always_the_same() -> None:
    of = _small()
    found = [of.general(Question("{ items { id name again { name } } }")).source().text for _ in range(2)]
    assert found == [GOLDEN, GOLDEN]


def test_a_name_that_is_no_name_never_becomes_source() -> None:
    with pytest.raises(ValueError, match="is not a GraphQL name"):
        checked('x"\nimport os')


def test_fragments_that_double_make_code_as_long_as_their_text() -> None:
    depth = 30  # 2 ** 30 fields, were each place of a fragment compiled for itself
    texts = [
        f"fragment F{at} on Item {{ one: again {{ ...F{at + 1} }} two: again {{ ...F{at + 1} }} }}"
        for at in range(depth)
    ]
    query = "\n".join(["{ shelf { ...F0 } }", *texts, f"fragment F{depth} on Item {{ id }}"])
    of = _small()
    program = Program(of.graph, of.plan(Question(query)))
    built = program.begun()
    assert len(built.completion.parts) <= 2 * depth + 2
    assert len(built.steps) <= 4 * depth
    assert len(program.source().text) < 2_000 * depth


@strawberry.type
class Other:
    name: str


@strawberry.type
class Third:
    name: str


@strawberry.type
class Shop:
    found: Item | Other | Third | None = connect(shop.get("/found"))
    others: list[Other] = connect(shop.get("/many", many=True), assumed_size=9)


@pytest.mark.parametrize("before", range(1, 6))
def test_an_alias_may_be_the_name_of_a_type(runner: Any, before: int) -> None:
    """What is bound for the one is not what a function is called for the other."""
    unions = " ".join(f"u{at}: found {{ __typename }}" for at in range(before))
    of = world(strawberry.Schema(query=Shop), {"shop": Faked(_others)})
    data = runner.run(_both(of, f"{{ {unions} Other: others {{ name }} }}"))
    assert data["Other"] == [{"name": "x"}]


def _others(request: Request) -> Any:
    return [{"name": "x"}] if request.label.startswith("GET /many") else {"__typename": "Other"}


def _programs(*queries: str) -> list[Program]:
    """That know of each other's functions."""
    of, codes = _small(), Codes()
    return [Program(of.graph, of.plan(Question(query)), codes) for query in queries]


def _is_generated(program: Program) -> bool:
    """Whether the next run is one by functions that were made for it."""
    return not isinstance(program.begun().steps[0].value, partial)


def test_a_plan_of_lists_has_functions_at_once_where_its_form_came_before() -> None:
    first, second, third, other = _programs(
        "query A { items { id } }", "{items{id}}", "{ items @skip(if: false) { id } }", "{ items { name } }"
    )
    assert not _is_generated(first)
    assert _is_generated(second)
    assert _is_generated(third)
    assert [_is_generated(other) for _ in range(3)] == [False, True, True]
    assert _is_generated(first)


def test_a_plan_of_one_object_has_its_functions_on_its_second_run() -> None:
    for program in _programs("query A { shelf { id } }", "query B { shelf { id } }"):
        assert [_is_generated(program) for _ in range(3)] == [False, True, True]


def test_no_more_code_is_remembered_than_it_may_take() -> None:
    codes = Codes()
    texts = [f"x = '{at}{'.' * (MOST_TEXT // 10)}'" for at in range(10)]
    for text in texts:
        assert codes.get(text) is codes.get(text)
    assert [codes.again(text) for text in reversed(texts)] == [True] * 9 + [False]
