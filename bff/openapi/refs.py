"""What a `$ref` means: values of any document, with their places. Knows references; not what is at their ends.

`$anchor`, `$dynamicAnchor` and `$id` are found wherever they stand, by one walk a document when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from bff.openapi.pointer import from_fragment, look, steps
from bff.openapi.schema import At
from bff.openapi.sources import Sources, Written
from bff.openapi.wrong import Wrong

LONGEST = 100  # references that lead from one to the next


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place."""

    value: Any
    at: At

    def __truediv__(self, step: str | int) -> Node:
        """A member, which must be there."""
        return Node(self.value[step], self.at / step)


@dataclass(slots=True)
class References:
    """Follows references among the sources of one import."""

    sources: Sources
    used: dict[str, None] = field(default_factory=dict)  # names of the documents that were referred to
    _names: dict[str, dict[str, Node]] = field(default_factory=dict)  # document -> anchors and ids -> what they name

    def target(self, reference: Any, at: At) -> Node:
        """What the `$ref` at `at` refers to. Raises Wrong."""
        if not isinstance(reference, str):
            raise Wrong(at, "must be text that refers to something", 'such as "#/components/schemas/Pet"')
        url, fragment = urldefrag(reference)
        base = self.sources.called(at.document)
        known = self._by_id(url, base, at)
        if known:
            base, pointer = self.sources.called(known.at.document), known.at.pointer
        else:
            base, pointer = self.sources.refer(url, base, at), ""
        self.used[base.name] = None
        fragment = from_fragment(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchored(fragment, base, at)
        if known and not url and not _leads(known.value, fragment):
            pointer = ""  # people write the document's own places inside of such a schema too
        return Node(*look(base.root, base.name, pointer + fragment, at))

    def follow(self, node: Node) -> Node:
        """The value itself, behind all its `$ref`s; what stands beside them is left out. Raises Wrong for a circle."""
        start = node.at
        for _ in range(LONGEST):
            if not (isinstance(node.value, dict) and "$ref" in node.value):
                return node
            node = self.target(node.value["$ref"], node.at)
        raise Wrong(start, f"refers to nothing within {LONGEST} steps", "references must end at a value")

    def _anchored(self, name: str, base: Written, at: At) -> Node:
        found = self._named(base).get(f"#{name}")
        if not found:
            raise Wrong(at, f'refers to "#{name}", which nothing in {base.name} has as its $anchor', "write #/…")
        return found

    def _by_id(self, url: str, base: Written, at: At) -> Node | None:
        """The schema whose `$id` is this URL, as written or put together with that of the schema around the reference;
        of no URL the one around it, whose own places are meant (JSON Schema 2020-12 core, 8.2.1 and 9.2.1).
        """
        names = self._named(base)
        if not names:
            return None
        around = _around(base, at)
        if not url:
            return around
        own = around.value["$id"] if around else base.root.get("$id") if isinstance(base.root, dict) else None
        return names.get(url) or (names.get(urljoin(own, url)) if isinstance(own, str) else None)

    def _named(self, base: Written) -> dict[str, Node]:
        if base.name not in self._names:
            self._names[base.name] = dict(_names(base)) if _has_names(base.text) else {}
        return self._names[base.name]


def _has_names(text: str) -> bool:
    return any(word in text for word in ("$id", "$anchor", "$dynamicAnchor"))


def _leads(root: Any, pointer: str) -> bool:
    """Whether a pointer's first step is there."""
    first = steps(pointer)[:1]
    return not first or (isinstance(root, dict) and first[0] in root)


def _around(base: Written, at: At) -> Node | None:
    """The innermost schema around a place that has an `$id` of its own, and is not the whole document."""
    node, found = Node(base.root, At(base.name)), None
    for step in steps(at.pointer):
        key: str | int = int(step) if isinstance(node.value, list) else step
        node = node / key
        if isinstance(node.value, dict) and isinstance(own := node.value.get("$id"), str) and not own.startswith("#"):
            found = node
    return found


def _names(base: Written) -> Iterator[tuple[str, Node]]:
    waiting = [Node(base.root, At(base.name))]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, dict):
            yield from _own_names(node)
            waiting += [node / key for key in node.value]
        elif isinstance(node.value, list):
            waiting += [node / index for index in range(len(node.value))]


def _own_names(node: Node) -> Iterator[tuple[str, Node]]:
    for word, mark in (("$id", ""), ("$anchor", "#"), ("$dynamicAnchor", "#")):
        if isinstance(name := node.value.get(word), str) and node.at.pointer:
            yield f"{mark}{name}", node
