"""Rows of which only what a step has a use for was read: what is known of them, and what that leaves to be done.

Knows no source but the expressions and lines that read such rows, and write the objects made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import get_nullable_type, is_list_type

from bff import codec
from bff.codec import Made, Member
from bff.execute.direct import Direct
from bff.execute.naming import checked
from bff.execute.narrow import decoder, texts
from bff.execute.parts import Part, Step
from bff.plan.model import Node


@dataclass(frozen=True, slots=True)
class Typed:
    """A step whose rows come with only the members that are of use, and with what is plainly right known to be so."""

    step: Step
    direct: Direct
    rows: codec.Rows
    part: Part

    @property
    def made(self) -> type[Made]:
        """What its objects are, where they are not the rows."""
        return codec.made(tuple(node.key for node in self.part.nodes))

    @property
    def listed(self) -> bool:
        return is_list_type(get_nullable_type(self.step.node.field.declared.type))

    @property
    def as_they_are(self) -> bool:
        """Whether the rows' JSON is what the answer has: all of it, under the same names, in the same order."""
        nodes = self.part.nodes
        if self.part.groups or tuple(node.key for node in nodes) != self.rows.names:
            return False
        return all(self._is_right(node) for node in nodes)

    def _is_right(self, node: Node) -> bool:
        if node.field.kind != "path" or node.key != node.field.member:
            return False
        member = self.rows.member(node.key)
        return member is not None and member.kind is not None and plain(node, member, "", "") == ""


def typed_of(step: Step, parts: Mapping[tuple[int, str], Part]) -> Typed | None:
    """What is known of the rows of a step that asks alone; None for any other."""
    rows = decoder(step.node, step.wants.connector) if step.direct and step.wants else None
    if rows is None or step.direct is None:
        return None
    ((type_name, nodes),) = step.node.children.items()
    return Typed(step, step.direct, rows, parts[id(nodes), type_name])


def plain(node: Node, member: Member, read: str, table: str) -> str | None:
    """What the answer holds of a member that is known to be plainly right; None where it is not known.

    `read` is the member's expression, `table` the name of what a service writes -> what a client reads.
    """
    if member.kind is None:
        return None
    if member.kind == "ID":
        found = f'f"{{{read}}}"'
    elif isinstance(member.kind, str) or all(text == name for text, name in texts_of(node).items()):
        return read
    else:
        found = f"{table}[{read}]"
    return found if member.required else f"{read} if {read} is None else {found}"


def texts_of(node: Node) -> dict[str, str]:
    """What a service writes for each value of the field's enum -> what a client reads."""
    return texts(get_nullable_type(node.field.declared.type))


def put(name: str, typed: Typed, step: Step) -> Iterator[str]:
    """Where the values of a step go that such objects miss; some of them may have come the general way."""
    key = checked(step.node.key)
    yield f"def {name}(objects, tickets, values):"
    yield "    try:"
    yield "        for made, ticket in zip(objects, tickets, strict=True):"
    yield f"            made.{typed.made.attributes[key]} = values[ticket]"
    yield "    except AttributeError:"
    yield "        for made, ticket in zip(objects, tickets, strict=True):"
    yield f'            made["{key}"] = values[ticket]'
