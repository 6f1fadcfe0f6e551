"""Keys and tokens made by hand, also those that no library would make."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from bff.auth import Authenticator, Client, Fixed, Issuer, Trusted
from bff.auth.key_set import read_key_set, secret_key_set

NOW = 1_800_000_000
ISSUER, SECRET_ISSUER = "https://id.example/", "https://hs.example/"
SECRET = b"a secret of more than thirty-two bytes"
_HASHES = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
_CURVES = {"P-256": (ec.SECP256R1(), 32), "P-384": (ec.SECP384R1(), 48), "P-521": (ec.SECP521R1(), 66)}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def number(value: int, size: int | None = None) -> str:
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class Rsa:
    kid: str | None
    private: rsa.RSAPrivateKey

    def jwk(self, **members: Any) -> dict[str, Any]:
        public = self.private.public_key().public_numbers()
        kid = {} if self.kid is None else {"kid": self.kid}
        return {"kty": "RSA", "n": number(public.n), "e": number(public.e), **kid, **members}

    def sign(self, data: bytes, algorithm: str) -> bytes:
        return self.private.sign(data, padding.PKCS1v15(), _HASHES[algorithm[2:]])


@dataclass(frozen=True)
class Ec:
    kid: str | None
    private: ec.EllipticCurvePrivateKey
    curve: str

    def jwk(self, **members: Any) -> dict[str, Any]:
        public, size = self.private.public_key().public_numbers(), _CURVES[self.curve][1]
        kid = {} if self.kid is None else {"kid": self.kid}
        return {
            "kty": "EC",
            "crv": self.curve,
            "x": number(public.x, size),
            "y": number(public.y, size),
            **kid,
        } | members

    def sign(self, data: bytes, algorithm: str) -> bytes:
        size = _CURVES[self.curve][1]
        pair = decode_dss_signature(self.private.sign(data, ec.ECDSA(_HASHES[algorithm[2:]])))
        return b"".join(each.to_bytes(size, "big") for each in pair)


@dataclass(frozen=True)
class Secret:
    value: bytes
    kid: None = None

    def sign(self, data: bytes, algorithm: str) -> bytes:
        return hmac.digest(self.value, data, f"sha{algorithm[2:]}")


def an_rsa_key(kid: str | None = "rsa", bits: int = 2048) -> Rsa:
    return Rsa(kid, rsa.generate_private_key(65537, bits))


def an_ec_key(kid: str | None = "ec", curve: str = "P-256") -> Ec:
    return Ec(kid, ec.generate_private_key(_CURVES[curve][0]), curve)


RSA, OTHER_RSA, EC, HS = an_rsa_key(), an_rsa_key("other"), an_ec_key(), Secret(SECRET)
Signer = Rsa | Ec | Secret


def claims(issuer: str = ISSUER, **changes: Any) -> dict[str, Any]:
    """Good ones; a change to `...` takes the claim away."""
    good = {"iss": issuer, "aud": "travel", "sub": "ann", "iat": NOW - 10, "exp": NOW + 600, "scope": "trips:read"}
    return {name: value for name, value in (good | changes).items() if value is not ...}


def header(algorithm: str = "RS256", kid: str | None = "rsa", **changes: Any) -> dict[str, Any]:
    good = {"alg": algorithm, "typ": "JWT"} | ({} if kid is None else {"kid": kid}) | changes
    return {name: value for name, value in good.items() if value is not ...}


def signed(head: bytes, payload: bytes, key: Signer = RSA, algorithm: str = "RS256") -> str:
    """Any two byte strings, signed."""
    data = f"{b64(head)}.{b64(payload)}"
    return f"{data}.{b64(key.sign(data.encode(), algorithm))}"


def token(key: Signer = RSA, algorithm: str = "RS256", *, head: dict[str, Any] | None = None, **changes: Any) -> str:
    """A good one, but for what is changed."""
    members = header(algorithm, key.kid) if head is None else head
    return signed(json.dumps(members).encode(), json.dumps(claims(**changes)).encode(), key, algorithm)


def an_issuer(**changes: Any) -> Issuer:
    usual: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": "travel",
        "algorithms": ("RS256", "ES256"),
        "tier": "users",
        "jwks": "/jwks.json",
    }
    return Issuer(**(usual | changes))


def a_secret_issuer(**changes: Any) -> Issuer:
    usual: dict[str, Any] = {"issuer": SECRET_ISSUER, "algorithms": ("HS256",), "jwks": "", "secret": SECRET}
    return an_issuer(**(usual | changes))


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


def trusted(issuer: Issuer | None = None, *keys: dict[str, Any]) -> Trusted:
    issuer = issuer or an_issuer()
    if issuer.symmetric:
        return Trusted(issuer, Fixed(secret_key_set(issuer.secret, issuer.algorithms)))
    raw = document(*(keys or (RSA.jwk(), OTHER_RSA.jwk(), EC.jwk())))
    return Trusted(issuer, Fixed(read_key_set(raw, issuer.algorithms)))


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


def an_authenticator(*clients: Client, clock: Clock | None = None, **changes: Any) -> Authenticator:
    usual: dict[str, Any] = {"issuers": [trusted(), trusted(a_secret_issuer())], "clock": clock or Clock()}
    return Authenticator(clients, **(usual | changes))


def bearer(text: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {text}"),)
