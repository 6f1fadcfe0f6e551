"""A place in a document -> the schema that stands there. Knows what JSON Schema means; not where schemas are used.

Lazy and memoised: a `$ref` becomes a `Ref` at once and is read later, by `finish`, so recursion is never infinite, and
what no wanted operation needs is never read. A merge that meets itself again, or lies deep, becomes a `Ref` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import PurePosixPath
from typing import Any, Literal, cast

from bff.openapi.alternatives import alternatives, is_check, lacks_type, ways
from bff.openapi.discriminators import Discriminators
from bff.openapi.facets import Facet, Facets, is_null, is_plain, tells
from bff.openapi.kinds import Said, is_nullable, kinds_of, kinds_of_values, said, says_null
from bff.openapi.objects import made_array, made_object
from bff.openapi.pointer import steps
from bff.openapi.refs import Node, References
from bff.openapi.report import Report
from bff.openapi.scalars import enum_words, format_of, key, limits, spoken, unique, values_of
from bff.openapi.schema import At, Enum, Free, Never, Ref, Scalar, ScalarKind, Schema, Union, resolved
from bff.openapi.unions import simplified
from bff.openapi.wrong import Barred, Wrong

MOST = 500_000  # schemas, and parts that they are put together from, of one import; GitHub's description has 33,000
MOST_PROBLEMS = 50
COST = 200  # schemas that one which cannot be read counts for: it may have been put together from many
MOST_MEMBERS = 1_000  # of one union
MOST_SPREAD = 20_000  # members of unions, all together, that what stands beside the union was merged into
DEEP = 12  # inline schemas within each other, after which the rest is read apart

_LEFT_OUT = ("if", "not", "dependentSchemas", "contains")
_WORDS = frozenset({"schema", "items", "content", "allOf", "oneOf", "anyOf", "additionalProperties", "properties"})


class TooMuch(Wrong):
    """A limit of the whole import was reached: nothing more is read."""


@dataclass(slots=True)
class Shapes:
    """Makes the schemas of one API. What cannot be read is read as anything, and the report says so; `problems` are
    what may not be read, for which the document is refused.
    """

    references: References
    report: Report
    siblings: bool  # 3.1: what stands beside a $ref counts
    problems: list[Wrong] = field(default_factory=list)
    facets: Facets = field(init=False)
    discriminators: Discriminators = field(init=False)
    _waiting: dict[str, tuple[Node | Facet, ...]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)  # keys that wait or are done
    _building: set[str] = field(default_factory=set)
    _made: int = 0
    _spread: int = 0

    def __post_init__(self) -> None:
        self.facets = Facets(self.references, self.report, self.siblings)
        self.discriminators = Discriminators(self.references, self.facets, self.report, self._reference)

    def of(self, node: Node) -> Schema:
        """The schema at a place. What is wrong with it is noted."""
        return self.all_of([node], node.at)

    def all_of(self, nodes: Sequence[Node | Facet], at: At) -> Schema:
        """The schema that keeps to all of these."""
        self._count(at, 1)
        try:
            if len(nodes) == 1 and isinstance(nodes[0], Node) and (ref := self._reference(nodes[0])):
                return ref
            key = _key(nodes)
            if key in self._building or len(self._building) >= DEEP:
                return self._later(key, nodes, at)
            return self._built(key, nodes, at)
        except TooMuch:
            raise
        except Wrong as wrong:
            self.note(wrong)
            return Free(at=at, nullable=True)

    def finish(self) -> dict[str, Schema]:
        """All schemas that are referred to, by key. None of them is a Ref."""
        done: dict[str, Schema] = {}
        while self._waiting:
            key = next(iter(self._waiting))
            nodes = self._waiting.pop(key)
            done[key] = self._named(key, nodes)
        return {key: self._settled(key, done) for key in done}

    def _named(self, key: str, nodes: tuple[Node | Facet, ...]) -> Schema:
        at = nodes[0].at
        try:
            return self._built(key, nodes, at, name_of(at) if len(nodes) == 1 else "")
        except TooMuch:
            raise
        except Wrong as wrong:
            self.note(wrong)
            return Free(at=at, nullable=True)

    def _settled(self, key: str, done: dict[str, Schema]) -> Schema:
        """What a key stands for in the end: a union of which one member is left can be a Ref."""
        schema = done[key]
        seen = {key}
        while isinstance(schema, Ref):
            if schema.key in seen:
                self.note(Wrong(done[key].at, "allows nothing but itself", "write what it is"))
                return Free(at=done[key].at, nullable=True)
            seen.add(schema.key)
            schema = resolved(schema, done)
        return schema

    def _reference(self, node: Node) -> Ref | None:
        target, on_the_way, null = self.facets.sole(node)
        if target is None:
            return None
        self._wait(str(target.at), (target,))
        words = said(on_the_way, node.at, name=name_of(target.at), nullable=null or any(map(says_null, on_the_way)))
        return Ref(**words, key=str(target.at))

    def _later(self, key: str, nodes: Sequence[Node | Facet], at: At) -> Ref:
        self._wait(key, tuple(nodes))
        return Ref(at=at, key=key)

    def _wait(self, key: str, nodes: tuple[Node | Facet, ...]) -> None:
        if key not in self._known:
            self._known.add(key)
            self._waiting[key] = nodes

    def _count(self, at: At, more: int) -> None:
        self._made += more
        if self._made > MOST:
            raise TooMuch(at, f"must not come to more than {MOST} schemas", "take a part with --only")

    def note(self, wrong: Wrong) -> None:
        """What is wrong with a schema."""
        if not isinstance(wrong, Barred):
            self._count(wrong.at, COST)
            self.report.loss("malformed-schema", wrong.at, f"read as anything: {wrong}")
            return
        self.problems.append(wrong)
        if len(self.problems) == MOST_PROBLEMS:
            raise TooMuch(wrong.at, f"{MOST_PROBLEMS} problems were found; the rest was not read")

    # From facets to a schema ------------------------------------------------------------------------------------

    def _built(self, key: str, nodes: Sequence[Node | Facet], at: At, name: str = "") -> Schema:
        nested = key not in self._building
        self._building.add(key)
        try:
            facets = self.facets.of(nodes)
            self._count(at, len(facets))
            return self._made_of(facets, at, name)
        finally:
            if nested:
                self._building.discard(key)

    def _made_of(self, facets: list[Facet], at: At, name: str) -> Schema:
        self._note_left_out(facets)
        union = alternatives(facets)
        words = said(facets, at, name=name, nullable=is_nullable(facets))
        return self._union(*union, facets, words) if union else self._plain(facets, words)

    def _plain(self, facets: list[Facet], words: Said) -> Schema:
        if any(facet.value.get("not") in ({}, True) and "not" in facet.value for facet in facets):
            return Never(**words)
        values = values_of(facets, self.report)
        kinds = kinds_of(facets, self.report)
        if values is not None and (not kinds or not {"object", "array"} & {*kinds}):
            return self._enum(facets, values, kinds, words)
        if not kinds:
            return Never(**words) if words["nullable"] and _only_null(facets) else _anything(words)
        if len(kinds) == 1:
            return self._kind(kinds[0], facets, words)
        inner = said([], words["at"])
        members, _ = simplified([self._kind(kind, facets, inner) for kind in kinds], words["at"], self.report)
        return _either(members, words, None, several=False)

    def _kind(self, kind: str, facets: list[Facet], words: Said) -> Schema:
        if kind == "object":
            return made_object(facets, words, self, self._parent(facets))
        if kind == "array":
            return made_array(facets, words, self)
        return Scalar(
            **words, kind=cast("ScalarKind", kind), format=format_of(facets, self.report), limits=limits(facets)
        )

    def _parent(self, facets: list[Facet]) -> Any:
        own = next((facet for facet in facets if facet.own and "discriminator" in facet.value), None)
        return self.discriminators.of_parent(own) if own else None

    def _enum(self, facets: list[Facet], values: list[Any], kinds: list[str], words: Said) -> Schema:
        if any(value is None for value in values):
            words = {**words, "nullable": True}
        left = [value for value in values if value is not None]
        if any(isinstance(value, (dict, list)) for value in left):
            self.report.loss("enum-of-objects", words["at"], "objects and lists cannot be named; read as anything")
            return Free(**words)
        if len(kinds) == 1:
            left = self._as(left, cast("ScalarKind", kinds[0]), words["at"])
        if not left:
            return Never(**words)
        names, descriptions = enum_words(facets, left)
        kind = kinds_of_values(left)
        only = cast(
            "Literal['string', 'integer', 'number', 'boolean']",
            "number" if {*kind} == {"integer", "number"} else kind[0],
        )
        mixed = len(kind) > 1 and only != "number"
        return Enum(
            **words, kind="mixed" if mixed else only, values=tuple(left), names=names, descriptions=descriptions
        )

    def _as(self, values: list[Any], kind: ScalarKind, at: At) -> list[Any]:
        made = [spoken(value, kind) for value in values]
        if [key(value) for value in made] != [key(value) for value in values]:
            self.report.guess("enum-value-type", at, f"values of this enum are not written as {kind}s, but read so")
        return unique([value for value in made if value is not None])

    def _note_left_out(self, facets: list[Facet]) -> None:
        for facet in facets:
            for word in _LEFT_OUT:
                if word in facet.value and facet.value[word] not in ({}, True):
                    self.report.info("check-left-out", facet.at / word, f"{word} narrows values; types do not show it")

    # Unions -----------------------------------------------------------------------------------------------------

    def _union(self, facet: Facet, word: str, facets: list[Facet], words: Said) -> Schema:
        """`oneOf` or `anyOf` of one facet; what all other facets say goes into every member."""
        rest = [each.less(word) if each is facet else each for each in facets]
        members = [Node(value, facet.at / word / index) for index, value in enumerate(facet.value[word])]
        words["nullable"] = words["nullable"] or any(is_null(member.value) for member in members)
        members = [member for member in members if not is_null(member.value)]
        if len(members) * prod(map(ways, rest)) > MOST_MEMBERS:
            raise Wrong(facet.at / word, f"must not come to more than {MOST_MEMBERS} members")
        if all(is_check(member.value) for member in members):
            return self._without(facet, word, rest, words)
        made = [self._member(member, rest) for member in members]
        kept, null = simplified(made, words["at"], self.report)
        words["nullable"] = words["nullable"] or null
        discriminator = self.discriminators.of_union(facet, members) if "discriminator" in facet.value else None
        return _either(kept, words, discriminator, several=word == "anyOf")

    def _without(self, facet: Facet, word: str, rest: list[Facet], words: Said) -> Schema:
        """The schema without alternatives that only say which members have to be there, or nothing."""
        if any(not is_plain(member) for member in facet.value[word]):
            self.report.info("check-left-out", facet.at / word, f"{word} says which members go together; types do not")
        made = self._made_of(rest, words["at"], words["name"])
        return replace(made, nullable=made.nullable or words["nullable"])

    def _member(self, member: Node, rest: list[Facet]) -> Schema:
        base = [replace(each, own=False) for each in rest if not each.says_nothing]
        only_type = all({word for word in each.value if tells(word)} == {"type"} for each in base)
        if not base or (only_type and not lacks_type(member.value)):
            return self.of(member)
        if self._contradicts(member.value, base):
            self.report.guess(
                "union-beside-type", member.at, "another type stands beside the union; this one is believed"
            )
            return self.of(member)
        self._spread += 1
        if self._spread > MOST_SPREAD:
            raise TooMuch(
                member.at, f"unions must not come to more than {MOST_SPREAD} members", "take a part with --only"
            )
        return self.all_of([*base, member], member.at)

    def _contradicts(self, value: Any, base: list[Facet]) -> bool:
        """Whether a member has a type, and none of those that are written beside the union."""
        own = value.get("type") if isinstance(value, dict) else None
        kinds = kinds_of(base, self.report)
        return isinstance(own, str) and bool(kinds) and own not in kinds and {own, *kinds} != {"integer", "number"}


def _anything(words: Said) -> Free:
    """What no type narrows may be null too (OpenAPI 3.0.3, proposal 003)."""
    return replace(Free(**words), nullable=True)


def _only_null(facets: list[Facet]) -> bool:
    return any(facet.value.get("type") in ("null", ["null"]) for facet in facets)


def _either(members: list[Schema], words: Said, discriminator: Any, *, several: bool) -> Schema:
    """A union of what is left; one member is itself, with what is said here."""
    if not members:
        return Never(**words)
    if len(members) > 1:
        return Union(**words, members=tuple(members), discriminator=discriminator, several=several)
    near = Ref(**words, key="")
    found = resolved(near, {"": members[0]})
    return found if isinstance(found, Ref) else replace(found, at=words["at"], name=words["name"] or found.name)


def _key(nodes: Sequence[Node | Facet]) -> str:
    return "&".join(sorted({node.id if isinstance(node, Facet) else str(node.at) for node in nodes}))


def name_of(at: At) -> str:
    """What a schema at this place is called: a component's name, a file's, or the last word that says something."""
    found = steps(at.pointer)
    if not found:
        return PurePosixPath(at.document).name.partition(".")[0]
    return next((step for step in reversed(found) if step not in _WORDS and not step.isdigit()), "")
