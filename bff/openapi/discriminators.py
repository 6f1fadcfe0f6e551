"""`discriminator` -> which text means which schema, what is implicit written out (OpenAPI 3.1.0 4.8.25)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bff.openapi.facets import Facet, Facets
from bff.openapi.pointer import steps
from bff.openapi.refs import Node, References
from bff.openapi.report import Report
from bff.openapi.schema import At, Discriminator, Ref
from bff.openapi.wrong import Wrong

_BARE = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(slots=True)
class Discriminators:
    """Reads the discriminators of one API."""

    references: References
    facets: Facets
    report: Report
    refer: Callable[[Node], Ref | None]
    _children: dict[str, dict[At, list[tuple[str, Node]]]] = field(default_factory=dict)  # by document and parent

    def of_union(self, facet: Facet, members: list[Node]) -> Discriminator | None:
        """Of members of a oneOf or anyOf. Each Ref's `at` is the member's place."""
        name = self._property(facet)
        if not name:
            return None
        refs = [ref for ref in map(self.refer, members) if ref]
        mapping = [(text, self._placed(ref, refs)) for text, ref in self._explicit(facet)]
        mapped = {ref.key for _, ref in mapping}
        mapping += [(ref.name, ref) for ref in refs if ref.key not in mapped and ref.name]
        return Discriminator(name, tuple(mapping), self._default(facet, refs))

    def of_parent(self, facet: Facet) -> Discriminator | None:
        """Of a schema that others extend by `allOf`."""
        name = self._property(facet)
        if not name:
            return None
        mapping = [*self._explicit(facet)]
        mapped = {ref.key for _, ref in mapping}
        for text, child in self._descendants(facet.at):
            ref = self.refer(Node({"$ref": f"#{child.at.pointer}"}, child.at))
            if ref and ref.key not in mapped:
                mapping.append((text, ref))
        return Discriminator(name, tuple(mapping))

    def _property(self, facet: Facet) -> str:
        value = facet.value.get("discriminator")
        name = value.get("propertyName") if isinstance(value, dict) else value
        if isinstance(name, str):
            return name
        if value is not None:
            at = facet.at / "discriminator"
            self.report.loss("malformed-discriminator", at, "a discriminator must have a propertyName")
        return ""

    def _explicit(self, facet: Facet) -> Iterator[tuple[str, Ref]]:
        value = facet.value["discriminator"]
        mapping = value.get("mapping") if isinstance(value, dict) else None
        if not isinstance(mapping, dict):
            return
        for text, target in mapping.items():
            at = facet.at / "discriminator" / "mapping" / text
            ref = self._mapped(target, at)
            if ref:
                yield text, ref

    def _default(self, facet: Facet, members: list[Ref]) -> Ref | None:
        """What an object is whose text is missing, or says nothing."""
        value = facet.value["discriminator"]
        if not isinstance(value, dict) or "defaultMapping" not in value:
            return None
        found = self._mapped(value["defaultMapping"], facet.at / "discriminator" / "defaultMapping")
        return self._placed(found, members) if found else None

    def _mapped(self, target: Any, at: At) -> Ref | None:
        """What a mapping names: a bare word is a component's name, if there is such a one, else a file's."""
        words = [f"#/components/schemas/{target}", f"#/definitions/{target}"] if self._is_bare(target) else []
        for word in (*words, target):
            try:
                self.references.target(word, at)
                return self.refer(Node({"$ref": word}, at))
            except Wrong:
                continue
        self.report.loss("discriminator-target", at, f"the mapping to {str(target)[:80]!r} leads nowhere")
        return None

    @staticmethod
    def _is_bare(target: Any) -> bool:
        return isinstance(target, str) and bool(_BARE.fullmatch(target))

    @staticmethod
    def _placed(ref: Ref, members: list[Ref]) -> Ref:
        return next((member for member in members if member.key == ref.key), ref)

    def _descendants(self, parent: At) -> Iterator[tuple[str, Node]]:
        known = self._of_document(parent.document)
        seen: set[At] = {parent}
        waiting = [parent]
        while waiting:
            for name, child in known.get(waiting.pop(0), []):
                if child.at not in seen:
                    seen.add(child.at)
                    waiting.append(child.at)
                    yield name, child

    def _of_document(self, document: str) -> dict[At, list[tuple[str, Node]]]:
        """Components by what their `allOf` refers to, found once a document."""
        if document not in self._children:
            found: dict[At, list[tuple[str, Node]]] = {}
            for child in self._components(document):
                for parent in self._parents(child):
                    found.setdefault(parent, []).append((steps(child.at.pointer)[-1], child))
            self._children[document] = found
        return self._children[document]

    def _components(self, document: str) -> Iterator[Node]:
        for place in ("#/components/schemas", "#/definitions"):
            try:
                node = self.references.target(place, At(document))
            except Wrong:
                continue
            if isinstance(node.value, dict):
                yield from (node / name for name in node.value)

    def _parents(self, child: Node) -> Iterator[At]:
        members = child.value.get("allOf") if isinstance(child.value, dict) else None
        for index, member in enumerate(members if isinstance(members, list) else []):
            if isinstance(member, dict) and isinstance(member.get("$ref"), str):
                try:
                    yield self.references.target(member["$ref"], child.at / "allOf" / index).at
                except Wrong:
                    continue
