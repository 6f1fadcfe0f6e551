"""A GraphQL aggregation gateway over REST services.

A graph is Strawberry types whose fields say which REST call brings them; everything here is what their author needs.
"""

from bff.connectors import Connection, Cursor, Offset, argument, connect, constant, field, requires, upstream

__all__ = ["Connection", "Cursor", "Offset", "argument", "connect", "constant", "field", "requires", "upstream"]
