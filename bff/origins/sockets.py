"""Whose pages may connect (RFC 6455 10.2): browsers ask nobody before they open a WebSocket. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from urllib.parse import urlsplit

ANY = "*"
_PORTS = {"http": 80, "https": 443}


def may_connect(origin: str | None, host: str, origins: AbstractSet[str]) -> bool:
    """Whether a page of `origin` may, at the server that it calls `host`; `origins` are those named for others.

    Who sends no origin is no page. The scheme is not compared: a proxy in front may have taken TLS away.
    """
    if origin is None or ANY in origins or origin in origins:
        return True
    try:
        page = urlsplit(origin)
        return page.scheme in _PORTS and _same(page.netloc.lower(), host.lower(), _PORTS[page.scheme])
    except ValueError:
        return False


def _same(page: str, host: str, port: int) -> bool:
    return page.removesuffix(f":{port}") == host.removesuffix(f":{port}")
