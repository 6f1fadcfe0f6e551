"""One schema as all that it says: `allOf` taken apart and `$ref`s followed. Knows JSON Schema's words.

A facet is one object of keywords without `allOf` and `$ref`. A value must keep to all facets of its schema; what that
comes to is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bff.openapi.refs import LONGEST, Node, References
from bff.openapi.report import Report
from bff.openapi.schema import At
from bff.openapi.wrong import Wrong

MOST = 2_000  # facets of one schema; the largest of GitHub's has 6

# Words that say something about a schema and nothing about its values.
SAID = frozenset(
    {"title", "description", "deprecated", "nullable", "readOnly", "writeOnly", "default", "example", "examples"}
    | {"externalDocs", "xml", "$comment", "$id", "$anchor", "$dynamicAnchor", "$schema", "$defs", "definitions"}
    | {"discriminator", "$vocabulary", "id"}
)
_TRIVIAL: tuple[Any, ...] = ("object", ["object"])


@dataclass(frozen=True, slots=True)
class Facet:
    """What one place says. `own`: no `$ref` was followed to it; `without`: words of it that were dealt with."""

    value: dict[str, Any]
    at: At
    own: bool = True
    without: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.at}{''.join(f'-{word}' for word in self.without)}"

    def less(self, word: str) -> Facet:
        """The same, but for this word."""
        rest = {key: value for key, value in self.value.items() if key != word}
        return Facet(rest, self.at, self.own, (*self.without, word))

    @property
    def says_nothing(self) -> bool:
        return not any(tells(word) for word in self.value)


def tells(word: str) -> bool:
    """Whether a keyword restricts values."""
    return word not in SAID and not word.startswith("x-")


def is_plain(value: Any) -> bool:
    """Whether a schema says no more than that something is there, or that it is an object."""
    if not isinstance(value, dict):
        return value is True
    words = [word for word in value if tells(word)]
    return not words or (words == ["type"] and value["type"] in _TRIVIAL)


def is_null(value: Any) -> bool:
    """Whether a schema allows null and nothing else."""
    if not isinstance(value, dict):
        return False
    words = {word: value[word] for word in value if tells(word)}
    if not words:
        return value.get("nullable") is True
    return words in ({"type": "null"}, {"type": ["null"]}, {"const": None}, {"enum": [None]}) or (
        words.get("type") in ("null", ["null"]) and words.keys() <= {"type", "enum", "const", "format"}
    )


@dataclass(slots=True)
class Facets:
    """Takes the schemas of one API apart."""

    references: References
    report: Report
    siblings: bool  # 3.1: what stands beside a $ref counts

    def of(self, nodes: Iterable[Node | Facet]) -> list[Facet]:
        """All facets, in the document's order; a schema that contains itself by `allOf` counts once. Raises Wrong."""
        found: dict[str, Facet] = {}
        followed: set[At] = set()
        waiting = [(node, True) for node in reversed([*nodes])]
        while waiting:
            node, own = waiting.pop()
            if isinstance(node, Facet):
                found.setdefault(node.id, node)
                continue
            value = self._object(node)
            facet = _extended(Facet(self._told(value), node.at, own))
            found.setdefault(facet.id, facet)
            if self.siblings or "$ref" not in value:
                waiting += [(each, own) for each in reversed(self._all(node, value))]
            if "$ref" in value or "$dynamicRef" in value:
                target = self.target(node)
                if target.at not in followed:
                    followed.add(target.at)
                    waiting.append((target, False))
            if len(found) > MOST:
                raise Wrong(node.at, f"must not be put together from more than {MOST} schemas")
        return list(found.values())

    def target(self, node: Node) -> Node:
        """The schema that a `$ref` leads to in one step. Raises Wrong."""
        if "$ref" in node.value:
            return self.references.target(node.value["$ref"], node.at)
        self.report.guess("dynamic-ref", node.at, "$dynamicRef is read as $ref: what extends this schema is not seen")
        return self.references.target(node.value["$dynamicRef"], node.at)

    def sole(self, node: Node) -> tuple[Node | None, list[Facet], bool]:
        """The schema that this one only refers to, if so; what is said on the way; whether null is added.

        It refers to one if it is a `$ref`, an `allOf` with one member that says something, or `anyOf`/`oneOf` with one
        member beside null. The target does none of this. Raises Wrong for a circle.
        """
        said: list[Facet] = []
        seen: set[At] = set()
        found: tuple[Node | None, list[Facet], bool] = (None, [], False)
        null = False
        while (step := self._step(node)) is not None:
            inner, referred, nulls = step
            if inner.at in seen or len(seen) == LONGEST:
                few = "but itself" if inner.at in seen else f"within {LONGEST} steps"
                raise Wrong(node.at, f"refers to nothing {few}", "write what it is")
            seen.add(inner.at)
            said += [Facet(self._told(node.value), node.at), *_aside(node)]
            null = null or nulls
            node = inner
            if referred:
                found = node, [*said], null
        return found

    def _step(self, node: Node) -> tuple[Node, bool, bool] | None:
        """The one schema that this stands for, whether by reference, and whether null is added to it."""
        if not isinstance(node.value, dict):
            return None
        words = {word for word in node.value if tells(word)}
        if words & {"$ref", "$dynamicRef"} and (not self.siblings or len(words) == 1):
            return self.target(node), True, False
        for word in ("allOf", "oneOf", "anyOf"):
            members = node.value.get(word)
            if word in words and words <= {word, "type"} and isinstance(members, list) and is_plain(_kept(node.value)):
                return _one(node, word, members)
        return None

    def _all(self, node: Node, value: dict[str, Any]) -> list[Node]:
        members = value.get("allOf", [])
        if isinstance(members, list):
            return [node / "allOf" / index for index in range(len(members))]
        self.report.loss("malformed-schema", node.at / "allOf", "allOf must be a list; it is left out")
        return []

    def _told(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a schema says itself; beside a $ref that is what 3.0 lets one say, and everybody does."""
        if "$ref" in value and not self.siblings:
            return {word: inner for word, inner in value.items() if word in SAID}
        return {word: inner for word, inner in value.items() if word not in {"allOf", "$ref", "$dynamicRef"}}

    def _object(self, node: Node) -> dict[str, Any]:
        if isinstance(node.value, dict):
            if not self.siblings and "$ref" in node.value:
                self._note_siblings(node)
            return node.value
        if node.value is False:
            return {"not": {}}
        if node.value is not True:
            self.report.loss("malformed-schema", node.at, "a schema must be an object; this is read as anything")
        return {}

    def _note_siblings(self, node: Node) -> None:
        lost = sorted(word for word in node.value if tells(word) and word != "$ref")
        if lost:
            self.report.info("ref-siblings", node.at, f"beside a $ref, OpenAPI before 3.1 ignores {', '.join(lost)}")


def _extended(facet: Facet) -> Facet:
    """A parent that lists its children in `oneOf`, as one of them has it by `allOf`: without its list."""
    if facet.own or not {"discriminator", "properties"} <= facet.value.keys():
        return facet
    return facet.less("oneOf").less("anyOf") if facet.value.keys() & {"oneOf", "anyOf"} else facet


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    return {word: inner for word, inner in value.items() if word not in {"allOf", "oneOf", "anyOf"}}


def _one(node: Node, word: str, members: list[Any]) -> tuple[Node, bool, bool] | None:
    kept = list(_telling(word, members))
    if len(kept) != 1:
        return None
    nulls = word != "allOf" and any(is_null(member) for member in members)
    return node / word / kept[0], False, nulls


def _telling(word: str, members: list[Any]) -> Iterator[int]:
    for index, member in enumerate(members):
        if not (is_plain(member) if word == "allOf" else is_null(member)):
            yield index


def _aside(node: Node) -> Iterator[Facet]:
    """What the members of an `allOf` say that say nothing about values."""
    for index, member in enumerate(node.value.get("allOf") or []):
        if isinstance(member, dict) and is_plain(member):
            yield Facet(member, node.at / "allOf" / index)
