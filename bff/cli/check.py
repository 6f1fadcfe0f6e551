"""Everything that is wrong with a project, and what its graph amounts to. Calls no service."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from graphql import is_introspection_type, is_specified_scalar_type

from bff.cli.project import Project
from bff.drift import Report as Live
from bff.drift import as_json as live_as_json
from bff.errors import Problem, StartRefused
from bff.gateway import Gateway, look_at_documents
from bff.persisted import Unfit

UNFIT = 3  # the exit status where all is well but what clients were promised to be let in with


@dataclass(frozen=True, slots=True)
class Counts:
    """How large a graph is; `types` are those that clients see."""

    types: int
    connected_fields: int
    connectors: int
    upstreams: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `errors` stop the start; `counts` is None where they do. `documents` would be refused."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    counts: Counts | None
    documents: tuple[Unfit, ...] = ()  # each is among the warnings too

    def status(self, *, strict: bool) -> int:
        """The exit status; 0 where nothing fails."""
        return 1 if self.fails(strict=strict) else UNFIT if self.documents else 0

    def fails(self, *, strict: bool) -> bool:
        return bool(self.errors or (strict and self.warnings))

    @property
    def summary(self) -> str:
        """One line; nothing to count, nothing to say."""
        if self.counts is None:
            return ""
        counted = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in asdict(self.counts).items())
        return f"graph: {counted}"


def check_project(project: Project) -> Report:
    """Configuration first: without it, nobody knows which graph is meant."""
    try:
        gateway = project.gateway(project.settings())
    except StartRefused as refused:
        return Report(tuple(refused.problems), (), None)
    unfit = tuple(filter(None, look_at_documents(gateway)))
    return Report((), (*gateway.warnings, *[each.problem for each in unfit]), _counts(gateway), unfit)


def report_as_json(report: Report, live: Live | None = None) -> dict[str, Any]:
    """What was found, for programs; `live` is there where services were called."""
    return {
        "ok": not report.errors and not report.documents and not (live and live.drift),
        "errors": [asdict(problem) for problem in report.errors],
        "warnings": [asdict(problem) for problem in report.warnings],
        "documents": [asdict(each) for each in report.documents],
        "graph": _as_json(report.counts) if report.counts else None,
        **({"live": live_as_json(live)} if live else {}),
    }


def _counts(gateway: Gateway) -> Counts:
    named = gateway.graph.schema.type_map.values()
    return Counts(
        types=sum(not is_introspection_type(type_) and not is_specified_scalar_type(type_) for type_ in named),
        connected_fields=sum(bool(field.calls) for field in gateway.graph.fields.values()),
        connectors=len(gateway.graph.connectors),
        upstreams=len(gateway.upstreams),
    )


def _as_json(counts: Counts) -> dict[str, int]:
    return {
        "types": counts.types,
        "connectedFields": counts.connected_fields,
        "connectors": counts.connectors,
        "upstreams": counts.upstreams,
    }
