"""`bff check`: what is wrong, or doubtful, with a project; and, where it is asked, with its services."""

from __future__ import annotations

from typing import Annotated

import typer

from bff.cli import terminal
from bff.cli.check import check_project, report_as_json
from bff.cli.given import given_of
from bff.cli.live import check_live
from bff.cli.options import AppDir, AsJson, FromFile, print_json, project_of

Live = Annotated[
    bool, typer.Option("--live", help="Call the services too, by reads alone, and say where they have drifted.")
]
Samples = Annotated[
    list[str] | None,
    typer.Option(
        "--sample", help="Of --live: what to call with, airport.iata=LIS, or @FILE of such lines; may be repeated."
    ),
]
SentHeaders = Annotated[
    list[str] | None,
    typer.Option("--header", help="Of --live: a header for one service, trips:authorization=…; may be repeated."),
]

app = typer.Typer(add_completion=False)


@app.command()
def check(
    context: typer.Context,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
    as_json: AsJson = False,
    live: Live = False,
    sample: Samples = None,
    header: SentHeaders = None,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Prove what can be proved about configuration and graph without running them."""
    project, told = project_of(context, config, app_dir), given_of(sample or (), header or ())
    report = check_project(project)
    found = check_live(project, told) if live and not report.errors else None
    if as_json:
        print_json(report_as_json(report, found))
    else:
        terminal.report(report.errors, report.warnings, report.summary)
        if found:
            terminal.live(found)
    raise typer.Exit(1 if found and found.fails(strict=strict) else report.status(strict=strict))
