"""A token is verified: the strict wrapper around python-jose, and the only module that knows it.

The library is asked for one thing: whether this text is signed by this one key with this one algorithm. What it would
take on trust is decided before (`compact`, `jwk`) and after (`claims`). It gets no algorithm from the token that the
issuer does not allow, never a set of keys to try, and never PEM, DER or raw bytes of remote origin. It does not look at
the claims: it reads the time from a clock of its own, and takes tokens without `exp` and `aud`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff.auth.claims import Token, read_claims
from bff.auth.compact import Compact
from bff.auth.issuer import Issuer
from bff.auth.jwk import PublicKey
from bff.auth.refused import Refused
from bff.auth.strict_json import parse_object


@dataclass(frozen=True, slots=True, eq=False)
class VerifyingKey:
    """A key, built once for each algorithm that it may be used with."""

    kid: str | None
    verifiers: Mapping[str, Any]


def load_public(key: PublicKey) -> VerifyingKey:
    """Raises ValueError if the numbers are no key, such as a point that is not on its curve."""
    try:
        verifiers = {name: _verifier(dict(key.members), name) for name in key.algorithms}
    except Exception as error:  # noqa: BLE001 - python-jose lets through whatever the code below it raises
        raise ValueError(f"its numbers are no key ({type(error).__name__})") from None
    return VerifyingKey(key.kid, verifiers)


def load_secret(secret: bytes, algorithms: tuple[str, ...]) -> VerifyingKey:
    """Raises ValueError for a secret that looks like a public key or a certificate."""
    try:
        return VerifyingKey(None, {name: _verifier(secret, name) for name in algorithms})
    except Exception as error:  # noqa: BLE001 - as above
        raise ValueError(f"the secret cannot be used ({type(error).__name__})") from None


def verify(text: str, token: Compact, issuer: Issuer, key: VerifyingKey, now: float) -> Token:
    """What `text` says, of which `token` was read. `now` is the wall clock's, in seconds. Raises Refused."""
    if token.algorithm not in issuer.algorithms:
        raise Refused("alg is not one of the issuer's")
    if token.algorithm not in key.verifiers:
        raise Refused("alg is not one of the key's")
    payload = _signed(text, key.verifiers[token.algorithm], token.algorithm)
    return read_claims(parse_object(payload), issuer, now)


def _verifier(key: Any, algorithm: str) -> Any:
    from jose import jwk  # with what it stands on: whoever knows no issuer does not wait for it

    return jwk.construct(key, algorithm)


def _signed(text: str, verifier: Any, algorithm: str) -> bytes:
    from jose import jws  # there is a verifier, so it is here

    try:
        payload = jws.verify(text, verifier, [algorithm])
    except Exception as error:  # noqa: BLE001 - TypeError, OverflowError and RecursionError come out of it too
        raise Refused(f"the signature is not right ({type(error).__name__})") from None
    return bytes(payload)
