"""`bff diff`: what a schema would do to the clients of the one before it. For continuous integration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bff.cli import terminal
from bff.cli.options import AppDir, AsJson, FromFile, print_json, project_of
from bff.cli.schema_source import read_schema
from bff.schema_diff import SEVERITIES, Change, compare

SOURCE = "A schema file, - for standard input, a project's folder or bff.yaml, or a file in git: main:schema.graphql"

app = typer.Typer(add_completion=False)


@app.command()
def diff(
    context: typer.Context,
    *,
    old: Annotated[str, typer.Argument(help=f"{SOURCE}.")],
    new: Annotated[str | None, typer.Argument(help="Another one.  [default: the project]")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let dangerous changes fail too.")] = False,
    as_json: AsJson = False,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Compare two schemas: which changes break clients, which may surprise them, which are safe."""
    project = project_of(context, config, app_dir)
    before = read_schema(old)
    after = read_schema(new) if new else read_schema(str(project.config), project.folder)
    found = compare(before, after)
    failing = {"breaking", "dangerous"} if strict else {"breaking"}
    ok = not any(change.severity in failing for change in found)
    if as_json:
        print_json(report(found, ok=ok))
    else:
        terminal.changes(found)
    raise typer.Exit(0 if ok else 1)


def report(found: Sequence[Change], *, ok: bool) -> dict[str, Any]:
    """The changes, for programs."""
    counted = Counter(change.severity for change in found)
    return {
        "ok": ok,
        **{severity: counted[severity] for severity in SEVERITIES},
        "changes": [asdict(change) for change in found],
    }
