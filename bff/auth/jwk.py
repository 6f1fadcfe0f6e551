"""JSON Web Keys from strangers: which of them may verify a signature, and by which algorithms. Pure; knows no library.

Sources: RFC 7517 (members), RFC 7518 6 (parameters), RFC 8725 3.5. What comes back is only what the checks have seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff.auth import base64url

SMALLEST_RSA, LARGEST_RSA = 2048, 8192  # bits; beyond the second a check is so slow that a few of them are an attack
_LARGEST_EXPONENT = 2**32
_LONGEST_KID = 256

_CURVES = {"P-256": ("ES256", 32), "P-384": ("ES384", 48), "P-521": ("ES512", 66)}  # algorithm, bytes of a coordinate
_RSA = ("RS256", "RS384", "RS512")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that passed. `members` are what a library needs to build it, and nothing else."""

    kid: str | None
    algorithms: tuple[str, ...]
    members: Mapping[str, str]


def read_jwk(jwk: Any, allowed: tuple[str, ...]) -> PublicKey:
    """The key for those of the `allowed` algorithms that it fits. Raises ValueError, saying why it is unusable."""
    if not isinstance(jwk, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - of a document, not of our types
    kid = _text(jwk, "kid")
    _check_purpose(jwk)
    if _PRIVATE & jwk.keys():
        raise ValueError("it is published with its private part")
    fitting, members = _rsa(jwk) if jwk.get("kty") == "RSA" else _ec(jwk)
    alg = _text(jwk, "alg")
    algorithms = tuple(name for name in fitting if name in allowed and alg in {None, name})
    if not algorithms:
        raise ValueError("it fits none of the issuer's algorithms")
    return PublicKey(kid, algorithms, members)


def weak_by_roca(modulus: int) -> bool:
    """Whether an RSA modulus has the fingerprint of CVE-2017-15361: its primes can be found.

    Infineon's generator made primes that are powers of 65537 modulo many small primes at once; so is their product,
    which happens to another modulus once in a billion.
    """
    return all(modulus % prime in powers for prime, powers in _ROCA)


def _check_purpose(jwk: Mapping[str, Any]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise ValueError("its use is not sig")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("its key_ops have no verify")


def _rsa(jwk: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    n, e = _required(jwk, "n"), _required(jwk, "e")
    modulus, exponent = base64url.number(n), base64url.number(e)
    if not SMALLEST_RSA <= modulus.bit_length() <= LARGEST_RSA:
        raise ValueError(f"it has not {SMALLEST_RSA} to {LARGEST_RSA} bits")
    if not 3 <= exponent < _LARGEST_EXPONENT or exponent % 2 == 0:
        raise ValueError("its exponent is even, too small or too large")
    if weak_by_roca(modulus):
        raise ValueError("it comes from a broken generator (ROCA, CVE-2017-15361)")
    return _RSA, {"kty": "RSA", "n": n, "e": e}


def _ec(jwk: Mapping[str, Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    if jwk.get("kty") != "EC":
        raise ValueError("its kty is neither RSA nor EC")
    curve = _required(jwk, "crv")
    if curve not in _CURVES:
        raise ValueError("its curve is not one of " + ", ".join(_CURVES))
    algorithm, size = _CURVES[curve]
    x, y = _required(jwk, "x"), _required(jwk, "y")
    if len(base64url.decode(x)) != size or len(base64url.decode(y)) != size:
        raise ValueError(f"its coordinates have not {size} bytes")  # RFC 7518 6.2.1.2
    return (algorithm,), {"kty": "EC", "crv": curve, "x": x, "y": y}


def _required(jwk: Mapping[str, Any], name: str) -> str:
    if (value := jwk.get(name)) is None or not isinstance(value, str):
        raise ValueError(f"it has no {name}")
    return value


def _text(jwk: Mapping[str, Any], name: str) -> str | None:
    if name not in jwk:
        return None
    value = jwk[name]
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_KID:
        raise ValueError(f"its {name} is no text, or an empty or a long one")
    return value


def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))


_PRIMES = [number for number in range(3, 168, 2) if all(number % divisor for divisor in range(3, number, 2))]
_ROCA = tuple((prime, _powers(prime)) for prime in _PRIMES)
