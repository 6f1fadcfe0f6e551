"""What each document of a manifest costs at worst, for which tiers that is too much, and where it is an N+1.

Calls no service. `Baseline` is what a project has decided to live with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as record
from pathlib import Path
from typing import Any

from bff.cli.worst_values import Sizes, worst_values
from bff.document import Document, Documents, Refusal
from bff.errors import BffError, Forbidden, Problem, StartRefused
from bff.explain.doubts import doubts
from bff.limits import Allowance, Price, price
from bff.limits.worst_case import Step, steps
from bff.operation import check
from bff.plan.model import Plan

VERSION = 1
MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Priced:
    """One operation at its worst. What is `wrong` is not valid, and costs nothing."""

    id: str
    name: str
    points: int = 0
    calls: int = 0
    wrong: str = ""
    over: Mapping[str, str] = record(default_factory=dict)  # why it is refused, by tier
    n_plus_one: tuple[str, ...] = ()  # paths
    new: tuple[str, ...] = ()  # of these, those that are in no baseline

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(path for path in self.n_plus_one if path not in self.new)

    @property
    def mistakes(self) -> list[str]:
        """Why it should not be trusted, one a line."""
        refused = [f"tier {tier}: {reason}" for tier, reason in self.over.items()]
        return [*filter(None, [self.wrong]), *refused, *(f"new N+1: {path}" for path in self.new)]

    @property
    def ok(self) -> bool:
        return not self.mistakes


@dataclass(frozen=True, slots=True)
class Against:
    """What documents are held against."""

    documents: Documents
    tiers: Mapping[str, Allowance]
    max_page: int
    sizes: Sizes
    baseline: Mapping[str, frozenset[str]]  # paths by operation

    def knowing(self, baseline: Mapping[str, frozenset[str]]) -> Against:
        return replace(self, baseline=baseline)


def priced(texts: Mapping[str, str], against: Against) -> list[Priced]:
    """Every operation of every document, by name."""
    found = [each for id_, text in texts.items() for each in _priced(id_, text, against)]
    return sorted(found, key=lambda each: (each.name, each.id))


def _priced(id_: str, text: str, against: Against) -> Iterator[Priced]:
    try:
        document = against.documents.get(text)
    except Refusal as refusal:
        yield Priced(id_, id_, wrong="; ".join(error.message for error in refusal.errors))
        return
    for name in document.operations:
        try:
            yield _operation(id_, name, document, against)
        except (Refusal, BffError) as refusal:
            yield Priced(id_, name or id_, wrong=str(refusal))


def _operation(id_: str, name: str | None, document: Document, against: Against) -> Priced:
    operation = document.operation(name)
    schema = document.graph.schema
    dearest, over, paths = Price(0, 0, 0, 0, 0, 0), dict[str, str](), set[str]()
    for values in worst_values(schema, operation, document.switches, against.sizes):
        plan = document.plan(operation, values)
        cost = price(plan, values, against.max_page)
        dearest = max(dearest, cost, key=lambda each: (each.points, each.calls))
        over |= _over(plan, cost, against.tiers)
        paths |= _one_by_one(plan, list(steps(plan, values, MOST_STEPS)))
    known = against.baseline.get(name or id_, frozenset())
    return Priced(
        id=id_,
        name=name or id_,
        points=dearest.points,
        calls=dearest.calls,
        over=over,
        n_plus_one=tuple(sorted(paths)),
        new=tuple(sorted(paths - known)),
    )


def _over(plan: Plan, cost: Price, tiers: Mapping[str, Allowance]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, allowed in tiers.items():
        try:
            check(plan, cost, allowed)
        except Forbidden:
            pass  # who may see what is not the manifest's business
        except BffError as error:
            found[name] = str(error)
    return found


def _one_by_one(plan: Plan, found: list[Step]) -> set[str]:
    return {".".join(doubt.path) for doubt in doubts(plan, found, (), ()) if doubt.kind == "N_PLUS_ONE"}


def read_baseline(path: Path) -> dict[str, frozenset[str]]:
    """Paths by operation; none where there is no such file. Raises StartRefused for what is no baseline."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StartRefused([Problem("baseline", f"cannot be read: {error}", file=str(path))]) from None
    if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("nPlusOne"), dict):
        raise StartRefused([Problem("baseline", "is none", "bff trust --write-baseline makes one", file=str(path))])
    return {name: frozenset(map(str, paths)) for name, paths in found["nPlusOne"].items()}


def write_baseline(path: Path, found: Iterable[Priced]) -> None:
    """Whatever is an N+1 now, in an order that makes small differences."""
    paths = {each.name: list(each.n_plus_one) for each in found if each.n_plus_one}
    path.write_text(json.dumps({"version": VERSION, "nPlusOne": paths}, indent=2) + "\n", "utf-8")


def as_json(found: Iterable[Priced]) -> list[dict[str, Any]]:
    """For programs; docs/cli.md documents it."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "ok": each.ok,
            "points": each.points,
            "calls": each.calls,
            "wrong": each.wrong or None,
            "over": dict(each.over),
            "nPlusOne": list(each.n_plus_one),
            "new": list(each.new),
        }
        for each in found
    ]
