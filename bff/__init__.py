"""A GraphQL aggregation gateway over REST services.

A graph is Strawberry types whose fields say which REST call brings them; everything here is what their author needs.
"""

from bff.compiled import COMPILED
from bff.connectors import (
    SCALARS,
    URI,
    After,
    Connection,
    Cursor,
    File,
    Incoming,
    Int64,
    Offset,
    Page,
    argument,
    connect,
    constant,
    extend,
    field,
    one_of,
    poll,
    published,
    requires,
    subscribe,
    upstream,
)

__all__ = [
    "COMPILED",
    "SCALARS",
    "URI",
    "After",
    "Connection",
    "Cursor",
    "File",
    "Incoming",
    "Int64",
    "Offset",
    "Page",
    "argument",
    "connect",
    "constant",
    "extend",
    "field",
    "one_of",
    "poll",
    "published",
    "requires",
    "subscribe",
    "upstream",
]
