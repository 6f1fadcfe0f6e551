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


def carried(
    connector: Connector,
    values: Mapping[str, Any],
    content_type: str | None,
    others: Headers,
    forward: frozenset[str] = frozenset(),
) -> Headers:
    """All headers of the call. `others` are those that every call of the operation to this service has.

    Of these, what is in `forward` came from the client as it is, and gives way to what the connector says. All else is
    the configuration's, claims of a token among it: what a client can choose never stands in its place or beside it.
    """
    found = [("accept", connector.accept)]
    if content_type is not None:
        found.append(("content-type", content_type))
    if connector.headers or connector.cookies:
        own = {name: _header(name, value) for name, value in _given(connector.headers, values)}
        cookies = {name: _cookie(name, value) for name, value in _given(connector.cookies, values)}
        fixed = {name for name, _ in others} - forward
        found += [pair for pair in own.items() if pair[0] not in fixed]
        others = tuple(pair for pair in others if pair[0] in fixed or pair[0] not in own)
        others = _with_cookies(cookies, others, fixed="cookie" in fixed)
    return (*found, *others)


def _given(declared: Mapping[str, str], values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, values[each]) for name, each in declared.items() if values.get(each) is not None]


def _header(name: str, value: Any) -> str:
    """A list is its values with commas between them (RFC 9110 5.6.1); one that has a comma itself would be two."""
    with suppress(ValueError):
        several = isinstance(value, list)
        texts = [plain(item) for item in value if item is not None] if several else [plain(value)]
        text = ",".join(texts)
        if legal(text) and not (several and any("," in item for item in texts)):
            return text
    raise BadUserInput(f"This value cannot be sent as the header {name}.")


def _cookie(name: str, value: Any) -> str:
    with suppress(ValueError):
        text = plain(value)
        if _COOKIE_VALUE.match(text):
            return text
    raise BadUserInput(f"This value cannot be sent as the cookie {name}.")


def _with_cookies(cookies: Mapping[str, str], others: Headers, *, fixed: bool) -> Headers:
    """One `cookie` header (RFC 6265 5.4): ours behind those that are there, of which `fixed` ones stay."""
    there = [pair.strip() for name, value in others if name == "cookie" for pair in value.split(";")]
    named = {pair.partition("=")[0].strip() for pair in there}
    pairs = [pair for pair in there if pair and (fixed or pair.partition("=")[0].strip() not in cookies)]
    pairs += [f"{name}={value}" for name, value in cookies.items() if not (fixed and name in named)]
    rest = tuple(each for each in others if each[0] != "cookie")
    return (*rest, ("cookie", "; ".join(pairs))) if pairs else rest
