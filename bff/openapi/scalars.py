"""Facets -> a scalar or an enum. Pure, but for what it reports; knows no composition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bff.openapi.facets import Facet
from bff.openapi.report import Report
from bff.openapi.schema import Limits, ScalarKind

# What people write for a type, and what they mean.
MEANT: dict[str, tuple[str, str]] = {
    "file": ("string", "binary"),
    "int": ("integer", ""),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "long": ("integer", "int64"),
    "float": ("number", "float"),
    "double": ("number", "double"),
    "decimal": ("number", "decimal"),
    "bool": ("boolean", ""),
    "str": ("string", ""),
    "text": ("string", ""),
    "date": ("string", "date"),
    "datetime": ("string", "date-time"),
    "date-time": ("string", "date-time"),
    "uuid": ("string", "uuid"),
    "uri": ("string", "uri"),
    "url": ("string", "uri"),
    "dict": ("object", ""),
    "map": ("object", ""),
    "list": ("array", ""),
    "none": ("null", ""),
}
_BINARY = frozenset(
    {"octet-stream", "pdf", "zip", "gzip", "x-tar", "x-7z-compressed", "protobuf", "x-protobuf", "msgpack"}
)
_STRING_FORMATS = frozenset(
    {"date", "date-time", "time", "uuid", "uri", "byte", "binary", "email", "password", "hostname", "ipv4", "ipv6"}
)


def kind_of(value: Any) -> str:
    """The JSON type of a value; a whole number is an integer."""
    if isinstance(value, bool):
        return "boolean"
    kinds = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return kinds.get(type(value), "null")


def inferred(value: dict[str, Any]) -> str:
    """The type that keywords speak of where none is written, or ""."""
    if value.keys() & {"properties", "additionalProperties", "patternProperties", "required", "propertyNames"}:
        return "object"
    if value.keys() & {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}:
        return "array"
    if (
        value.keys() & {"pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"}
        or value.get("format") in _STRING_FORMATS
    ):
        return "string"
    if value.get("format") in {"int32", "int64"}:
        return "integer"
    return "number" if value.keys() & {"minimum", "maximum", "multipleOf"} else ""


def format_of(facets: Sequence[Facet], report: Report) -> str:
    """The format, however it is said. Of several, the first."""
    found = dict.fromkeys(filter(None, (_format(facet.value) for facet in facets)))
    if len(found) > 1:
        report.loss("all-of-conflict", facets[0].at, f"of the formats {', '.join(found)} the first is taken")
    return next(iter(found), "")


def _format(value: dict[str, Any]) -> str:
    if isinstance(value.get("format"), str) and value["format"]:
        return str(value["format"])
    kind = value.get("type")
    meant = MEANT.get(kind.lower(), ("", ""))[1] if isinstance(kind, str) else ""
    if meant:
        return meant
    if value.get("contentEncoding") in {"base64", "base64url"}:
        return "byte"
    return "binary" if "contentEncoding" not in value and _is_binary(value.get("contentMediaType")) else ""


def _is_binary(media: Any) -> bool:
    """Whether a text of this media type is bytes (OpenAPI 3.1.0 4.8.14.4)."""
    if not isinstance(media, str):
        return False
    main, _, kind = media.partition(";")[0].strip().lower().partition("/")
    return main in {"image", "audio", "video", "font"} or (main == "application" and kind in _BINARY)


def limits(facets: Sequence[Facet]) -> Limits:
    """The narrowest bounds of all."""
    low, above = _bound(facets, "minimum", "exclusiveMinimum", max)
    high, below = _bound(facets, "maximum", "exclusiveMaximum", min)
    return Limits(
        minimum=low,
        maximum=high,
        exclusive_minimum=above,
        exclusive_maximum=below,
        multiple_of=next(iter(numbers(facets, "multipleOf")), None),
        min_length=whole(facets, "minLength", max),
        max_length=whole(facets, "maxLength", min),
        pattern=next((f.value["pattern"] for f in facets if isinstance(f.value.get("pattern"), str)), ""),
    )


def _bound(facets: Sequence[Facet], word: str, exclusive: str, narrowest: Any) -> tuple[float | None, bool]:
    """3.0 has a flag beside the bound, 3.1 a bound of its own (JSON Schema 2020-12 6.2.5)."""
    found = [(value, facet.value.get(exclusive) is True) for facet in facets for value in numbers([facet], word)]
    found += [(value, True) for value in numbers(facets, exclusive)]
    if not found:
        return None, False
    bound = narrowest(value for value, _ in found)
    return bound, any(flag for value, flag in found if value == bound)


def numbers(facets: Sequence[Facet], word: str) -> Iterator[float]:
    for facet in facets:
        value = facet.value.get(word)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield value


def whole(facets: Sequence[Facet], word: str, narrowest: Any) -> int | None:
    found = [int(value) for value in numbers(facets, word) if 0 <= value < 2**63]
    return narrowest(found) if found else None


def values_of(facets: Sequence[Facet], report: Report) -> list[Any] | None:
    """What `enum` and `const` leave, null among it; None where nothing is said. None left is reported, and ignored."""
    left: list[Any] | None = None
    for facet in facets:
        for word in ("enum", "const"):
            if word not in facet.value:
                continue
            own = [facet.value[word]] if word == "const" else facet.value[word]
            if not isinstance(own, list) or not own:
                report.loss("malformed-schema", facet.at / word, "an enum must be a list with values; it is left out")
                continue
            both = own if left is None else _in_both(left, own)
            if not both:
                report.loss("all-of-conflict", facet.at / word, "no value is in all of its enums; the first is taken")
            left = both or left
    return left if left is None else unique(left)


def _in_both(one: list[Any], other: list[Any]) -> list[Any]:
    known = {key(value) for value in other}
    return [value for value in one if key(value) in known]


def key(value: Any) -> tuple[str, Any]:
    """What only the same JSON value has; to Python, `True == 1`."""
    return kind_of(value), repr(value) if isinstance(value, (dict, list)) else value


def unique(values: Iterable[Any]) -> list[Any]:
    """Without repetitions, in order."""
    found: dict[tuple[str, Any], Any] = {}
    for value in values:
        found.setdefault(key(value), value)
    return list(found.values())


def spoken(value: Any, kind: ScalarKind) -> Any:
    """An enum's value as its type has it: the text "1" of integers is 1, the number 1 of strings is "1"; else None."""
    if kind_of(value) == kind or (kind == "number" and kind_of(value) == "integer"):
        return value
    if kind == "string" and not isinstance(value, (dict, list)):
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    try:
        return {"integer": int, "number": float}[kind](value) if isinstance(value, str) else None
    except (KeyError, ValueError):
        return None


def enum_words(facets: Sequence[Facet], values: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and descriptions of an enum's values, where extensions give one for each."""
    for facet in facets:
        own = facet.value.get("enum")
        if isinstance(own, list) and len(own) >= len(values):
            names = _beside(facet.value, own, values, "x-enum-varnames", "x-enumNames", "x-enum-names")
            return names, _beside(facet.value, own, values, "x-enum-descriptions", "x-enumDescriptions")
    return (), ()


def _beside(value: dict[str, Any], own: list[Any], values: Sequence[Any], *words: str) -> tuple[str, ...]:
    for word in words:
        said = value.get(word)
        texts = [said.get(str(each)) for each in own] if isinstance(said, dict) else said
        if isinstance(texts, list) and len(texts) == len(own) and all(isinstance(text, str) for text in texts):
            by = {key(one): text for one, text in zip(own, texts, strict=True)}
            found = [by[key(each)] for each in values if key(each) in by]
            return tuple(found) if len(found) == len(values) else ()
    return ()
