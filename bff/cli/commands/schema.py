"""`bff schema`: the graph's schema, or that of its configuration, as text for other tools."""

from __future__ import annotations

from typing import Annotated

import typer

from bff.cli.options import AppDir, FromFile, print_json, project_of
from bff.config import json_schema

app = typer.Typer(add_completion=False)


@app.command()
def schema(
    context: typer.Context,
    *,
    config_schema: Annotated[
        bool, typer.Option("--config-schema", help="Print the JSON Schema of bff.yaml instead.")
    ] = False,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Print the graph's schema, with its descriptions, in the GraphQL schema language."""
    if config_schema:
        print_json(json_schema())
        return
    project = project_of(context, config, app_dir)
    typer.echo(project.gateway(project.settings()).sdl)
