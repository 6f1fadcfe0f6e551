"""The plan in the shape that federation's tools read: `extensions.queryPlan` as Hive Gateway writes it. Pure.

A wave is a Parallel inside one Sequence; a fetch below another stands in a Flatten, at its parent's path. `operation`
is GraphQL there and the connector's label here, since our services are asked over REST.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bff.limits import Estimate
from bff.limits.worst_case import Step

Json = dict[str, Any]


def query_plan(kind: str, steps: Iterable[Step]) -> Json:
    """`{"kind": "QueryPlan", "node": …}`; without a fetch there is no `node`."""
    waves: dict[int, list[Json]] = {}
    for step in steps:
        for fetch in step.fetches:
            waves.setdefault(fetch.wave, []).append(_placed(_fetch(fetch, kind), step))
    if not waves:
        return {"kind": "QueryPlan"}
    return {"kind": "QueryPlan", "node": _one("Sequence", [_one("Parallel", waves[wave]) for wave in sorted(waves)])}


def _fetch(fetch: Estimate, kind: str) -> Json:
    writes = kind == "mutation" and fetch.wave == 1  # what stands below its fields only reads
    return {
        "kind": "Fetch",
        "serviceName": fetch.upstream,
        "variableUsages": [],  # some readers do without it, some do not
        "operationKind": "mutation" if writes else "query",
        "operation": fetch.call,
    }


def _placed(fetch: Json, step: Step) -> Json:
    if not step.above:
        return fetch
    path = [part if part == "@" else {"Field": part} for part in step.above]
    return {"kind": "Flatten", "path": path, "node": fetch}


def _one(kind: str, nodes: list[Json]) -> Json:
    """Several nodes as one; one alone is itself."""
    return nodes[0] if len(nodes) == 1 else {"kind": kind, "nodes": nodes}
