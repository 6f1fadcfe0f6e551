"""Parts as generated functions: the source text of a plan, and the functions made of it.

What comes from a document or a schema stands in the source only where it is a GraphQL name, checked against the
grammar of names; everything else, paths, tables of enums, the general way, is bound to names of our own. No value ever
becomes source.
"""

from __future__ import annotations

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

from bff.execute.codes import Codes
from bff.execute.complete import Built
from bff.execute.naming import checked, is_name, named
from bff.execute.narrow import texts
from bff.execute.parts import Part, Step
from bff.execute.typed import Below, Typed, plain, texts_of, typed_of
from bff.plan.model import Node

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
    below: tuple[Below, ...]

    def install(self, codes: Codes) -> dict[str, Any]:
        """Put the functions where the general way was. Returns what their names are bound to."""
        names = dict(self.names)
        exec(codes.get(self.text), names)  # noqa: S102 - the module's docstring says what is in it
        for name, part in self.parts.items():
            part.shape = names[name]
        for name, typed in self.typed.items():
            typed.step.typed = names[name]
            typed.direct.read(typed.rows)
        for name, step in self.steps.items():
            step.value = names[name]
        for below in self.below:
            below.install(names)
        return names


def generate(built: Built) -> Source:
    """The functions of all parts and steps."""
    return _Emitter(built).source()


class _Emitter:
    def __init__(self, built: Built) -> None:
        self._built = built
        self._names: dict[str, Any] = {"DICTS": frozenset({dict})}
        known = ((step, typed_of(step, built.completion.parts)) for step in built.steps)
        self._typed = {id(step): found for step, found in known if found is not None}

    def source(self) -> Source:
        parts = {named("part", each.number, each.type_name): each for each in self._built.completion.parts.values()}
        root = self._built.root
        once = {id(group.part) for group in root.groups}  # they have no rows
        if any(node.field.kind == "event" for node in root.nodes):
            once.add(id(root))  # and this has what came
        parts = {name: part for name, part in parts.items() if id(part) not in once}
        whole = (each for each in self._built.steps if each.node.streamed is None)
        steps = {named("value", each.number, each.node.key): each for each in whole}
        typed = {_rows_of(each): each for each in self._typed.values()}
        below = tuple(Below(each, step) for each in typed.values() for step in self._owing(each.part))
        blocks = [*(self._part(name, part) for name, part in parts.items())]
        blocks += [self._rows(name, each) for name, each in typed.items()]
        blocks += [self._step(name, step) for name, step in steps.items()]
        blocks += [each.source() for each in below]
        text = "\n\n\n".join("\n".join(block) for block in blocks) + "\n"
        return Source(text, self._names, parts, steps, typed, below)

    def _owing(self, part: Part) -> list[Step]:
        """The steps of a part's own fields."""
        return [step for node in part.nodes if (step := self._built.completion.step_of.get(id(node)))]

    def _rows(self, name: str, typed: Typed) -> Iterator[str]:
        """Rows in, objects out, for rows of which only what is of use was read."""
        if not typed.as_they_are:
            yield from self._part(name, typed.part, typed)
            return
        yield f"def {name}(rows, later):"
        yield "    return rows"

    def _part(self, name: str, part: Part, typed: Typed | None = None) -> Iterator[str]:
        """Rows in, objects out; what they owe is noted beside them."""
        fields = [(checked(node.key), *self._field(part, node, typed)) for node in part.nodes]
        if typed is None:
            made = f"{{{', '.join(f'{chr(34)}{key}{chr(34)}: {expression}' for key, expression, _ in fields)}}}"
        else:
            kind = self._bound("made", typed.step.node, typed.made)
            made = f"{kind}({', '.join(expression for _, expression, _ in fields)})"
        lines = [line for _, _, before in fields for line in before]
        yield f"def {name}(rows, later):"
        if lines:
            yield "    made = []"
            yield "    for row in rows:"
            yield from (f"        {line}" for line in lines)
            yield f"        made.append({made})"
        else:
            yield f"    made = [{made} for row in rows]"
        owed = [(checked(step.node.key), f"later.owed[{step.number}]") for step in self._owing(part)]
        for key, where in (*owed, *((str(group.number), f"later.kept[{group.number}]") for group in part.groups)):
            yield f"    objects_{key}, rows_{key} = {where}"
            yield f"    objects_{key}.extend(made)"
            yield f"    rows_{key}.extend(rows)"
        yield "    return made"

    def _field(self, part: Part, node: Node, typed: Typed | None) -> tuple[str, list[str]]:
        """The expression of a field's value, and the lines that go before it; `typed` says how typed rows were read."""
        kind = node.field.kind
        if kind in {"fetch", "code"}:
            return "None", []
        if kind == "meta" and node.field.name == "__typename":
            return f'"{checked(part.type_name)}"', []
        if kind in {"denied", "meta"} or node.streamed is not None:
            general = self._bound("general", node, partial(self._built.completion.present, part, node))
            return f"{general}(row, later)", []
        v = f"v_{checked(node.key)}"
        if typed is None:
            member = node.field.member
            simple = member is not None and is_name(member)
            read = f'row.get("{member}")' if simple else f"{self._bound('read', node, node.field.read)}(row)"
        elif (first := typed.rows.member(node.field.member)) is None:
            read = f"{self._bound('read', node, node.field.read)}(row)"
        else:
            read = f"row.{typed.rows.attributes[first.name]}"
            table = self._bound("enum", node, texts_of(node)) if texts_of(node) else ""
            if (found := plain(node, first, read, table)) is not None:
                return found, []
        general = self._bound("general", node, partial(self._built.completion.taken, part.type_name, node))
        return v, [f"{v} = {read}", *self._checked(part.type_name, node, v, f"{v} = {general}({v}, later)")]

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
        shape = named(
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
        node, shape = typed.step.node, _rows_of(typed)
        if typed.listed:
            most = typed.direct.most
            short = "" if most is None else f" and len(value) <= {int(most)}"
            kinds = self._bound("kinds", node, frozenset({typed.rows.row}))  # no function is named so
            yield f"    if value.__class__ is list{short} and {kinds}.issuperset(map(type, value)):"
            yield f"        return {shape}(value, later)"
        else:
            yield f"    if value.__class__ is {self._bound('row', node, typed.rows.row)}:"
            yield f"        return {shape}((value,), later)[0]"
        yield f"    value = {self._bound('opened', node, typed.direct.opened)}(value)"

    def _bound(self, what: str, node: Node, value: Any) -> str:
        name = f"{what}_{len(self._names)}_{checked(node.key)}"
        self._names[name] = value
        return name


def _all_rows(node: Node, v: str) -> str:
    """That a value is a list of rows, and no longer than it may be where nobody else looks."""
    bound = node.field.bound
    held = node.field.kind == "path" and bound is not None and bound.assumed is not None and not bound.length_of
    short = f" and len({v}) <= {int(bound.assumed)}" if held and bound and bound.assumed is not None else ""
    return f"{v}.__class__ is list{short} and DICTS.issuperset(map(type, {v}))"


def _rows_of(typed: Typed) -> str:
    return named("rows", typed.part.number, typed.part.type_name)
