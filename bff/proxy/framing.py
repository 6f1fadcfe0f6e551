"""What must hold for every request before anybody acts on it: one reading of where it goes and where it ends.

Pure but for the ASGI middleware at the end. It closes what the HTTP parser in front (httptools) lets through; the
parser's own refusals are not repeated. Sources: RFC 9112 3.2, 5.1, 6.1 and 6.3; RFC 9110 5.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bff.errors import AmbiguousRequest, HeadersTooLarge, TargetTooLong
from bff.proxy.problems import in_handshake, refuse
from bff.telemetry.trace import new_trace

_NONE: Mapping[str, Any] = MappingProxyType({})
_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:,[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROL_OR_OBS_TEXT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f-\xff]")
# RFC 3986 3.2.2 without user information: a name, an IPv4 address, or an IPv6 address in brackets; then a port.
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_LENGTH = re.compile(rb"[0-9]{1,18}")


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
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    target = target_of(scope)
    if len(target) > bounds.target:
        raise TargetTooLong(f"The request target is over the limit of {bounds.target} bytes.")
    names, values = [name for name, _ in headers], [value for _, value in headers]
    joined, said = b",".join(names), b"\t".join(values)
    _small(names, values, len(joined) + len(said) + 2 * len(names) + 2, bounds)  # with what stands between them
    _clear(joined, len(names), said, bounds)
    # RFC 9112 3.2.2: the authority in an absolute-form would replace Host. Only proxies of the other kind need it.
    if not target.startswith(b"/") and not (target == b"*" and scope.get("method") == "OPTIONS"):
        raise AmbiguousRequest("The request target must be a path.")
    _one_host(names, values, scope["http_version"])
    _one_length(names, values, scope["http_version"])


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


def _small(names: list[bytes], values: list[bytes], total: int, bounds: Bounds) -> None:
    if len(names) > bounds.headers or total > bounds.total or (total > bounds.header and _large(names, values, bounds)):
        raise HeadersTooLarge("The headers of the request are over the limit.")


def _large(names: list[bytes], values: list[bytes], bounds: Bounds) -> bool:
    sizes = [len(name) + len(value) + 4 for name, value in zip(names, values, strict=True)]
    return max(sizes, default=0) > bounds.header


def _clear(names: bytes, count: int, values: bytes, bounds: Bounds) -> None:
    """All at once: names joined by what no name has, values by what any value may have."""
    if count and (_NAMES.fullmatch(names) is None or names.count(b",") != count - 1):
        raise AmbiguousRequest("A header has an illegal name.")
    illegal = _CONTROL if bounds.obs_text else _CONTROL_OR_OBS_TEXT
    if illegal.search(values):
        raise AmbiguousRequest("A header has a value with illegal characters.")


def _one_host(names: list[bytes], values: list[bytes], version: str) -> None:
    hosts = names.count(b"host")
    if not hosts and version == "1.0":  # which had none; load balancers still ask for health like that
        return
    if hosts != 1 or not _HOST.fullmatch(values[names.index(b"host")]):
        raise AmbiguousRequest("The request must have exactly one valid Host.")


def _one_length(names: list[bytes], values: list[bytes], version: str) -> None:
    lengths, codings = names.count(b"content-length"), names.count(b"transfer-encoding")
    if codings:
        coding = values[names.index(b"transfer-encoding")].strip().lower()
        if codings > 1 or coding != b"chunked" or lengths or version == "1.0":
            raise AmbiguousRequest("Transfer-Encoding must be chunked, alone, and over HTTP/1.1.")
    if lengths and (lengths > 1 or not _LENGTH.fullmatch(values[names.index(b"content-length")])):
        raise AmbiguousRequest("Content-Length must be one number.")


class Guard:
    """The check as middleware, in front of everything."""

    def __init__(self, app: ASGIApp, *, name: str = "bff", bounds: Bounds = DEFAULT) -> None:
        """`name` is how the gateway calls itself in Proxy-Status."""
        self._app = app
        self._name = name
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            try:
                check(scope, self._bounds)
            except (AmbiguousRequest, TargetTooLong, HeadersTooLarge) as error:
                say = send if scope["type"] == "http" else partial(in_handshake, send)
                method = scope.get("method", "GET")  # a WebSocket's handshake is one
                await refuse(say, error, method=method, trace=new_trace(), name=self._name, close=True)
                return
        await self._app(scope, receive, send)
