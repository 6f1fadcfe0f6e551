"""The keys of one issuer, read once: a document in, keys by their id out. Pure; fetches nothing and forgets nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bff.auth.jwk import read_jwk
from bff.auth.jwt import VerifyingKey, load_public, load_secret
from bff.auth.strict_json import parse_object

MOST_KEYS = 50


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """Keys that can be used; `skipped` says of the others, by their place in the document, why not."""

    keys: tuple[VerifyingKey, ...]
    skipped: tuple[str, ...] = ()
    source: bytes = b""  # what it was read from

    def find(self, kid: str | None) -> VerifyingKey | None:
        """The key that a token names. One that names none can only mean the only key there is."""
        if kid is None:
            return self.keys[0] if len(self.keys) == 1 else None
        return next((key for key in self.keys if key.kid == kid), None)


def read_key_set(raw: bytes, algorithms: tuple[str, ...]) -> KeySet:
    """The keys of a JWKS document (RFC 7517 5). Raises ValueError if it is none, or has too many keys, or none usable.

    An unusable key is skipped: issuers publish keys for other purposes and of newer kinds in the same document.
    """
    listed = parse_object(raw).get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError(f"no list of at most {MOST_KEYS} keys")
    found, skipped = _usable(listed, algorithms)
    keys = tuple(_unambiguous(found, skipped))
    if not keys:
        raise ValueError("no usable key" + "".join(f"; {reason}" for reason in skipped))
    return KeySet(keys, tuple(skipped), raw)


def secret_key_set(secret: bytes, algorithms: tuple[str, ...]) -> KeySet:
    """The one key of an issuer with a shared secret. Raises ValueError for a secret that cannot be one."""
    return KeySet((load_secret(secret, algorithms),))


def _usable(listed: list[Any], algorithms: tuple[str, ...]) -> tuple[list[VerifyingKey], list[str]]:
    found, skipped = [], []
    for at, jwk in enumerate(listed):
        try:
            found.append(load_public(read_jwk(jwk, algorithms)))
        except ValueError as reason:
            skipped.append(f"key {at}: {reason}")
    return found, skipped


def _unambiguous(found: list[VerifyingKey], skipped: list[str]) -> Iterable[VerifyingKey]:
    """Without those whose id is not theirs alone: which of them a token means would be a guess."""
    count = Counter(key.kid for key in found)
    for key in found:
        if key.kid is None or count[key.kid] == 1:
            yield key
        else:
            skipped.append("a key whose kid another one has too")
