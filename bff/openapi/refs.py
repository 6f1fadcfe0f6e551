"""What a `$ref` means: values of any document, with their places. Knows references; not what is at their ends.

`$anchor`, `$dynamicAnchor` and `$id` are found wherever they stand, by one walk a document when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from bff.openapi.pointer import from_fragment, look
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
        known = self._by_id(url, base) if url else None
        if known:
            base, pointer = self.sources.called(known.at.document), known.at.pointer
        else:
            base, pointer = self.sources.refer(url, base, at), ""
        self.used[base.name] = None
        fragment = from_fragment(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchored(fragment, base, at)
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

    def _by_id(self, url: str, base: Written) -> Node | None:
        """A schema whose `$id` is this URL, as written or put together with the document's own."""
        names = self._named(base)
        return names.get(url) or names.get(_joined(base, url))

    def _named(self, base: Written) -> dict[str, Node]:
        if base.name not in self._names:
            self._names[base.name] = dict(_names(base)) if _has_names(base.text) else {}
        return self._names[base.name]


def _has_names(text: str) -> bool:
    return any(word in text for word in ("$id", "$anchor", "$dynamicAnchor"))


def _joined(base: Written, url: str) -> str:
    root = base.root.get("$id") if isinstance(base.root, dict) else None
    return urljoin(root, url) if isinstance(root, str) else url


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
