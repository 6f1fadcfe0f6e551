"""JSON in and out. The one module that imports msgspec; knows no shape and no schema."""

from __future__ import annotations

from typing import Any

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


def encode(value: Any) -> bytes:
    """Python values as compact JSON: dates in ISO 8601, decimals as strings so that no digit is lost."""
    return _encoder.encode(value)


def fingerprint(value: Any) -> bytes:
    """Equal bytes for equal JSON values, whatever the order of object members."""
    return _canonical.encode(value)
