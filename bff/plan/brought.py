"""What each connector of a graph brings, told from the fields that call it: types of rows, and values inside rows.

Read from a graph's facts; for whoever stands on the other side of a connector, as made-up services and live checks do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bff.connectors import Connector, FromArgument, Published
from bff.plan.field import Call, Field
from bff.plan.graph import Graph


@dataclass(frozen=True, slots=True)
class Use:
    """One field that a connector's call brings."""

    field: Field
    call: Call


@dataclass(frozen=True, slots=True)
class Brought:
    """What one connector brings. Where only code loads it, nobody says."""

    types: tuple[str, ...]  # of its rows: concrete where that is known, else one abstract type, told by `__typename`
    uses: tuple[Use, ...]

    @property
    def inside(self) -> tuple[Use, ...]:
        """The uses that read a value out of each row, or the row as a value, and not as an object of a type."""
        return tuple(use for use in self.uses if not _as_object(use.field))


def likely_members(variable: str) -> tuple[str, ...]:
    """The members that a path variable of this name may be of the row that it names: `pet_id`, `id`."""
    return tuple(dict.fromkeys((variable, variable.rpartition("_")[2], "id")))


def brought_by(graph: Graph) -> dict[Connector, Brought]:
    """Every connector of `graph`, with what it brings."""
    uses: dict[Connector, list[Use]] = {connector: [] for connector in graph.connectors}
    for field in graph.fields.values():
        for call in (*field.calls, *_events(field)):
            uses[call.connector].append(Use(field, call))
    return {connector: Brought(_types(graph, connector, used), tuple(used)) for connector, used in uses.items()}


def _events(field: Field) -> Iterator[Call]:
    """The call that a subscription field's events come by."""
    events = field.source.events
    if events is not None and not isinstance(events, Published):
        bound = field.source.bindings
        yield Call(events.connector, {name: bound.get(name, FromArgument(name)) for name in events.variables})


def _types(graph: Graph, connector: Connector, uses: list[Use]) -> tuple[str, ...]:
    if connector.typename:
        return (connector.typename,)
    types = [_node(graph, use.field) for use in uses if _as_object(use.field)]
    concrete = [name for name in types if graph.possible.get(name) == (name,)]
    return tuple(dict.fromkeys(concrete or types[:1]))


def _as_object(field: Field) -> bool:
    return field.composite and not field.source.path and not field.source.entries


def _node(graph: Graph, field: Field) -> str:
    """The type of a field's rows: of a connection, that of its nodes."""
    if not field.connection:
        return field.returns
    edge = graph.fields[f"{field.returns}.edges"].returns
    return graph.fields[f"{edge}.node"].returns
