"""GraphiQL, the IDE in the browser: its page and its files, ready to be answered. Refuses to know HTTP servers.

Served from this origin when web/graphiql was built (`make graphiql`, and always in the wheel); otherwise the page loads
a pinned GraphiQL from a CDN.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bff.graphiql.bundle import Bundle, Content, read
from bff.graphiql.markup import render

__all__ = ["Content", "asset", "bundled", "page"]


@cache
def _bundle() -> Bundle | None:
    return read(files(__package__) / "static")


def bundled() -> bool:
    """Whether GraphiQL comes from this process; if not, browsers load it from a CDN."""
    return _bundle() is not None


def asset(name: str, accept_encoding: str = "") -> Content | None:
    """The file of this name below the page's `assets`; None is a 404. `accept_encoding` is the request's header."""
    bundle = _bundle()
    return bundle.asset(name, accept_encoding) if bundle else None


def page(endpoint: str, assets: str, default_query: str = "", headers: str = "") -> Content:
    """GraphiQL's page for one graph.

    `endpoint` and `assets` are URLs of the graph and of the folder whose files `asset` answers, both of this origin;
    relative to the page they work behind any path prefix. `headers` is what the headers editor starts with: JSON,
    comments allowed.
    """
    return render(_bundle(), endpoint=endpoint, assets=assets, default_query=default_query, headers=headers)
