"""What an operation would do and cost: the plan, its worst case, and whether it is allowed. Calls no service.

Knows no HTTP, no JSON and no terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

from bff.document import Document, Documents
from bff.envelope import Envelope
from bff.errors import BffError, Forbidden, OperationTooComplex, OperationTooExpensive
from bff.explain.doubts import Doubt, doubts
from bff.limits import Allowance, Estimate, Price, price
from bff.limits.worst_case import Step, steps
from bff.operation import check
from bff.plan.model import Plan

MOST_FETCHES = 200
MOST_FIELDS = 200
MOST_STEPS = 20_000  # fields of a plan that are looked at: it may unfold without end


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is limited; `most` is None for what is only counted."""

    name: str
    value: int
    most: int | None

    @property
    def over(self) -> int:
        """By how much it is over its limit."""
        return 0 if self.most is None else max(0, self.value - self.most)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A valid operation at its worst."""

    plan: Plan
    price: Price
    measures: tuple[Measure, ...]
    fetches: tuple[Estimate, ...]  # by wave, at most MOST_FETCHES
    fields: tuple[Step, ...]  # those that cost something or bring a fetch, as they are written, at most MOST_FIELDS
    doubts: tuple[Doubt, ...]
    complete: bool  # whether these are all fetches and fields
    refusal: BffError | None  # why it would not run

    @property
    def kind(self) -> str:
        return self.plan.kind

    @property
    def name(self) -> str | None:
        return self.plan.name


def explain(
    documents: Documents,
    allowed: Allowance,
    max_page: int,
    envelope: Envelope,
    lacking: frozenset[str] = frozenset(),
) -> Explanation:
    """For a caller without the scopes in `lacking`. Raises Refusal or BffError for what is not valid."""
    document = documents.get(envelope.query)
    operation = document.operation(envelope.operation_name)
    variables = document.variables(operation, envelope.variables).coerced
    plan = document.plan(operation, variables, lacking)
    cost = price(plan, variables, max_page)
    found = list(steps(plan, variables, MOST_STEPS + 1))
    return _explanation(document, plan, cost, allowed, found)


def _explanation(document: Document, plan: Plan, cost: Price, allowed: Allowance, found: list[Step]) -> Explanation:
    fetches = [fetch for step in found for fetch in step.fetches]
    fields = [step for step in found if step.points or step.fetches]
    measures = _measures(plan, cost, allowed)
    over = [(each.name, each.value, each.most) for each in measures if each.most is not None and each.over]
    return Explanation(
        plan=plan,
        price=cost,
        measures=measures,
        fetches=tuple(sorted(fetches[:MOST_FETCHES], key=lambda fetch: fetch.wave)),
        fields=tuple(fields[:MOST_FIELDS]),
        doubts=doubts(plan, found, document.deprecated(), over),
        complete=len(found) <= MOST_STEPS and len(fetches) <= MOST_FETCHES and len(fields) <= MOST_FIELDS,
        refusal=_refusal(plan, cost, allowed),
    )


def _measures(plan: Plan, cost: Price, allowed: Allowance) -> tuple[Measure, ...]:
    return (
        Measure("price", max(1, cost.points), allowed.points),  # what is reserved for it
        Measure("upstream calls", cost.calls, allowed.calls),
        Measure("depth", cost.depth, allowed.depth),
        Measure("aliases", cost.aliases, allowed.aliases),
        Measure("root fields", len(plan.roots), allowed.root_fields),
        Measure("selections", cost.selections, allowed.selections),
        Measure("rows", cost.rows, None),
    )


def _refusal(plan: Plan, cost: Price, allowed: Allowance) -> BffError | None:
    try:
        check(plan, cost, allowed)
    except (Forbidden, OperationTooComplex, OperationTooExpensive) as error:
        return error
    return None
