"""Made-up values of unions: whatever tells their types apart, each comes as one of them, and as nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bff import config
from bff.gateway import open_gateway
from bff.mock import Mock, mock_wires
from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from bff.plan.graph import read_graph
from tests.kit import Bench, Listener
from tests.openapi.kit import whole, write

CAT = {"required": ["kind", "lives"], "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}}
DOG = {"required": ["kind", "bark"], "properties": {"kind": {"const": "dog"}, "bark": {"type": "string"}}}
PETS = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
BASE = {"required": ["kind"], "properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}}
BIRD = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"wings": {"type": "integer"}}}]}
COMPONENTS = {"Cat": CAT, "Dog": DOG, "Base": BASE, "Bird": BIRD}


@pytest.mark.parametrize(
    ("pet", "names"),
    [
        ({"oneOf": PETS, "discriminator": {"propertyName": "kind"}}, {"Cat", "Dog"}),
        ({"oneOf": PETS}, {"Cat", "Dog"}),
        ({"oneOf": [*PETS, {"type": "string"}]}, {"Cat", "Dog", "ThingPetText"}),
        ({"type": ["integer", "string"]}, {"ThingPetInteger", "ThingPetText"}),
        ({"$ref": "#/components/schemas/Base"}, {"Base", "Bird"}),
    ],
    ids=["discriminator", "constant", "scalar too", "scalars alone", "extended"],
)
async def test_each_value_of_a_union_is_one_of_its_types(pet: Any, names: set[str], tmp_path: Path) -> None:
    thing = {"required": ["id", "pet"], "properties": {"id": {"type": "string"}, "pet": pet}}
    answer = {"type": "array", "maxItems": 50, "items": {"$ref": "#/components/schemas/Thing"}}
    place = write(tmp_path, whole(answer, components={**COMPONENTS, "Thing": thing}))
    schema = load(source({"things": place}, Report()))
    settings = config.parse("upstreams: {things: {url: 'http://things'}}", {})
    seen: set[str] = set()
    for seed in range(10):
        wires = mock_wires(read_graph(schema), ["things"], Mock(seed))
        gateway = open_gateway(settings, Path("/"), schema=schema, wires=wires)
        found = await Bench(gateway, {}, Listener()).ask("{ thing { pet { __typename } } }")
        await gateway.aclose()
        assert "errors" not in found.body, found.body
        seen |= {row["pet"]["__typename"] for row in (found.data or {})["thing"]}
    assert seen == names
