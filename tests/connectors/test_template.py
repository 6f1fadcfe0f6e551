"""Templates put values where they belong, and nowhere else."""

from __future__ import annotations

import datetime
import enum
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uritemplate import URITemplate

from bff.connectors.template import Template, plain


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("template", "values", "target"),
    [
        ("/cities/{id}", {"id": 7}, "/cities/7"),
        ("/cities{?id*}", {"id": [1, 2]}, "/cities?id=1&id=2"),
        ("/cities{?ids}", {"ids": ["LIS", "OPO"]}, "/cities?ids=LIS,OPO"),
        ("/cities{?ids}", {"ids": ["a,b", "c"]}, "/cities?ids=a%2Cb,c"),
        ("/cities/{ids}", {"ids": [1, 2]}, "/cities/1,2"),
        ("/cities{?country,limit}", {"country": "PT", "limit": None}, "/cities?country=PT"),
        ("/cities{?country}", {}, "/cities"),
        ("/a?fixed=1{&x}", {"x": True}, "/a?fixed=1&x=true"),
        ("/a{/b}/c", {"b": "x y"}, "/a/x%20y/c"),
        ("/a{?on,price,colour}", {"on": datetime.date(2026, 1, 31), "price": Decimal("1.50"), "colour": Colour.RED},
         "/a?on=2026-01-31&price=1.50&colour=red"),
        ("/a/{id}", {"id": "x/y?z#@\\ é"}, "/a/x%2Fy%3Fz%23%40%5C%20%C3%A9"),
        ("/a{?tags*}", {"tags": []}, "/a"),
        ("/a{?tags*}", {"tags": [None, "x"]}, "/a?tags=x"),
        ("/a{;x,y}/b", {"x": 7, "y": [1, 2]}, "/a;x=7;y=1,2/b"),
        ("/a{;y*}", {"y": [1, 2]}, "/a;y=1;y=2"),
        ("/a{.x}", {"x": "json"}, "/a.json"),
        ("/a{.x*}", {"x": ["b", "c"]}, "/a.b.c"),
    ],
)  # fmt: skip
def test_values_expand_as_rfc_6570_says(template: str, values: dict[str, Any], target: str) -> None:
    assert Template(template).expand(values) == target


@pytest.mark.parametrize(
    ("text", "names", "joins", "values", "target"),
    [
        ("/x{?v}", {"v": "api-version"}, {}, {"v": "1"}, "/x?api-version=1"),
        ("/x{?size}", {"size": "page[size]"}, {}, {"size": 2}, "/x?page%5Bsize%5D=2"),
        ("/x{?a,b*}", {"b": "a b&c="}, {}, {"a": 1, "b": [1, 2]}, "/x?a=1&a%20b%26c%3D=1&a%20b%26c%3D=2"),
        ("/x{?ids}", {}, {"ids": "|"}, {"ids": ["a&", "b"]}, "/x?ids=a%26%7Cb"),
        ("/x{?ids}", {"ids": "the ids"}, {"ids": " "}, {"ids": ["a", "b"]}, "/x?the%20ids=a%20b"),
        ("/x{?ids}", {}, {"ids": "|"}, {"ids": "a|b"}, "/x?ids=a%7Cb"),
        ("/x{?ids}", {}, {"ids": "|"}, {"ids": []}, "/x"),
        ("/x/{ids}", {}, {"ids": ";"}, {"ids": ["a", "b"]}, "/x/a%3Bb"),
        ("/x{?ids}", {}, {"ids": "\t"}, {"ids": ["a", "b"]}, "/x?ids=a%09b"),
    ],
)
def test_the_url_may_call_a_variable_otherwise_and_join_a_list_otherwise(
    text: str, names: dict[str, str], joins: dict[str, str], values: dict[str, Any], target: str
) -> None:
    assert Template(text, names, joins).expand(values) == target


def test_an_item_that_looks_as_two_is_refused() -> None:
    with pytest.raises(ValueError, match="ids must not contain"):
        Template("/x{?ids}", joins={"ids": "|"}).expand({"ids": ["a|b", "c"]})


