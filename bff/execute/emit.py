"""Parts as generated functions: the source text of a plan, and the functions made of it.

What comes from a document or a schema stands in the source only where it is a GraphQL name, checked against the
grammar of names; everything else, paths, tables of enums, the general way, is bound to names of our own. No value ever
becomes source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_specified_scalar_type,
)

from bff import codec
from bff.execute.complete import Built
from bff.execute.direct import Direct
from bff.execute.narrow import decoder, texts
from bff.execute.parts import Part, Step
from bff.plan.model import Node

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")  # GraphQL 2.1.9

# What a value of a built-in scalar must be for nothing to be left to do, of a variable v.
PLAIN = {
    "String": "{v}.__class__ is str",
    "ID": "{v}.__class__ is str",
    "Int": "{v}.__class__ is int and -2147483648 <= {v} <= 2147483647",
    "Float": "{v}.__class__ is float and -1.7976931348623157e308 <= {v} <= 1.7976931348623157e308",
    "Boolean": "{v}.__class__ is bool",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a plan's functions, what its names stand for, and the parts and steps they are for."""

    text: str
    names: dict[str, Any]
    parts: dict[str, Part]
    steps: dict[str, Step]
    typed: dict[str, Typed]

    def install(self) -> None:
        """Put the functions where the general way was."""
        names = dict(self.names)
        exec(compile(self.text, "<plan>", "exec"), names)  # noqa: S102 - the module's docstring says what is in it
        for name, part in self.parts.items():
            part.shape = names[name]
        for name, typed in self.typed.items():
            typed.step.typed = names[name]
            typed.direct.read(typed.rows)
        for name, step in self.steps.items():
            step.value = names[name]


@dataclass(frozen=True, slots=True)
class Typed:
    """A step whose rows come with only the members that are of use, and with what is plainly right known to be so."""

    step: Step
    direct: Direct
    rows: codec.Rows
    part: Part


def generate(built: Built) -> Source:
    """The functions of all parts and steps."""
    return _Emitter(built).source()


