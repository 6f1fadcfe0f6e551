"""The commands: what each takes, what it prints, its exit status. Those with a module of their own are named here.

Exit statuses: 0 fine, 1 problems found or operation refused, 2 wrong usage. What a person did wrong is never answered
with a traceback.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from bff.cli import keys
from bff.cli.demo import Demo
from bff.cli.diff import diff
from bff.cli.import_ import import_
from bff.cli.listener import listen
from bff.cli.options import (
    AppDir,
    AsJson,
    Documents,
    Faults,
    FromFile,
    HeaderOption,
    Host,
    LiveOption,
    LogLevel,
    Mocked,
    OpenApi,
    Port,
    SampleOption,
    Seed,
    Urls,
    documents_of,
    mock_of,
    print_json,
    project_of,
)
from bff.cli.project import Overrides
from bff.cli.serve import serve_by_workers, serve_here
from bff.cli.trust import trust
from bff.cli.worker import Orders
from bff.config import Config, json_schema
from bff.config.units import parse_duration
from bff.document import Refusal
from bff.envelope import Envelope
from bff.errors import BffError, StartRefused
from bff.explain import as_json as explanation_as_json
from bff.explain import explain as explained
from bff.explain import refusal_as_json
from bff.gateway import allowance
from bff.limits import Allowance
from bff.operation import Operations
from bff.telemetry.logs import Form

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A GraphQL aggregation gateway over REST services.",
)
app.add_typer(keys.app, name="keys")


def main() -> None:
    """The command `bff`."""
    try:
        app()
    except StartRefused as refused:
        from bff.cli import terminal  # who has nothing to say does not wait for it

        terminal.problems(refused.problems)
        sys.exit(1)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"bff-gateway {version('bff-gateway')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: FromFile = None,
    app_dir: AppDir = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    context.obj = (config, app_dir)


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
    from bff.cli.dev import dev as run_dev  # whoever serves does not wait for what develops
    from bff.cli.made_up import made_up

    overrides = Overrides(host, port, graphiql=True, introspection=True, explain=True)
    form: Form = "text" if sys.stderr.isatty() else "json"
    mocked = mock_of(mock, seed, fault)
    project = project_of(context, config, app_dir)
    places, urls = documents_of(context, openapi, documents, url, config)
    with made_up(places, urls, mocked=mock) if places else nullcontext(project) as served:
        asyncio.run(run_dev(Orders(served, overrides, log_level, form, drain=0, mock=mocked), run or []))


@app.command()
def check(
    context: typer.Context,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
    as_json: AsJson = False,
    live: LiveOption = False,
    sample: SampleOption = None,
    header: HeaderOption = None,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Prove what can be proved about configuration and graph without running them."""
    from bff.cli import terminal  # these four are not what whoever serves waits for
    from bff.cli.check import check_project, report_as_json
    from bff.cli.given import given_of
    from bff.cli.live import check_live

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


@app.command()
def plan(
    context: typer.Context,
    *,
    query: Annotated[str, typer.Argument(help="A GraphQL document, a file that holds one, or - for standard input.")],
    variables: Annotated[str, typer.Option(help="The variables, as a JSON object.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Which operation, where there are several.")] = None,
    tier: Annotated[str | None, typer.Option(help="Whose limits to hold it against, in place of `limits`.")] = None,
    as_json: AsJson = False,
    code: Annotated[bool, typer.Option("--code", help="Print the functions that shape its rows instead.")] = False,
    config: FromFile = None,
    app_dir: AppDir = None,
) -> None:
    """Show which calls an operation would make, in which waves, at what price; make none of them."""
    envelope = Envelope(_document(query), operation, _variables(variables))
    project = project_of(context, config, app_dir)
    settings = project.settings()
    operations = project.gateway(settings).operations
    allowed = _allowed(settings, operations, tier)
    try:
        if code:
            typer.echo(_generated(operations, envelope), nl=False)
            return
        found = explained(operations.documents, allowed, operations.max_page, envelope)
    except (Refusal, BffError) as refusal:
        _refuse(refusal, as_json=as_json)
        raise typer.Exit(1) from None
    if as_json:
        print_json(explanation_as_json(found))
    else:
        from bff.cli import terminal  # as in `main`

        terminal.plan(found)
    raise typer.Exit(1 if found.refusal else 0)


def _generated(operations: Operations, envelope: Envelope) -> str:
    document = operations.documents.get(envelope.query)
    chosen = document.operation(envelope.operation_name)
    variables = document.variables(chosen, envelope.variables)
    return document.program(chosen, variables.coerced).source().text


def _allowed(settings: Config, operations: Operations, tier: str | None) -> Allowance:
    if tier is None:
        return allowance(settings, settings.limits.max_price, settings.limits.max_upstream_calls)
    if tier not in operations.rules:
        known = ", ".join(operations.rules)
        raise typer.BadParameter(f"there is no tier of that name; the configuration has {known}", param_hint="--tier")
    return operations.rules[tier].allowed


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


app.command()(diff)
app.command()(trust)
app.command("import")(import_)


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


def _document(query: str) -> str:
    """The text of a document: what was given, unless it names where that is."""
    if query == "-":
        return sys.stdin.read()
    if "{" in query:
        return query
    try:
        return Path(query).read_text("utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{query}: {(error.strerror or '').lower()}, and it is no GraphQL either") from None
    except ValueError:
        raise typer.BadParameter(f"{query}: is not UTF-8") from None


def _variables(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise typer.BadParameter('--variables must be a JSON object, such as {"iata": "LIS"}')
    return found


def _refuse(refusal: Refusal | BffError, *, as_json: bool) -> None:
    from bff.cli import terminal  # as in `main`

    if as_json:
        print_json(refusal_as_json(refusal))
    elif isinstance(refusal, Refusal):
        terminal.refusal(refusal.errors)
    else:
        terminal.bad(str(refusal))
