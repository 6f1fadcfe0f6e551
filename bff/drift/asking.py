"""How a connector can be called with what is known: a value for each variable, by where it is bound. Pure.

A constant is what it is; a member of the parent comes from rows of that type; an argument from what was given, from
rows that have it as their key, from the schema's own default, or is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import Undefined, get_named_type, is_enum_type

from bff.connectors import Connector, Constant, FromArgument
from bff.connectors.path import reader, shown
from bff.connectors.rows import key_text
from bff.drift.samples import Samples
from bff.errors import BadUserInput
from bff.plan.brought import Brought, Use, likely_members
from bff.plan.field import Field
from bff.plan.wire import wire

SIZE = 5  # rows that are asked for where a call must say how many


@dataclass(frozen=True, slots=True)
class Asking:
    """A connector with values for its variables, some to choose from."""

    connector: Connector
    choices: Mapping[str, list[Any]]

    def values(self, choice: int = 0) -> dict[str, Any]:
        """One of the choices: the n-th of each variable that has so many, else its last."""
        return {name: found[min(choice, len(found) - 1)] for name, found in self.choices.items()}


@dataclass(frozen=True, slots=True)
class Wanting:
    """What a connector cannot be called without."""

    coordinate: str
    reason: str
    sample: str = ""  # what to give, if anything helps


def asking(samples: Samples, connector: Connector, brought: Brought) -> Asking | Wanting:
    """How to call a connector: by the first of its uses that has all it needs, else what the first one lacks."""
    lacking: Wanting | None = None
    for use in brought.uses:
        found = _Binding(samples, connector, brought, use).asking()
        if isinstance(found, Asking):
            return found
        lacking = lacking or found
    return lacking or Wanting("", "only code calls it, and nobody knows with what")


@dataclass(frozen=True, slots=True)
class _Binding:
    """One use of a connector, about to be bound."""

    samples: Samples
    connector: Connector
    brought: Brought
    use: Use

    def asking(self) -> Asking | Wanting:
        paging = self.connector.paging.variables if self.connector.paging else ()
        choices: dict[str, list[Any]] = {}
        for name in (name for name in self.connector.variables if name not in paging):
            found = [value for value in self._values(name) if _can_be_sent(value)]
            if not found or (self._needed(name) and found == [None]):
                return self._wanting(name)
            choices[name] = found
        return Asking(self.connector, choices)

    def _needed(self, name: str) -> bool:
        """Whether nothing is asked for without it: keys, and what stands in the path."""
        in_path = (variable.name for variable in self.connector.template.variables if variable.in_path)
        return name in self.connector.key or name in in_path

    def _values(self, name: str) -> list[Any]:
        bound = self.use.call.bindings.get(name)
        if isinstance(bound, Constant):
            return [bound.value]
        if not isinstance(bound, FromArgument):
            return [] if bound is None else self.samples.members(_parent(self.use.field), bound.path)
        argument = _clients_name(self.use.field, bound)
        read = reader(bound.path)
        given = [read(value) for value in self.samples.of_argument(self.use.field, argument)]
        if (write := bound.write) is not None:
            return [write(value) for value in given or map(read, _of_graph(self.use.field, argument))]
        if given:
            return [item for value in given for item in (value if isinstance(value, list) else [value])]
        return (self._known(name) if self._needed(name) else []) or [
            read(value) for value in _of_graph(self.use.field, argument)
        ]

    def _known(self, name: str) -> list[Any]:
        """Values that rows of what this connector brings are known by."""
        members = (self.connector.key[name],) if name in self.connector.key else likely_members(name)
        found = (self.samples.members(type_, member) for member in members for type_ in self.brought.types)
        return next((values for values in found if values), [])

    def _wanting(self, name: str) -> Wanting:
        field, bound = self.use.field, self.use.call.bindings.get(name)
        if isinstance(bound, FromArgument):
            argument = _clients_name(field, bound)
            sample = f"--sample {field.coordinate}.{argument}=…"
            return Wanting(field.coordinate, f"no value for '{argument}' is known", sample)
        path = shown(bound.path) if bound and not isinstance(bound, Constant) else name
        return Wanting(field.coordinate, f"no row of {_parent(field)} with a '{path}' came")


def _of_graph(field: Field, argument: str) -> list[Any]:
    """What the schema itself says of an argument: its default, a size for a slice, null, a value of its enum."""
    declared = field.declared.args.get(argument)
    if declared is None:
        return []
    if declared.default_value is not Undefined and declared.default_value is not None:
        return [wire(declared.type, declared.default_value)]
    if field.bound and argument in field.bound.slicing:
        return [SIZE]
    if argument not in field.required:
        return [None]
    named = get_named_type(declared.type)
    if is_enum_type(named):
        return [wire(named, next(iter(named.values.values())).value)]
    return [False] if named.name == "Boolean" else []


def _parent(field: Field) -> str:
    return field.coordinate.partition(".")[0]


def _clients_name(field: Field, bound: FromArgument) -> str:
    return next((name for name, python in field.arguments.items() if python == bound.name), bound.name)


def _can_be_sent(value: Any) -> bool:
    try:
        key_text(value)
    except BadUserInput:
        return isinstance(value, dict | list)
    return True
