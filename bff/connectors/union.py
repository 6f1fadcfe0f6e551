"""Unions whose rows do not say themselves which type they are: told by a rule, in one place. Knows no schema.

The rule looks at what a service sent and at nothing else: a member's text, which members there are, or its JSON type.
What is no object, or none that has a type, is put in an object of a type of its own, a box: GraphQL's unions have
objects only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import strawberry
from strawberry.types.union import StrawberryUnion

from bff.connectors.path import JsonPath, Read, reader

KINDS = frozenset({"string", "integer", "number", "boolean", "array", "object", "any"})
_WHOLE = frozenset({"object", "any"})  # kinds of box that leave no object to be told
BOXED = "value"  # the member of a box


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How to tell which type of a union a value is."""

    by: Read
    values: Mapping[str, str]  # text of that member -> type
    members: tuple[tuple[str, frozenset[str]], ...]  # type, members that it must have; in the order of asking
    boxes: Mapping[str, str]  # JSON type -> type

    @property
    def types(self) -> frozenset[str]:
        """Every type that it may name."""
        return frozenset((*self.values.values(), *(name for name, _ in self.members), *self.boxes.values()))

    def type_of(self, row: Mapping[str, Any]) -> str | None:
        """The type of an object; None where nothing fits."""
        if self.values:
            found = self.values.get(_text(self.by(row)) or "")
            if found:
                return found
        return next((name for name, members in self.members if members <= row.keys()), None)

    def boxed(self, value: Any, lists: int = 0) -> Any:
        """The value with what is no object in boxes, below so many lists; what has no box stays as it is."""
        if value is None or not self.boxes:
            return value
        if lists:
            return [self.boxed(item, lists - 1) for item in value] if isinstance(value, list) else value
        name = next((self.boxes[kind] for kind in _kinds(value) if kind in self.boxes), None)
        return {"__typename": name, BOXED: value} if name else value


def one_of(
    name: str,
    *,
    by: JsonPath = "",
    values: Mapping[str, str] | None = None,
    members: Mapping[str, Sequence[str]] | None = None,
    boxes: Mapping[str, str] | None = None,
    description: str | None = None,
    directives: Iterable[object] = (),
) -> StrawberryUnion:
    """A union, as `strawberry.union` makes one, whose rows are told apart by what is in them:

        Pet = Annotated[Cat | Dog, one_of("Pet", by="petType", values={"cat": "Cat", "dog": "Dog"})]
        Shape = Annotated[Circle | Square, one_of("Shape", members={"Circle": ["radius"], "Square": ["side"]})]
        Id = Annotated[IntBox | TextBox, one_of("Id", boxes={"integer": "IntBox", "string": "TextBox"})]

    Asked in this order: `values` of the member `by` (numbers and booleans as JSON writes them); `members` in their
    order (the first type all of whose members are there; none, `()`, fits every object); and for what is no object
    `boxes`, by JSON type or "any", whose field is called `value`. A type that a connector says (`typename`, `errors`)
    is first. A box of an "object", or of "any" value, holds objects too: then there is nothing else to tell.
    Raises ValueError for a rule that tells nothing, or the same twice.
    """
    if bool(by) != bool(values):
        raise ValueError(f"one_of({name!r}): by= names the member, and values= says which type each of its texts is")
    if not (values or members or boxes):
        raise ValueError(f"one_of({name!r}) needs by= and values=, members= or boxes= to tell its types apart")
    for kind in (kind for kind in boxes or {} if kind not in KINDS):
        raise ValueError(f"one_of({name!r}): {kind!r} is no JSON type of boxes: {', '.join(sorted(KINDS))}")
    if (values or members) and _WHOLE & (boxes or {}).keys():
        raise ValueError(f"one_of({name!r}): a box of objects leaves none to be told by values= or members=")
    listed = tuple((type_, frozenset(each)) for type_, each in (members or {}).items())
    made = strawberry.union(name, description=description, directives=directives)
    made.directives = _Ruled(made.directives, Rule(reader(by), dict(values or {}), listed, dict(boxes or {})))
    return made


def rule_of(definition: object) -> Rule | None:
    """The rule of a Strawberry union, if it was made by `one_of`."""
    while isinstance(definition, StrawberryUnion):
        if isinstance(definition.directives, _Ruled):
            return definition.directives.rule
        definition = definition.concrete_of
    return None


class _Ruled(tuple[object, ...]):  # noqa: SLOT001 - a tuple has no room for them
    """A union's directives, and its rule with them: Strawberry makes another union of each annotation it reads, and
    name, description and directives are what it takes along.
    """

    rule: Rule

    def __new__(cls, directives: Iterable[object], rule: Rule) -> Self:
        made = super().__new__(cls, directives)
        made.rule = rule
        return made


def _kinds(value: Any) -> tuple[str, ...]:
    """JSON types that a value has, the closest first: 7 is a number too, and 7.0 an integer (JSON Schema 6.1.1).

    None of an object whose type is known: it is what the union holds.
    """
    if isinstance(value, dict):
        return () if "__typename" in value else ("object", "any")
    if isinstance(value, bool):
        return ("boolean", "any")
    if isinstance(value, str):
        return ("string", "any")
    if isinstance(value, int):
        return ("integer", "number", "any")
    if isinstance(value, float):
        return ("number", "integer", "any") if value.is_integer() else ("number", "any")
    return ("array", "any") if isinstance(value, list) else ()


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None
