"""A call as it is put together: what fills its template, its headers and its cookies. Knows no schema."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bff.openapi.graph.places import Place
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import Argument, Code
from bff.openapi.report import Report

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Inexpressible(Exception):
    """An operation that no connector can call, and why."""


@dataclass(frozen=True, slots=True)
class Around:
    """What parameters are read with: the document's types, where theirs would stand, and the report."""

    types: Types
    place: Place
    report: Report


@dataclass(slots=True)
class Call:
    """How values reach the service, as it is put together."""

    template: str = ""
    query: list[str] = field(default_factory=list)  # "id*", "limit"
    arguments: list[Argument] = field(default_factory=list)
    bindings: dict[str, Code] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    reserved: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)  # parameter in the query -> variable
    steps: dict[str, str] = field(default_factory=dict)  # parameter in the path -> variable
    sent: dict[str, str] = field(default_factory=dict)  # name in the query -> variable, members of objects too
    forms: dict[str, str] = field(default_factory=dict)  # parameter in the path -> its expression: "{id}", "{;id*}"

    @property
    def all_variables(self) -> dict[str, str]:
        """Every variable of the call but those of its body, by what the service calls it."""
        return {**self.headers, **self.cookies, **self.sent, **self.variables, **self.steps}

    @property
    def text(self) -> str:
        """The whole URI template."""
        if not self.query:
            return self.template
        return f"{self.template}{{{'&' if '?' in self.template else '?'}{','.join(self.query)}}}"

    def variable(self, name: str, python: str) -> str:
        """The variable of a name in the query: itself, where it can be one. Raises Inexpressible for a name twice."""
        if name in self.sent:
            raise Inexpressible(f"the query has {name!r} already")
        taken = {*self.sent.values(), *self.steps.values(), *self.headers.values(), *self.cookies.values()}
        found = name if _IDENTIFIER.match(name) and name not in taken else python
        while found in taken:
            found += "_"
        if found != name:
            self.names[found] = name
        self.sent[name] = found
        return found
