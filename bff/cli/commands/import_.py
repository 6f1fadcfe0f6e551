"""`bff import`: OpenAPI documents become a graph, as code to read and to keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bff.cli.imported import imported, proposed, wish_of

app = typer.Typer(add_completion=False)


@app.command("import")
def import_(
    documents: Annotated[list[str], typer.Argument(help="OpenAPI 3.0, 3.1, 3.2 or Swagger 2.0: files or URLs.")],
    *,
    name: Annotated[str, typer.Option(help="What to call the service.  [default: its title]")] = "",
    only: Annotated[
        list[str] | None, typer.Option(help='Only this tag, or "GET /path/*"; may be given more than once.')
    ] = None,
    into: Annotated[
        Path, typer.Option(file_okay=False, help="The project's folder; made if it is not there.")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Write generated files anew that were edited by hand.")
    ] = False,
    lengths: Annotated[
        str,
        typer.Option(help="How long lists are that nothing is said of: answers, and inside rows.  [default: 250,100]"),
    ] = "",
    suggest: Annotated[
        bool,
        typer.Option("--suggest", help="Write nothing; print joins that the documents hint at, for schema/links.py."),
    ] = False,
    report: Annotated[
        Literal["text", "json"], typer.Option(help="How to say what was done, guessed and lost.")
    ] = "text",
) -> None:
    """Make a graph of OpenAPI documents: connectors, types, and the upstreams' entries. Again: only what changed."""
    wish = wish_of(documents, into, name, only or (), force=force, lengths=lengths)
    if suggest:
        proposed(wish, as_json=report == "json")
    elif not imported(wish, as_json=report == "json"):
        raise typer.Exit(1)
