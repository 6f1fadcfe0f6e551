"""What an operation would do and cost: the plan, its worst case, and whether it is allowed. Calls no service.

`as_json` is what `bff plan --json` prints; docs/cli.md documents it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bff.document import Documents, Refusal
from bff.envelope import Envelope
from bff.errors import BffError, OperationTooComplex, OperationTooExpensive
from bff.limits import Allowance, Estimate, check_shape, estimates, price
from bff.mask import refused

MOST_FETCHES = 200
LARGEST = 2**31 - 1  # what doubling fragments come to is beyond what readers of JSON can hold


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is limited; `most` is None for what is only counted."""

    name: str
    value: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A valid operation at its worst."""

    kind: str
    name: str | None
    measures: tuple[Measure, ...]
    fetches: tuple[Estimate, ...]  # by wave, at most MOST_FETCHES
    complete: bool  # whether these are all fetches
    refusal: BffError | None  # why it would not run


def explain(documents: Documents, allowed: Allowance, max_page: int, envelope: Envelope) -> Explanation:
    """Raises Refusal or BffError when the document or the variables are not valid."""
    document = documents.get(envelope.query)
    operation = document.operation(envelope.operation_name)
    variables = document.variables(operation, envelope.variables).coerced
    plan = document.plan(operation, variables)
    cost = price(plan, variables, max_page)
    refusal: BffError | None = None
    try:
        check_shape(plan, cost, allowed)
    except (OperationTooComplex, OperationTooExpensive) as error:
        refusal = error
    fetches = estimates(plan, variables, MOST_FETCHES + 1)
    return Explanation(
        kind=plan.kind,
        name=plan.name,
        measures=(
            Measure("price", cost.points, allowed.points),
            Measure("upstream calls", cost.calls, allowed.calls),
            Measure("depth", cost.depth, allowed.depth),
            Measure("aliases", cost.aliases, allowed.aliases),
            Measure("root fields", len(plan.roots), allowed.root_fields),
            Measure("selections", cost.selections, allowed.selections),
            Measure("rows", cost.rows, None),
        ),
        fetches=tuple(sorted(fetches[:MOST_FETCHES], key=lambda fetch: fetch.wave)),
        complete=len(fetches) <= MOST_FETCHES,
        refusal=refusal,
    )


def as_json(found: Explanation) -> dict[str, Any]:
    errors = refused(found.refusal)["errors"] if found.refusal else []
    return {
        "allowed": not errors,
        "errors": errors,
        "operation": {"kind": found.kind, "name": found.name},
        "measures": {
            _camel(each.name): {"value": min(each.value, LARGEST)} | ({} if each.most is None else {"most": each.most})
            for each in found.measures
        },
        "fetches": [_fetch_as_json(fetch) for fetch in found.fetches],
        "complete": found.complete,
    }


def refusal_as_json(refusal: Refusal | BffError) -> dict[str, Any]:
    """The same for what is not even valid."""
    return {"allowed": False, "errors": refused(refusal)["errors"]}


def _fetch_as_json(fetch: Estimate) -> dict[str, Any]:
    return {name: min(value, LARGEST) if isinstance(value, int) else value for name, value in asdict(fetch).items()}


def _camel(name: str) -> str:
    first, *rest = name.split()
    return first + "".join(word.capitalize() for word in rest)
