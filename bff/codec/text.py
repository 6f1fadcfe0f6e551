"""JSON in and out: text -> values, and back. Knows no shape and no schema."""

from __future__ import annotations

from typing import Any, Final

import msgspec

Raw = msgspec.Raw  # JSON text that stands in a value as it is

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decoder: Final = msgspec.json.Decoder()
_wide: Final = msgspec.json.Decoder(float_hook=float)  # asked where `_decoder` has refused
_encoder: Final = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")
_canonical: Final = msgspec.json.Encoder(order="deterministic")


def decode(raw: bytes) -> Any:
    """JSON text as Python values (RFC 8259: NaN, trailing commas and bad UTF-8 are refused).

    Raises ValueError, also for text that is nested too deeply to read.
    """
    try:
        return _decoder.decode(raw)
    except UNREADABLE as error:
        raise _refusal(error) from None


def decode_answer(raw: bytes) -> Any:
    """The same of what a service says, where a number that no float has room for is infinite.

    No scalar takes it, and where nobody asked for it, it does no harm.
    """
    try:
        return _decoder.decode(raw)
    except UNREADABLE:
        pass
    try:
        return _wide.decode(raw)
    except UNREADABLE as error:
        raise _refusal(error) from None


def _refusal(error: Exception) -> ValueError:
    if isinstance(error, msgspec.DecodeError):
        return ValueError(str(error))
    return ValueError("not UTF-8" if isinstance(error, UnicodeDecodeError) else "nested too deeply")


def encode(value: Any) -> bytes:
    """Python values as compact JSON: dates in ISO 8601, decimals as strings so that no digit is lost."""
    return _encoder.encode(value)


def fingerprint(value: Any) -> bytes:
    """Equal bytes for equal JSON values, whatever the order of object members."""
    return _canonical.encode(value)
