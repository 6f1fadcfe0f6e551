"""`bff keys`: makes API keys, and says what of one belongs in `bff.yaml`. Stores nothing, reads no configuration.

The key alone goes to standard output, so that it can go straight to where secrets are kept; what stands beside it is
for people, and goes to standard error.
"""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from bff.auth import keys
from bff.config.clients import CLIENT

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Make API keys, and their digests for bff.yaml.")


@app.command()
def new(
    *, client: Annotated[str, typer.Option(help="Whose key it is, for the lines to put into bff.yaml.")] = "web"
) -> None:
    """Print a new key, this once: it is stored nowhere."""
    if not re.fullmatch(CLIENT.pattern, client, re.ASCII):
        raise typer.BadParameter(f"must be {CLIENT.must}, {CLIENT.hint}", param_hint="--client")
    key, digest = keys.new_key()
    typer.echo("This is shown once. Its SHA-256 is what bff.yaml keeps:\n", err=True)
    typer.echo(LINES.format(client=client, digest=digest), err=True)
    typer.echo(key)


LINES = """\
clients:
  {client}:
    tier: TIER  # the name of one of your tiers
    keys: # two at most: the one in use, and the next one
      - sha256: {digest}
"""


@app.command()
def digest() -> None:
    """Read a key from standard input and print its SHA-256."""
    text = typer.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    key = keys.parse(text.strip())
    if key is None:
        typer.echo(f"This is no key: {keys.mistake(text.strip())}.", err=True)
        raise typer.Exit(1)
    typer.echo(key.digest.hex())
