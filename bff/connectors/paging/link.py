"""The `Link` header (RFC 8288), and parameters in URLs: where a service says that its next page is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

_LINK = re.compile(r'<([^<>]*)>((?:[^<",]|"(?:[^"\\]|\\.)*")*)')  # a target, and parameters up to the next comma
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+)))?')


def next_url(headers: Iterable[tuple[str, str]]) -> str | None:
    """The target of the link whose relation is `next`; None without one. Of a link's relations the first counts."""
    for target, parameters in _links(headers):
        if "next" in _relations(parameters):
            return target
    return None


def parameter(url: str, name: str) -> str | None:
    """What the query of `url`, absolute or not, says of `name`. Raises ValueError for what is no URL."""
    return next((value for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key == name), None)


def _relations(parameters: str) -> list[str]:
    for name, quoted, bare in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            words: str = quoted or bare
            return words.lower().split()
    return []


def _links(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        if name == "link":
            yield from _LINK.findall(value)
