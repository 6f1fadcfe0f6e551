"""What an adopter writes: upstreams, their calls, and the fields that the calls fill."""

from bff.connectors.connection import Connection, Edge, PageInfo
from bff.connectors.connector import Connector
from bff.connectors.events import EventSource, Poll, Published, Stream, poll, published
from bff.connectors.extend import extend
from bff.connectors.file import File, Incoming, Upload
from bff.connectors.paging import After, Cursor, Offset, Page
from bff.connectors.scalars import SCALARS, URI, Int64
from bff.connectors.scopes import field_scopes, requires, type_scopes
from bff.connectors.source import (
    Binding,
    Constant,
    Cost,
    FromArgument,
    FromParent,
    Source,
    argument,
    connect,
    constant,
    field,
    source_of,
    subscribe,
)
from bff.connectors.union import Rule, one_of, rule_of
from bff.connectors.upstream import Upstream, upstream

__all__ = [
    "SCALARS",
    "URI",
    "After",
    "Binding",
    "Connection",
    "Connector",
    "Constant",
    "Cost",
    "Cursor",
    "Edge",
    "EventSource",
    "File",
    "FromArgument",
    "FromParent",
    "Incoming",
    "Int64",
    "Offset",
    "Page",
    "PageInfo",
    "Poll",
    "Published",
    "Rule",
    "Source",
    "Stream",
    "Upload",
    "Upstream",
    "argument",
    "connect",
    "constant",
    "extend",
    "field",
    "field_scopes",
    "one_of",
    "poll",
    "published",
    "requires",
    "rule_of",
    "source_of",
    "subscribe",
    "type_scopes",
    "upstream",
]