class _Emitter:
    def __init__(self, built: Built) -> None:
        self._built = built
        self._names: dict[str, Any] = {"DICTS": frozenset({dict})}
        self._typed = {id(step): typed for step in built.steps if (typed := self._typed_of(step))}

    def source(self) -> Source:
        parts = {_named("part", each.number, each.type_name): each for each in self._built.completion.parts.values()}
        root = self._built.root
        once = {id(part) for part in (root, *(group.part for group in root.groups))}  # they have no rows, or one
        parts = {name: part for name, part in parts.items() if id(part) not in once}
        whole = (each for each in self._built.steps if each.node.children and each.node.streamed is None)
        steps = {_named("value", each.number, each.node.key): each for each in whole}
        typed = {_rows_of(each): each for each in self._typed.values()}
        blocks = [*(self._part(name, part, None) for name, part in parts.items())]
        blocks += [self._part(name, each.part, each.rows) for name, each in typed.items()]
        blocks += [self._step(name, step) for name, step in steps.items()]
        text = "\n\n\n".join("\n".join(block) for block in blocks) + "\n"
        return Source(text, self._names, parts, steps, typed)

    def _typed_of(self, step: Step) -> Typed | None:
        rows = decoder(step.node, step.wants.connector) if step.direct and step.wants else None
        if rows is None or step.direct is None:
            return None
        ((type_name, nodes),) = step.node.children.items()
        return Typed(step, step.direct, rows, self._built.completion.parts[id(nodes), type_name])

    def _part(self, name: str, part: Part, rows: codec.Rows | None) -> Iterator[str]:
        """Rows in, objects out; what they owe is noted beside them."""
        owing = {node.key: step for node in part.nodes if (step := self._built.completion.step_of.get(id(node)))}
        fields = [(_name(node.key), *self._field(part, node, rows)) for node in part.nodes]
        made = f"{{{', '.join(f'{chr(34)}{key}{chr(34)}: {expression}' for key, expression, _ in fields)}}}"
        lines = [line for _, _, before in fields for line in before]
        yield f"def {name}(rows, later):"
        if lines:
            yield "    made = []"
            yield "    for row in rows:"
            yield from (f"        {line}" for line in lines)
            yield f"        made.append({made})"
        else:
            yield f"    made = [{made} for row in rows]"
        owed = [(_name(key), f"later.owed[{step.number}]") for key, step in owing.items()]
        for key, where in (*owed, *((str(group.number), f"later.kept[{group.number}]") for group in part.groups)):
            yield f"    objects_{key}, rows_{key} = {where}"
            yield f"    objects_{key}.extend(made)"
            yield f"    rows_{key}.extend(rows)"
        yield "    return made"

    def _field(self, part: Part, node: Node, rows: codec.Rows | None) -> tuple[str, list[str]]:
        """The expression of a field's value, and the lines that go before it; `rows` says how typed rows were read."""
        kind = node.field.kind
        if kind in {"fetch", "code"}:
            return "None", []
        if kind == "meta" and node.field.name == "__typename":
            return f'"{_name(part.type_name)}"', []
        if kind in {"denied", "meta"} or node.streamed is not None:
            general = self._bound("general", node, partial(self._built.completion.present, part, node))
            return f"{general}(row, later)", []
        v = f"v_{_name(node.key)}"
        if rows is None:
            member = node.field.member
            simple = member is not None and _NAME.fullmatch(member)
            read = f'row.get("{member}")' if simple else f"{self._bound('read', node, node.field.read)}(row)"
        elif (first := rows.member(node.field.member)) is None:
            read = f"{self._bound('read', node, node.field.read)}(row)"
        elif (plain := self._plain(node, first, f"row.{rows.attributes[first.name]}")) is not None:
            return plain, []
        else:
            read = f"row.{rows.attributes[first.name]}"
        general = self._bound("general", node, partial(self._built.completion.taken, part.type_name, node))
        return v, [f"{v} = {read}", *self._checked(part.type_name, node, v, f"{v} = {general}({v}, later)")]

    def _plain(self, node: Node, member: codec.Member, read: str) -> str | None:
        """What the answer holds of a member that is known to be plainly right; None where it is not known."""
        if member.kind is None:
            return None
        if member.kind == "ID":
            found = f'f"{{{read}}}"'
        elif isinstance(member.kind, str):
            return read
        else:
            found = f"{self._bound('enum', node, texts(get_nullable_type(node.field.declared.type)))}[{read}]"
        return found if member.required else f"{read} if {read} is None else {found}"

    def _checked(self, type_name: str, node: Node, v: str, otherwise: str) -> Iterator[str]:
        """Lines that make of the JSON in `v` what the answer holds."""
        type_ = node.field.declared.type
        nullable = get_nullable_type(type_)
        leaf = PLAIN.get(nullable.name) if is_leaf_type(nullable) and is_specified_scalar_type(nullable) else None
        absent = "" if is_non_null_type(type_) else f" and {v} is not None"
        if leaf:
            yield f"if not ({leaf.format(v=v)}){absent}:"
            yield f"    {otherwise}"
        elif is_enum_type(nullable):
            table = self._bound("enum", node, texts(nullable))
            yield f"if {v}.__class__ is str and {v} in {table}:"
            yield f"    {v} = {table}[{v}]"
            yield f"elif {v} is not None:" if absent else "else:"
            yield f"    {otherwise}"
        elif expressions := self._objects(type_name, node, nullable, v) if node.children else None:
            condition, made = expressions
            yield f"if {condition}:"
            yield f"    {v} = {made}"
            yield f"elif {v} is not None:" if absent else "else:"
            yield f"    {otherwise}"
        elif absent:
            yield f"if {v} is not None:"
            yield f"    {otherwise}"
        else:
            yield otherwise

    def _objects(self, type_name: str, node: Node, type_: Any, v: str) -> tuple[str, str] | None:
        """When a value is plainly objects of the field, and what they become; None for lists of lists."""
        listed = is_list_type(type_)
        inner = get_nullable_type(type_.of_type) if listed else type_
        if is_list_type(inner):
            return None
        if is_abstract_type(inner):
            one = self._bound("one", node, partial(self._built.completion.item, type_name, node))
            return (_all_rows(node, v), f"[{one}(each, later) for each in {v}]") if listed else None
        shape = _named(
            "part", self._built.completion.parts[id(node.children[inner.name]), inner.name].number, inner.name
        )
        if listed:
            return _all_rows(node, v), f"{shape}({v}, later)"
        return f"{v}.__class__ is dict", f"{shape}(({v},), later)[0]"

    def _step(self, name: str, step: Step) -> Iterator[str]:
        """What was brought or computed as the value of its field."""
        general = self._bound("general", step.node, partial(self._built.completion.value, step.type_name, step.node))
        yield f"def {name}(value, later):"
        if typed := self._typed.get(id(step)):
            yield from self._of_typed(typed)
        yield from (
            f"    {line}"
            for line in self._checked(step.type_name, step.node, "value", f"value = {general}(value, later)")
        )
        yield "    return value"

    def _of_typed(self, typed: Typed) -> Iterator[str]:
        """Rows as they were read; what came otherwise, or among nulls, is taken as any other."""
        row, shape = self._bound("row", typed.step.node, typed.rows.row), _rows_of(typed)
        if is_list_type(get_nullable_type(typed.step.node.field.declared.type)):
            rows = self._bound("rows", typed.step.node, frozenset({typed.rows.row}))
            yield f"    if value.__class__ is list and {rows}.issuperset(map(type, value)):"
            yield f"        return {shape}(value, later)"
        else:
            yield f"    if value.__class__ is {row}:"
            yield f"        return {shape}((value,), later)[0]"
        yield f"    value = {self._bound('opened', typed.step.node, codec.opened)}(value)"

    def _bound(self, what: str, node: Node, value: Any) -> str:
        name = f"{what}_{len(self._names)}_{_name(node.key)}"
        self._names[name] = value
        return name


def _all_rows(node: Node, v: str) -> str:
    """That a value is a list of rows, and no longer than it may be where nobody else looks."""
    bound = node.field.bound
    held = node.field.kind == "path" and bound is not None and bound.assumed is not None and not bound.length_of
    short = f" and len({v}) <= {int(bound.assumed)}" if held and bound and bound.assumed is not None else ""
    return f"{v}.__class__ is list{short} and DICTS.issuperset(map(type, {v}))"


def _rows_of(typed: Typed) -> str:
    return _named("rows", typed.part.number, typed.part.type_name)


def _named(what: str, number: int, name: str) -> str:
    return f"{what}_{number}_{_name(name)}"


def _name(text: str) -> str:
    """A name that may stand in source. Raises ValueError for anything else, which no valid document has."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a GraphQL name")
    return text
