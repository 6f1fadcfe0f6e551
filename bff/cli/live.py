"""`bff check --live`: the project's graph against its services as they are at this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bff.cli.project import Project
from bff.drift import Caller, Probe, Report, Samples
from bff.errors import Problem, StartRefused
from bff.upstreams import Headers

MOST_CALLS = 500


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says beside the configuration."""

    samples: Mapping[str, Sequence[Any]]
    headers: Mapping[str, Headers]


def check_live(project: Project, found: Given) -> Report:
    """Call the services. Raises StartRefused for names that the graph or the configuration does not have."""
    return asyncio.run(_checked(project, found))


async def _checked(project: Project, found: Given) -> Report:
    settings = project.settings()
    gateway = project.gateway(settings)
    try:
        known = {name for field in gateway.graph.fields.values() for name in _names(field.coordinate, field.arguments)}
        problems = [_unknown("--sample", "argument", name) for name in found.samples if name not in known]
        problems += [_unknown("--header", "upstream", name) for name in found.headers if name not in gateway.upstreams]
        if problems:
            raise StartRefused(problems)
        caller = Caller(gateway.upstreams, found.headers, timeout=settings.limits.timeout, most=MOST_CALLS)
        return await Probe(gateway.graph, caller, Samples(gateway.graph, found.samples)).run()
    finally:
        await gateway.aclose()


def _names(coordinate: str, arguments: Mapping[str, str]) -> list[str]:
    field = coordinate.partition(".")[2]
    return [f"{place}.{argument}" for argument in arguments for place in (coordinate, field)]


def _unknown(option: str, kind: str, name: str) -> Problem:
    return Problem(option, f"there is no {kind} '{name}'")