@pytest.mark.parametrize(
    ("text", "names", "joins", "says"),
    [
        ("/x{?a}", {"b": "c"}, {}, "names= speaks of 'b', which is no variable of the query in '/x{?a}'; it has a"),
        ("/x/{a}", {"a": "c"}, {}, "no variable of the query in '/x/{a}'; it has none"),
        ("/x{?a,b}", {"a": "b"}, {}, "calls two variables of '/x{?a,b}' 'b'"),
        ("/x{?a}", {"a": ""}, {}, "use a name"),
        ("/x{?a}", {"a": "a\r\n"}, {}, "use a name"),
        ("/x{?a*}", {}, {"a": "|"}, "without a '*'"),
        ("/x{?a}", {}, {"a": "||"}, "use one character"),
        ("/x{?a-b}", {}, {}, "say names="),
    ],
)
def test_names_and_joins_that_cannot_be_meant_are_refused_with_what_would_be_right(
    text: str, names: dict[str, str], joins: dict[str, str], says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Template(text, names, joins)


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_path_value_that_would_mean_another_resource_is_refused(value: str | None) -> None:
    with pytest.raises(ValueError, match="id must be a name"):
        Template("/cities/{id}").expand({"id": value})


@pytest.mark.parametrize("values", [[".."], ["..", "admin"], ["a", "."], ["a", ""], [], [None]], ids=repr)
@pytest.mark.parametrize(
    "template",
    ["/cities/{id}", "/cities{/id}", "/cities{/id*}", "/cities/{id}{?id*}", "/cities{.id*}", "/cities{;id}"],
)
def test_a_list_in_a_path_is_refused_for_any_item_that_would_mean_another_resource(
    template: str, values: list[str | None]
) -> None:
    with pytest.raises(ValueError, match="id must be a name"):
        Template(template).expand({"id": values})


@pytest.mark.parametrize("value", ["a\nb", "a\x00", "\x7f"])
@pytest.mark.parametrize("template", ["/a/{x}", "/a{?x}", "/a{?x*}"])
def test_control_characters_are_refused_everywhere(template: str, value: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        Template(template).expand({"x": [value] if template.endswith("*}") else value})


@pytest.mark.parametrize("value", [{"a": 1}, object()])
def test_what_has_no_text_cannot_stand_in_a_url(value: object) -> None:
    with pytest.raises(ValueError, match="cannot stand in a URL"):
        Template("/a{?x}").expand({"x": value})


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("cities", "must begin with one '/'"),
        ("//evil.example/", "must begin with one '/'"),
        ("http://evil.example/", "must begin with one '/'"),
        ("/a/{id", "without its partner"),
        ("/a/id}", "without its partner"),
        ("/a/{{id}}", "without its partner"),
        ("/a/{}", "without a name"),
        ("/a/{a b}", "is not a name"),
        ("/a/{+path}", "use {x}"),
        ("/a{#part}", "use {x}"),
        ("/a/{id:3}", "prefixes"),
    ],
)
def test_a_malformed_or_unsafe_template_is_refused_with_what_would_be_right(template: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^.+$") as refused:
        Template(template)
    assert says in str(refused.value)


def test_variables_are_known_with_their_place() -> None:
    variables = Template("/countries/{code}/cities{?id*,limit}").variables
    assert [(v.name, v.in_path, v.explode) for v in variables] == [
        ("code", True, False),
        ("id", False, True),
        ("limit", False, False),
    ]


text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda t: t not in {".", ".."})


@given(segment=text, value=text, values=st.lists(text, min_size=1))
def test_whatever_a_value_holds_it_stays_in_its_place(segment: str, value: str, values: list[str]) -> None:
    target = Template("/a/{segment}/b{?value,values*}").expand({"segment": segment, "value": value, "values": values})
    split = urlsplit(f"http://host{target}")
    assert split.netloc == "host"
    assert not split.fragment
    assert [unquote(part) for part in split.path.split("/")] == ["", "a", segment, "b"]
    assert parse_qsl(split.query, keep_blank_values=True) == [("value", value), *(("values", v) for v in values)]


@given(
    path=text,
    parts=st.lists(text, min_size=1),
    alone=st.none() | st.text(st.characters(exclude_categories=("Cs", "Cc"))) | st.integers() | st.booleans(),
    many=st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")))),
)
def test_expansion_is_that_of_a_library_that_keeps_to_rfc_6570(path: str, parts: Any, alone: Any, many: Any) -> None:
    written = "/{path}{/parts*}{;parts}{;parts*}{.parts}{?alone,many}{&many*}/x"
    values = {"path": path, "parts": parts, "alone": alone, "many": many}
    texts = values | {"alone": None if alone is None else plain(alone), "many": many or None}
    assert Template(written).expand(values) == URITemplate(written).expand(texts)
