"""Which members of a service's rows a step has a use for, so that nothing else of an answer becomes values.

Pure. Decides by the plan alone; an answer of another shape than the decoder that comes of it expects is read whole,
and judged as any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import get_named_type, is_object_type

from bff import codec
from bff.connectors import Connector, FromParent
from bff.connectors.media import Decode
from bff.connectors.path import JsonPath, segments
from bff.plan.model import Node


def decoder(node: Node, connector: Connector) -> Decode | None:
    """How the rows that `connector` brings for `node` alone are read; None: whole, as by anybody."""
    if connector.decode is not codec.decode or connector.paging or connector.by_key or connector.error is not None:
        return None
    if connector.outcomes or segments(connector.rows) or _beside(node):
        return None
    paths = [segments(path) for path in (*connector.key.values(), *_read(node))]
    if not all(paths):  # the row itself is wanted
        return None
    members = frozenset(first for first, *_ in paths)
    return codec.selecting(members) if all(map(str.isascii, members)) else None


def _beside(node: Node) -> bool:
    """Whether more is done with the rows than to read them as objects of one type."""
    field = node.field
    return bool(
        field.rule or field.source.path is not None or field.source.entries or len(node.children) != 1
    ) or not is_object_type(get_named_type(field.declared.type))


def _read(node: Node) -> Iterator[JsonPath]:
    """What is read of each row: members of its fields, and what calls below it need."""
    for nodes in node.children.values():
        for each in nodes:
            if each.field.kind == "path":
                yield each.field.python_name if each.field.source.path is None else each.field.source.path
            for call in each.field.calls:
                yield from (bound.path for bound in call.bindings.values() if isinstance(bound, FromParent))
