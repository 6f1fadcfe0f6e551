"""Bearer tokens of the service `trips`: JWTs signed with a shared secret (HS256), or by an issuer with a JWKS (RS256).

The two never mix: each algorithm has keys of its own.
"""

from __future__ import annotations

import os
import time

from jose import jwt

from backends.jwks import Jwk, Jwks

# For demonstration, and printed in the documentation: whoever runs trips for real sets TRIPS_SECRET.
DEMO_SECRET = "travel-demo-secret-of-32-bytes-or-more"  # noqa: S105 - documented, protects nothing

ISSUER = "https://id.travel.example/"
AUDIENCE = "travel"
SCOPES = "trips:read trips:write"  # what the gateway asks for; the service itself asks for none
LONGEST = 8 * 1024

_DAY = 24 * 60 * 60


def secret() -> str:
    """What tokens are signed with."""
    return os.environ.get("TRIPS_SECRET") or DEMO_SECRET


def issue(
    subject: str, key: str, *, now: float | None = None, days: float = 30, scope: str = SCOPES, issuer: str = ISSUER
) -> str:
    """A token for `subject`, valid for `days` from `now` (seconds since 1970); `scope` is words with spaces between."""
    issued = int(time.time() if now is None else now)
    claims = {"sub": subject, "iss": issuer, "aud": AUDIENCE, "iat": issued, "exp": issued + int(days * _DAY)}
    return str(jwt.encode(claims | {"scope": scope}, key, algorithm="HS256"))


def published() -> Jwks | None:
    """The keys of the issuer that TRIPS_JWKS names, if it does."""
    url = os.environ.get("TRIPS_JWKS")
    return Jwks(url) if url else None


def subject_of(token: str, key: str, jwks: Jwks | None = None) -> str | None:
    """Who a token is for; None if it is not valid now. Issuer and audience are the gateway's business."""
    if len(token) > LONGEST:
        return None
    options = {"require_exp": True, "require_sub": True, "verify_aud": False}
    try:
        signed = _published_key(token, jwks) if jwks else None
        claims = jwt.decode(token, signed or key, algorithms=["RS256" if signed else "HS256"], options=options)
    except Exception:  # noqa: BLE001 - python-jose lets TypeError, OverflowError and RecursionError through
        return None
    return str(claims["sub"]) or None


def _published_key(token: str, jwks: Jwks) -> Jwk | None:
    """The key that an RS256 token names; None for any other token."""
    header = jwt.get_unverified_header(token)
    return jwks.find(str(header.get("kid"))) if header.get("alg") == "RS256" else None
