"""What a large document costs: twice as many operations cost twice as much, from reading to a graph that runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from bff.plan.check import check_graph
from bff.plan.graph import read_graph
from bff.plan.install import install
from tests.openapi.kit import write

FEW, MANY = 100, 200
SLACK = 1.15  # for what grows with the logarithm: sorting, and the length of names


def document(count: int) -> dict[str, Any]:
    """A list and one by id for each of many types, each with a member of the next type's."""
    ref = [{"$ref": f"#/components/schemas/Thing{number}"} for number in range(count)]
    schemas = {
        f"Thing{number}": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "size": {"type": "integer"}, "next": ref[(number + 1) % count]},
        }
        for number in range(count)
    }
    by_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {}
    for number in range(count):
        paths[f"/things{number}"] = {"get": answer({"type": "array", "items": ref[number]})}
        paths[f"/things{number}/{{id}}"] = {"get": {**answer(ref[number]), "parameters": [by_id]}}
    return {"openapi": "3.1.0", "info": {"title": "Things"}, "paths": paths, "components": {"schemas": schemas}}


def test_a_chain_of_a_thousand_types_costs_no_stack(tmp_path: Path) -> None:
    long = document(1_000)
    long["paths"] = dict([*long["paths"].items()][:2])
    made: Any = load(source({"things": write(tmp_path, long)}, Report()))
    assert "Thing999" in made._schema.type_map


def answer(schema: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}}


def steps(place: str) -> dict[str, int]:
    """How many calls each stage makes, of Python functions and of those in C."""
    counted: dict[str, int] = {}
    stage = ""

    def count(frame: object, event: str, argument: object) -> None:
        del frame, argument
        if event in {"call", "c_call"}:
            counted[stage] = counted.get(stage, 0) + 1

    sys.setprofile(count)
    try:
        stage = "make"
        modules = source({"things": place}, Report())
        stage = "load"
        schema = load(modules)
        stage = "read"
        graph = read_graph(schema)
        stage = "check"
        findings = check_graph(graph, {"things"})
        stage = "install"
        install(graph)
    finally:
        sys.setprofile(None)
    assert findings.errors == []
    return counted


def test_twice_as_many_operations_cost_twice_as_many_steps(tmp_path: Path) -> None:
    few = steps(write(tmp_path, document(FEW), "few.json"))
    many = steps(write(tmp_path, document(MANY), "many.json"))
    dear = {stage: many[stage] / few[stage] for stage in few if many[stage] > few[stage] * MANY / FEW * SLACK}
    assert dear == {}
