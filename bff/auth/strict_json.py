"""JSON objects from strangers, read so that they can be read in one way only. Knows nothing of tokens.

Parsers differ about duplicate members, NaN, numbers too large and bytes that are no UTF-8, and what two programs read
differently is how one is made to check what the other does not use (RFC 8259 4, RFC 8725 2.4).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 16  # arrays and objects in one another

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object that `raw` is. Raises ValueError for anything else, whose text holds nothing of `raw`."""
    text = _text(raw)
    if _too_deep(text):
        raise ValueError("JSON that is nested too deeply")
    value = json.loads(text, object_pairs_hook=_members, parse_constant=_constant, parse_float=_number)
    if not isinstance(value, dict):
        raise ValueError("JSON that is not an object")  # noqa: TRY004 - of a text, not of our types
    json.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError: half a surrogate pair
    return value


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ValueError("JSON that is not UTF-8") from None


def _too_deep(text: str) -> bool:
    """Known before the parser runs, which would recurse."""
    depth = 0
    for match in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if match[0] in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("JSON with a member twice")
    return members


def _constant(_name: str) -> float:
    raise ValueError("JSON with NaN or Infinity")


def _number(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("JSON with a number that is too large")
    return number
