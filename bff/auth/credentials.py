"""The credentials in a request's headers: at most one of each kind, or none. Pure; believes none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bff.auth.refused import Refused
from bff.upstreams import Headers

KEY_HEADER: Final = "x-api-key"
HEADERS = (KEY_HEADER, "authorization")


def read_credentials(headers: Headers, cookie: str | None = None) -> tuple[str | None, str | None]:
    """The key and the token, as they came. None: not sent; an empty one was sent and will be refused.

    `headers` as ASGI gives them: lower-case names, values as ISO-8859-1. `cookie` is the name of one that holds a token
    where there is no Authorization, which was sent on purpose. Raises Refused for two of a kind.
    """
    fields = dict(headers)
    if len(fields) < len(headers):
        _once(headers)
    authorization = fields.get("authorization")
    if authorization is not None:
        return fields.get(KEY_HEADER), _bearer(authorization)
    return fields.get(KEY_HEADER), _in_cookie(headers, cookie) if cookie else None


def _once(headers: Headers) -> None:
    """Another reader of this request could take another one."""
    names = [name for name, _ in headers]
    for name in HEADERS:
        if (times := names.count(name)) > 1:
            raise Refused(f"{times} {name} headers")


def _in_cookie(headers: Headers, name: str) -> str | None:
    """The cookie of this name (RFC 6265 4.2.1). One that is empty is none: so servers log people out."""
    values = [value for key, value in _cookies(headers) if key == name]
    if len(values) > 1:
        raise Refused(f"{len(values)} cookies of one name")  # of two paths, or planted by a neighbouring host
    return values[0] or None if values else None


def _cookies(headers: Headers) -> Iterator[tuple[str, str]]:
    for key, value in headers:
        if key == "cookie":
            for pair in value.split(";"):
                name, _, held = pair.strip(" \t").partition("=")
                yield name, held


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("an authorization scheme other than Bearer")
    return token
