"""YAML text -> a tree of our own that knows where each of its parts stands. Knows YAML; no setting, no environment.

The only module that imports ruamel.yaml. It takes the parser's events and constructs nothing, so no tag runs code; it
stops at the first excess, so a small file that unfolds to a large one (the "billion laughs") costs what it may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bff.config.mistakes import Place

DEEPEST = 16  # levels; the settings need 5
MOST = 10_000  # values, those that aliases repeat counted again

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file, 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written; `plain` when no quotes stand around it."""

    text: str
    plain: bool
    at: Spot

    @property
    def value(self) -> bool | float | str | None:
        """What YAML says it is (1.2.2, 10.3.2; no octal, no hexadecimal): a quoted "1" is text, and so is `yes`."""
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        return float(self.text) if _FLOAT.fullmatch(self.text) else self.text


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    at: Spot


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, where it stands, and its value."""

    key: str
    at: Spot
    node: Node


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; no key comes twice."""

    entries: tuple[Entry, ...]
    at: Spot


Node = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the document itself; `place` leads to the key it is about, () is the whole."""

    message: str
    at: Spot
    hint: str = ""
    place: Place = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds (None: nothing) and what is wrong with it."""

    root: Node | None
    flaws: tuple[Flaw, ...] = ()


def read_document(text: str) -> Document:
    """The tree of `text`. What makes it unreadable is its last flaw, with no tree; other flaws stand beside a tree."""
    reader = _Reader(iter(YAML(typ="safe", pure=True).parse(text)))
    try:
        return Document(reader.document(), tuple(reader.flaws))
    except _UnreadableError as error:
        return Document(None, (*reader.flaws, error.flaw))
    except YAMLError as error:
        return Document(None, (*reader.flaws, _syntax(error, text)))


class _UnreadableError(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


@dataclass(slots=True)
class _Reader:
    """Recursive descent over the events of one document."""

    events: Iterator[Any]
    flaws: list[Flaw] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)  # and how many values each stands for
    count: int = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:  # those between nodes: stream, directives, document
            if not isinstance(event, NodeEvent):
                continue
            if root is not None:
                raise _UnreadableError(Flaw("must be one document, and a second begins here", _spot(event)))
            root = self._node(event, ())
        return root

    def _node(self, event: Any, place: Place) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, place)
        before = self.count
        self._count(1, event)
        if len(place) > DEEPEST:
            raise _UnreadableError(Flaw(f"must not be nested deeper than {DEEPEST} levels", _spot(event)))
        if event.tag is not None:
            self.flaws.append(
                Flaw("must not have a YAML tag", _spot(event), "remove the word that begins with !", place)
            )
        node = self._own(event, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.count - before)
        return node

    def _own(self, event: Any, place: Place) -> Node:
        if isinstance(event, MappingStartEvent):
            return self._entries(event, place)
        if isinstance(event, SequenceStartEvent):
            return Items(tuple(self._items(place)), _spot(event))
        return Scalar(event.value, event.style is None, _spot(event))

    def _items(self, place: Place) -> Iterator[Node]:
        for at, event in enumerate(self._until(SequenceEndEvent)):
            yield self._node(event, (*place, at))

    def _entries(self, start: Any, place: Place) -> Entries:
        found: dict[str, Entry] = {}
        for event in self._until(MappingEndEvent):
            entry = self._entry(event, place)
            first = found.setdefault(entry.key, entry)
            if first is not entry:
                hint = f"the first is in line {first.at.line}"
                self.flaws.append(Flaw("is written twice", entry.at, hint, (*place, entry.key)))
        return Entries(tuple(found.values()), _spot(start))

    def _entry(self, event: Any, place: Place) -> Entry:
        if not isinstance(event, ScalarEvent):
            raise _UnreadableError(Flaw("must have plain text as its keys", _spot(event), place=place))
        at = _spot(event)
        self._node(event, place)
        node = self._node(next(self.events), (*place, event.value))
        if node == Scalar("", plain=True, at=node.at):  # nothing is written: the parser points at what comes next
            node = replace(node, at=at)
        return Entry(event.value, at, node)

    def _until(self, end: type) -> Iterator[Any]:
        while not isinstance(event := next(self.events), end):
            yield event

    def _alias(self, event: Any, place: Place) -> Node:
        if event.anchor not in self.anchors:
            raise _UnreadableError(Flaw("must not use an alias before its anchor is complete", _spot(event), "", place))
        node, size = self.anchors[event.anchor]
        self._count(size, event)
        return node

    def _count(self, more: int, event: Any) -> None:
        self.count += more
        if self.count > MOST:
            raise _UnreadableError(Flaw(f"must not hold more than {MOST} values", _spot(event), "aliases count too"))


def _spot(event: Any) -> Spot:
    return _marked(event.start_mark)


def _marked(mark: Any) -> Spot:
    return Spot(mark.line + 1, mark.column + 1)


def _syntax(error: YAMLError, text: str) -> Flaw:
    """Where the parser stopped, in its own words."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        at = getattr(error, "position", 0)
        return Flaw("is not YAML: a character that YAML does not allow", _offset(text, at))
    at = _marked(error.problem_mark)
    return Flaw(f"is not YAML: {error.problem}", at, _syntax_hint(text, at.line))


def _offset(text: str, at: int) -> Spot:
    before = text[:at]
    return Spot(before.count("\n") + 1, at - before.rfind("\n"))


def _syntax_hint(text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here:
        return "indent with spaces, not with tabs"
    if "${" in here:
        return 'inside { } and [ ], put "${NAME}" in quotes'
    return ""
