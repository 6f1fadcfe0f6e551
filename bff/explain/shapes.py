"""Explanations as JSON: what `extensions.plan` and `extensions.trace` of an answer say, and `bff plan --json`. Pure.

docs/explain.md documents it. Times are seconds; numbers stop at LARGEST.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bff.document import Refusal
from bff.errors import BffError
from bff.explain.doubts import Doubt, over_quota
from bff.explain.explanation import Explanation
from bff.limits import Estimate
from bff.limits.actual import Spent
from bff.limits.worst_case import Step
from bff.mask import refused
from bff.telemetry import Exchange

LARGEST = 2**31 - 1  # what doubling fragments come to is beyond what readers of JSON can hold
MOST_CALLS = 500


@dataclass(frozen=True, slots=True)
class Ran:
    """What really happened. `shared`: an equal operation was under way, and this one got what that came to.

    Its calls are then somebody else's, and may have begun before `started`.
    """

    started: float  # the event loop's clock
    seconds: float
    used: Spent
    exchanges: Sequence[Exchange]
    shared: bool


def as_json(found: Explanation, quota: Mapping[str, float] | None = None) -> dict[str, Any]:
    """`quota` is where the client is with its budget, where one is kept."""
    errors = refused(found.refusal)["errors"] if found.refusal else []
    beyond = over_quota(found.price.points, int(quota["remaining"])) if quota else ()
    return {
        "allowed": not errors,
        "errors": errors,
        "operation": {"kind": found.kind, "name": found.name},
        "measures": {
            _camel(each.name): {"value": min(each.value, LARGEST)} | ({} if each.most is None else {"most": each.most})
            for each in found.measures
        },
        "fetches": [_fetch(fetch) for fetch in found.fetches],
        "fields": [_field(step) for step in found.fields],
        "warnings": [_doubt(doubt) for doubt in (*beyond, *found.doubts)],
        "complete": found.complete,
    } | ({"quota": dict(quota)} if quota else {})


def refusal_as_json(refusal: Refusal | BffError) -> dict[str, Any]:
    """The same for what is not even valid."""
    return {"allowed": False, "errors": refused(refusal)["errors"]}


def ran_as_json(ran: Ran, fetches: Iterable[Estimate]) -> dict[str, Any]:
    """Calls in the order in which they began; `started` counts from the operation's own start."""
    waves: dict[tuple[str, str], set[int]] = {}
    for fetch in fetches:
        waves.setdefault((fetch.upstream, fetch.call), set()).add(fetch.wave)
    calls = sorted(ran.exchanges, key=lambda exchange: exchange.started)
    return {
        "seconds": round(ran.seconds, 6),
        "points": ran.used.points,
        "upstreamCalls": ran.used.calls,
        "shared": ran.shared,
        "calls": [_call(call, ran, waves) for call in calls[:MOST_CALLS]],
        "complete": len(calls) <= MOST_CALLS,
    }


def _call(call: Exchange, ran: Ran, waves: Mapping[tuple[str, str], set[int]]) -> dict[str, Any]:
    """A call that several waves of the plan could have made has no wave."""
    planned = waves.get((call.upstream, call.label), set())
    return {
        "upstream": call.upstream,
        "call": call.label,
        "wave": next(iter(planned)) if len(planned) == 1 else None,
        "started": round(call.started - ran.started, 6),
        "waited": round(call.waited, 6),
        "seconds": round(call.seconds, 6),
        "status": call.status,
        "error": call.error,
        "cache": call.cache,
        "shared": call.shared or ran.shared,
        "bytes": call.response_bytes,
    }


def _fetch(fetch: Estimate) -> dict[str, Any]:
    return {name: min(value, LARGEST) if isinstance(value, int) else value for name, value in asdict(fetch).items()}


def _field(step: Step) -> dict[str, Any]:
    calls = sum(fetch.calls for fetch in step.fetches)
    return {
        "path": step.path,
        "coordinate": step.node.field.coordinate,
        "rows": min(step.rows, LARGEST),
        "calls": min(calls, LARGEST),
        "points": min(round(step.points, 3), LARGEST),
    }


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {"kind": doubt.kind, "message": doubt.message, "path": doubt.path}


def _camel(name: str) -> str:
    first, *rest = name.split()
    return first + "".join(word.capitalize() for word in rest)
