"""`bff plan`: what an operation would do and cost, held against limits. Calls no service."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bff.cli import terminal
from bff.cli.options import AppDir, AsJson, FromFile, print_json, project_of
from bff.config import Config
from bff.document import Refusal
from bff.envelope import Envelope
from bff.errors import BffError
from bff.explain import as_json as explanation_as_json
from bff.explain import explain as explained
from bff.explain import refusal_as_json
from bff.gateway import allowance
from bff.limits import Allowance
from bff.operation import Operations

app = typer.Typer(add_completion=False)


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
    if as_json:
        print_json(refusal_as_json(refusal))
    elif isinstance(refusal, Refusal):
        terminal.refusal(refusal.errors)
    else:
        terminal.bad(str(refusal))
