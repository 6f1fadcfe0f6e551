"""The gateway's own errors as RFC 9457 problem documents, with the headers that their statuses demand.

Knows no route and reads no request. A service's errors are its own and pass as they are.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.types import Message, Send

from bff import codec
from bff.errors import (
    BffError,
    ClientError,
    Forbidden,
    MethodNotAllowed,
    ProxyLoop,
    QuotaExceeded,
    Unauthenticated,
    UpstreamError,
    UpstreamMalformed,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnavailable,
    UpstreamUnreachable,
)
from bff.telemetry.trace import Trace
from bff.upstreams import Headers

# RFC 9209 2.3; the first class of an error's MRO that stands here decides.
STATUSES: dict[type[BaseException], str] = {
    Forbidden: "http_request_denied",
    ClientError: "http_request_error",
    UpstreamTimeout: "http_response_timeout",
    UpstreamOverloaded: "connection_limit_reached",
    UpstreamTooLarge: "http_response_body_size",
    UpstreamMalformed: "http_protocol_error",
    UpstreamError: "destination_unavailable",
    ProxyLoop: "proxy_loop_detected",
    BffError: "proxy_internal_error",
}

# draft-ietf-httpapi-ratelimit-headers-11. Other problems have no type beyond their status (RFC 9457 4.2.1) and `code`.
_IANA = "https://iana.org/assignments/http-problem-types#"
TYPES: dict[type[BaseException], str] = {
    QuotaExceeded: f"{_IANA}quota-exceeded",
    UpstreamOverloaded: f"{_IANA}temporary-reduced-capacity",
    UpstreamUnavailable: f"{_IANA}temporary-reduced-capacity",
    BffError: "about:blank",
}

BUSY = 1  # seconds after which a full queue may have room


def body(error: BffError, trace_id: str) -> dict[str, Any]:
    """The document. `code` is stable; `traceId` finds the request in the logs."""
    return {
        "type": _of(TYPES, error),
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error),
        **error.extensions,
        "traceId": trace_id,
    }


def headers(error: BffError, name: str) -> Headers:
    """The headers that an error demands. `name` is the gateway's in Proxy-Status: a Token (RFC 9651 3.3.4)."""
    kind = error.why if isinstance(error, UpstreamUnreachable) else _of(STATUSES, error)
    found = [("proxy-status", f"{name}; error={kind}")]
    if isinstance(error, Unauthenticated):
        found.append(("www-authenticate", error.challenge))
    if isinstance(error, Forbidden) and error.scopes:
        scopes = " ".join(error.scopes)
        found.append(("www-authenticate", f'Bearer error="insufficient_scope", scope="{scopes}"'))  # RFC 6750 3.1
    if isinstance(error, MethodNotAllowed):
        found.append(("allow", error.allow))
    if isinstance(error, QuotaExceeded):
        found.append(("retry-after", str(error.retry_after)))
    if error.status == 503:
        found.append(("retry-after", str(BUSY)))
    return tuple(found)


async def refuse(
    send: Send, error: BffError, *, method: str, trace: Trace, name: str, close: bool = False, more: Headers = ()
) -> None:
    """Answer with the error. `close` when what follows on the connection cannot be trusted or is not wanted."""
    document = codec.encode(body(error, trace.trace_id))
    fields: Headers = (
        ("content-type", "application/problem+json"),
        ("content-length", str(len(document))),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        *headers(error, name),
        *more,
        *((("connection", "close"),) if close else ()),
    )
    await send({"type": "http.response.start", "status": error.status, "headers": encoded(fields)})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else document})


async def in_handshake(send: Send, message: Message) -> None:
    """An HTTP response in the place of a WebSocket (ASGI's extension "websocket.http.response")."""
    await send({**message, "type": f"websocket.{message['type']}"})


def encoded(fields: Headers) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def _of(table: dict[type[BaseException], str], error: BffError) -> str:
    return next(table[kind] for kind in type(error).__mro__ if kind in table)
