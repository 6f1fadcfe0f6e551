"""What whoever wrote an operation should know before it is sent. Pure: a plan at its worst in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from bff.limits.price import UNBOUNDED
from bff.limits.worst_case import Estimate, Step
from bff.plan.model import Plan

MOST = 50  # of one kind
READABLE = 2**31  # a number above it says no more than that it is too large

Kind = Literal["OVER_LIMIT", "OVER_QUOTA", "SCOPES", "N_PLUS_ONE", "UNBOUNDED", "DEPRECATED"]
Over = tuple[str, int, int]  # what is over its limit, how much it is, and the limit


@dataclass(frozen=True, slots=True)
class Doubt:
    """One warning. `path` is that of the field in the answer; () where it is about the whole operation."""

    kind: Kind
    message: str
    path: tuple[str, ...] = ()


def doubts(plan: Plan, steps: Sequence[Step], deprecated: Iterable[str], over: Iterable[Over]) -> tuple[Doubt, ...]:
    """The gravest first; `deprecated` are the schema's own words on what it would rather not be asked for."""
    return (
        *(_over_limit(each) for each in over),
        *((_scopes(plan.denied),) if plan.denied else ()),
        *islice(_n_plus_one(steps), MOST),
        *islice(_unbounded(steps), MOST),
        *(Doubt("DEPRECATED", message) for message in islice(deprecated, MOST)),
    )


def over_quota(points: int, remaining: int) -> tuple[Doubt, ...]:
    """What is more than the client has left."""
    if points <= remaining:
        return ()
    message = f"The price is {_number(points)} points, and {_number(remaining)} remain to this client for now."
    return (Doubt("OVER_QUOTA", message),)


def _over_limit(over: Over) -> Doubt:
    name, value, most = over
    return Doubt(
        "OVER_LIMIT", f"The limit of {name} is {most}; this is {_number(value)}, over it by {_number(value - most)}."
    )


def _scopes(scopes: tuple[str, ...]) -> Doubt:
    named = " and ".join(scopes)
    return Doubt("SCOPES", f"Fields that need the scope {named}, which this client lacks, come as errors.")


def _n_plus_one(steps: Iterable[Step]) -> Iterator[Doubt]:
    for step in steps:
        for fetch in step.fetches:
            if fetch.calls > 1 and not fetch.form.startswith("batch"):
                yield Doubt("N_PLUS_ONE", _one_by_one(fetch), fetch.path)


def _one_by_one(fetch: Estimate) -> str:
    calls = f"up to {_number(fetch.calls)} calls of {fetch.upstream} {fetch.call}"
    return f"{'.'.join(fetch.path)} makes {calls}, {fetch.form}: it has no form for many (N+1)."


def _unbounded(steps: Iterable[Step]) -> Iterator[Doubt]:
    for step in steps:
        if step.size >= UNBOUNDED:
            message = f"Nobody says how long {'.'.join(step.path)} can be: it counts as {UNBOUNDED} items."
            yield Doubt("UNBOUNDED", message, step.path)


def _number(value: int) -> str:
    return str(value) if value < READABLE else "more than 2 billion"
