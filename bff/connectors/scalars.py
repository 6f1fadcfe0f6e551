"""Scalars that REST services have and Strawberry lacks; a schema that uses them is told so:

`strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))`. Date, DateTime, Decimal, UUID, JSON and
Base64 are Strawberry's own, but that Base64 is read strictly here: Strawberry's leaves out what does not belong, and a
file would arrive as another one.
"""

from __future__ import annotations

import base64
import re
from typing import NewType

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.scalars import Base64
from strawberry.types.scalar import ScalarDefinition

_WHOLE = re.compile(r"-?[0-9]{1,20}\Z")
_LEAST, _MOST = -(2**63), 2**64 - 1  # int64, and uint64 above it


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and _WHOLE.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not _LEAST <= value <= _MOST:
        raise StrawberryInputCoercionError("Int64 is a whole number of at most 64 bits, as text or as a number.")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise StrawberryInputCoercionError("URI is text.")
    return value


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "-", validate=True)
    except ValueError:
        raise StrawberryInputCoercionError("Base64 is text in base64, with its padding.") from None


Int64 = NewType("Int64", int)
URI = NewType("URI", str)

SCALARS: dict[object, ScalarDefinition] = {
    Int64: strawberry.scalar(
        name="Int64",
        description="A whole number of up to 64 bits: text in answers, since JavaScript's numbers end at 2^53; "
        "text or a number in arguments.",
        serialize=str,
        parse_value=_whole,
    ),
    URI: strawberry.scalar(
        name="URI",
        description="A URI, as text (RFC 3986). It is not looked at.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
        serialize=str,
        parse_value=_text,
    ),
    Base64: strawberry.scalar(
        name="Base64",
        description="Bytes, as text in base64 (RFC 4648).",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc4648#section-4",
        serialize=lambda value: base64.b64encode(value).decode(),
        parse_value=_bytes,
    ),
}
