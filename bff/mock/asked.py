"""From a request back to the variables of the connector that made it: RFC 6570 read backwards. Pure.

What was sent in a form that is not read here (a file, parts of a multipart body) is as if it had not been sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote

from bff import codec
from bff.connectors import Connector
from bff.connectors.media import FORM, is_json
from bff.upstreams import Request

Variables = dict[str, Any]

_EXPRESSION = re.compile(r"\{([/.;?&]?)([^{}]*)\}")

# How one variable of each operator stands in a path (RFC 6570 3.2), the value as its group.
_IN_PATH = {"": "([^/?]*?)", "/": "(?:/([^/?]*))?", ".": r"(?:\.([^/?.]*))?", ";": "(?:;{label}(?:=([^/?;]*))?)*"}


def asked(connector: Connector, request: Request) -> Variables:
    """What each variable of `connector` was in `request`: a text, a list of texts, or JSON out of the body."""
    target, _, query = request.target.partition("?")
    found = _in_path(connector, target) | _in_query(connector, query)
    given = {name.lower(): value for name, value in request.headers}
    found |= {variable: given[name] for name, variable in connector.headers.items() if name in given}
    cookies = _cookies(given.get("cookie", ""))
    found |= {variable: cookies[name] for name, variable in connector.cookies.items() if name in cookies}
    if connector.body is not None and isinstance(request.body, bytes) and request.body:
        with suppress(ValueError):
            found |= _in_body(connector.body, _body(connector.media, request.body))
    return found


def fits_path(connector: Connector, target: str) -> bool:
    """Whether the path of a target could be one of this connector's."""
    return _path(connector)[0].fullmatch(target.partition("?")[0]) is not None


def _in_path(connector: Connector, path: str) -> Variables:
    pattern, names = _path(connector)
    match = pattern.fullmatch(path)
    if match is None:
        return {}
    values = zip(names, match.groups(), strict=True)
    return {name: _read(connector, name, value) for name, value in values if value is not None}


@cache
def _path(connector: Connector) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The path of a template as a pattern, and the names of its groups."""
    text, at, names = "", 0, []
    template = connector.template.text
    labels = {variable.name: variable.label for variable in connector.template.variables}
    for expression in _EXPRESSION.finditer(template):
        text += re.escape(template[at : expression.start()])
        at = expression.end()
        if expression[1] not in {"?", "&"}:
            each = [name.rstrip("*") for name in expression[2].split(",")]
            names += each
            between = "," if expression[1] == "" else ""
            text += between.join(_IN_PATH[expression[1]].replace("{label}", re.escape(labels[name])) for name in each)
    return re.compile(text + re.escape(template[at:].partition("?")[0])), tuple(names)


def _in_query(connector: Connector, query: str) -> Variables:
    named = {variable.label: variable for variable in connector.template.variables if not variable.in_path}
    found: Variables = {}
    for label, _, value in (pair.partition("=") for pair in query.split("&") if pair):
        variable = named.get(label)
        if variable and variable.explode:
            found.setdefault(variable.name, []).append(unquote(value))
        elif variable:
            found[variable.name] = _read(connector, variable.name, value)
    return found


def _read(connector: Connector, name: str, value: str) -> Any:
    """A text; of a key all that are joined in it."""
    if name not in connector.key:
        return unquote(value)
    join = next((each.join for each in connector.template.variables if each.name == name), None)
    if join is not None:
        return unquote(value).split(join)
    return [unquote(item) for item in value.split(",")]


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _body(media: str, raw: bytes) -> Any:
    """Raises ValueError for what is not read here."""
    if is_json(media):
        return codec.decode(raw)
    if media == FORM:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True))
    raise ValueError(f"{media} is not read")


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
