"""What a schema comes to, in every dialect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff.openapi.schema import (
    MISSING,
    Array,
    At,
    Enum,
    Free,
    Limits,
    Map,
    Never,
    Object,
    Property,
    Ref,
    Scalar,
    Schema,
    Union,
    resolved,
)
from tests.openapi.kit import codes, schema_of

AT = At("")
TEXT = Scalar(at=AT, kind="string")
TEXT_OR_NULL = Scalar(at=AT, kind="string", nullable=True)
WHOLE = Scalar(at=AT, kind="integer")


def an_object(*required: str, closed: bool = False, **members: Schema) -> Object:
    properties = tuple(Property(name, schema, name in required) for name, schema in members.items())
    return Object(at=AT, properties=properties, closed=closed)


def an_enum(*values: Any, kind: Any = "string", nullable: bool = False) -> Enum:
    return Enum(at=AT, kind=kind, values=values, nullable=nullable)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "string", "format": "uuid"}, Scalar(at=AT, kind="string", format="uuid")),
        ({"type": ["string", "null"]}, TEXT_OR_NULL),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, TEXT_OR_NULL),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, TEXT_OR_NULL),
        ({"type": ["string", "integer"]}, Union(at=AT, members=(TEXT, WHOLE))),
        ({"type": ["string", "integer", "null"]}, Union(at=AT, members=(TEXT, WHOLE), nullable=True)),
        ({"type": ["integer", "number"]}, Scalar(at=AT, kind="number")),
        ({"type": "null"}, Never(at=AT, nullable=True)),
        (False, Never(at=AT)),
        (True, Free(at=AT, nullable=True)),
        ({}, Free(at=AT, nullable=True)),
        ({"const": "cat"}, an_enum("cat")),
        ({"const": None}, Never(at=AT, nullable=True)),
        ({"enum": ["a", "b", None]}, an_enum("a", "b", nullable=True)),
        ({"enum": [1, True, "x"]}, an_enum(1, True, "x", kind="mixed")),
        ({"enum": [1, 2.5]}, an_enum(1, 2.5, kind="number")),
        ({"type": "string", "enum": [1, "2"]}, an_enum("1", "2")),
        ({"type": "integer", "enum": ["1", 2]}, an_enum(1, 2, kind="integer")),
        ({"type": "object"}, Free(at=AT, kind="object")),
        ({"type": "object", "additionalProperties": True}, Free(at=AT, kind="object")),
        ({"type": "object", "additionalProperties": {"type": "string"}}, Map(at=AT, values=TEXT)),
        ({"type": "object", "additionalProperties": False}, an_object(closed=True)),
        ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, an_object("a", a=TEXT)),
        ({"patternProperties": {"^x": {"type": "string"}}}, Map(at=AT, values=TEXT)),
        ({"items": {"type": "string"}, "maxItems": 3}, Array(at=AT, items=TEXT, max_items=3)),
        ({"type": "array"}, Array(at=AT, items=Free(at=AT, nullable=True))),
        ({"prefixItems": [{"type": "string"}, {"type": "string"}]}, Array(at=AT, items=TEXT, prefix=(TEXT, TEXT))),
        ({"type": "string", "contentEncoding": "base64"}, Scalar(at=AT, kind="string", format="byte")),
        ({"type": "int64"}, Scalar(at=AT, kind="integer", format="int64")),
        (
            {"type": "integer", "exclusiveMinimum": 3, "maximum": 9},
            Scalar(at=AT, kind="integer", limits=Limits(minimum=3, exclusive_minimum=True, maximum=9)),
        ),
    ],
    ids=str,
)
def test_a_schema_of_3_1_is_what_it_allows(tmp_path: Path, written: Any, meant: Schema) -> None:
    assert schema_of(tmp_path, written)[0] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"type": "string", "nullable": True}, TEXT_OR_NULL),
        ({"type": "string", "enum": ["a"], "nullable": True}, an_enum("a", nullable=True)),
        (
            {"type": "integer", "minimum": 3, "exclusiveMinimum": True},
            Scalar(at=AT, kind="integer", limits=Limits(minimum=3, exclusive_minimum=True)),
        ),
        ({"oneOf": [{"type": "string"}, {"nullable": True}]}, TEXT_OR_NULL),
    ],
    ids=str,
)
def test_3_0_has_words_of_its_own(tmp_path: Path, written: Any, meant: Schema) -> None:
    assert schema_of(tmp_path, written, version="3.0.3")[0] == meant


PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}


@pytest.mark.parametrize(
    "written",
    [
        {"$ref": "#/components/schemas/Pet"},
        {"allOf": [{"$ref": "#/components/schemas/Pet"}]},
        {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"description": "x"}]},
        {"type": "object", "allOf": [{"$ref": "#/components/schemas/Pet"}]},
        {"anyOf": [{"$ref": "#/components/schemas/Pet"}]},
        {"$ref": "#/components/schemas/Alias"},
    ],
    ids=str,
)
def test_what_only_refers_to_a_component_is_that_component(tmp_path: Path, written: Any) -> None:
    components = {"Pet": PET, "Alias": {"$ref": "#/components/schemas/Pet"}}
    schema, document, _ = schema_of(tmp_path, written, components=components)
    assert isinstance(schema, Ref)
    assert schema.name == "Pet"
    assert document.schemas[schema.key] == an_object("id", id=WHOLE, name=TEXT)
    assert len(document.schemas) == 1


def test_what_is_said_beside_a_reference_is_said_of_this_place(tmp_path: Path) -> None:
    written = {
        "allOf": [{"$ref": "#/components/schemas/Pet"}],
        "nullable": True,
        "description": "the winner",
        "readOnly": True,
        "deprecated": True,
    }
    schema, document, _ = schema_of(tmp_path, written, version="3.0.0", components={"Pet": PET | {"description": "a"}})
    told = resolved(schema, document.schemas)
    assert (told.description, told.nullable, told.read_only, told.deprecated) == ("the winner", True, True, True)
    assert told.name == "Pet"


def test_a_reference_or_null_is_a_nullable_reference(tmp_path: Path) -> None:
    written = {"anyOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "null"}], "default": None}
    schema, _, _ = schema_of(tmp_path, written, components={"Pet": PET})
    assert isinstance(schema, Ref)
    assert schema.nullable
    assert schema.default is None
    assert schema.default is not MISSING


def test_all_of_adds_up_through_references_and_nesting(tmp_path: Path) -> None:
    components = {
        "Pet": PET,
        "Dog": {
            "allOf": [
                {"$ref": "#/components/schemas/Pet"},
                {"allOf": [{"type": "object", "properties": {"bark": {"type": "string"}}}, {"required": ["bark"]}]},
            ],
            "properties": {"age": {"type": "integer"}},
            "required": ["name"],
        },
    }
    schema, document, _ = schema_of(tmp_path, {"$ref": "#/components/schemas/Dog"}, components=components)
    dog = resolved(schema, document.schemas)
    assert isinstance(dog, Object)
    assert {each.name: each.required for each in dog.properties} == {
        "age": False,
        "id": True,
        "name": True,
        "bark": True,
    }


def test_members_that_several_parts_describe_are_merged(tmp_path: Path) -> None:
    written = {
        "allOf": [
            {"properties": {"a": {"type": "number", "minimum": 1}, "b": {"enum": ["x", "y", "z"]}}},
            {"properties": {"a": {"type": "integer", "minimum": 5}, "b": {"enum": ["z", "y"]}}},
        ]
    }
    schema, _, report = schema_of(tmp_path, written)
    assert schema == an_object(a=Scalar(at=AT, kind="integer", limits=Limits(minimum=5)), b=an_enum("y", "z"))
    assert codes(report) == []


def test_a_conflict_is_noted_where_it_is(tmp_path: Path) -> None:
    written = {"allOf": [{"type": "string"}, {"type": "integer"}]}
    schema, _, report = schema_of(tmp_path, written)
    assert schema == TEXT
    assert codes(report) == ["all-of-conflict"]
    assert report.notes[0].at.pointer.endswith("/schema/allOf/1")


def test_a_tree_refers_to_itself(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    schema, document, _ = schema_of(tmp_path, {"$ref": "#/components/schemas/Tree"}, components={"Tree": tree})
    found = resolved(schema, document.schemas)
    assert isinstance(found, Object)
    children = found.properties[0].schema
    assert isinstance(children, Array)
    assert isinstance(children.items, Ref)
    assert document.schemas[children.items.key] is document.schemas[schema.key if isinstance(schema, Ref) else ""]


@pytest.mark.parametrize(
    "components",
    [
        {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"x": {"type": "string"}}}]}},
        {
            "A": {
                "allOf": [{"$ref": "#/components/schemas/B"}],
                "properties": {"x": {"$ref": "#/components/schemas/B"}},
            },
            "B": {
                "allOf": [{"$ref": "#/components/schemas/A"}],
                "properties": {"x": {"$ref": "#/components/schemas/A"}},
            },
        },
        {"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "string"}]}},
        {"A": {"properties": {"x": {}}, "oneOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"y": {}}}]}},
    ],
    ids=["itself", "each-other", "union", "union-and-members"],
)
def test_what_is_made_of_itself_ends(tmp_path: Path, components: Any) -> None:
    schema, document, _ = schema_of(tmp_path, {"$ref": "#/components/schemas/A"}, components=components)
    assert not isinstance(resolved(schema, document.schemas), Ref)
    assert len(document.schemas) < 10


def test_flags_of_members_are_kept_in_depth(tmp_path: Path) -> None:
    components = {"Id": {"type": "integer", "readOnly": True}}
    written = {
        "properties": {
            "id": {"$ref": "#/components/schemas/Id"},
            "in": {"properties": {"key": {"type": "string", "writeOnly": True}}},
        }
    }
    schema, document, _ = schema_of(tmp_path, written, components=components)
    assert isinstance(schema, Object)
    assert resolved(schema.properties[0].schema, document.schemas).read_only
    inner = schema.properties[1].schema
    assert isinstance(inner, Object)
    assert inner.properties[0].schema.write_only


def test_names_and_descriptions_of_enum_values_are_read(tmp_path: Path) -> None:
    written = {
        "type": "integer",
        "enum": [0, 1],
        "x-enum-varnames": ["OFF", "ON"],
        "x-enum-descriptions": ["no", "yes"],
    }
    schema, _, _ = schema_of(tmp_path, written)
    assert isinstance(schema, Enum)
    assert (schema.names, schema.descriptions) == (("OFF", "ON"), ("no", "yes"))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"type": "wat"}, "unknown-type"),
        ({"type": "array"}, "items-unknown"),
        ({"required": ["a"], "type": "object"}, "required-unknown"),
        ({"type": "object", "properties": {"a": {"type": "string", "required": True}}}, "malformed-schema"),
        ({"anyOf": [{"type": "string"}, {"enum": ["a"]}]}, "open-enum"),
        ({"anyOf": [{"type": "string"}, {}]}, "union-with-anything"),
        ({"oneOf": [{"type": "string", "format": "date"}, {"type": "string"}]}, "union-of-formats"),
        ({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "check-left-out"),
        ({"type": "string", "not": {"const": "x"}}, "check-left-out"),
        ({"minLength": 3}, "type-inferred"),
        ({"enum": [{"a": 1}]}, "enum-of-objects"),
        ({"prefixItems": [{"type": "string"}]}, "tuple"),
        ({"patternProperties": {"a": {}, "b": {}}}, "pattern-properties"),
        ({"properties": [1]}, "malformed-schema"),
        (7, "malformed-schema"),
    ],
    ids=str,
)
def test_what_is_lost_or_guessed_is_noted(tmp_path: Path, written: Any, code: str) -> None:
    assert code in codes(schema_of(tmp_path, written)[2])


def test_deep_schemas_are_read_whole(tmp_path: Path) -> None:
    written: Any = {"type": "string"}
    for _ in range(40):
        written = {"type": "array", "items": written}
    schema, document, _ = schema_of(tmp_path, written)
    for _ in range(40):
        schema = resolved(schema, document.schemas)
        assert isinstance(schema, Array)
        schema = schema.items
    assert resolved(schema, document.schemas) == TEXT
