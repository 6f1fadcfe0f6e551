"""Unions, and how to tell their members apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.openapi.schema import Object, Ref, Union, resolved
from bff.openapi.tell import Telling, tell
from tests.openapi.kit import codes, schema_of


def pet(own: str, /, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, own: {}, **more}}


def told(folder: Path, schema: Any, components: Any = None) -> Telling:
    found, document, _ = schema_of(folder, schema, components=components)
    union = resolved(found, document.schemas)
    assert isinstance(union, Union)
    return tell(union, document.schemas)


def refs(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


@pytest.mark.parametrize(
    ("mapping", "tags"),
    [
        (None, [("Cat",), ("Dog",)]),
        ({"meow": "#/components/schemas/Cat", "woof": "Dog", "arf": "Dog"}, [("meow",), ("woof", "arf")]),
        ({"meow": "#/components/schemas/Cat"}, [("meow",), ("Dog",)]),
    ],
    ids=str,
)
def test_a_discriminator_tells_by_its_mapping_or_by_names(tmp_path: Path, mapping: Any, tags: Any) -> None:
    discriminator = {"propertyName": "kind"} | ({"mapping": mapping} if mapping else {})
    components = {"Cat": pet("meow"), "Dog": pet("bark")}
    telling = told(tmp_path, {"oneOf": refs("Cat", "Dog"), "discriminator": discriminator}, components)
    assert (telling.by, telling.property, telling.certain) == ("discriminator", "kind", True)
    assert [mark.tags for mark in telling.marks] == tags


def test_a_constant_tells(tmp_path: Path) -> None:
    components = {"Cat": pet("meow", kind={"const": "cat"}), "Dog": pet("bark", kind={"enum": ["dog", "wolf"]})}
    telling = told(tmp_path, {"oneOf": refs("Cat", "Dog")}, components)
    assert (telling.by, telling.property, telling.certain) == ("const", "kind", True)
    assert [mark.tags for mark in telling.marks] == [("cat",), ("dog", "wolf")]


def test_what_only_one_has_tells(tmp_path: Path) -> None:
    schema = {
        "anyOf": [
            {"properties": {"id": {}, "a": {}}, "required": ["id", "a"]},
            {"properties": {"id": {}}, "required": ["id"]},
        ]
    }
    telling = told(tmp_path, schema)
    assert (telling.by, telling.certain) == ("names", True)
    assert [mark.names for mark in telling.marks] == [("a",), ()]


def test_json_types_tell(tmp_path: Path) -> None:
    telling = told(tmp_path, {"oneOf": [{"type": "string"}, {"type": "integer"}, {"properties": {"a": {}}}]})
    assert (telling.by, telling.certain) == ("kind", True)
    assert [mark.kind for mark in telling.marks] == ["string", "integer", "object"]


def test_what_cannot_be_told_apart_is_not_certain(tmp_path: Path) -> None:
    telling = told(tmp_path, {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]})
    assert not telling.certain


def test_equal_members_are_one(tmp_path: Path) -> None:
    schema, _, _ = schema_of(tmp_path, {"oneOf": [*refs("Cat"), *refs("Cat")]}, components={"Cat": pet("meow")})
    assert isinstance(schema, Ref)


def test_what_stands_beside_a_union_is_in_each_member(tmp_path: Path) -> None:
    schema = {
        "properties": {"id": {"type": "string"}},
        "oneOf": [*refs("Cat", "Dog")],
        "discriminator": {"propertyName": "kind"},
    }
    found, document, _ = schema_of(tmp_path, schema, components={"Cat": pet("meow"), "Dog": pet("bark")})
    assert isinstance(found, Union)
    members = [resolved(member, document.schemas) for member in found.members]
    assert [[each.name for each in m.properties] for m in members if isinstance(m, Object)] == [
        ["id", "kind", "meow"],
        ["id", "kind", "bark"],
    ]
    assert [mark.tags for mark in tell(found, document.schemas).marks] == [("Cat",), ("Dog",)]


def test_a_parent_knows_its_children(tmp_path: Path) -> None:
    components = {
        "Pet": {**pet("name"), "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat"}}},
        "Cat": {"allOf": [*refs("Pet"), {"properties": {"meow": {}}}]},
        "Dog": {"allOf": [*refs("Pet"), {"properties": {"bark": {}}}]},
        "Poodle": {"allOf": [*refs("Dog"), {"properties": {"hair": {}}}]},
    }
    found, document, _ = schema_of(tmp_path, *refs("Pet"), components=components)
    parent = resolved(found, document.schemas)
    assert isinstance(parent, Object)
    assert parent.discriminator is not None
    assert [(text, ref.name) for text, ref in parent.discriminator.mapping] == [
        ("cat", "Cat"),
        ("Dog", "Dog"),
        ("Poodle", "Poodle"),
    ]
    child = document.schemas[parent.discriminator.mapping[0][1].key]
    assert isinstance(child, Object)
    assert child.discriminator is None


def test_a_parent_that_lists_its_children_is_not_repeated_in_them(tmp_path: Path) -> None:
    components = {
        "Pet": {**pet("name"), "discriminator": {"propertyName": "kind"}, "oneOf": refs("Cat", "Dog")},
        "Cat": {"allOf": [*refs("Pet"), {"properties": {"meow": {}}}]},
        "Dog": {"allOf": [*refs("Pet"), {"properties": {"bark": {}}}]},
    }
    found, document, _ = schema_of(tmp_path, *refs("Cat"), components=components)
    cat = resolved(found, document.schemas)
    assert isinstance(cat, Object)
    assert [each.name for each in cat.properties] == ["kind", "name", "meow"]


def test_a_mapping_that_leads_nowhere_is_noted(tmp_path: Path) -> None:
    schema = {"oneOf": refs("Cat", "Dog"), "discriminator": {"propertyName": "kind", "mapping": {"x": "#/nowhere"}}}
    _, _, report = schema_of(tmp_path, schema, components={"Cat": pet("meow"), "Dog": pet("bark")})
    assert codes(report) == ["discriminator-target"]
