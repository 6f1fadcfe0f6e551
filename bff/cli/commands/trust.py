"""`bff trust`: what the documents of manifests cost, for continuous integration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bff.cli import terminal
from bff.cli.options import AppDir, AsJson, FromFile, print_json, project_of
from bff.cli.trusted import Against, as_json, priced, read_baseline, write_baseline
from bff.cli.worst_values import Sizes
from bff.config import Config
from bff.limits import Allowance
from bff.operation import Operations
from bff.persisted import read_manifests

app = typer.Typer(add_completion=False)


@app.command()
def trust(
    context: typer.Context,
    *,
    manifest: Annotated[
        list[Path] | None, typer.Argument(help="Manifests.  [default: persisted.manifests]", show_default=False)
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(help="Whose limits to hold them against; may be repeated.  [default: those that require trust]"),
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="The N+1s that are known; new ones fail.")] = None,
    write: Annotated[bool, typer.Option("--write-baseline", help="Write --baseline: all of today's.")] = False,
    page: Annotated[int | None, typer.Option(min=0, help="What Int variables are.  [default: limits.max_page]")] = None,
    items: Annotated[int, typer.Option(min=0, help="How many items list variables have.")] = 10,
    json_: AsJson = False,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Price every document of a manifest; fail on what is invalid, over a tier's limits, or a new N+1."""
    if write and baseline is None:
        raise typer.BadParameter("--write-baseline needs --baseline, the file to write")
    project = project_of(context, config, app_dir)
    settings = project.settings()
    paths = manifest or [project.folder / name for name in settings.persisted.manifests]
    if not paths:
        raise typer.BadParameter("name a manifest, or list it in persisted.manifests", param_hint="MANIFEST")
    texts = read_manifests(paths).named
    operations = project.gateway(settings).operations
    against = Against(
        documents=operations.documents,
        tiers=_tiers(settings, operations, tier or ()),
        max_page=operations.max_page,
        sizes=Sizes(operations.max_page if page is None else page, items),
        baseline=read_baseline(baseline) if baseline else {},
    )
    found = priced(texts, against)
    if write and baseline:
        write_baseline(baseline, found)
        found = priced(texts, against.knowing(read_baseline(baseline)))
    ok = all(each.ok for each in found)
    if json_:
        print_json({"ok": ok, "documents": as_json(found)})
    else:
        terminal.trusted(found)
    raise typer.Exit(0 if ok else 1)


def _tiers(settings: Config, operations: Operations, named: Sequence[str]) -> dict[str, Allowance]:
    """Those that are named; else those in which nothing else may run; else all."""
    for name in named:
        if name not in operations.rules:
            known = ", ".join(operations.rules)
            raise typer.BadParameter(f"there is no tier {name}; the configuration has {known}", param_hint="--tier")
    required = [name for name in settings.tiers if settings.mode(name) == "required"]
    chosen = named or required or list(operations.rules)
    return {name: operations.rules[name].allowed for name in chosen}
