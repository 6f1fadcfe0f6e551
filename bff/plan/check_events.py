"""What can be proved about a graph's subscription fields without running them. Pure; part of `bff.plan.check`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from bff.connectors import EventSource, FromArgument, FromParent, Poll, Published, Source
from bff.connectors.path import shown
from bff.errors import Problem
from bff.plan.field import Field
from bff.plan.graph import Graph


def event_errors(graph: Graph, field: Field, upstreams: Collection[str], topics: Collection[str]) -> Iterator[Problem]:
    """Mistakes in where a field's events come from; `topics` are those that something publishes, if any does."""
    root, events = _is_root(graph, field), field.source.events
    if not root and events is not None:
        yield _problem(field, "only a field of the subscription type has events", "elsewhere, say connect(…)")
    elif root and field.kind != "event":
        yield _problem(
            field,
            "nobody says where its events come from",
            "say subscribe(…) around it; code that yields them is a strawberry.subscription",
        )
    elif root and events is not None:
        yield from _from(events, field, upstreams, topics)
        yield from _bindings(events, field.source, field)
        yield from _shapes(events, graph, field)


def event_warnings(graph: Graph, topics: Collection[str]) -> Iterator[Problem]:
    """Fields that will hear nothing, where there is no webhook at all: code may publish too."""
    for field in graph.fields.values() if not topics else ():
        if isinstance(field.source.events, Published):
            topic = field.source.events.topic
            yield _problem(field, f"no webhook publishes on the topic '{topic}'", "add it to webhooks of bff.yaml")


def _from(events: EventSource, field: Field, upstreams: Collection[str], topics: Collection[str]) -> Iterator[Problem]:
    if isinstance(events, Published):
        if topics and events.topic not in topics:
            near = get_close_matches(events.topic, topics, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "name it in webhooks of bff.yaml"
            yield _problem(field, f"nothing publishes on the topic '{events.topic}'", hint)
    elif events.upstream not in upstreams:
        known = ", ".join(sorted(upstreams)) or "none"
        yield _problem(field, f"upstream '{events.upstream}' is not in the configuration", f"it has {known}")


def _bindings(events: EventSource, source: Source, field: Field) -> Iterator[Problem]:
    python_names = set(field.arguments.values())
    for name in events.variables:
        if name not in source.bindings and name not in python_names:
            hint = f"add an argument '{name}', or {name}=argument(…) or {name}=constant(…)"
            yield _problem(field, f"nobody binds '{name}' of {events.label}", hint)
    for name, bound in source.bindings.items():
        if name not in events.variables:
            hint = f"it has {', '.join(events.variables) or 'none'}"
            yield _problem(field, f"'{name}' is bound, but {events.label} has no such variable", hint)
        if isinstance(bound, FromParent):
            message = f"'{shown(bound.path)}' has no parent to be read from"
            yield _problem(field, message, f"say {name}=argument('{shown(bound.path)}')")
        if isinstance(bound, FromArgument) and bound.name not in python_names:
            yield _problem(field, f"there is no argument '{bound.name}'", f"it has {', '.join(python_names) or 'none'}")


def _shapes(events: EventSource, graph: Graph, field: Field) -> Iterator[Problem]:
    """One row where the field is a list, or the other way round, as far as declarations tell."""
    typename = events.typename if isinstance(events, Published) else events.connector.typename
    possible = graph.possible.get(field.returns, ())
    if typename is not None and field.source.path is None and typename not in {*possible, field.returns}:
        hint = f"{field.returns} is {', '.join(possible) or 'no object'}"
        yield _problem(field, f"{events.label} brings the type '{typename}', which the field cannot have", hint)
    if not isinstance(events, Poll) or field.source.path is not None:
        return
    if events.each is None and events.connector.many and not field.lists:
        hint = 'say each="id" for an event of each row, or make the field a list'
        yield _problem(field, f"{events.label} brings a list, but the field is one {field.returns}", hint)
    if events.each is not None and field.lists:
        hint = "say what one row is, or leave each= out"
        yield _problem(field, f"each= makes an event of each row, but the field is a list of {field.returns}", hint)


def _is_root(graph: Graph, field: Field) -> bool:
    subscription = graph.schema.subscription_type
    return subscription is not None and field.coordinate.partition(".")[0] == subscription.name


def _problem(field: Field, message: str, hint: str) -> Problem:
    return Problem(place=field.coordinate, message=message, hint=hint)
