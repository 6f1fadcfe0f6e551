"""What a run found: records, and how they are kept as JSON. Pure; knows nothing of how they are measured or told."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from bench.measure import Figures


@dataclass(frozen=True)
class Cell:
    """One system under one scenario, by repetition; `failure` says why there is nothing."""

    scenario: str
    system: str
    figures: tuple[Figures, ...] = ()
    failure: str = ""

    def all(self, name: str) -> list[float]:
        return [getattr(each, name) for each in self.figures]


@dataclass(frozen=True)
class Results:
    machine: dict[str, str]
    cells: tuple[Cell, ...] = ()
    profile: list[Any] = field(default_factory=list)

    def cell(self, scenario: str, system: str) -> Cell | None:
        """None where it was not measured."""
        found = (each for each in self.cells if (each.scenario, each.system) == (scenario, system) and each.figures)
        return next(found, None)

    def of(self, scenario: str) -> list[Cell]:
        return [each for each in self.cells if each.scenario == scenario]


def to_json(results: Results) -> str:
    return json.dumps(dataclasses.asdict(results))


def from_json(text: str) -> Results:
    kept = json.loads(text)
    cells = tuple(
        Cell(**{**cell, "figures": tuple(Figures(**each) for each in cell["figures"])}) for cell in kept["cells"]
    )
    return Results(kept["machine"], cells, kept["profile"])
