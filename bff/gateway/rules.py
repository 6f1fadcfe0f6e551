"""What operations may have: limits and tiers -> the rules of each tier."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bff.config import Allotment, Config
from bff.document import DocumentLimits, Documents
from bff.errors import Audience
from bff.limits import Allowance
from bff.limits.quota import Tier
from bff.operation import OPEN, Rules
from bff.plan.graph import Graph

Readings = Callable[[bool, bool], Documents]


def documents_of(config: Config, graph: Graph) -> Readings:
    """Documents by what they may ask of the schema: introspection, suggestions. Tiers that may the same share them."""

    @cache
    def documents(introspection: bool, suggestions: bool) -> Documents:
        return Documents(graph, _limits(config, introspection, suggestions), config.limits.documents)

    return documents


def passing_documents(config: Config, graph: Graph) -> Documents:
    """Documents of whoever may see the whole schema, read and forgotten."""
    return Documents(graph, _limits(config, True, True), 1)


def _limits(config: Config, introspection: bool, suggestions: bool) -> DocumentLimits:
    limits = config.limits
    incremental = config.graphql.incremental
    return DocumentLimits(limits.max_tokens, limits.max_directives, introspection, suggestions, incremental)


def rules(config: Config, documents: Readings) -> dict[str, Rules]:
    """What each tier may have; without authentication, everybody has the limits of the configuration and no quota."""
    found = {} if config.auth else {OPEN: _everybodys(config, documents)}
    return found | {name: _of_tier(config, config.allotment(name), documents) for name in config.tiers}


def allowance(config: Config, points: int, calls: int) -> Allowance:
    """What one operation may have, with these most points and upstream calls."""
    limits = config.limits
    return Allowance(
        depth=limits.max_depth,
        aliases=limits.max_aliases,
        root_fields=limits.max_root_fields,
        points=points,
        calls=calls,
    )


def _everybodys(config: Config, documents: Readings) -> Rules:
    limits, shown = config.limits, config.graphql
    suggests = shown.introspection if shown.suggestions is None else shown.suggestions
    return Rules(
        allowance(config, limits.max_price, limits.max_upstream_calls),
        documents(shown.introspection, suggests),
        explain=shown.explain,
        page=shown.graphiql,
        audience=Audience(shown.introspection or suggests, shown.error_sources),
    )


def _of_tier(config: Config, tier: Allotment, documents: Readings) -> Rules:
    quota = Tier(
        points_per_window=tier.points_per_minute,
        burst=tier.burst,
        requests_per_second=tier.requests_per_second,
        max_concurrent=tier.max_concurrent,
    )
    return Rules(
        allowance(config, tier.max_price, tier.max_upstream_calls),
        documents(tier.introspection, tier.suggestions),
        quota,
        share=tier.share,
        explain=tier.explain,
        page=tier.graphiql,
        audience=Audience(tier.introspection or tier.suggestions, tier.error_sources),
    )
