"""What a verified token claims, held against its issuer's rules and the time. Pure; has no key and no signature.

Sources: RFC 7519 4.1 and RFC 9068 2.2; stricter than python-jose, which takes missing claims and numbers in quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bff.auth.issuer import Issuer
from bff.auth.refused import Refused

_LAST_SECOND = 253_402_300_799  # of the year 9999: beyond it arithmetic with the clock's float would overflow
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, once it is verified. Times are seconds since 1970."""

    issuer: str
    subject: str | None
    client: str | None  # the name it gives its client, whether or not we know it
    scopes: frozenset[str]
    claims: Mapping[str, Any]  # all of them
    expires: int
    not_before: int  # 0: at any time


def read_claims(claims: Mapping[str, Any], issuer: Issuer, now: float) -> Token:
    """The token that `claims` make. `now` is the wall clock's. Raises Refused."""
    if claims.get("iss") != issuer.issuer:
        raise Refused("iss is another issuer")
    _check_audience(claims.get("aud"), issuer)
    _text(claims, "jti")
    token = Token(
        issuer=issuer.issuer,
        subject=_text(claims, "sub"),
        client=_text(claims, issuer.client_claim) if issuer.client_claim else None,
        scopes=_scopes(claims.get(issuer.scopes_claim, "")),
        claims=MappingProxyType(dict(claims)),
        expires=_second(claims, "exp"),
        not_before=_second(claims, "nbf", absent=0),
    )
    _check_lifetime(claims, token, issuer, now)
    check_time(token, issuer, now)
    return token


def check_time(token: Token, issuer: Issuer, now: float) -> None:
    """That `now` is within the token's time. On `exp` exactly it is over (RFC 7519 4.1.4). Raises Refused."""
    if now >= token.expires + issuer.leeway:
        raise Refused("the token has expired")
    if now < token.not_before - issuer.leeway:
        raise Refused("the token is not valid yet")


def _check_audience(claimed: Any, issuer: Issuer) -> None:
    audiences = [claimed] if isinstance(claimed, str) else claimed
    if not isinstance(audiences, list) or not all(isinstance(each, str) for each in audiences):
        raise Refused("aud is missing or no list of texts")
    if not set(audiences) & set(issuer.audiences):
        raise Refused("aud names somebody else")


def _check_lifetime(claims: Mapping[str, Any], token: Token, issuer: Issuer, now: float) -> None:
    issued = _second(claims, "iat", absent=int(now))
    if issued > now + issuer.leeway:
        raise Refused("iat is in the future")
    if token.expires - issued > issuer.max_lifetime:
        raise Refused("the token lives longer than its issuer's tokens may")


def _second(claims: Mapping[str, Any], name: str, absent: int | None = None) -> int:
    value = claims.get(name, absent)
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:  # isinstance would take a bool
        raise Refused(f"{name} is missing or no whole number of seconds")
    return value


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    if name not in claims:
        return None
    value = claims[name]
    # It becomes part of quota keys, logs and forwarded headers.
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise Refused("a claim that names somebody is no text, or one that is empty, long or not printable")
    return value


def _scopes(value: Any) -> frozenset[str]:
    """Words in one text (RFC 8693 4.2), or a list of them, as some issuers have it."""
    words = value.split(" ") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Refused("the scopes are neither text nor a list of texts")
    return frozenset(filter(None, words))
