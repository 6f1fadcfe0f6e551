"""Classes that are made for their schema alone: the same schema, and nobody else's classes changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types import object_type

from bff.openapi.graph.lean import lean
from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from tests.openapi.kit import whole, write

PET = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "owner": {"$ref": "#/components/schemas/Owner"},
        "seen": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
        "what": {"oneOf": [{"$ref": "#/components/schemas/Owner"}, {"$ref": "#/components/schemas/Toy"}]},
        "sizes": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}
OWNER = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "description": "Its."}}}
TOY = {"type": "object", "required": ["price"], "properties": {"price": {"type": "number"}}}

PARAMETERS = [
    {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["cat", "dog"], "default": "dog"}},
    {"name": "near", "in": "query", "description": "Here.", "schema": {"type": "array", "items": {"type": "string"}}},
]


def test_a_graph_of_lean_classes_has_the_same_schema(tmp_path: Path) -> None:
    document = whole({"$ref": "#/components/schemas/Pet"}, components={"Pet": PET, "Owner": OWNER, "Toy": TOY})
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    document["paths"]["/thing"]["get"]["parameters"] = PARAMETERS
    document["paths"]["/thing"]["post"] = {"requestBody": body, "responses": {"204": {"description": "done"}}}
    modules = source({"things": write(tmp_path, document)}, Report())
    with lean():
        made = load(modules).as_str()
    assert made == load(modules).as_str()


def test_outside_of_it_classes_are_whole() -> None:
    with lean():
        pass

    @strawberry.type
    class Whole:
        name: str

    assert Whole(name="x") == Whole(name="x")
    assert object_type.dataclasses is dataclasses  # type: ignore[attr-defined]
    assert StrawberryAnnotation.evaluate.__module__ == "strawberry.annotation"
