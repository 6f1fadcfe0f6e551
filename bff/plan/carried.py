"""The headers of a call: what its connector declares, filled in, and what the operation sends anyway. Pure.

A value that could end its header or its cookie, and begin another, is the client's mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bff.connectors import Connector
from bff.connectors.template import plain
from bff.errors import BadUserInput
from bff.upstreams import Headers, legal

_COOKIE_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*\Z")  # RFC 6265 4.1.1: cookie-octet


def carried(connector: Connector, values: Mapping[str, Any], content_type: str | None, others: Headers) -> Headers:
    """All headers of the call; `others` are those that every call of the operation to this service has."""
    found = [("accept", connector.accept)]
    if content_type is not None:
        found.append(("content-type", content_type))
    for name, variable in connector.headers.items():
        value = values.get(variable)
        if value is not None:
            found.append((name, _header(name, value)))
    if connector.cookies:
        cookies = {
            name: _cookie(name, values[each]) for name, each in connector.cookies.items() if _given(values, each)
        }
        others = _with_cookies(cookies, others)
    return (*found, *others)


def _given(values: Mapping[str, Any], variable: str) -> bool:
    return values.get(variable) is not None


def _header(name: str, value: Any) -> str:
    with suppress(ValueError):
        text = plain(value)
        if legal(text):
            return text
    raise BadUserInput(f"This value cannot be sent as the header {name}.")


def _cookie(name: str, value: Any) -> str:
    with suppress(ValueError):
        text = plain(value)
        if _COOKIE_VALUE.match(text):
            return text
    raise BadUserInput(f"This value cannot be sent as the cookie {name}.")


def _with_cookies(cookies: Mapping[str, str], others: Headers) -> Headers:
    """One `cookie` header (RFC 6265 5.4): ours behind those of the caller that are handed on, in place of its own."""
    pairs = [pair.strip() for name, value in others if name == "cookie" for pair in value.split(";")]
    pairs = [pair for pair in pairs if pair and pair.partition("=")[0].strip() not in cookies]
    pairs += [f"{name}={value}" for name, value in cookies.items()]
    rest = tuple(each for each in others if each[0] != "cookie")
    return (*rest, ("cookie", "; ".join(pairs))) if pairs else rest
