"""A GraphQL aggregation gateway over REST services.

A graph is Strawberry types whose fields say which REST call brings them; everything here is what their author needs.
"""

from bff.connectors import (
    SCALARS,
    URI,
    Connection,
    Cursor,
    File,
    Int64,
    Offset,
    argument,
    connect,
    constant,
    extend,
    field,
    one_of,
    requires,
    upstream,
)

__all__ = [
    "SCALARS",
    "URI",
    "Connection",
    "Cursor",
    "File",
    "Int64",
    "Offset",
    "argument",
    "connect",
    "constant",
    "extend",
    "field",
    "one_of",
    "requires",
    "upstream",
]
