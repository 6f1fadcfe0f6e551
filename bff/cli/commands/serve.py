"""`bff serve`: the options of a gateway that runs. What `bff dev` tells its own process is hidden."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import closing, suppress
from dataclasses import replace
from typing import Annotated

import typer

from bff.cli.demo import Demo
from bff.cli.listener import listen
from bff.cli.options import AppDir, Faults, FromFile, Host, LogLevel, Mocked, Port, Seed, mock_of, project_of
from bff.cli.project import Overrides
from bff.cli.serve import serve_by_workers, serve_here
from bff.cli.worker import Orders
from bff.config.units import parse_duration
from bff.telemetry.logs import Form

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    context: typer.Context,
    *,
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="How many processes share the socket.")] = 1,
    graphiql: Annotated[bool | None, typer.Option(help="Show GraphiQL to browsers.")] = None,
    introspection: Annotated[bool | None, typer.Option(help="Answer questions about the schema.")] = None,
    explain: Annotated[bool | None, typer.Option("--explain/--no-explain", help="Show plans to who asks.")] = None,
    drain: Annotated[
        str, typer.Option(help="Once told to stop, say so at /readyz and go on for this long, such as 10s.")
    ] = "0s",
    log_level: LogLevel = "info",
    log_format: Annotated[Form, typer.Option(help="Lines of JSON, or text for a terminal.")] = "json",
    fd: Annotated[int | None, typer.Option(min=0, help="Listen on this socket, inherited from the parent.")] = None,
    link: Annotated[int | None, typer.Option(min=0, hidden=True)] = None,
    demo: Annotated[str | None, typer.Option(hidden=True)] = None,
    trusted: Annotated[bool, typer.Option("--trusted", hidden=True)] = False,
    mock: Mocked = False,
    seed: Seed = None,
    fault: Faults = None,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; then finish what it is answering."""
    overrides = Overrides(host, port, graphiql, introspection, explain)
    let_in = None if demo is None else _demo(demo, link)
    drained = _duration("--drain", drain)
    mocked = mock_of(mock, seed, fault)
    project = replace(project_of(context, config, app_dir), trusted=trusted)
    orders = Orders(project, overrides, log_level, log_format, drained, let_in, mocked)
    with closing(_listener(orders, fd)) as listener:
        if workers > 1:
            raise typer.Exit(asyncio.run(serve_by_workers(orders, listener, workers)))
        serve_here(orders, listener, None if link is None else _inherited("--link", link))


def _listener(orders: Orders, fd: int | None) -> socket.socket:
    if fd is not None:
        return _inherited("--fd", fd)
    wanted = orders.overrides.applied(orders.project.settings()).listen
    return listen(wanted.host, wanted.port)


def _inherited(option: str, fd: int) -> socket.socket:
    try:
        return socket.socket(fileno=fd)
    except OSError as error:
        raise typer.BadParameter(f"{option} {fd}: {os.strerror(error.errno or 0)}") from None


def _demo(text: str, link: int | None) -> Demo:
    """Only `bff dev` may let anybody in whom the configuration does not name."""
    with suppress(ValueError, TypeError):
        if link is not None:
            return Demo.read(text)
    raise typer.BadParameter("--demo is what bff dev tells its own process, and nothing else")


def _duration(option: str, text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        raise typer.BadParameter(f"{option} must be a duration with a unit, such as 10s") from None
