"""base64url without padding (RFC 7515 2), each value in its one canonical spelling. Knows nothing of tokens."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError if `text` is empty or is not exactly what `encode` would give.

    The standard library skips foreign characters and ignores unused bits: one token would have many spellings.
    """
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data


def number(text: str) -> int:
    """An unsigned big-endian integer (RFC 7518 2, Base64urlUInt)."""
    return int.from_bytes(decode(text), "big")
