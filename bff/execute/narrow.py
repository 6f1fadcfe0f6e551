"""Which members of a service's rows a step has a use for, and as what: nothing else of an answer becomes values.

Pure. Decides by the plan alone; an answer of another shape than the decoder that comes of it expects is read whole,
and judged as any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_non_null_type,
    is_object_type,
    is_scalar_type,
    is_specified_scalar_type,
)

from bff import codec
from bff.codec import Member
from bff.connectors import Connector, FromParent
from bff.connectors.path import segments
from bff.plan.model import Node


def decoder(node: Node, connector: Connector) -> codec.Rows | None:
    """How the rows that `connector` brings for `node` alone are read; None: whole, as by anybody."""
    if connector.decode is not codec.decode_answer or connector.paging:
        return None
    if connector.by_key or connector.error is not None:
        return None
    if connector.outcomes or connector.typename or segments(connector.rows) or _beside(node):
        return None
    members: dict[str, Member] = {}
    for each in _read(node):
        if each is None:  # the row itself is wanted
            return None
        members[each.name] = each if members.get(each.name, each) == each else Member(each.name)
    for path in (*map(segments, connector.key.values()), *_asked(node)):
        if not path:
            return None
        known = members.setdefault(path[0], Member(path[0]))
        if known.kind == "Float":  # which is asked for as it was written
            members[path[0]] = Member(path[0])
    return codec.rows(tuple(members.values())) if all(map(codec.findable, members)) else None


def texts(type_: object) -> dict[str, str]:
    """What a service writes for each of an enum's values -> what a client reads."""
    if not is_enum_type(type_):
        return {}
    written = [getattr(value.value, "value", value.value) for value in type_.values.values()]
    return {text: type_.coerce_output_value(text) for text in written if isinstance(text, str)}


def kind_of(node: Node) -> str | frozenset[str] | None:
    """As what the field's value is read where it is plainly right: a built-in scalar, one of some texts; or not."""
    nullable = get_nullable_type(node.field.declared.type)
    if is_scalar_type(nullable) and is_specified_scalar_type(nullable):
        return nullable.name
    return frozenset(texts(nullable)) or None


def _beside(node: Node) -> bool:
    """Whether more is done with the rows than to read them as objects of one type."""
    field = node.field
    return bool(
        field.rule
        or field.source.path is not None
        or field.source.entries
        or field.lists > 1
        or len(node.children) != 1
        or not is_object_type(get_named_type(field.declared.type))
    )


def _read(node: Node) -> Iterator[Member | None]:
    """What its objects' fields read of each row; None for a field that is the row itself."""
    for nodes in node.children.values():
        yield from (_member(each) for each in nodes if each.field.kind == "path")


def _member(node: Node) -> Member | None:
    if node.field.member is not None:
        return Member(node.field.member, kind_of(node), is_non_null_type(node.field.declared.type))
    path = segments(node.field.python_name if node.field.source.path is None else node.field.source.path)
    return Member(path[0]) if path else None


def _asked(node: Node) -> Iterator[tuple[str, ...]]:
    """What calls below it ask for."""
    for nodes in node.children.values():
        for each in nodes:
            for call in each.field.calls:
                yield from (segments(bound.path) for bound in call.bindings.values() if isinstance(bound, FromParent))
