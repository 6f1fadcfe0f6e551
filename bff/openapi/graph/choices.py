"""Unions: in answers one of several types, told by what is in a row; in inputs one of several members, said by clients.

Scalars and lists are held by types of their own, whose member is `value`. Knows no object's members.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from bff.openapi.graph.drafts import Drafts, Way, member_names
from bff.openapi.graph.names import field_name, python_name
from bff.openapi.graph.places import Place
from bff.openapi.graph.rules import rule_of
from bff.openapi.graph.wanted import FLOAT, ID, INT, JSON, STR, Member, Rule, Use, Wanted
from bff.openapi.schema import At, Enum, Map, Object, Ref, Schema, Union

_BOXES = {
    "string": "Text",
    "integer": "Integer",
    "number": "Number",
    "boolean": "Boolean",
    "list": "List",
    "map": "Map",
}
_SHOWN = 2  # members that an option without a name is called by
TypeOf = Callable[[Schema, Place, Way], Use]
MemberOf = Callable[[Schema, Place, Way], tuple[Use, bool]]  # and whether it is a map, as entries


class Choices:
    """The unions of one document, as drafts."""

    def __init__(self, drafts: Drafts, use: TypeOf, member_use: MemberOf) -> None:
        self._drafts = drafts
        self._use = use
        self._member_use = member_use

    def use(self, schema: Union, place: Place, way: Way) -> Use:
        """The type of a value that is one of several."""
        drafts, key = self._drafts, f"{place.key} (input)" if way == "input" else place.key
        if key in drafts.instead:
            return drafts.instead[key]
        if key in drafts.drafts:
            return Use(key, "own", composite=True)
        if way == "input":
            plain = place.plain if place.plain.endswith("Input") else f"{place.plain}Input"
            drafts.draft(Wanted("input", key, place.home, schema.at, schema.description, one_of=True), plain)
        else:
            drafts.draft(Wanted("union", key, place.home, schema.at, schema.description), place.plain)
        found = self._found(schema, place, way, key)
        if found.name != key:
            del drafts.drafts[key], drafts.plain[key]
            drafts.instead[key] = found
        return found

    def _found(self, schema: Union, place: Place, way: Way, key: str) -> Use:
        labels = _options(schema.members, [self._drafts.resolved(each) for each in schema.members])
        rows = list(zip(schema.members, map(place.option, labels), strict=True))
        found = [self._member_use(*row, way) if way == "input" else (self._use(*row, way), False) for row in rows]
        uses = [use.or_null(False) for use, _ in found]
        distinct = list(dict.fromkeys(uses))
        if len(distinct) == 1:
            return distinct[0]
        one = self._one_scalar(schema, distinct)
        if one:
            return one
        if way == "input":
            maps = {use.or_null(False) for use, entries in found if entries}
            labelled = dict(zip(uses, self._labels(labels, schema.members, uses), strict=True))
            if schema.several and sum(use.composite and not use.lists for use in labelled) > 1:
                self._drafts.report.guess("any-of-input", schema.at, "a value of several kinds at once cannot be given")
            return self._said(key, labelled, maps)
        return self._told(schema, place, key, uses)

    def extended(self, schema: Ref, base: Use, place: Place, way: Way) -> Use:
        """An object that others extend, told by its discriminator: one of them, or else itself."""
        drafts, key = self._drafts, f"{place.key} any" + (" (input)" if way == "input" else "")
        target = drafts.resolved(schema)
        told = target.discriminator if isinstance(target, Object) else None
        kinds = {text: ref for text, ref in told.mapping if ref.key != schema.key} if told else {}
        if key in drafts.drafts or not kinds or not told or base.module != "own":
            return Use(key, "own", composite=True) if key in drafts.drafts else base
        said = f"Any {place.plain}." if not target.description else target.description
        if way == "input":
            drafts.draft(Wanted("input", key, place.home, schema.at, said, one_of=True), f"Any{place.plain}Input")
            labels = {self._use(ref, place, way): ref.key.rpartition("/")[2] for ref in kinds.values()}
            return self._said(key, {base: place.plain, **labels}, set())
        drafts.draft(Wanted("union", key, place.home, schema.at, said), f"Any{place.plain}")
        values = {text: self._use(ref, place, way) for text, ref in sorted(kinds.items())}
        named = tuple((text, use.name) for text, use in values.items() if use.module == "own")
        rule = Rule(by=told.property, values=named, members=((base.name, ()),))
        types = tuple(dict.fromkeys((*(name for _, name in named), base.name)))
        drafts.drafts[key] = replace(drafts.drafts[key], types=types, rule=rule)
        return Use(key, "own", composite=True)

    # Answers -------------------------------------------------------------------------------------------------------

    def _told(self, schema: Union, place: Place, key: str, uses: list[Use]) -> Use:
        drafts = self._drafts
        if JSON in uses:
            return drafts.json("union", schema.at, "one of several kinds of value")
        names = [self.boxed(use, each, place) for use, each in zip(uses, schema.members, strict=True)]
        rule = rule_of(schema, names, drafts.schemas)
        if rule is None:
            return drafts.json("union", schema.at, "one of several kinds of object, and nothing tells which")
        drafts.drafts[key] = replace(drafts.drafts[key], types=tuple(dict.fromkeys(names)), rule=rule)
        return Use(key, "own", composite=True)

    def boxed(
        self, use: Use, schema: Schema | None, place: Place, size: int | None = None, *, entries: bool = False
    ) -> str:
        """The key of an object's type; what is no object gets one that holds it, a list of this size.

        `entries`: it is a map, as a list of them; no `schema`: it is no JSON.
        """
        if use.composite and not use.lists:
            return use.name
        target = self._drafts.resolved(schema) if schema else None
        kind = (
            "map" if entries else "list" if use.lists else str(getattr(target, "kind", "value" if target else "string"))
        )
        key = f"{place.key} {kind}"
        if key not in self._drafts.drafts:
            size = size or (self._drafts.size(target, use) if target else None)
            held = Member("value", "value", "value", use, size=size, entries=entries)
            at = schema.at if schema else At("")
            draft = Wanted("type", key, place.home, at, f"Where it is a {kind}.", members=(held,))
            self._drafts.draft(draft, f"{place.plain}{_BOXES.get(kind, 'Value')}")
        return key

    def _one_scalar(self, schema: Union, distinct: list[Use]) -> Use | None:
        """A scalar that can hold each of these, if there is one: texts are texts, whole numbers are numbers."""
        if set(distinct) <= {INT, FLOAT}:
            return FLOAT
        if any(use.composite or use.lists or use == JSON for use in distinct):
            return None
        if all(_is_text(use) for use in distinct):
            self._drafts.report.info("open-text", schema.at, "several kinds of text are a String")
            return STR
        return None

    # Inputs --------------------------------------------------------------------------------------------------------

    def _said(self, key: str, labels: dict[Use, str], maps: set[Use]) -> Use:
        """An input of which a client gives one member, whose value is what is sent."""
        drafts = self._drafts
        names = member_names(drafts, key, {label: field_name(label) for label in labels.values()})
        members = tuple(
            Member(names[label], python_name(names[label]), "", use.or_null(), entries=use in maps)
            for use, label in labels.items()
        )
        drafts.drafts[key] = replace(drafts.drafts[key], members=members)
        return Use(key, "own", composite=True)

    def _labels(self, labels: list[str], members: Sequence[Schema], uses: list[Use]) -> list[str]:
        """What to call alternatives: as the document does, else by their kind, where no two are of one."""
        kinds = [self._label(*each) for each in zip(labels, members, uses, strict=True)]
        return [label if kinds.count(kind) > 1 else kind for label, kind in zip(labels, kinds, strict=True)]

    def _label(self, label: str, member: Schema, use: Use) -> str:
        target = self._drafts.resolved(member)
        if isinstance(member, Ref) or isinstance(target, Object) or target.title:
            return label
        kind = "list" if use.lists else str(getattr(target, "kind", "value"))
        kind = "map" if isinstance(target, Map) else kind
        return _BOXES.get(kind, "Value").lower()


def _is_text(use: Use) -> bool:
    return use in {STR, ID} or use.module in {"own", "datetime", "uuid"} or use.name == "URI"


def _options(members: Sequence[Schema], targets: Sequence[Schema]) -> list[str]:
    """What to call the options of a union, no two alike: those that are differ in a constant, or in their members."""
    found = [_option(*row) for row in zip(members, targets, strict=True)]
    for way in (_constants, _needed, _members):
        often = Counter(filter(None, found))
        told = zip(found, targets, strict=True)
        found = [f"{label} {way(target)}".strip() if often[label] > 1 else label for label, target in told]
    often = Counter(filter(None, found))
    return [label if often[label] == 1 else f"{label} option {index + 1}".strip() for index, label in enumerate(found)]


def _option(schema: Schema, target: Schema) -> str:
    """What to call an option of a union; "" for one that has no name of its own."""
    if isinstance(schema, Ref):
        return schema.key.rpartition("/")[2]
    return target.title or " ".join(_required(target)[:_SHOWN])


def _required(target: Schema) -> list[str]:
    return sorted(each.name for each in target.properties if each.required) if isinstance(target, Object) else []


def _needed(target: Schema) -> str:
    """What else it must have."""
    return " ".join(_required(target)[_SHOWN:])


def _constants(target: Schema) -> str:
    """What its constants say that it is."""
    own = sorted(target.properties, key=lambda each: each.name) if isinstance(target, Object) else ()
    fixed = (each.schema.values for each in own if isinstance(each.schema, Enum))
    return " ".join(str(values[0]) for values in fixed if len(values) == 1)


def _members(target: Schema) -> str:
    return " ".join(sorted(each.name for each in target.properties)) if isinstance(target, Object) else ""
