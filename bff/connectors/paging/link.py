"""The `Link` header (RFC 8288), and parameters in URLs: where a service says that its next page is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))', re.IGNORECASE)


def next_url(headers: Iterable[tuple[str, str]]) -> str | None:
    """The target of the link whose relation is `next`; None without one. Of a link's relations the first counts."""
    for target, parameters in _links(headers):
        match = _REL.search(parameters)
        if match and "next" in (match[1] or match[2] or "").lower().split():
            return target
    return None


def parameter(url: str, name: str) -> str | None:
    """What the query of `url`, absolute or not, says of `name`. Raises ValueError for what is no URL."""
    return next((value for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key == name), None)


def _links(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name == "link":
            yield from _LINK.findall(value)
