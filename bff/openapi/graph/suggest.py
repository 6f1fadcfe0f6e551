"""Joins between services that their documents hint at: `country_code` here, a call by `code` of a Country there. Pure.

What is proposed is for a person to read: each has its reason, and few of them are wrong rather than all of them there.
Nothing is proposed for what OpenAPI's own `links` say already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bff.openapi.graph.batches import IDENTITIES
from bff.openapi.graph.names import singular, words
from bff.openapi.graph.wanted import Argument, Declared, Member, RootField, Service, Use, Wanted

MOST = 100  # proposals
COMMON = IDENTITIES | {"name", "type", "status", "title", "value"}  # members that everything has
SCALARS = {"str", "int", "float", "bool", "strawberry.ID"}
_KEYS = {"str", "int", "strawberry.ID"}
_STANDARD = re.compile(r"\b(?:ISO|RFC|ITU|UN|EN)[ -]?\d+(?:-\d+)?(?: alpha-\d)?|\b(?:IATA|ICAO|IANA)\b")


@dataclass(frozen=True, slots=True)
class Way:
    """A call that brings rows of a type by one key."""

    service: Service
    connector: str
    variable: str
    type: str
    member: str  # of the rows, where the key stands; "" where nobody knows
    form: str  # "batch": one row for each of many keys; "many": rows of each; "one": one key, one call
    standard: str = ""
    field: RootField | None = None

    @property
    def others(self) -> tuple[Argument, ...]:
        """What else the call takes; what is asked by keys takes nothing else."""
        if self.form != "one":
            return ()
        return tuple(each for each in (self.field.arguments if self.field else ()) if each.python != self.variable)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field for a type, brought by a call with a key that the type's rows hold."""

    service: Service
    type: str
    field: str
    path: str  # of the key in the rows
    many: bool  # the rows hold a list of keys, or a key brings several rows
    way: Way
    why: str


def proposals(services: Sequence[Service]) -> tuple[Proposal, ...]:
    """Proposals in the order of services, types and members."""
    ways = sorted((way for each in services for way in _ways(each)), key=lambda way: _FORMS.index(way.form))
    found: dict[tuple[str, str, str], Proposal] = {}
    for service in sorted(services, key=lambda each: each.name):
        for type_ in (each for each in service.types if each.kind == "type"):
            for proposal in _of_type(service, type_, ways):
                found.setdefault((proposal.type, proposal.path, _brings(proposal)), proposal)
    return tuple(found.values())[:MOST]


_FORMS = ("batch", "many", "one")


def _brings(proposal: Proposal) -> str:
    """One way to each type for each key; several rows can be there for several reasons."""
    return proposal.way.connector if proposal.way.form == "many" else proposal.way.type


def _ways(service: Service) -> Iterator[Way]:
    by_connector = {each.connector: each for each in service.fields if each.root == "query"}
    for each in service.connectors:
        options = dict(each.options)
        if each.row and "key" in options and "body" not in options:
            yield from _keyed(service, each, options["key"], by_connector.get(each.name), many="many" in options)
    for field in by_connector.values():
        yield from _single(service, field)


def _keyed(service: Service, each: Declared, key: object, field: RootField | None, *, many: bool) -> Iterator[Way]:
    pairs = list(key.items()) if isinstance(key, dict) else [(key, key)]
    if len(pairs) == 1:
        variable, member = (str(part) for part in pairs[0])
        said = _standard_of(service, each.row, member)
        yield Way(service, each.name, variable, each.row, member, "many" if many else "batch", said, field)


def _single(service: Service, field: RootField) -> Iterator[Way]:
    """A query for one thing by one key: its only required argument, else one that its document calls by a standard."""
    if not field.use.composite or field.use.item or field.bindings:
        return
    for each in field.arguments:
        standard = _standard(each.description)
        if each.use.innermost.name in _KEYS and not each.use.lists and (not each.use.nullable or standard):
            member = next((name for name in _members(service, field.use.name) if words(name) == words(each.name)), "")
            yield Way(service, field.connector, each.python, field.use.name, member, "one", standard, field)


