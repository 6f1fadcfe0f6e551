"""Where a schema to compare comes from: a file, standard input, a project, or a revision in git.

A project's graph is code, which a process can import once; so each is printed by a `bff schema` of its own. Git is
asked for what it has, never to change anything.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from graphql import GraphQLError, GraphQLSchema, GraphQLSyntaxError, build_schema

from bff.errors import Problem, StartRefused

PROJECT = (".yaml", ".yml")
PATIENCE = 60.0  # seconds, for a project to be imported


def read_schema(source: str, app_dir: Path | None = None) -> GraphQLSchema:
    """The schema that `source` names. Raises StartRefused, saying what is wrong and where.

    `-` is standard input; a folder, or a YAML file, a project; what no file is, and has a colon, a file in a revision
    as git writes it: `main:schema/schema.graphql`. `app_dir` is where that project's graph is imported from.
    """
    return _built(source, _text(source, app_dir))


def _text(source: str, app_dir: Path | None) -> str:
    path = Path(source)
    if source == "-":
        return sys.stdin.read()
    if path.is_dir():
        return _printed(path / "bff.yaml", app_dir)
    if path.suffix in PROJECT:
        return _printed(path, app_dir)
    if ":" in source and not path.exists():
        return _of_revision(source)
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise _refused(source, (error.strerror or "").lower()) from None
    except ValueError:
        raise _refused(source, "is not UTF-8") from None


def _printed(config: Path, app_dir: Path | None) -> str:
    where = ["--app-dir", str(app_dir)] if app_dir else []
    return _said([sys.executable, "-P", "-m", "bff.cli", "--config", str(config), *where, "schema"], str(config))


def _of_revision(source: str) -> str:
    return _said(["git", "show", "--no-textconv", "--end-of-options", source], source)


def _said(command: list[str], source: str) -> str:
    """What a command printed; what it complained of is what is wrong with `source`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise _refused(source, f"cannot be asked for: {error}") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["has no schema"]
        raise StartRefused([Problem(source, line) for line in lines])
    return done.stdout


def _built(source: str, text: str) -> GraphQLSchema:
    try:
        return build_schema(text)
    except GraphQLSyntaxError as error:
        line, column = error.locations[0] if error.locations else (0, 0)
        raise StartRefused([Problem("schema", error.message, file=source, line=line, column=column)]) from None
    except (GraphQLError, TypeError) as error:  # graphql-core joins the mistakes of a document by empty lines
        raise StartRefused([Problem(source, message) for message in str(error).split("\n\n")]) from None


def _refused(source: str, message: str) -> StartRefused:
    return StartRefused([Problem(source, message)])
