"""`oneOf` and `anyOf` before they are read: where they stand, how many ways they offer, which only check. Pure."""

from __future__ import annotations

from math import prod
from typing import Any

from bff.openapi.facets import Facet, is_plain, tells

_CHECKS = frozenset({"required", "not", "minProperties", "maxProperties", "if", "then", "else"})


def alternatives(facets: list[Facet]) -> tuple[Facet, str] | None:
    for facet in facets:
        for word in ("oneOf", "anyOf"):
            if isinstance(facet.value.get(word), list) and facet.value[word]:
                return facet, word
    return None


def ways(facet: Facet) -> int:
    """How many alternatives a facet offers."""
    found = (facet.value.get(word) for word in ("oneOf", "anyOf"))
    return prod(len(members) for members in found if isinstance(members, list) and members)


def is_check(value: Any) -> bool:
    return is_plain(value) or (isinstance(value, dict) and {word for word in value if tells(word)} <= _CHECKS)


def lacks_type(value: Any) -> bool:
    return isinstance(value, dict) and not value.keys() & {"type", "$ref", "allOf", "oneOf", "anyOf", "properties"}
