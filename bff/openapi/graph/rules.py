"""How the gateway tells which type of a union a value has, in the words of its connectors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bff.openapi.graph.wanted import Rule
from bff.openapi.schema import Ref, Schemas, Union
from bff.openapi.tell import tell

_ENOUGH = 3  # members that tell a type: each of them alone would


def rule_of(union: Union, names: Sequence[str], schemas: Schemas) -> Rule | None:
    """The rule for a union whose members are types of these names, in their order; None where nothing tells."""
    telling = tell(union, schemas)
    rows = list(zip(telling.marks, names, strict=True))
    objects = [(mark, name) for mark, name in rows if mark.kind == "object"]
    boxes = tuple((mark.kind, name) for mark, name in rows if mark.kind != "object")
    if "any" in dict(boxes) or len(dict(boxes)) < len(boxes):
        return None
    if telling.by in {"discriminator", "const"}:
        values = sorted((_text(tag), name) for mark, name in objects for tag in mark.tags)
        whole = {name for _, name in values} == {name for _, name in objects}
        rest = tuple((name, ()) for name in _default(union, names))
        return Rule(by=telling.property, values=tuple(values), members=rest, boxes=boxes) if whole else None
    if sum(not mark.names for mark, _ in objects) > 1:
        return None
    told = sorted(((name, mark.names[:_ENOUGH]) for mark, name in objects), key=lambda row: (not row[1], row[0]))
    return Rule(members=tuple(told), boxes=boxes)


def _default(union: Union, names: Sequence[str]) -> list[str]:
    """The type of what no text of the discriminator tells."""
    default = union.discriminator.default if union.discriminator else None
    rows = zip(union.members, names, strict=True)
    return [name for member, name in rows if default and isinstance(member, Ref) and member.key == default.key]


def together(one: Rule, other: Rule) -> Rule | None:
    """One rule in place of two, of which the second has no boxes; None where one would misname the other's objects."""
    if Rule() in {one, other} or one == other:
        return other if one == Rule() else one
    if one == Rule(boxes=one.boxes) and not {"object", "any"} & dict(one.boxes).keys():
        return replace(other, boxes=one.boxes)
    texts = dict(one.values)
    alike = one.by and one.by == other.by and all(texts.get(text, name) == name for text, name in other.values)
    if not alike or one.members or other.members:
        return None
    return replace(one, values=tuple(sorted({*one.values, *other.values})))


def _text(tag: Any) -> str:
    return "true" if tag is True else "false" if tag is False else str(tag)