def _of_type(service: Service, type_: Wanted, ways: Sequence[Way]) -> Iterator[Proposal]:
    taken = {each.python for each in type_.members} | {each.python for each in type_.links}
    for member in type_.members:
        if member.use.innermost.name in _KEYS and not member.entries:
            for way in ways:
                found = _proposal(service, type_, member, way)
                if found:
                    yield replace(found, field=f"{found.field}_there") if found.field in taken else found


def _proposal(service: Service, type_: Wanted, member: Member, way: Way) -> Proposal | None:
    listed = bool(member.use.lists)
    if (listed and way.form != "batch") or any(not _plain(each) for each in way.others):
        return None
    if way.type == type_.name and (not listed or way.member == member.wire):
        return None
    why = _forward(service, type_, member, way) or ("" if listed else _backward(service, type_, member, way))
    if not why:
        return None
    name = _name(member, way, backward=why.startswith("asked"))
    return Proposal(service, type_.name, name, member.wire, listed or way.form == "many", way, why)


def _plain(each: Argument) -> bool:
    """Whether an argument can be left out, or handed on without a type of its own."""
    return each.use.nullable or (not each.use.item and each.use.name in SCALARS)


def _forward(service: Service, type_: Wanted, member: Member, way: Way) -> str:
    """The member says which thing it names. "" where it does not."""
    if way.form == "many" or not way.member:
        return ""
    said, noun, key = _said(member.wire), _said(way.type), words(way.member)
    form = "one call for many" if way.form == "batch" else "no batch form: a call for each row"
    if said == [*noun, *key]:
        return f"{member.wire} is {way.member} of {way.type}; {form}"
    if said == noun and way.service is not service and _same_kind(member, way) and not _has(type_, [*noun, *key]):
        return f"{member.wire} names a {way.type}, which is found by {way.member}; {form}"
    whole = all(other.use.nullable for other in way.others)
    if member.wire == way.member and way.member not in COMMON and way.service is not service and whole:
        return f"both have {member.wire}; {form}"
    standard = _standard(member.description)
    if member.use.lists and standard and standard == way.standard:
        return f"{member.wire} and {way.member} of {way.type} are both {standard}; {form}"
    return ""


def _backward(service: Service, type_: Wanted, member: Member, way: Way) -> str:
    """The call asks for what the type is known by. "" where it does not."""
    if way.service is service or words(member.wire)[-1] not in IDENTITIES or way.type == type_.name:
        return ""
    noun, asked = _said(type_.name), _said(way.variable)
    said = words(member.wire)
    if way.form in {"many", "one"} and asked in ([*noun, *said], noun) and way.member not in said:
        return f"asked by {way.variable}, which is {member.wire} of {type_.name}"
    standard = _standard(member.description)
    if way.form == "one" and len(said) == 1 and standard and standard == way.standard:
        return f"asked by {way.variable}, and both are {standard}"
    return ""


def _said(name: str) -> list[str]:
    found = words(name)
    return [*found[:-1], singular(found[-1])]


def _has(type_: Wanted, said: list[str]) -> bool:
    return any(words(each.wire) == said for each in type_.members)


def _same_kind(member: Member, way: Way) -> bool:
    """A text that is called as a type may be its name; it is a key where the key is a text of that kind too."""
    rows: Use | None = next((each.use for each in _type(way.service, way.type) if each.wire == way.member), None)
    return rows is not None and rows.innermost.name == member.use.innermost.name


def _name(member: Member, way: Way, *, backward: bool) -> str:
    """What the field is called in Python."""
    if way.form == "many":
        return way.connector.rpartition("_by_")[0] or way.connector
    if backward and way.field:
        return way.field.python
    return member.python if member.use.lists else "_".join(_said(way.type))


def _standard_of(service: Service, name: str, member: str) -> str:
    return next((_standard(each.description) for each in _type(service, name) if each.wire == member), "")


def _standard(text: str) -> str:
    """The standard that a description names: "ISO 4217 code" is ISO 4217."""
    found = _STANDARD.search(text)
    return re.sub(r"^([A-Z]+)[ -]?(?=\d)", r"\1 ", found.group()) if found else ""


def _type(service: Service, name: str) -> tuple[Member, ...]:
    return next((each.members for each in service.types if each.name == name), ())


def _members(service: Service, name: str) -> list[str]:
    return [each.wire for each in _type(service, name)]
