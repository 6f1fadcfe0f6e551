"""From schemas to types, inputs, enums and unions. Knows no operation and no printing.

Types are drafts first, told apart by keys that survive a reordered document ("City.location"); `naming` gives them
their names when all are there. What cannot be said in GraphQL is JSON, and the report says where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bff.openapi.graph.formats import is_id, scalar_use, unknown_format
from bff.openapi.graph.lock import ServiceNames
from bff.openapi.graph.names import apart, enum_name, field_name, python_name, type_name
from bff.openapi.graph.places import Place, component, component_names
from bff.openapi.graph.rules import rule_of
from bff.openapi.graph.wanted import BOOL, FILE, FLOAT, ID, INT, JSON, STR, Member, Use, Value, Wanted, list_of
from bff.openapi.model import Document
from bff.openapi.report import Report
from bff.openapi.schema import (
    MISSING,
    Array,
    At,
    Enum,
    Free,
    Map,
    Never,
    Object,
    Property,
    Ref,
    Scalar,
    Schema,
    Union,
    resolved,
)

Way = Literal["output", "input"]
_BOXES = {"string": "Text", "integer": "Integer", "number": "Number", "boolean": "Boolean", "list": "List"}
NESTED = 100  # assumed length of a list inside a row, where the document gives no maxItems


@dataclass(frozen=True, slots=True)
class _Empty:
    """An object's draft that has no members yet."""

    draft: Wanted
    kept: list[Property]
    place: Place
    way: Way
    uploads: bool


