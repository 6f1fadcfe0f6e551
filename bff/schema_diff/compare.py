"""What is different between two schemas, and what clients of the old one would see of it. Pure.

graphql-core finds most of it too, as English sentences; a test holds the two against each other. Beside that, this
knows coordinates, effects, deprecations, and what our schema directives say: scopes, costs and sizes of lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLSchema, is_type

from bff.schema_diff.change import SEVERITIES, Change
from bff.schema_diff.elements import Element, elements
from bff.schema_diff.facts import FACTS

Elements = Mapping[str, Element]

REMOVED = {
    "type": ("TYPE_REMOVED", "name"),
    "field": ("FIELD_REMOVED", "ask for"),
    "argument": ("ARG_REMOVED", "send"),
    "input field": ("FIELD_REMOVED", "send"),
    "enum value": ("VALUE_REMOVED_FROM_ENUM", "send"),
    "directive": ("DIRECTIVE_REMOVED", "have"),
}

REQUIRED = {"argument": "REQUIRED_ARG_ADDED", "input field": "REQUIRED_INPUT_FIELD_ADDED"}
OPTIONAL = {"argument": "OPTIONAL_ARG_ADDED", "input field": "OPTIONAL_INPUT_FIELD_ADDED"}
HARMLESS = {"type": "TYPE_ADDED", "field": "FIELD_ADDED", "directive": "DIRECTIVE_ADDED"}


def compare(old: GraphQLSchema, new: GraphQLSchema) -> tuple[Change, ...]:
    """Every change from `old` to `new`, the worst first, then by coordinate. Both must have been built from text.

    What was added or removed whole, such as a type, is one change: its parts are not told one by one.
    """
    before, after = elements(old), elements(new)
    found = [_removed(element) for element in _only(before, after)]
    found += [_added(element) for element in _only(after, before)]
    found += [change for coordinate in before.keys() & after.keys() for change in _changed(before, after, coordinate)]
    return tuple(sorted(found, key=lambda change: (SEVERITIES.index(change.severity), change.coordinate, change.kind)))


def _only(these: Elements, those: Elements) -> Iterator[Element]:
    """What stands in `these` alone, unless the whole that it is a part of does too, or is of another kind there."""
    for coordinate in these.keys() - those.keys():
        parent = these[coordinate].parent
        if not parent or _persists(these, those, parent):
            yield these[coordinate]


def _persists(these: Elements, those: Elements, coordinate: str) -> bool:
    return coordinate in those and those[coordinate].facts.get("kind") == these[coordinate].facts.get("kind")


def _removed(element: Element) -> Change:
    kind, verb = REMOVED[element.kind]
    deprecated = element.facts.get("deprecated")
    message = "was removed" if deprecated is None else f"was removed; it was deprecated: {deprecated}"
    return Change("breaking", kind, element.coordinate, message, f"operations that {verb} it are refused")


def _added(element: Element) -> Change:
    where = element.coordinate
    if element.facts.get("required"):
        return Change(
            "breaking", REQUIRED[element.kind], where, "was added and is required", "operations without it are refused"
        )
    if element.kind in OPTIONAL:
        return Change(
            "dangerous", OPTIONAL[element.kind], where, "was added", "what leaving it out means may have changed"
        )
    if element.kind == "enum value":
        return Change("dangerous", "VALUE_ADDED_TO_ENUM", where, "was added", "a value comes that clients may not know")
    return Change("safe", HARMLESS[element.kind], where, "was added")


def _changed(before: Elements, after: Elements, coordinate: str) -> Iterator[Change]:
    old, new = before[coordinate], after[coordinate]
    for fact, changes in FACTS.items():
        if not _same(old.facts.get(fact), new.facts.get(fact)):
            yield from changes(old, new)
            if fact == "kind":
                return


def _same(one: Any, other: Any) -> bool:
    """Types of two schemas are the same where they are written the same."""
    return one == other or (is_type(one) and is_type(other) and str(one) == str(other))
