"""Members of a document's own objects, of the type they must have, and what is at hand while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from bff.openapi.model import Example
from bff.openapi.pointer import steps
from bff.openapi.refs import Node, References
from bff.openapi.report import Report
from bff.openapi.scalars import kind_of
from bff.openapi.shapes import Shapes, TooMuch
from bff.openapi.wrong import Barred, Wrong

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_WORDS = ("summary", "description")
_ENGLISH = {"object": "an object", "array": "a list", "string": "text", "integer": "a number", "null": "nothing"}


@dataclass(slots=True)
class Reading:
    """What is at hand while one API is read."""

    root: Node
    references: References
    shapes: Shapes
    report: Report
    ids: dict[str, str] | None = None  # operations by operationId, once they were looked up
    unread: list[Wrong] = field(default_factory=list)  # operations and paths that are left out, and why

    def leave_out(self, code: str, what: str, wrong: Wrong) -> None:
        """What cannot be read costs itself, and the report says where; what may not be read costs the document."""
        if isinstance(wrong, TooMuch):
            raise wrong
        if isinstance(wrong, Barred):
            self.shapes.note(wrong)
        else:
            self.report.loss(code, wrong.at, f"{what} is left out: {wrong}")

    @contextmanager
    def sparing(self, code: str, what: str) -> Iterator[None]:
        """Around the reading of what can be left out alone."""
        try:
            yield
        except Wrong as wrong:
            self.leave_out(code, what, wrong)

    def parameter(self, node: Node) -> AbstractContextManager[None]:
        """Around the reading of a parameter: without one that must be there no call is right."""
        if node.value.get("in") == "path" or flag(node, "required"):
            return nullcontext()
        return self.sparing("parameter-left-out", text(node, "name") or "a parameter")

    def answer(self, status: str) -> AbstractContextManager[None]:
        """Around the reading of an answer: a success that cannot be read leaves nothing to call for."""
        return nullcontext() if status.startswith("2") else self.sparing("answer-left-out", f"the answer {status}")

    def leave_out_calls(self, code: str, what: str, wrong: Wrong) -> None:
        """The same of an operation, or of all those of a path: a document of which none is left is refused."""
        self.leave_out(code, what, wrong)
        self.unread.append(wrong)

    def follow(self, node: Node) -> Node:
        """What stands there, behind any `$ref`; must be an object. Raises Wrong.

        Words beside the `$ref` count more, from 3.1 on (OpenAPI 3.1.0 4.8.23).
        """
        found = mapping(self.references.follow(mapping(node)))
        near = {word: node.value[word] for word in _WORDS if word in node.value and "$ref" in node.value}
        return Node({**found.value, **near}, found.at) if near and self.shapes.siblings else found

    def name(self, node: Node) -> str:
        """The component's name, where a `$ref` leads to one."""
        found = steps(self.references.follow(node).at.pointer)
        return found[-1] if len(found) == 3 and found[0] == "components" else ""


def mapping(node: Node) -> Node:
    """The node, which must be an object. Raises Wrong."""
    return _checked(node, dict, "an object")


def members(node: Node, word: str) -> Iterator[tuple[str, Node]]:
    """What an object holds under `word`, by name; nothing is none. Raises Wrong for what is no object."""
    if node.value.get(word) is None:
        return
    inner = _checked(node / word, dict, "an object")
    yield from ((name, inner / name) for name in inner.value)


def items(node: Node, word: str) -> Iterator[Node]:
    """What a list under `word` holds; nothing is none. Raises Wrong for what is no list."""
    if node.value.get(word) is None:
        return
    inner = _checked(node / word, list, "a list")
    yield from (inner / index for index in range(len(inner.value)))


def text(node: Node, word: str) -> str:
    """A text without space around it; "" where none is, or something else. Nothing depends on such a text."""
    value = node.value.get(word)
    return value.strip() if isinstance(value, str) else ""


def needed(node: Node, word: str) -> str:
    """A text that must be there. Raises Wrong."""
    value = node.value.get(word)
    if not isinstance(value, str) or not value:
        raise Wrong(node.at, f'must have "{word}", a text')
    return value


def flag(node: Node, word: str, *, default: bool = False) -> bool:
    value = node.value.get(word)
    return value if isinstance(value, bool) else default


def texts(node: Node, word: str) -> tuple[str, ...]:
    value = node.value.get(word)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def examples(node: Node, references: References) -> tuple[Example, ...]:
    """`example` and `examples` of a parameter or a body; those that only name a URL are left out."""
    found = [Example("", node.value["example"])] if "example" in node.value else []
    several = node.value.get("examples")
    if isinstance(several, dict):
        for name in several:
            with suppress(Wrong):  # nothing depends on an example
                example = references.follow(node / "examples" / name)
                own = example.value if isinstance(example.value, dict) else {}
                shown = next((word for word in ("value", "dataValue") if word in own), None)  # dataValue: 3.2
                if shown:
                    found.append(Example(name, own[shown], text(example, "summary")))
    return tuple(found)


def extensions(node: Node) -> tuple[tuple[str, Any], ...]:
    return tuple((word, value) for word, value in node.value.items() if word.startswith("x-"))


def _checked(node: Node, kind: type, english: str) -> Node:
    if not isinstance(node.value, kind):
        raise Wrong(node.at, f"must be {english}, not {_ENGLISH.get(kind_of(node.value), 'a single value')}")
    return node
