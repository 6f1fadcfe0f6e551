"""What facets come to: which JSON types, whether null, and what is said about it all. Pure, but for what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypedDict

from bff.openapi.facets import Facet, tells
from bff.openapi.report import Report
from bff.openapi.scalars import MEANT, inferred, kind_of
from bff.openapi.schema import MISSING, At

_KINDS = ("object", "array", "string", "integer", "number", "boolean", "null")
_ANY = frozenset({"any", "mixed", ""})
_CERTAIN = frozenset({"properties", "items", "prefixItems", "additionalProperties"})


class Said(TypedDict):
    """`schema.Noted`, as keyword arguments."""

    at: At
    name: str
    title: str
    description: str
    deprecated: bool
    nullable: bool
    read_only: bool
    write_only: bool
    default: Any
    examples: tuple[Any, ...]


def said(facets: Sequence[Facet], at: At, *, name: str = "", nullable: bool = False) -> Said:
    """What is said at a place; what is said nearer counts more, and what a `$ref` leads to describes something else."""
    own = [facet.value for facet in facets if facet.own]
    return Said(
        at=at,
        name=name,
        title=_text(own, "title"),
        description=_text(own, "description"),
        deprecated=_flag(own, "deprecated"),
        nullable=nullable,
        read_only=_flag((facet.value for facet in facets), "readOnly"),
        write_only=_flag((facet.value for facet in facets), "writeOnly"),
        default=next((value["default"] for value in own if "default" in value), MISSING),
        examples=tuple(_examples(own)),
    )


def _text(values: Iterable[dict[str, Any]], word: str) -> str:
    return next((text.strip() for value in values if isinstance(text := value.get(word), str) and text.strip()), "")


def _flag(values: Iterable[dict[str, Any]], word: str) -> bool:
    return any(value.get(word) is True for value in values)


def _examples(values: Iterable[dict[str, Any]]) -> Iterator[Any]:
    for value in values:
        if "example" in value:
            yield value["example"]
        if isinstance(several := value.get("examples"), list):
            yield from several


def says_null(facet: Facet) -> bool:
    """Whether null is spoken of: 3.0's nullable, 3.1's type, Swagger's usual extension."""
    value = facet.value
    return (
        value.get("nullable") is True
        or value.get("x-nullable") is True
        or value.get("type") == "null"
        or (isinstance(value.get("type"), list) and "null" in value["type"])
    )


def is_nullable(facets: Sequence[Facet]) -> bool:
    """Whether null is allowed: the place itself says so, or all that it refers to.

    By the letter, `nullable` beside an `allOf` adds nothing (OpenAPI 3.0.3 proposal 003); everybody means that it does.
    """
    telling = [facet for facet in facets if not facet.says_nothing]
    return any(facet.own and says_null(facet) for facet in facets) or (
        bool(telling) and all(says_null(facet) for facet in telling)
    )


def kinds_of(facets: Sequence[Facet], report: Report) -> list[str]:
    """The JSON types that are left when every facet has spoken, "null" not among them; none: nobody has."""
    left: list[str] = []
    for facet in facets:
        own = _own_kinds(facet, report)
        both = [kind for kind in (_narrower(one, other) for one in left for other in own) if kind] if left else own
        if left and own and not both:
            wrong = f"nothing is both {' or '.join(left)} and {' or '.join(own)}; the first is taken"
            report.loss("all-of-conflict", facet.at, wrong)
        left = both or left
    return left


def _narrower(one: str, other: str) -> str:
    return one if one == other else "integer" if {one, other} == {"integer", "number"} else ""


def _own_kinds(facet: Facet, report: Report) -> list[str]:
    written = facet.value.get("type")
    if written is None:
        return _inferred(facet, report)
    names = written if isinstance(written, list) else [written]
    found = dict.fromkeys(_meant(name, facet, report) for name in names)
    return [kind for kind in found if kind and kind != "null"]


def _meant(name: Any, facet: Facet, report: Report) -> str:
    if name in _KINDS:
        return str(name)
    if name == "file":  # Swagger 2.0's own
        return "string"
    if isinstance(name, str) and name.lower() in _ANY:
        return ""
    meant = MEANT.get(name.lower(), ("", ""))[0] if isinstance(name, str) else ""
    meant = meant or (name.lower() if isinstance(name, str) and name.lower() in _KINDS else "")
    if meant:
        report.guess("unknown-type", facet.at / "type", f"the type {name!r} is read as {meant}")
    else:
        report.loss("unknown-type", facet.at / "type", f"there is no type {str(name)[:40]!r}; it is read as anything")
    return meant


def _inferred(facet: Facet, report: Report) -> list[str]:
    kind = inferred({word: value for word, value in facet.value.items() if value is not None})
    if kind and not facet.value.keys() & _CERTAIN and set(facet.value) - {"required"}:
        words = ", ".join(sorted(word for word in facet.value if tells(word)))
        report.guess("type-inferred", facet.at, f"no type is written; {words} speak of {kind}")
    return [kind] if kind else []


def kinds_of_values(values: Sequence[Any]) -> list[str]:
    return [*dict.fromkeys(kind_of(value) for value in values)]
