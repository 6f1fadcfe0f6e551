"""A token in compact form taken apart: form and header are checked, nothing is believed yet. Pure.

Sources: RFC 7515 (form), RFC 7519 (claims), RFC 8725 (what to refuse). Stricter than those in one point: a spelling
that is not canonical is refused, though a few test suites call it valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bff.auth import base64url
from bff.auth.refused import Refused
from bff.auth.strict_json import parse_object

LONGEST = 8 * 1024  # characters
_LONGEST_KID = 256

# A key of the token's own choice, a form nobody here reads ("cty": a token in the token), rules that must be known.
FORBIDDEN = frozenset({"jwk", "jku", "x5u", "x5c", "zip", "b64", "cty", "crit"})
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})  # RFC 9068 4


@dataclass(frozen=True, slots=True)
class Compact:
    """What a token says of itself, unverified: enough to choose an issuer and a key."""

    algorithm: str
    kid: str | None
    issuer: str


def parse(text: str) -> Compact:
    """Raises Refused for what is no signed JWT in its one spelling."""
    if len(text) > LONGEST:
        raise Refused("the token is longer than 8 KiB")
    if text.count(".") != 2:
        raise Refused("the token has not three parts")  # an encrypted one has five
    header, claims, _ = (_decoded(part) for part in text.split("."))
    algorithm, kid = _header(_object(header, "header"))
    issuer = _object(claims, "payload").get("iss")
    if not isinstance(issuer, str):
        raise Refused("iss is missing or no text")
    return Compact(algorithm, kid, issuer)


def _decoded(part: str) -> bytes:
    try:
        return base64url.decode(part)
    except ValueError:
        raise Refused("a part of the token is not canonical base64url") from None


def _object(raw: bytes, name: str) -> dict[str, Any]:
    try:
        return parse_object(raw)
    except (ValueError, RecursionError):
        raise Refused(f"the {name} is not an object in strict JSON") from None


def _header(header: Mapping[str, Any]) -> tuple[str, str | None]:
    if not FORBIDDEN.isdisjoint(header):
        raise Refused("the header has a member that is never accepted")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise Refused("typ is not that of an access token")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise Refused("alg is missing or no text")
    return algorithm, _kid(header)


def _kid(header: Mapping[str, Any]) -> str | None:
    if "kid" not in header:
        return None
    kid = header["kid"]
    if not isinstance(kid, str) or not 0 < len(kid) <= _LONGEST_KID:
        raise Refused("kid is no text, or an empty or a long one")
    return kid
