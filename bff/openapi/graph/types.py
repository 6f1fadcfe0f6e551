"""From schemas to types, inputs and enums. Knows no operation and no printing.

What cannot be said in GraphQL is JSON, and the report says where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from bff.openapi.graph.choices import Choices
from bff.openapi.graph.drafts import Drafts, Way, member_names
from bff.openapi.graph.formats import is_id, scalar_use, unknown_format
from bff.openapi.graph.lock import Lengths, ServiceNames
from bff.openapi.graph.names import apart, enum_name, field_name, python_name
from bff.openapi.graph.places import Place
from bff.openapi.graph.wanted import (
    BOOL,
    FLOAT,
    ID,
    INT,
    JSON,
    STR,
    UPLOAD,
    Member,
    Use,
    Value,
    Wanted,
    list_of,
)
from bff.openapi.model import Document
from bff.openapi.report import Report
from bff.openapi.schema import (
    MISSING,
    Array,
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


@dataclass(frozen=True, slots=True)
class _Empty:
    """An object's draft that has no members yet."""

    draft: Wanted
    kept: list[Property]
    place: Place
    way: Way
    parts: bool  # its members are parts of a body


class Types(Drafts):
    """The types of one document: makes the draft of each when it is first used."""

    def __init__(self, document: Document, names: ServiceNames, report: Report, lengths: Lengths) -> None:
        super().__init__(document, names, report, lengths)
        self._parts: Literal["", "body", "part"] = (
            ""  # of a body in parts, what is looked at: bytes in a part are files
        )
        self.choices = Choices(self, self.base_use, self.member_use)
        self._open: list[str] = []
        self._waiting: list[_Empty] = []
        self._filling = False

    def use(self, schema: Schema, place: Place, way: Way) -> Use:
        """The type of a value there; null where the schema says so."""
        if isinstance(schema, Ref):
            return self._referred(schema, way).or_null(resolved(schema, self.schemas).nullable)
        return self._plain_use(schema, place, way).or_null(schema.nullable)

    def in_parts(self, schema: Schema, place: Place) -> tuple[Use, bool]:
        """The type of a body whose members are sent as parts, and whether it is a map, as entries."""
        self._parts = "body"
        try:
            return self.member_use(schema, place, "input")
        finally:
            self._parts = ""

    def _referred(self, schema: Ref, way: Way) -> Use:
        place, target = self.place_of(schema), self.schemas[schema.key]
        if schema.key in self._open and not isinstance(target, Object | Union):
            return self.json("recursive", target.at, "it contains nothing but itself")
        self._open.append(schema.key)
        try:
            use = self._plain_use(target, place, way)
            return self.choices.extended(schema, use, place, way) if isinstance(target, Object) else use
        finally:
            self._open.pop()

    def base_use(self, schema: Schema, place: Place, way: Way) -> Use:
        """The type of a value there, of an object without those that extend it."""
        target = self.resolved(schema)
        if isinstance(schema, Ref) and isinstance(target, Object):
            return self._plain_use(target, self.place_of(schema), way)
        return self.use(schema, place, way)

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
                return self.choices.use(schema, place, way)
            case Map():
                return self.json("map", schema.at, "a map inside a list, a map or a union has no typed form")
            case Never():
                return self._nothing(schema)
            case _:
                return self._free(schema)

    def _scalar(self, schema: Scalar) -> Use:
        if unknown_format(schema):
            self.report.info("unknown-format", schema.at, f"format {schema.format!r} is kept as a plain {schema.kind}")
        return UPLOAD if self._parts == "part" and schema.format == "binary" else scalar_use(schema)

    def _nothing(self, schema: Never) -> Use:
        if not schema.nullable:
            return self.json("never", schema.at, "no value fits, so nothing is known of what comes")
        self.report.info("only-null", schema.at, "null is the only value: JSON")
        return JSON

    def _free(self, schema: Schema) -> Use:
        kind = "any object" if isinstance(schema, Free) and schema.kind == "object" else "anything"
        return self.json("free-form", schema.at, f"the document allows {kind} here")

    # Enums ---------------------------------------------------------------------------------------------------------

    def _enum(self, schema: Enum, place: Place) -> Use:
        if len(schema.values) == 1 or schema.kind in {"number", "boolean", "mixed"}:
            return self._no_enum(schema)
        texts = [str(value) for value in schema.values]
        wanted = {text: enum_name(said) for text, said in zip(texts, schema.names or texts, strict=True)}
        names = apart(wanted, self.names.values.get(place.key, {}))
        self.names.values[place.key] = {text: name for text, name in names.items() if name != text}
        said = schema.descriptions or ("",) * len(texts)
        rows = zip(texts, schema.values, said, strict=True)
        values = tuple(Value(names[text], value, told) for text, value, told in rows)
        draft = Wanted("enum", place.key, place.home, schema.at, schema.description, values=values)
        self.draft(draft, place.plain)
        return Use(place.key, "own")

    def _no_enum(self, schema: Enum) -> Use:
        """One value, or values that are no names: what they are is told by the description."""
        kinds = {"string": STR, "integer": INT, "number": FLOAT, "boolean": BOOL, "mixed": STR}
        if schema.kind == "mixed":
            self.report.loss("mixed-enum", schema.at, "an enum of texts and numbers is a String")
        return kinds[schema.kind]

    # Objects -------------------------------------------------------------------------------------------------------

    def _object(self, schema: Object, place: Place, way: Way) -> Use:
        parts = self._parts == "body"
        base64 = way == "input" and not parts and self._has_bytes(schema)
        key = f"{place.key} (base64)" if base64 else f"{place.key} (input)" if way == "input" else place.key
        if key in self.instead:
            return self.instead[key]
        if key in self.drafts:
            return Use(key, "own", composite=True)
        kept = [each for each in schema.properties if self._kept(each, way)]
        if not kept:
            self.instead[key] = self.json("empty-object", schema.at, "an object of which no member is known")
            return JSON
        plain = f"{place.plain}Base64" if base64 and place.home == place.plain else place.plain
        if way == "input" and not plain.endswith("Input"):
            plain += "Input"
        kind: Literal["type", "input"] = "input" if way == "input" else "type"
        draft = Wanted(kind, key, place.home, schema.at, schema.description)
        self.draft(draft, plain)
        if schema.additional is not None and not isinstance(self.resolved(schema.additional), Free):
            self.report.loss("additional-members", schema.at, "members besides the named ones are left out")
        self._waiting.append(_Empty(draft, kept, replace(place, key=key), way, parts))
        if not self._filling:
            self._fill()
        return Use(key, "own", composite=True)

    def _has_bytes(self, schema: Object) -> bool:
        """Whether a member is bytes, or a list of them: files where it is sent in parts, and base64 elsewhere."""
        found = (self.resolved(each.schema) for each in schema.properties)
        inner = (self.resolved(each.items) if isinstance(each, Array) else each for each in found)
        return any(isinstance(each, Scalar) and each.format == "binary" for each in inner)

    def _fill(self) -> None:
        """Give waiting objects their members, one after the other: a chain of thousands costs no stack."""
        around = self._open, self._parts
        self._open, self._filling = [], True
        try:
            while self._waiting:
                each = self._waiting.pop()
                self._parts = "part" if each.parts else ""
                members = tuple(self._members(each.kept, each.place, each.way))
                self.drafts[each.draft.name] = replace(each.draft, members=members)
        finally:
            (self._open, self._parts), self._filling = around, False

    def _kept(self, each: Property, way: Way) -> bool:
        """Read-only members are not sent, write-only ones do not come; a member without a name or value is neither."""
        schema = self.resolved(each.schema)
        if not each.name:
            self.report.loss("nameless-member", schema.at, "a member without a name is left out")
            return False
        if isinstance(schema, Never) and not schema.nullable:
            return False
        return not (schema.read_only if way == "input" else schema.write_only)

    def _members(self, kept: list[Property], place: Place, way: Way) -> Iterator[Member]:
        wanted = {each.name: field_name(each.name) for each in kept}
        names = member_names(self, place.key, wanted)
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
                return self.json("free-map", target.at, "a map of anything"), False
            return self.use(schema, place, way), False
        return self._entries(target, self.place_of(schema) if isinstance(schema, Ref) else place, way), True

    def _entries(self, schema: Map, place: Place, way: Way) -> Use:
        key = f"{place.key} entry" + (" (input)" if way == "input" else "")
        if key not in self.drafts:
            kind: Literal["type", "input"] = "input" if way == "input" else "type"
            said = "One member of a map: its name and what it holds."
            draft = Wanted(kind, key, place.home, schema.at, said)
            self.draft(draft, f"{place.plain}Entry{'Input' if way == 'input' else ''}")
            members = (Member("key", "key", "key", STR), self._inside(schema.values, place.value(), way))
            self.drafts[key] = replace(draft, members=members)
        return list_of(Use(key, "own", composite=True))

    def _inside(self, schema: Schema, place: Place, way: Way) -> Member:
        """What an entry holds; of a body in parts it is a part, and of a part it is none."""
        around = self._parts
        self._parts = "part" if around == "body" else ""
        try:
            return self._held(schema, place, way)
        finally:
            self._parts = around

    def _held(self, schema: Schema, place: Place, way: Way) -> Member:
        """What an entry of a map holds; a map again, maybe."""
        use, entries = self.member_use(schema, place, way)
        target = self.resolved(schema)
        size = self.size(target, use) if way == "output" else None
        return Member("value", "value", "value", use.or_null(target.nullable), size=size, entries=entries)

    # Lists ---------------------------------------------------------------------------------------------------------

    def _array(self, schema: Array, place: Place, way: Way) -> Use:
        item = self.use(schema.items, place.item(), way)
        if item.lists and item.composite and way == "output":
            return self.json("nested-lists", schema.at, "a list of lists of objects")
        return list_of(item)
