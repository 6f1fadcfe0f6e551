"""What must hold for every request before anybody acts on it: one reading of where it goes and where it ends.

Pure but for the ASGI middleware at the end. It closes what the HTTP parser in front (httptools) lets through; the
parser's own refusals are not repeated. Sources: RFC 9112 3.2, 5.1, 6.1 and 6.3; RFC 9110 5.5.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bff.errors import AmbiguousRequest, BffError, HeadersTooLarge, TargetTooLong
from bff.proxy.problems import in_handshake, refuse
from bff.telemetry.trace import new_trace

_NONE: Mapping[str, Any] = MappingProxyType({})
# What is legal in names (RFC 9110 5.6.2), with what joins them, and in values (5.5).
_TOKENS = b",!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VISIBLE = bytes([0x09, *range(0x20, 0x7F)])
_VISIBLE_OR_OBS_TEXT = _VISIBLE + bytes(range(0x80, 0x100))
# RFC 3986 3.2.2 without user information: a name, an IPv4 address, or an IPv6 address in brackets; then a port.
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
LONGEST_LENGTH = 18  # digits
_ONCE = {
    b"host": "The request must have exactly one valid Host.",
    b"content-length": "Content-Length must be one number.",
    b"transfer-encoding": "Transfer-Encoding must be chunked, alone, and over HTTP/1.1.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large the head of a request may be: bytes, and a count."""

    headers: int = 100
    header: int = 8 * 1024
    total: int = 32 * 1024
    target: int = 8 * 1024
    obs_text: bool = False  # bytes over 0x7F in values: what they mean depends on who reads them (RFC 9110 5.5)


DEFAULT = Bounds()


def check(scope: Scope, bounds: Bounds = DEFAULT) -> None:
    """Raises `AmbiguousRequest`, `TargetTooLong` or `HeadersTooLarge`; after each the connection cannot go on."""
    headers: Collection[Any] = scope["headers"]  # pairs; servers have lists and tuples, of either
    target = target_of(scope)
    if len(target) > bounds.target:
        raise TargetTooLong(f"The request target is over the limit of {bounds.target} bytes.")
    # RFC 9112 3.2.2: the authority in an absolute-form would replace Host. Only proxies of the other kind need it.
    if target[:1] != b"/" and not (target == b"*" and scope.get("method") == "OPTIONS"):
        raise AmbiguousRequest("The request target must be a path.")
    fields = dict(headers)
    if len(fields) == len(headers):
        _readable(fields, fields.values(), bounds)
    else:
        names = [name for name, _ in headers]
        _readable(names, [value for _, value in headers], bounds)
        _once(names)
    _framed(fields, scope["http_version"])


def target_of(scope: Scope) -> bytes:
    """The request target as it came, where the server tells it (bff.proxy.http1); else put together again.

    ASGI has no word for an authority in the request line, nor for a query that is empty.
    """
    told = (scope.get("extensions") or _NONE).get("bff.target")
    if told is not None:
        raw: bytes = told["raw"]
        return raw
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path


def _readable(names: Collection[bytes], values: Collection[bytes], bounds: Bounds) -> None:
    """All names at once, joined by what no name has, and all values, by what any value may have."""
    named, said = b",".join(names), b"\t".join(values)
    total = len(named) + len(said) + 2 * len(names) + 2  # with what stands between them
    if len(names) > bounds.headers or total > bounds.total or (total > bounds.header and _large(names, values, bounds)):
        raise HeadersTooLarge("The headers of the request are over the limit.")
    if names and (named.count(b",") >= len(names) or b"" in names or named.translate(None, _TOKENS)):
        raise AmbiguousRequest("A header has an illegal name.")
    if said.translate(None, _VISIBLE_OR_OBS_TEXT if bounds.obs_text else _VISIBLE):
        raise AmbiguousRequest("A header has a value with illegal characters.")


def _large(names: Collection[bytes], values: Collection[bytes], bounds: Bounds) -> bool:
    sizes = [len(name) + len(value) + 4 for name, value in zip(names, values, strict=True)]
    return max(sizes, default=0) > bounds.header


def _once(names: list[bytes]) -> None:
    """What frames a request must not be said twice, not even in the same words."""
    for name, told in _ONCE.items():
        if names.count(name) > 1:
            raise AmbiguousRequest(told)


def _framed(fields: Mapping[bytes, bytes], version: str) -> None:
    """`fields` hold one value of each name; of those in `_ONCE`, the only one."""
    host, length = fields.get(b"host"), fields.get(b"content-length")
    # A request of HTTP/1.0 may have no Host: load balancers still ask for health like that.
    if not _HOST.fullmatch(host) if host is not None else version != "1.0":
        raise AmbiguousRequest(_ONCE[b"host"])
    if length is not None and not (length.isdigit() and len(length) <= LONGEST_LENGTH):
        raise AmbiguousRequest(_ONCE[b"content-length"])
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (coding.strip().lower() != b"chunked" or length is not None or version == "1.0"):
        raise AmbiguousRequest(_ONCE[b"transfer-encoding"])


class Guard:
    """The check as middleware, in front of everything."""

    def __init__(self, app: ASGIApp, *, name: str = "bff", bounds: Bounds = DEFAULT) -> None:
        """`name` is how the gateway calls itself in Proxy-Status."""
        self._app = app
        self._name = name
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is not None:
            say = send if scope["type"] == "http" else partial(in_handshake, send)
            method = scope.get("method", "GET")  # a WebSocket's handshake is one
            await refuse(say, refusal, method=method, trace=new_trace(), name=self._name, close=True)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> BffError | None:
        try:
            check(scope, self._bounds)
        except (AmbiguousRequest, TargetTooLong, HeadersTooLarge) as error:
            return error
        return None
