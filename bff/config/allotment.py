"""A tier after its defaults: what it leaves open is what `limits` and `graphql` say of everybody. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bff.config.graphql import GraphQL
from bff.config.limits import Limits
from bff.config.tiers import Tier


@dataclass(frozen=True, slots=True)
class Allotment:
    """Numbers to count with. Points, calls and requests are those of one client."""

    points_per_minute: int
    burst: int
    max_price: int
    max_upstream_calls: int
    requests_per_second: int | None  # None: not limited
    max_concurrent: int
    introspection: bool
    suggestions: bool
    explain: bool
    error_sources: bool = True
    graphiql: bool = True
    share: bool = True


def allotment(tier: Tier, limits: Limits, shown: GraphQL) -> Allotment:
    dearest = min(limits.max_price, tier.capacity)
    calls = tier.max_upstream_calls
    introspection = _either(tier.introspection, shown.introspection)
    return Allotment(
        points_per_minute=tier.points_per_minute,
        burst=tier.capacity,
        max_price=dearest if tier.max_price is None else tier.max_price,
        max_upstream_calls=limits.max_upstream_calls if calls is None else calls,
        requests_per_second=tier.requests_per_second,
        max_concurrent=tier.max_concurrent,
        introspection=introspection,
        suggestions=_either(tier.suggestions, introspection and shown.suggestions is not False),
        error_sources=_either(tier.error_sources, shown.error_sources),
        explain=_either(tier.explain, shown.explain),
        graphiql=_either(tier.graphiql, shown.graphiql),
        share=tier.share,
    )


def _either(own: bool | None, inherited: bool) -> bool:
    """A switch of a tier, or what it is where the tier says nothing."""
    return inherited if own is None else own
