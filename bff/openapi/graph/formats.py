"""Which GraphQL scalar a service's scalar is. Pure; one table, one scalar a format."""

from __future__ import annotations

from bff.openapi.graph.names import words
from bff.openapi.graph.wanted import BASE64, BOOL, FLOAT, INT, STR, Use
from bff.openapi.schema import Array, Scalar, Schema

INT64 = Use("Int64", "bff")
DECIMAL = Use("Decimal", "decimal")

TEXTS = {
    "date": Use("datetime.date", "datetime"),
    "date-time": Use("datetime.datetime", "datetime"),
    "time": Use("datetime.time", "datetime"),
    "uuid": Use("uuid.UUID", "uuid"),
    "decimal": DECIMAL,
    "int64": INT64,
    "uint64": INT64,
    "uri": Use("URI", "bff"),
    "url": Use("URI", "bff"),
    "iri": Use("URI", "bff"),
    "byte": BASE64,
    "base64": BASE64,
    "binary": BASE64,
}
WHOLE = {"int64": INT64, "uint64": INT64, "uint32": INT64, "long": INT64, "bigint": INT64, "unix-time": INT64}
NUMBERS = {"decimal": DECIMAL, "int64": INT64}

# Formats that say something about a text and make it no other type.
TOLD = frozenset(
    [
        *("email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "password", "regex", "json-pointer"),
        *("relative-json-pointer", "uri-reference", "iri-reference", "uri-template", "duration", "int32", "int16"),
        *("int8", "uint8", "uint16", "float", "double", "hidden", "phone", "markdown", "html", "string"),
    ]
)
_LEAST, _MOST = -(2**31), 2**31 - 1


def scalar_use(schema: Scalar) -> Use:
    """The scalar's type, not null. What no format widens is the plain one of its kind."""
    if schema.kind == "string":
        return TEXTS.get(schema.format, STR)
    if schema.kind == "integer":
        return WHOLE.get(schema.format, INT64 if _wide(schema) else INT)
    if schema.kind == "number":
        return NUMBERS.get(schema.format, FLOAT)
    return BOOL


def unknown_format(schema: Scalar) -> bool:
    """Whether the format says something that nobody here understands, so that it is lost."""
    known = {"string": TEXTS, "integer": WHOLE, "number": NUMBERS, "boolean": {}}[schema.kind]
    return bool(schema.format) and schema.format not in known and schema.format not in TOLD


def is_bytes(schema: Schema) -> bool:
    """Whether a value is bytes as they are, where its place can hold such."""
    return isinstance(schema, Scalar) and schema.kind == "string" and schema.format == "binary"


def is_id(name: str, schema: Schema) -> bool:
    """Whether a value names a thing: an ID for clients, whether the service has numbers or texts for it."""
    inner = schema.items if isinstance(schema, Array) else schema
    last = (words(name) or [""])[-1]
    suited = last == "id" or (last == "ids" and isinstance(schema, Array))
    return suited and isinstance(inner, Scalar) and inner.kind in {"string", "integer"}


def _wide(schema: Scalar) -> bool:
    """Whether its own limits reach past GraphQL's Int of 32 bits."""
    low, high = schema.limits.minimum, schema.limits.maximum
    return (low is not None and low < _LEAST) or (high is not None and high > _MOST)
