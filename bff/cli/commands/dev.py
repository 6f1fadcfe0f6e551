"""`bff dev`: the options of a gateway for development, of a project or of documents that belong to none."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from bff.cli.dev import dev as run_dev
from bff.cli.made_up import made_up
from bff.cli.options import AppDir, Faults, FromFile, Host, LogLevel, Mocked, Port, Seed, mock_of, project_of
from bff.cli.project import Overrides
from bff.cli.worker import Orders
from bff.telemetry.logs import Form

OpenApi = Annotated[
    list[str] | None,
    typer.Option("--openapi", help="Serve the graph of these OpenAPI documents, files or URLs; no project is needed."),
]
Documents = Annotated[list[str] | None, typer.Argument(help="Of --openapi: more documents.", show_default=False)]
Urls = Annotated[
    list[str] | None,
    typer.Option("--url", help="Of --openapi: where a service is, cities=http://…, if its document does not say."),
]

app = typer.Typer(add_completion=False)


@app.command()
def dev(
    context: typer.Context,
    documents: Documents = None,
    *,
    openapi: OpenApi = None,
    url: Urls = None,
    host: Host = None,
    port: Port = None,
    run: Annotated[list[str] | None, typer.Option(help="Run this command too, and end it with the gateway.")] = None,
    log_level: LogLevel = "info",
    mock: Mocked = False,
    seed: Seed = None,
    fault: Faults = None,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Run the gateway for development: anew after every change, with GraphiQL, until Ctrl-C."""
    overrides = Overrides(host, port, graphiql=True, introspection=True, explain=True)
    form: Form = "text" if sys.stderr.isatty() else "json"
    mocked = mock_of(mock, seed, fault)
    project = project_of(context, config, app_dir)
    places, urls = _documents(context, openapi, documents, url, config)
    with made_up(places, urls, mocked=mock) if places else nullcontext(project) as served:
        asyncio.run(run_dev(Orders(served, overrides, log_level, form, drain=0, mock=mocked), run or []))


def _documents(
    context: typer.Context,
    openapi: Sequence[str] | None,
    more: Sequence[str] | None,
    urls: Sequence[str] | None,
    config: Path | None,
) -> tuple[list[str], dict[str, str]]:
    """The documents to serve without a project, and where their services are; "" is the only one's."""
    if not openapi:
        if more or urls:
            raise typer.BadParameter("say --openapi, and then the documents", param_hint="documents")
        return [], {}
    if config or context.obj[0]:
        hint = "or openapi: under an upstream of that configuration"
        raise typer.BadParameter(f"needs no configuration: leave out --config, {hint}", param_hint="--openapi")
    return [*openapi, *(more or ())], dict(map(_url, urls or ()))


def _url(text: str) -> tuple[str, str]:
    """One service's name and URL; the name may be left out where there is but one."""
    name, equals, url = text.partition("=")
    if name.startswith(("http://", "https://")):
        return "", text
    if not equals or not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"{text}: write cities=http://127.0.0.1:4102", param_hint="--url")
    return name, url
