"""Topics of one process: who hears what is published on each. Knows no transport, and publishes nothing by itself.

Subscribers stand under the values that they want, so that an event finds its own among thousands without asking each.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from bff.connectors import Published
from bff.connectors.path import JsonPath, reader
from bff.connectors.rows import key_text
from bff.errors import BadUserInput, BffError
from bff.events.mailbox import Mailbox

Wanted = Mapping[JsonPath, str]  # what an event must have at each of these paths, as text
Place = tuple[str, tuple[JsonPath, ...]]  # a topic, and where in its events to look
Values = tuple[str | None, ...]


class Topics:
    """Local delivery. Everything in it is synchronous, so that an event is delivered to all or to none."""

    def __init__(self) -> None:
        self._places: dict[str, dict[Place, dict[Values, set[Mailbox]]]] = {}

    def __len__(self) -> int:
        """How many subscribers there are."""
        return sum(1 for _ in self._boxes())

    def heard(self, topic: str) -> bool:
        """Whether anybody hears this topic."""
        return topic in self._places

    def join(self, topic: str, wanted: Wanted, box: Mailbox) -> None:
        place, values = _where(topic, wanted)
        self._places.setdefault(topic, {}).setdefault(place, {}).setdefault(values, set()).add(box)

    def leave(self, topic: str, wanted: Wanted, box: Mailbox) -> None:
        place, values = _where(topic, wanted)
        places = self._places.get(topic, {})
        by_values = places.get(place, {})
        boxes = by_values.get(values, set())
        boxes.discard(box)
        _prune(by_values, values)
        _prune(places, place)
        _prune(self._places, topic)

    def deliver(self, topic: str, event: Any) -> int:
        """Give the event to all who want it; how many these are."""
        found = 0
        for (_, paths), by_values in self._places.get(topic, {}).items():
            boxes = by_values.get(tuple([_text(reader(path)(event)) for path in paths]), ())
            for box in boxes:
                box.put(event)
            found += len(boxes)
        return found

    def tell(self, error: BffError) -> None:
        """Tell everybody what has happened."""
        for box in self._boxes():
            box.put(error, name=error.code)

    def end(self, reason: BffError) -> None:
        """End everybody's events."""
        for box in list(self._boxes()):
            box.end(reason)

    def _boxes(self) -> Iterator[Mailbox]:
        for places in self._places.values():
            for by_values in places.values():
                for boxes in by_values.values():
                    yield from boxes


def wanted(source: Published, values: Mapping[str, Any], claims: Mapping[str, Any]) -> Wanted:
    """What a subscriber wants, as text by path. Raises BadUserInput for what no event can have.

    `claims` are those that the source names, all of them there: what they narrow, no argument widens.
    """
    found = {path: key_text(values[name]) for name, path in source.where.items() if values.get(name) is not None}
    mine = {path: key_text(claims[name]) for name, path in source.claims.items()}
    if any(found.get(path, text) != text for path, text in mine.items()):
        raise BadUserInput("This value is not the caller's own.")
    return found | mine


def _where(topic: str, wanted: Wanted) -> tuple[Place, Values]:
    paths = tuple(sorted(wanted, key=repr))
    return (topic, paths), tuple([wanted[path] for path in paths])


def _text(value: Any) -> str | None:
    """A value of an event as `key_text` has it; None for what nobody can ask for."""
    with suppress(BadUserInput):
        return None if value is None else key_text(value)
    return None


def _prune(entries: dict[Any, Any], name: Hashable) -> None:
    if name in entries and not entries[name]:
        del entries[name]
