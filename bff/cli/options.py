"""What several commands take, and how they print for programs. Knows typer, and no command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bff.cli.project import Project
from bff.telemetry.logs import Level

if TYPE_CHECKING:
    from bff.mock import Fault, Mock

FromFile = Annotated[Path | None, typer.Option("--config", help="The configuration.  [default: bff.yaml]")]
AppDir = Annotated[
    Path | None,
    typer.Option(
        exists=True, file_okay=False, help="The folder that the graph is imported from.  [default: the configuration's]"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; docs/cli.md says what.")]
Host = Annotated[str | None, typer.Option(help="Listen on this address instead of the configuration's.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Listen on this port; 0 is any free one.")]
Mocked = Annotated[bool, typer.Option("--mock", help="Call no service: make up answers that fit the graph.")]
Seed = Annotated[int | None, typer.Option(help="Of --mock: equal seeds, equal answers.  [default: 0]")]
Faults = Annotated[
    list[str] | None,
    typer.Option("--fault", help="Of --mock: cities:status=503,rate=0.1,latency=200ms,gaps=0.2; may be repeated."),
]
LogLevel = Annotated[Level, typer.Option(help="What is logged, and whatever is worse.")]


def project_of(context: typer.Context, config: Path | None, app_dir: Path | None) -> Project:
    """Both options stand before or after the command's name; the later ones win."""
    earlier: Sequence[Path | None] = context.obj
    file = config or earlier[0] or Path("bff.yaml")
    return Project(file, app_dir or earlier[1] or file.parent)


def mock_of(mocked: bool, seed: int | None, faults: list[str] | None) -> Mock | None:
    if not mocked:
        if seed is not None or faults:
            raise typer.BadParameter(
                "--seed and --fault say how --mock makes answers up; without it there is nothing to say"
            )
        return None
    from bff.mock import Mock  # whoever has services does not wait for what makes them up

    return Mock(seed or 0, dict(map(_fault, faults or ())))


def _fault(text: str) -> tuple[str, Fault]:
    from bff.mock import parse_fault  # likewise

    try:
        return parse_fault(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint="--fault") from None


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))
