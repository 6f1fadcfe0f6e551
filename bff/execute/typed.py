"""Rows of which only what a step has a use for was read: what is known of them, and what that leaves to be done.

Knows no source but the expressions and lines that read such rows, and write the objects made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import get_nullable_type, is_list_type

from bff import codec
from bff.codec import Made, Member
from bff.execute.direct import Direct
from bff.execute.naming import checked, named
from bff.execute.narrow import decoder, texts
from bff.execute.parts import Part, Step
from bff.plan.model import Node

CERTAIN = frozenset({"Int", "String"})  # what is read as one of these is equal only where it is the same key


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


@dataclass(frozen=True, slots=True)
class Below:
    """A step whose values go into the objects that are made of such rows."""

    typed: Typed
    step: Step

    def source(self) -> Iterator[str]:
        """The functions of it."""
        key = checked(self.step.node.key)
        yield f"def {named('put', self.step.number, key)}(objects, tickets, values):"
        yield "    try:"
        yield "        for made, ticket in zip(objects, tickets, strict=True):"
        yield f"            made.{self.typed.made.attributes[key]} = values[ticket]"
        yield "    except AttributeError:"  # some came the general way
        yield "        for made, ticket in zip(objects, tickets, strict=True):"
        yield f'            made["{key}"] = values[ticket]'
        if (attribute := self._attribute) is not None:
            yield "\n"
            yield f"def {named('keys', self.step.number, key)}(rows):"
            yield f"    return [row.{attribute} for row in rows]"

    def install(self, names: Mapping[str, Any]) -> None:
        """Put the functions where the general way was."""
        number, key, wants = self.step.number, self.step.node.key, self.step.wants
        self.step.put = names[named("put", number, key)]
        if wants and self._attribute is not None:
            wants.read_by(names[named("keys", number, key)], certain=self._certain)

    @property
    def _member(self) -> Member | None:
        """The member of a row that the step asks by, if that is one."""
        rows, wants = self.typed.rows, self.step.wants
        return rows.member(wants.member) if wants and wants.member in rows.attributes else None

    @property
    def _attribute(self) -> str | None:
        return self.typed.rows.attributes[self._member.name] if self._member else None

    @property
    def _certain(self) -> bool:
        """Whether such members are there, and all of one kind."""
        return self._member is not None and self._member.required and self._member.kind in CERTAIN
