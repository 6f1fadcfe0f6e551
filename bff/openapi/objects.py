"""Facets -> an object, a map, or an object of which nothing is known; and lists. Knows no reference and no registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from bff.openapi.facets import Facet, is_plain
from bff.openapi.kinds import Said
from bff.openapi.refs import Node
from bff.openapi.report import Report
from bff.openapi.scalars import whole
from bff.openapi.schema import Array, At, Discriminator, Free, Map, Object, Property, Schema, Union
from bff.openapi.unions import simplified


class Making(Protocol):
    """Makes the schemas of inner places."""

    report: Report

    def all_of(self, nodes: Sequence[Node | Facet], at: At) -> Schema:
        """The schema that keeps to all of these."""


def made_object(facets: Sequence[Facet], said: Said, making: Making, discriminator: Discriminator | None) -> Schema:
    members = _members(facets, making.report)
    additional, closed = _additional(facets, making)
    required = _required(facets, making.report)
    if not members and not required and additional is not None:
        most = whole(facets, "maxProperties", min)
        return Free(**said, kind="object") if _anything(additional) else Map(**said, values=additional, most=most)
    if not members and not required and not closed and discriminator is None:
        return Free(**said, kind="object")
    return Object(
        **said,
        properties=tuple(_properties(members, required, said["at"], making)),
        additional=additional,
        closed=closed,
        discriminator=discriminator,
    )


def _members(facets: Sequence[Facet], report: Report) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for facet in facets:
        properties = facet.value.get("properties", {})
        if not isinstance(properties, dict):
            report.loss("malformed-schema", facet.at / "properties", "properties must be an object; they are left out")
            continue
        for name, value in properties.items():
            found.setdefault(name, []).append(Node(value, facet.at / "properties" / name))
    for place in (place for facet in facets for place in _conditional(facet)):
        for name in place.value:
            found.setdefault(name, [place / name])
    return found


def _conditional(facet: Facet) -> Iterator[Node]:
    """Members that an object has under a condition, so that any may be there and none must."""
    node = Node(facet.value, facet.at)
    several = facet.value.get("dependentSchemas")
    places = [node / word for word in ("then", "else") if word in facet.value]
    places += [node / "dependentSchemas" / name for name in several] if isinstance(several, dict) else []
    for place in places:
        if isinstance(place.value, dict) and isinstance(place.value.get("properties"), dict):
            yield place / "properties"


def _required(facets: Sequence[Facet], report: Report) -> dict[str, At]:
    found: dict[str, At] = {}
    for facet in facets:
        names = facet.value.get("required", [])
        if not isinstance(names, list):  # `required: true` in a property, as JSON Schema's third draft had it
            report.guess("malformed-schema", facet.at / "required", "required must be a list of names; it is left out")
            continue
        found |= {name: facet.at / "required" for name in names if isinstance(name, str)}
    return found


def _properties(members: dict[str, list[Node]], required: dict[str, At], at: At, making: Making) -> Iterator[Property]:
    for name, nodes in members.items():
        if any(isinstance(node.value, dict) and isinstance(node.value.get("required"), bool) for node in nodes):
            making.report.guess("malformed-schema", nodes[0].at / "required", "required must be a list in the object")
        yield Property(name, making.all_of(nodes, nodes[0].at), name in required)
    for name in required.keys() - members.keys():
        making.report.loss("required-unknown", required[name], f'"{name}" is required and described nowhere')
        yield Property(name, Free(at=at, nullable=True), required=True)


def _additional(facets: Sequence[Facet], making: Making) -> tuple[Schema | None, bool]:
    """What other members are, and whether there must be none."""
    nodes: list[Node] = []
    closed = False
    for facet in facets:
        value = facet.value.get("additionalProperties", facet.value.get("unevaluatedProperties"))
        closed = closed or value is False
        if value is not None and value is not False:
            nodes.append(Node({} if value is True else value, facet.at / "additionalProperties"))
        nodes += _patterns(facet, making.report)
    if not nodes:
        return None, closed
    return making.all_of(nodes, nodes[0].at), False


def _patterns(facet: Facet, report: Report) -> Iterator[Node]:
    found = facet.value.get("patternProperties")
    if not isinstance(found, dict) or not found:
        return
    at = facet.at / "patternProperties"
    if len(found) > 1:
        report.loss("pattern-properties", at, "members by several patterns are read as anything")
        yield Node({}, at)
    else:
        report.guess("pattern-properties", at, "the pattern of members' names is not checked")
        yield from (Node(value, at / name) for name, value in found.items())


def _anything(schema: Schema) -> bool:
    return isinstance(schema, Free) and schema.kind == "any"


def made_array(facets: Sequence[Facet], said: Said, making: Making) -> Schema:
    prefix = tuple(making.all_of([node], node.at) for node in _prefix(facets))
    return Array(
        **said,
        items=_items(facets, prefix, said["at"], making),
        min_items=whole(facets, "minItems", max),
        max_items=whole(facets, "maxItems", min),
        unique=any(facet.value.get("uniqueItems") is True for facet in facets),
        prefix=prefix,
    )


def _items(facets: Sequence[Facet], prefix: tuple[Schema, ...], at: At, making: Making) -> Schema:
    nodes = [
        Node(facet.value["items"], facet.at / "items")
        for facet in facets
        if isinstance(facet.value.get("items"), dict) and not (prefix and is_plain(facet.value["items"]))
    ]
    rest = making.all_of(nodes, nodes[0].at) if nodes else None
    if prefix:
        making.report.loss("tuple", at, "a list whose items differ by place is read as a list of any of them")
        members, null = simplified(prefix if rest is None else (*prefix, rest), at, making.report)
        return _either(members, at, null=null)
    if rest is None:
        making.report.loss("items-unknown", at, "nothing is said about the items of this list")
    return rest or Free(at=at, nullable=True)


def _either(members: list[Schema], at: At, *, null: bool) -> Schema:
    return members[0] if len(members) == 1 and not null else Union(at=at, members=tuple(members), nullable=null)


def _prefix(facets: Sequence[Facet]) -> list[Node]:
    """Schemas of the first items: 3.1's `prefixItems`, and `items` as a list, as JSON Schema's older drafts have it."""
    for facet in facets:
        for word in ("prefixItems", "items"):
            value: Any = facet.value.get(word)
            if isinstance(value, list) and value:
                return [Node(each, facet.at / word / index) for index, each in enumerate(value)]
    return []
