"""The commands: what each takes, what it prints, its exit status. One a module; what they do stands in `bff.cli`.

Exit statuses: 0 fine, 1 problems found or operation refused, 2 wrong usage. What a person did wrong is never answered
with a traceback.
"""

from __future__ import annotations

import sys
from collections import UserDict
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from bff.cli.options import AppDir, FromFile
from bff.compiled import COMPILED
from bff.errors import StartRefused
from bff.openapi.quiet import for_good

COMMANDS = {  # and their modules, in the order of the help
    "serve": "serve",
    "dev": "dev",
    "check": "check",
    "plan": "plan",
    "schema": "schema",
    "diff": "diff",
    "trust": "trust",
    "import": "import_",
    "keys": "keys",
}


class Commands(UserDict[str, Any]):
    """By name. Each is imported when it is asked for: nobody waits for what another needs."""

    def __getitem__(self, name: str) -> Any:
        module = super().__getitem__(name)
        with for_good():
            found = get_command(import_module(f"bff.cli.commands.{module}").app)
        found.name = name
        return found


class Late(TyperGroup):
    """A group that knows the names of its commands, and asks for the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Commands(COMMANDS)


app = typer.Typer(
    cls=Late,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A GraphQL aggregation gateway over REST services.",
)


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
        typer.echo(f"bff-gateway {version('bff-gateway')}, {'machine code' if COMPILED else 'sources'}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: FromFile = None,
    app_dir: AppDir = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    context.obj = (config, app_dir)
