"""What documents call things, and what we do."""

from __future__ import annotations

import keyword
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case

from bff.openapi.graph.lock import Lock, read_lock
from bff.openapi.graph.names import (
    apart,
    enum_name,
    field_name,
    parameter_name,
    plural,
    python_name,
    singular,
    type_name,
    words,
)
from bff.openapi.graph.places import component_names

TEXTS = st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "field", "type_"),
    [
        ("officialName", "officialName", "OfficialName"),
        ("official_name", "officialName", "OfficialName"),
        ("official-name", "officialName", "OfficialName"),
        ("OFFICIAL_NAME", "officialName", "OfficialName"),
        ("HTTPServer", "httpServer", "HTTPServer"),
        ("userIDs", "userIds", "UserIds"),
        ("areaKm2", "areaKm2", "AreaKm2"),
        ("2fa", "n2fa", "N2fa"),
        ("+1", "plus1", "Plus1"),
        ("-1", "minus1", "Minus1"),
        ("__typename", "typename", "Typename"),
        ("_links", "links", "Links"),
        ("$ref", "ref", "Ref"),
        ("café", "cafe", "Cafe"),
        ("名", "u540d", "U540d"),
        ("<=", "lessEqual", "LessEqual"),
        ("", "empty", "Empty"),
        ("{}", "openClose", "OpenClose"),
        ("simple-user", "simpleUser", "SimpleUser"),
        ("Pet", "pet", "Pet"),
    ],
)
def test_the_same_words_however_they_are_spelled(text: str, field: str, type_: str) -> None:
    assert (field_name(text), type_name(text)) == (field, type_)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("planned", "PLANNED"),
        ("in-progress", "IN_PROGRESS"),
        ("inProgress", "IN_PROGRESS"),
        ("", "EMPTY"),
        (" ", "SPACE"),
        ("-1", "MINUS_1"),
        ("1", "N1"),
        ("<", "LESS"),
        ("true", "TRUE"),
        ("null", "NULL"),
        ("*", "STAR"),
        ("application/json", "APPLICATION_JSON"),
    ],
)
def test_values_of_enums_that_are_no_names(value: str, name: str) -> None:
    assert enum_name(value) == name


@given(TEXTS)
def test_any_text_becomes_a_name_that_graphql_and_python_take(text: str) -> None:
    for name in (field_name(text), type_name(text), enum_name(text)):
        assert name.isascii()
        assert name.isidentifier()
        assert not name.startswith("__")
        assert len(name) <= 100


@given(TEXTS)
def test_camel_casing_leads_back_from_python_to_the_graphql_name(text: str) -> None:
    name = field_name(text)
    python = python_name(name)
    assert python.isidentifier()
    assert not keyword.iskeyword(python)
    if not python.endswith("_"):
        assert to_camel_case(python) == name


@pytest.mark.parametrize("word", ["class", "from", "import", "None", "field", "str", "strawberry", "connect"])
def test_a_member_hides_nothing_that_its_module_says(word: str) -> None:
    assert python_name(field_name(word)).endswith("_") or word == "None"


def test_a_parameter_may_be_called_what_a_member_may_not() -> None:
    assert [parameter_name(word) for word in ("field", "str", "class", "self")] == ["field", "str", "class_", "self_"]


@given(st.dictionaries(TEXTS, st.sampled_from(["city", "page", "item"]), max_size=12), st.randoms())
def test_names_do_not_depend_on_the_order_of_a_document(wanted: dict[str, str], chance: random.Random) -> None:
    rows = list(wanted.items())
    chance.shuffle(rows)
    assert apart(dict(rows), {}) == apart(wanted, {})
    assert len(set(apart(wanted, {}).values())) == len(wanted)


@given(
    st.dictionaries(TEXTS, st.sampled_from(["city", "page", "item"]), max_size=8),
    st.dictionaries(TEXTS, st.sampled_from(["city", "page", "item"]), max_size=8),
)
def test_what_was_named_keeps_its_name_whatever_comes(before: dict[str, str], new: dict[str, str]) -> None:
    named = apart(before, {})
    after = apart({**new, **before}, named)
    assert {key: after[key] for key in before} == named
    assert len(set(after.values())) == len(after)


@pytest.mark.parametrize(
    ("one", "many"), [("id", "ids"), ("country", "countries"), ("code", "codes"), ("box", "boxes"), ("iata", "iatas")]
)
def test_one_and_many(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)


def test_a_name_has_words() -> None:
    assert words("listCitiesByID") == ["list", "cities", "by", "id"]


def test_a_lock_is_what_it_was_written_as() -> None:
    lock = Lock(files={"bff.yaml": "00"}, documents={"my-cities": "https://cities.example/openapi.json"})
    lock.service("my-cities").fields["GET /cities"] = "cities"
    lock.service("my-cities").members["City"] = {"country_code": "countryCode"}
    assert read_lock(lock.text()) == lock


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": 2}',
        '{"version": 1, "services": []}',
        '{"version": 1, "services": {"a": {"fields": {"GET /": "x):\\n  import os"}}}}',
        '{"version": 1, "services": {"a": {"types": {"A": "A B"}}}}',
    ],
)
def test_a_lock_that_was_not_written_here_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"openapi\.lock\.json"):
        read_lock(text)


def test_what_stands_inside_of_an_operation_is_called_by_as_few_words_of_the_way_as_tell_it_from_others() -> None:
    answer = "responses/200/content/application~1json/schema"
    names = {
        f"api.json#/paths/~1v2~1images/get/{answer}": "ImagesAnswer",
        f"api.json#/paths/~1v2~1images~1{{id}}/get/{answer}": "ImagesByIdAnswer",
        f"api.json#/paths/~1v2~1images/get/{answer}/properties/links/properties/pages": "Pages",
        f"api.json#/paths/~1v2~1images/get/{answer}/properties/regions/items": "Region",
        f"api.json#/paths/~1v2~1images/get/{answer}/allOf/0/properties/droplets/items": "ImagesAnswerDroplet",
        f"api.json#/paths/~1v2~1images/get/{answer}/properties/oneOf/oneOf/0": "OneOf",
        f"api.json#/paths/~1v2~1sizes/get/{answer}/oneOf/0": "SizesAnswerOption1",
        f"api.json#/paths/~1v2~1sizes/get/{answer}/oneOf/1": "SizesAnswerOption2",
        "api.json#/paths/~1v2~1images/post/requestBody/content/application~1json/schema": "ImagesBody",
        "Droplet": "Droplet",
    }
    assert component_names(list(names)) == names
    assert component_names(list(reversed(names))) == names
