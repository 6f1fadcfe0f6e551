"""Templates put values where they belong, and nowhere else."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.connectors.template import Template


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
    ],
)  # fmt: skip
def test_values_expand_as_rfc_6570_says(template: str, values: dict[str, Any], target: str) -> None:
    assert Template(template).expand(values) == target


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_path_value_that_would_mean_another_resource_is_refused(value: str | None) -> None:
    with pytest.raises(ValueError, match="id must be a name"):
        Template("/cities/{id}").expand({"id": value})


@pytest.mark.parametrize("values", [[".."], ["..", "admin"], ["a", "."], ["a", ""], [], [None]], ids=repr)
@pytest.mark.parametrize("template", ["/cities/{id}", "/cities{/id}", "/cities{/id*}", "/cities/{id}{?id*}"])
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
        ("/a{;x}", "use {x}"),
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
