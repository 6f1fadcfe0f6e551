"""Limits on the document itself, whatever it costs: depth, aliases, root fields, selections. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bff.errors import OperationTooComplex, OperationTooExpensive
from bff.limits.price import Price
from bff.plan.model import Plan

MAX_SELECTIONS = 5_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that one operation may have of each."""

    depth: int
    aliases: int
    root_fields: int
    points: int
    calls: int
    selections: int = MAX_SELECTIONS


def check_shape(plan: Plan, price: Price, allowed: Allowance) -> None:
    """Raises OperationTooComplex or OperationTooExpensive, with the number that is over and its limit."""
    if (
        price.depth <= allowed.depth
        and len(plan.roots) <= allowed.root_fields
        and price.aliases <= allowed.aliases
        and price.selections <= allowed.selections
        and price.calls <= allowed.calls
        and price.points <= allowed.points
    ):
        return
    raise _over(plan, price, allowed)


def _over(plan: Plan, price: Price, allowed: Allowance) -> OperationTooComplex | OperationTooExpensive:
    """What says by how much; the shape comes first."""
    for name, value, most in (
        ("depth", price.depth, allowed.depth),
        ("number of root fields", len(plan.roots), allowed.root_fields),
        ("number of aliases", price.aliases, allowed.aliases),
        ("number of selections, fragments expanded,", price.selections, allowed.selections),
    ):
        if value > most:
            return OperationTooComplex(f"The operation's {name} is {_number(value)}; at most {most} is allowed.")
    if price.calls > allowed.calls:
        message = (
            f"The operation could make {_number(price.calls)} upstream calls; at most {allowed.calls} are allowed."
        )
        return OperationTooExpensive(message, upstreamCalls=_capped(price.calls), maxUpstreamCalls=allowed.calls)
    message = f"The operation's price is {_number(price.points)} points; at most {allowed.points} are allowed."
    return OperationTooExpensive(message, price=_capped(price.points), maxPrice=allowed.points)


def _capped(value: int) -> int:
    return min(value, 2**31 - 1)  # doubling fragments reach numbers that JSON readers cannot hold


def _number(value: int) -> str:
    return str(value) if value < 2**31 else "more than 2 billion"
