"""From a request back to the variables of the connector that made it: RFC 6570 read backwards. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from bff import codec
from bff.connectors import Connector
from bff.upstreams import Request

Variables = dict[str, Any]

_EXPRESSION = re.compile(r"\{([/?&]?)([^{}]*)\}")


def asked(connector: Connector, request: Request) -> Variables:
    """What each variable of `connector` was in `request`: a text, a list of texts, or JSON out of the body."""
    target, _, query = request.target.partition("?")
    found = _in_path(connector, target) | _in_query(connector, query)
    given = {name.lower(): value for name, value in request.headers}
    found |= {variable: given[name] for name, variable in connector.headers.items() if name in given}
    if connector.body is not None and isinstance(request.body, bytes) and request.body:
        found |= _in_body(connector.body, codec.decode(request.body))
    return found


def fits_path(connector: Connector, target: str) -> bool:
    """Whether the path of a target could be one of this connector's."""
    return _path(connector)[0].fullmatch(target.partition("?")[0]) is not None


def _in_path(connector: Connector, path: str) -> Variables:
    pattern, names = _path(connector)
    match = pattern.fullmatch(path)
    if match is None:
        return {}
    return {
        name: _read(value, several=name in connector.key)
        for name, value in zip(names, match.groups(), strict=True)
        if value is not None
    }


@cache
def _path(connector: Connector) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The path of a template as a pattern, and the names of its groups."""
    text, at, names = "", 0, []
    template = connector.template.text
    for expression in _EXPRESSION.finditer(template):
        text += re.escape(template[at : expression.start()])
        at = expression.end()
        if expression[1] in {"", "/"}:
            each = [name.rstrip("*") for name in expression[2].split(",")]
            names += each
            text += "".join("(?:/([^/]*))?" for _ in each) if expression[1] else ",".join("([^/]*)" for _ in each)
    return re.compile(text + re.escape(template[at:].partition("?")[0])), tuple(names)


def _in_query(connector: Connector, query: str) -> Variables:
    exploded = {variable.name for variable in connector.template.variables if variable.explode and not variable.in_path}
    named = {variable.name for variable in connector.template.variables if not variable.in_path}
    found: Variables = {}
    for name, _, value in (pair.partition("=") for pair in query.split("&") if pair):
        if name in exploded:
            found.setdefault(name, []).append(unquote(value))
        elif name in named:
            found[name] = _read(value, several=name in connector.key)
    return found


def _read(value: str, *, several: bool) -> Any:
    return [unquote(item) for item in value.split(",")] if several else unquote(value)


def _in_body(declared: Any, given: Any) -> Variables:
    """The variables that were filled into a declared body; of `[{…}]` each variable has a list."""
    if isinstance(declared, str):
        return {declared: given}
    found: Variables = {}
    if isinstance(declared, list):
        for part in declared:
            for each in given if isinstance(given, list) else []:
                for name, value in _in_body(part, each).items():
                    found.setdefault(name, []).append(value)
    elif isinstance(given, Mapping):
        for name, part in declared.items():
            found |= _in_body(part, given.get(name))
    return found
