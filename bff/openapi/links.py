"""Links of answers: which operation each means. Knows no parameter's value."""

from __future__ import annotations

from collections.abc import Iterator

from bff.openapi.frame import METHODS, Reading, members, text
from bff.openapi.model import Link
from bff.openapi.pointer import from_fragment, steps
from bff.openapi.refs import Node


def links_of(response: Node, reading: Reading) -> Iterator[Link]:
    for name, place in members(response, "links"):
        with reading.sparing("link-left-out", name):
            yield _link(name, reading.follow(place), reading)


def _link(name: str, node: Node, reading: Reading) -> Link:
    target = _linked(node, reading)
    if not target:
        reading.report.loss("link-target", node.at, "the operation that this link means is not in this document")
    return Link(
        name=name,
        operation=target,
        at=node.at,
        parameters=tuple((key, inner.value) for key, inner in members(node, "parameters")),
        body=node.value.get("requestBody"),
        description=text(node, "description"),
    )


def _linked(node: Node, reading: Reading) -> str:
    """The key of the operation that a link names by its id, or refers to in this document."""
    reference = text(node, "operationRef")
    if reference.startswith("#"):
        found = steps(from_fragment(reference[1:]))
        return f"{found[2].upper()} {found[1]}" if len(found) == 3 and found[0] == "paths" else ""
    return _ids(reading).get(text(node, "operationId"), "")


def _ids(reading: Reading) -> dict[str, str]:
    """Keys of operations by their ids; found once."""
    if reading.ids is None:
        reading.ids = {}
        for path, node in members(reading.root, "paths"):
            for word, operation in node.value.items() if isinstance(node.value, dict) else ():
                if word in METHODS and isinstance(operation, dict):
                    reading.ids.setdefault(str(operation.get("operationId")), f"{word.upper()} {path}")
    return reading.ids
