"""`bff check --live`: the project's graph against its services as they are at this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import typer

from bff.cli.project import Project
from bff.drift import Caller, Probe, Report, Samples, parse_header, parse_sample
from bff.errors import Problem, StartRefused
from bff.upstreams import Headers

MOST_CALLS = 500

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says beside the configuration."""

    samples: Mapping[str, Sequence[Any]]
    headers: Mapping[str, Headers]


def given(samples: Sequence[str], headers: Sequence[str]) -> Given:
    """The options as values. Raises typer.BadParameter."""
    values: dict[str, list[Any]] = {}
    for text in samples:
        name, value = _parsed("--sample", parse_sample, text)
        values.setdefault(name, []).append(value)
    sent: dict[str, Headers] = {}
    for text in headers:
        name, header = _parsed("--header", parse_header, text)
        sent[name] = (*sent.get(name, ()), header)
    return Given(values, sent)


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


def _parsed(option: str, parse: Callable[[str], Value], text: str) -> Value:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text.partition('=')[0]}: {error}", param_hint=option) from None
