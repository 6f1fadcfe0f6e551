"""What `bff check --live` is told beside the configuration: its options as values. Knows typer, and no service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import typer

from bff.cli.live import Given
from bff.drift import parse_header, parse_sample
from bff.upstreams import Headers

Value = TypeVar("Value")


def given_of(samples: Sequence[str], headers: Sequence[str]) -> Given:
    """The options as values. Raises typer.BadParameter."""
    values: dict[str, list[Any]] = {}
    for text in (line for option in samples for line in _lines(option)):
        name, value = _parsed("--sample", parse_sample, text)
        values.setdefault(name, []).append(value)
    sent: dict[str, Headers] = {}
    for text in headers:
        name, header = _parsed("--header", parse_header, text)
        sent[name] = (*sent.get(name, ()), header)
    return Given(values, sent)


def _lines(text: str) -> list[str]:
    """The option itself; `@FILE` stands for the lines of a file, but for empty ones and those that begin with #."""
    if not text.startswith("@"):
        return [text]
    try:
        lines = Path(text[1:]).read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{text[1:]}: {error}", param_hint="--sample") from None
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def _parsed(option: str, parse: Callable[[str], Value], text: str) -> Value:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text.partition('=')[0]}: {error}", param_hint=option) from None
