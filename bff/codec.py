"""JSON in and out. The one module that imports msgspec; knows no shape and no schema."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypedDict

import msgspec

Raw = msgspec.Raw  # JSON text that stands in a value as it is

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")
_canonical = msgspec.json.Encoder(order="deterministic")


def decode(raw: bytes) -> Any:
    """JSON text as Python values (RFC 8259: NaN, trailing commas and bad UTF-8 are refused).

    Raises ValueError, also for text that is nested too deeply to read.
    """
    try:
        return _decoder.decode(raw)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    except RecursionError:
        raise ValueError("nested too deeply") from None


@lru_cache(maxsize=1_000)
def selecting(members: frozenset[str]) -> Callable[[bytes], Any]:
    """A `decode` for rows of which only these members are of use: no other becomes a value.

    Their names are ASCII: others the library does not find. What is neither an object nor a list of objects and nulls
    is read whole.
    """
    row: Any = TypedDict("row", dict.fromkeys(members, Any), total=False)  # type: ignore[misc]
    narrow = msgspec.json.Decoder(list[row | None] | row | None)

    def selected(raw: bytes) -> Any:
        try:
            return narrow.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return decode(raw)

    return selected


def encode(value: Any) -> bytes:
    """Python values as compact JSON: dates in ISO 8601, decimals as strings so that no digit is lost."""
    return _encoder.encode(value)


def fingerprint(value: Any) -> bytes:
    """Equal bytes for equal JSON values, whatever the order of object members."""
    return _canonical.encode(value)
