"""Topics of one process: who hears what is published on each. Knows no transport, and publishes nothing by itself.

Subscribers stand under the values that they want, so that an event finds its own among thousands without asking each.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from bff.connectors import Published
from bff.connectors.path import JsonPath, reader
from bff.connectors.rows import key_text, stamped_as
from bff.errors import BadUserInput, BffError
from bff.events.mailbox import Mailbox

Wanted = Mapping[JsonPath, str]  # what an event must have at each of these paths, as text
Place = tuple[Published, tuple[JsonPath, ...]]  # a source, and where in its events to look
Values = tuple[str | None, ...]
Boxes = dict[Values, set[Mailbox]]


class Topics:
    """Local delivery. Everything in it is synchronous, so that an event is delivered to all or to none."""

    def __init__(self) -> None:
        self._places: dict[str, dict[Place, Boxes]] = {}

    def __len__(self) -> int:
        """How many subscribers there are."""
        return sum(1 for _ in self._all())

    def heard(self, topic: str) -> bool:
        """Whether anybody hears this topic."""
        return topic in self._places

    def join(self, source: Published, wanted: Wanted, box: Mailbox) -> None:
        paths, values = _parts(wanted)
        places = self._places.setdefault(source.topic, {})
        places.setdefault((source, paths), {}).setdefault(values, set()).add(box)

    def leave(self, source: Published, wanted: Wanted, box: Mailbox) -> None:
        """Leave nothing behind, be the box there or not."""
        paths, values = _parts(wanted)
        places = self._places.get(source.topic, {})
        boxes = places.get((source, paths), {})
        boxes.get(values, set()).discard(box)
        _prune(boxes, values)
        _prune(places, (source, paths))
        _prune(self._places, source.topic)

    def deliver(self, topic: str, event: Any) -> int:
        """Give the event to all who want it; how many these are."""
        found = 0
        for (source, paths), boxes in self._places.get(topic, {}).items():
            wanting = boxes.get(tuple([_text(reader(path)(event)) for path in paths]))
            if wanting:
                row = stamped_as(source.typename, reader(source.rows)(event))
                for box in wanting:
                    box.put(row)
                found += len(wanting)
        return found

    def tell(self, error: BffError) -> None:
        """Tell everybody what has happened."""
        for box in self._all():
            box.put(error, name=error.code)

    def end(self, reason: BffError) -> None:
        """End everybody's events."""
        for box in list(self._all()):
            box.end(reason)

    def _all(self) -> Iterator[Mailbox]:
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


def _parts(wanted: Wanted) -> tuple[tuple[JsonPath, ...], Values]:
    paths = tuple(sorted(wanted, key=repr))
    return paths, tuple([wanted[path] for path in paths])


def _text(value: Any) -> str | None:
    """A value of an event as `key_text` has it; None for what nobody can ask for."""
    with suppress(BadUserInput):
        return None if value is None else key_text(value)
    return None


def _prune(entries: dict[Any, Any], name: Hashable) -> None:
    if name in entries and not entries[name]:
        del entries[name]
