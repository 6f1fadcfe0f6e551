"""The paths of routes: text, {name} for a segment, {name...} for the rest. Matches no request.

Only what every server reads alike may stand there (RFC 3986 3.3): no percent-encoding, no empty segment but the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bff.config.kinds import Kind, Text
from bff.config.mistakes import Mistake, refuse

_LITERAL = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+"
_NAME = "[A-Za-z_][A-Za-z0-9_]*"

PREFIX = Text(rf"^(/{_LITERAL})+$", "a path without a slash at its end", 'such as "/api"')


@dataclass(frozen=True)
class RoutePath(Kind):
    """A path that requests are matched against."""

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not value.startswith("/"):
            raise refuse(Mistake("must be a path that begins with a slash", 'such as "/files/{path...}"'))
        wrong = next(_wrong_with(value[1:].split("/")), None)
        if wrong is not None:
            raise refuse(wrong)
        return str(value)

    def form(self) -> dict[str, Any]:
        segment = rf"{_LITERAL}|\{{{_NAME}\}}"
        return {"type": "string", "pattern": rf"^(/({segment}))*(/|/\{{{_NAME}\.\.\.\}})?$"}


def fixed(path: str) -> str:
    """What stands before the first parameter, without a slash at its end: /files of /files/{path...}."""
    return path.partition("{")[0].rstrip("/")


def shape(path: str) -> str:
    """The path without the names of its parameters: two paths of one shape match the same requests."""
    return re.sub(rf"\{{{_NAME}", "{", path)


def _wrong_with(segments: list[str]) -> Iterator[Mistake]:
    names: set[str] = set()
    for at, segment in enumerate(segments):
        last = at == len(segments) - 1
        parameter = re.fullmatch(rf"\{{({_NAME})(\.\.\.)?\}}", segment)
        if parameter is None:
            if not re.fullmatch(_LITERAL, segment) and not (last and not segment):
                yield Mistake("must be made of plain segments, {name} and {name...}", 'such as "/files/{path...}"')
            continue
        if parameter[2] and not last:
            yield Mistake("must have nothing behind {name...}", "it takes all the rest; {name} takes one segment")
        if parameter[1] in names:
            yield Mistake("must not use one name twice", "each {name} has its own")
        names.add(parameter[1])
