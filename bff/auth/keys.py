"""API keys as text: made, checked for typing mistakes, digested. Knows neither whose they are nor where they are kept.

    bff_4fK0zQm1Xy_<43 characters: 256 random bits><6 characters: CRC-32 of all before>

The prefix and the checksum let secret scanners find a leaked key without guessing. They also let the gateway refuse
what was mistyped or cut off before it looks anything up. The id is no secret: it names the key in logs. All three parts
are base 62, so that a double click selects the whole key and no encoding of it is ever needed.
"""

from __future__ import annotations

import re
import secrets
import zlib
from dataclasses import dataclass
from hashlib import sha256

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID, _SECRET, _CHECKSUM = 10, 43, 6  # characters; 62**43 > 2**256, 62**6 > 2**32
_FORM = re.compile(rf"(bff_([0-9A-Za-z]{{8,12}})_[0-9A-Za-z]{{{_SECRET}}})([0-9A-Za-z]{{{_CHECKSUM}}})")


@dataclass(frozen=True, slots=True)
class Key:
    """An API key that has the form of one. Nothing is said about whether anybody owns it."""

    id: str  # may be logged
    digest: bytes  # SHA-256 of the whole key


def new_key() -> tuple[str, str]:
    """A fresh key, and its SHA-256 in hexadecimal: what configuration keeps. The key itself is shown once."""
    name = "".join(secrets.choice(_DIGITS) for _ in range(_ID))
    body = f"bff_{name}_{_base62(secrets.randbits(256), _SECRET)}"
    key = body + _checksum(body)
    return key, sha256(key.encode()).hexdigest()


def parse(text: str) -> Key | None:
    """The key that `text` spells, or None. A key has one spelling: no spaces, no other case, no other alphabet.

    Comparing the checksum need not take constant time: whoever can make a key can compute it.
    """
    match = _FORM.fullmatch(text)
    if not match or _checksum(match[1]) != match[3]:
        return None
    return Key(match[2], sha256(text.encode()).digest())


def mistake(text: str) -> str:
    """What is wrong with a text that `parse` refuses, for its owner. Holds no part of it."""
    if not text:
        return "it is empty"
    if not text.startswith("bff_"):
        return "it does not begin with bff_"
    if _FORM.fullmatch(text):
        return "its checksum does not fit, so a character of it is mistyped"
    return "it is cut off, too long, or has a character that no key has"


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
