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

from bff.execute.complete import Built
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

    def install(self) -> None:
        """Put the functions where the general way was."""
        names = dict(self.names)
        exec(compile(self.text, "<plan>", "exec"), names)  # noqa: S102 - the module's docstring says what is in it
        for name, part in self.parts.items():
            part.shape = names[name]
        for name, step in self.steps.items():
            step.value = names[name]


def generate(built: Built) -> Source:
    """The functions of all parts and steps."""
    return _Emitter(built).source()


class _Emitter:
    def __init__(self, built: Built) -> None:
        self._built = built
        self._names: dict[str, Any] = {"DICTS": frozenset({dict})}

    def source(self) -> Source:
        parts = {_named("part", each.number, each.type_name): each for each in self._built.completion.parts.values()}
        root = self._built.root
        once = {id(part) for part in (root, *(group.part for group in root.groups))}  # they have no rows, or one
        parts = {name: part for name, part in parts.items() if id(part) not in once}
        whole = (each for each in self._built.steps if each.node.children and each.node.streamed is None)
        steps = {_named("value", each.number, each.node.key): each for each in whole}
        blocks = [*(self._part(name, part) for name, part in parts.items())]
        blocks += [self._step(name, step) for name, step in steps.items()]
        return Source("\n\n\n".join("\n".join(block) for block in blocks) + "\n", self._names, parts, steps)

    def _part(self, name: str, part: Part) -> Iterator[str]:
        """Rows in, objects out; what they owe is noted beside them."""
        owing = {node.key: step for node in part.nodes if (step := self._built.completion.step_of.get(id(node)))}
        yield f"def {name}(rows, later):"
        for key, step in owing.items():
            yield f"    objects_{_name(key)}, rows_{_name(key)} = later.owed[{step.number}]"
        for group in part.groups:
            yield f"    objects_{group.number}, rows_{group.number} = later.kept[{group.number}]"
        yield "    made = []"
        yield "    for row in rows:"
        values = []
        for node in part.nodes:
            expression, lines = self._field(part, node)
            yield from (f"        {line}" for line in lines)
            values.append(f'"{_name(node.key)}": {expression}')
        yield f"        object = {{{', '.join(values)}}}"
        yield "        made.append(object)"
        for key in (*owing, *(str(group.number) for group in part.groups)):
            yield f"        objects_{key}.append(object)"
            yield f"        rows_{key}.append(row)"
        yield "    return made"

    def _field(self, part: Part, node: Node) -> tuple[str, list[str]]:
        """The expression of a field's value, and the lines that go before it."""
        kind = node.field.kind
        if kind in {"fetch", "code"}:
            return "None", []
        if kind == "meta" and node.field.name == "__typename":
            return f'"{_name(part.type_name)}"', []
        general = self._bound("general", node, partial(self._built.completion.present, part, node))
        if kind in {"denied", "meta"} or node.streamed is not None:
            return f"{general}(row, later)", []
        v = f"v_{_name(node.key)}"
        member = node.field.member
        simple = member is not None and _NAME.fullmatch(member)
        read = f'row.get("{member}")' if simple else f"{self._bound('read', node, node.field.read)}(row)"
        return v, [f"{v} = {read}", *self._checked(part.type_name, node, v, f"{v} = {general}(row, later)")]

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
            table = self._bound("enum", node, _texts(nullable))
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
        yield from (
            f"    {line}"
            for line in self._checked(step.type_name, step.node, "value", f"value = {general}(value, later)")
        )
        yield "    return value"

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


def _texts(type_: Any) -> dict[str, str]:
    """What a service writes for each of an enum's values -> what a client reads."""
    written = [getattr(value.value, "value", value.value) for value in type_.values.values()]
    return {text: type_.coerce_output_value(text) for text in written if isinstance(text, str)}


def _named(what: str, number: int, name: str) -> str:
    return f"{what}_{number}_{_name(name)}"


def _name(text: str) -> str:
    """A name that may stand in source. Raises ValueError for anything else, which no valid document has."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a GraphQL name")
    return text