class Types:
    """The types of one document, as drafts: `name` of each, and of every use of it, is a key."""

    def __init__(self, document: Document, names: ServiceNames, report: Report) -> None:
        self.drafts: dict[str, Wanted] = {}
        self.plain: dict[str, str] = {}  # key -> the name that it would have were it alone
        self.uploads = False  # whether what is looked at is sent in parts, so that bytes are files
        self.instead: dict[str, Use] = {}  # keys that turned out to be no type of their own
        self._document = document
        self._schemas = document.schemas
        self._names = names
        self._report = report
        self._open: list[str] = []
        self._waiting: list[_Empty] = []
        self._filling = False
        self._component_names = component_names([component(key) for key in document.schemas])

    def use(self, schema: Schema, place: Place, way: Way) -> Use:
        """The type of a value there; null where the schema says so."""
        if isinstance(schema, Ref):
            return self._referred(schema, way).or_null(resolved(schema, self._schemas).nullable)
        return self._plain_use(schema, place, way).or_null(schema.nullable)

    def resolved(self, schema: Schema) -> Schema:
        return resolved(schema, self._schemas)

    def place_of(self, schema: Ref) -> Place:
        """The place of a component: its own, wherever it is used."""
        document, name = schema.key.rpartition("#")[0], component(schema.key)
        foreign = document not in {"", self._document.at.document}
        key = f"{document.rpartition('/')[2]}#{name}" if foreign else name
        plain = self._component_names.get(name) or type_name(name.rpartition("/")[2])
        return Place(key, plain, plain)

    def _referred(self, schema: Ref, way: Way) -> Use:
        place, target = self.place_of(schema), self._schemas[schema.key]
        if schema.key in self._open and not isinstance(target, Object | Union):
            return self._json("recursive", target.at, "it contains nothing but itself")
        self._open.append(schema.key)
        try:
            return self._plain_use(target, place, way)
        finally:
            self._open.pop()

    def _plain_use(self, schema: Schema, place: Place, way: Way) -> Use:
        match schema:
            case Scalar():
                return self._scalar(schema)
            case Enum():
                return self._enum(schema, place)
            case Object():
                return self._object(schema, place, way)
            case Array():
                return self._array(schema, place, way)
            case Union():
                return self._union(schema, place, way)
            case Map():
                return self._json("map", schema.at, "a map inside a list, a map or a union has no typed form")
            case Never():
                return self._json("never", schema.at, "no value fits, so nothing is known of what comes")
            case _:
                return self._free(schema)

    def _scalar(self, schema: Scalar) -> Use:
        if unknown_format(schema):
            self._report.info("unknown-format", schema.at, f"format {schema.format!r} is kept as a plain {schema.kind}")
        return FILE if self.uploads and schema.format == "binary" else scalar_use(schema)

    def _free(self, schema: Schema) -> Use:
        kind = "any object" if isinstance(schema, Free) and schema.kind == "object" else "anything"
        return self._json("free-form", schema.at, f"the document allows {kind} here")

    def _json(self, code: str, at: At, why: str) -> Use:
        self._report.loss(code, at, f"{why}: JSON, without types")
        return JSON

    # Enums ---------------------------------------------------------------------------------------------------------

    def _enum(self, schema: Enum, place: Place) -> Use:
        if len(schema.values) == 1 or schema.kind in {"number", "boolean", "mixed"}:
            return self._no_enum(schema)
        texts = [str(value) for value in schema.values]
        wanted = {text: enum_name(said) for text, said in zip(texts, schema.names or texts, strict=True)}
        names = apart(wanted, self._names.values.get(place.key, {}))
        self._names.values[place.key] = {text: name for text, name in names.items() if name != text}
        said = schema.descriptions or ("",) * len(texts)
        rows = zip(texts, schema.values, said, strict=True)
        values = tuple(Value(names[text], value, told) for text, value, told in rows)
        draft = Wanted("enum", place.key, place.home, schema.at, schema.description, values=values)
        self._draft(place.key, draft, place.plain)
        return Use(place.key, "own")

    def _no_enum(self, schema: Enum) -> Use:
        """One value, or values that are no names: what they are is told by the description."""
        kinds = {"string": STR, "integer": INT, "number": FLOAT, "boolean": BOOL, "mixed": STR}
        if schema.kind == "mixed":
            self._report.loss("mixed-enum", schema.at, "an enum of texts and numbers is a String")
        return kinds[schema.kind]

    # Objects -------------------------------------------------------------------------------------------------------

    def _object(self, schema: Object, place: Place, way: Way) -> Use:
        key = f"{place.key} (input)" if way == "input" else place.key
        if key in self.instead:
            return self.instead[key]
        if key in self.drafts:
            return Use(key, "own", composite=True)
        kept = [each for each in schema.properties if self._kept(each, way)]
        if not kept:
            self.instead[key] = self._json("empty-object", schema.at, "an object of which no member is known")
            return JSON
        plain = place.plain
        if way == "input" and not plain.endswith("Input"):
            plain += "Input"
        kind: Literal["type", "input"] = "input" if way == "input" else "type"
        draft = Wanted(kind, key, place.home, schema.at, schema.description)
        self._draft(key, draft, plain)
        if schema.additional is not None and not isinstance(self.resolved(schema.additional), Free):
            self._report.loss("additional-members", schema.at, "members besides the named ones are left out")
        self._waiting.append(_Empty(draft, kept, replace(place, key=key), way, self.uploads))
        if not self._filling:
            self._fill()
        return Use(key, "own", composite=True)

    def _fill(self) -> None:
        """Give waiting objects their members, one after the other: a chain of thousands costs no stack."""
        around = self._open, self.uploads
        self._open, self._filling = [], True
        try:
            while self._waiting:
                each = self._waiting.pop()
                self.uploads = each.uploads
                members = tuple(self._members(each.kept, each.place, each.way))
                self.drafts[each.draft.name] = replace(each.draft, members=members)
        finally:
            (self._open, self.uploads), self._filling = around, False

    def _kept(self, each: Property, way: Way) -> bool:
        """Read-only members are not sent, write-only ones do not come; a member without a name or value is neither."""
        schema = self.resolved(each.schema)
        if not each.name or (isinstance(schema, Never) and not schema.nullable):
            return False
        return not (schema.read_only if way == "input" else schema.write_only)

    def _members(self, kept: list[Property], place: Place, way: Way) -> Iterator[Member]:
        wanted = {each.name: field_name(each.name) for each in kept}
        locked = self._names.members.get(place.key, {})
        names = apart(wanted, {**_same(wanted, locked), **locked})
        self._names.members[place.key] = {wire: name for wire, name in names.items() if name != wire}
        for each in kept:
            yield self._member(each, names[each.name], place, way)

    def _member(self, each: Property, name: str, place: Place, way: Way) -> Member:
        schema = self.resolved(each.schema)
        use, entries = self.member_use(each.schema, place.member(each.name), way)
        if is_id(each.name, schema) and (way == "output" or getattr(schema, "kind", "") == "string"):
            use = list_of(ID) if isinstance(schema, Array) else ID
        required = each.required and (way == "output" or schema.default is MISSING)
        return Member(
            name=name,
            python=python_name(name),
            wire=each.name,
            use=use.or_null(schema.nullable or not required),
            description=each.schema.description,  # of the member: what its type is called is said there
            deprecated=each.schema.deprecated and (way == "output" or schema.nullable or not required),
            size=self.size(schema, use) if way == "output" else None,
            default=schema.default if way == "input" else MISSING,
            entries=entries,
        )

    def member_use(self, schema: Schema, place: Place, way: Way) -> tuple[Use, bool]:
        """The type of a member, and whether it is a map in the form of a list of its entries."""
        target = self.resolved(schema)
        if not isinstance(target, Map) or isinstance(self.resolved(target.values), Free | Never):
            if isinstance(target, Map):
                return self._json("free-map", target.at, "a map of anything"), False
            return self.use(schema, place, way), False
        return self._entries(target, self.place_of(schema) if isinstance(schema, Ref) else place, way), True

    def _entries(self, schema: Map, place: Place, way: Way) -> Use:
        key = f"{place.key} entry" + (" (input)" if way == "input" else "")
        if key not in self.drafts:
            kind: Literal["type", "input"] = "input" if way == "input" else "type"
            said = "One member of a map: its name and what it holds."
            draft = Wanted(kind, key, place.home, schema.at, said)
            self._draft(key, draft, f"{place.plain}Entry{'Input' if way == 'input' else ''}")
            value = self.use(schema.values, place.value(), way)
            size = self.size(self.resolved(schema.values), value) if way == "output" else None
            members = (Member("key", "key", "key", STR), Member("value", "value", "value", value, size=size))
            self.drafts[key] = replace(draft, members=members)
        return list_of(Use(key, "own", composite=True))

    # Lists and unions ----------------------------------------------------------------------------------------------

    def _array(self, schema: Array, place: Place, way: Way) -> Use:
        item = self.use(schema.items, place.item(), way)
        if item.lists and item.composite and way == "output":
            return self._json("nested-lists", schema.at, "a list of lists of objects")
        return list_of(item)

    def size(self, schema: Schema, use: Use) -> int | None:
        """How long a list of objects may be: what the document promises, else a guess."""
        if not use.composite or not use.lists:
            return None
        if isinstance(schema, Array) and schema.max_items:
            return schema.max_items
        self._report.guess("list-size", schema.at, f"nothing says how long this list can be: {NESTED} is assumed")
        return NESTED

    def _union(self, schema: Union, place: Place, way: Way) -> Use:
        key = f"{place.key} (input)" if way == "input" else place.key
        if key in self.instead:
            return self.instead[key]
        if key in self.drafts:
            return Use(key, "own", composite=True)
        self._draft(key, Wanted("union", key, place.home, schema.at, schema.description), place.plain)
        found = self._union_use(schema, place, way, key)
        if found.name != key:
            del self.drafts[key], self.plain[key]
            self.instead[key] = found
        return found

    def _union_use(self, schema: Union, place: Place, way: Way, key: str) -> Use:
        options = [_option(each, self.resolved(each), index) for index, each in enumerate(schema.members)]
        rows = list(zip(schema.members, map(place.option, options), strict=True))
        uses = [self.use(each, at, way).or_null(False) for each, at in rows]
        distinct = list(dict.fromkeys(uses))
        if len(distinct) == 1:
            return distinct[0]
        one = self._one_scalar(schema, distinct)
        if one:
            return one
        if way == "input":
            return self._json("input-union", schema.at, "one of several kinds of input")
        if JSON in distinct:
            return self._json("union", schema.at, "one of several kinds of value")
        names = [self._boxed(use, each, place) for use, each in zip(uses, schema.members, strict=True)]
        rule = rule_of(schema, names, self._schemas)
        if rule is None:
            return self._json("union", schema.at, "one of several kinds of object, and nothing tells which")
        self.drafts[key] = replace(self.drafts[key], types=tuple(dict.fromkeys(names)), rule=rule)
        return Use(key, "own", composite=True)

    def _boxed(self, use: Use, schema: Schema, place: Place) -> str:
        """The key of an object's type; what is no object gets one that holds it."""
        if use.composite and not use.lists:
            return use.name
        kind = "list" if use.lists else str(getattr(self.resolved(schema), "kind", "value"))
        key = f"{place.key} {kind}"
        if key not in self.drafts:
            held = Member("value", "value", "value", use, size=self.size(self.resolved(schema), use))
            draft = Wanted("type", key, place.home, schema.at, f"Where it is a {kind}.", members=(held,))
            self._draft(key, draft, f"{place.plain}{_BOXES.get(kind, 'Value')}")
        return key

    def _one_scalar(self, schema: Union, distinct: list[Use]) -> Use | None:
        """A scalar that can hold each of these, if there is one: texts are texts, whole numbers are numbers."""
        if set(distinct) <= {INT, FLOAT}:
            return FLOAT
        if any(use.composite or use.lists or use == JSON for use in distinct):
            return None
        if all(self._is_text(use) for use in distinct):
            self._report.info("open-text", schema.at, "several kinds of text are a String")
            return STR
        return None

    def _is_text(self, use: Use) -> bool:
        return use in {STR, ID} or use.module in {"own", "datetime", "uuid"} or use.name == "URI"

    def add_done(self, place: Place, at: At) -> None:
        """A type that says that something was done, for answers without a body."""
        done = Member("done", "done", "done", BOOL, "Always true.")
        draft = Wanted("type", place.key, place.home, at, "It was done.", members=(done,))
        self._draft(place.key, draft, place.plain)

    def _draft(self, key: str, draft: Wanted, plain: str) -> None:
        self.drafts[key] = draft
        self.plain[key] = plain


def _same(wanted: dict[str, str], locked: dict[str, str]) -> dict[str, str]:
    """Members that are called what the service calls them: nothing takes that name from them that had it not before."""
    held = set(locked.values())
    return {wire: wire for wire, name in wanted.items() if wire == name and name not in held}


def _option(schema: Schema, target: Schema, index: int) -> str:
    """What to call an option of a union that has no name of its own."""
    if isinstance(schema, Ref):
        return schema.key.rpartition("/")[2]
    own = [each.name for each in target.properties if each.required] if isinstance(target, Object) else []
    return target.title or " ".join(own[:2]) or f"option {index + 1}"
