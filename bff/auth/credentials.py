"""The credentials in a request's headers: at most one of each kind, or none. Pure; believes none of them."""

from __future__ import annotations

from dataclasses import dataclass

from bff.auth.refused import Refused
from bff.upstreams import Headers

KEY_HEADER = "x-api-key"


@dataclass(frozen=True, slots=True)
class Credentials:
    """As they came. None: not sent; an empty one was sent and will be refused."""

    key: str | None = None
    token: str | None = None


def read_credentials(headers: Headers) -> Credentials:
    """`headers` as ASGI gives them: lower-case names, values as ISO-8859-1. Raises Refused for two of a kind."""
    key, authorization = _only(headers, KEY_HEADER), _only(headers, "authorization")
    return Credentials(key, None if authorization is None else _bearer(authorization))


def _only(headers: Headers, name: str) -> str | None:
    values = [value for key, value in headers if key == name]
    if len(values) > 1:
        raise Refused(f"{len(values)} {name} headers")  # another reader of this request could take another one
    return values[0] if values else None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("an authorization scheme other than Bearer")
    return token
