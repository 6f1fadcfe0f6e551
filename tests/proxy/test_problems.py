"""Every error of the gateway as a problem document, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from bff import errors
from bff.errors import AmbiguousRequest, HeadersTooLarge, ProxyLoop, RequestTimeout, TargetTooLong
from bff.proxy.problems import body, headers

IANA = "https://iana.org/assignments/http-problem-types#"


@pytest.mark.parametrize(
    ("error", "document"),
    [
        (
            errors.RouteNotFound("No route has this path."),
            {"type": "about:blank", "title": "Not Found", "status": 404, "code": "NOT_FOUND"},
        ),
        (
            errors.QuotaExceeded("Spent.", retry_after=7, price=3, remaining=1),
            {
                "type": f"{IANA}quota-exceeded",
                "title": "Too Many Requests",
                "status": 429,
                "code": "QUOTA_EXCEEDED",
                "retryAfter": 7,
                "price": 3,
                "remaining": 1,
            },
        ),
        (
            errors.UpstreamOverloaded("files", detail="secret"),
            {
                "type": f"{IANA}temporary-reduced-capacity",
                "title": "Service Unavailable",
                "status": 503,
                "code": "UPSTREAM_OVERLOADED",
                "upstream": "files",
            },
        ),
        (
            errors.Forbidden("No.", ("files:read",)),
            {
                "type": "about:blank",
                "title": "Forbidden",
                "status": 403,
                "code": "FORBIDDEN",
                "requiredScopes": ["files:read"],
            },
        ),
        (
            errors.InternalError("t1"),
            {"type": "about:blank", "title": "Internal Server Error", "status": 500, "code": "INTERNAL"},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_a_document(error: errors.BffError, document: dict[str, Any]) -> None:
    assert body(error, "t1") == document | {"detail": str(error), "traceId": "t1"}


@pytest.mark.parametrize(
    ("error", "proxy_status", "more"),
    [
        (errors.BadRequest(""), "http_request_error", {}),
        (errors.UnsafePath(""), "http_request_error", {}),
        (AmbiguousRequest(""), "http_request_error", {}),
        (TargetTooLong(""), "http_request_error", {}),
        (HeadersTooLarge(""), "http_request_error", {}),
        (RequestTimeout(""), "http_request_error", {}),
        (errors.RequestTooLarge(""), "http_request_error", {}),
        (errors.RouteNotFound(""), "http_request_error", {}),
        (errors.MethodNotAllowed("", "GET, HEAD"), "http_request_error", {"allow": "GET, HEAD"}),
        (errors.Unauthenticated("Bearer realm=x"), "http_request_error", {"www-authenticate": "Bearer realm=x"}),
        (errors.Forbidden(""), "http_request_denied", {}),
        (
            errors.Forbidden("", ("a", "b")),
            "http_request_denied",
            {"www-authenticate": 'Bearer error="insufficient_scope", scope="a b"'},
        ),
        (errors.QuotaExceeded("", retry_after=7), "http_request_error", {"retry-after": "7"}),
        (errors.TooManyAtOnce("", retry_after=1), "http_request_error", {"retry-after": "1"}),
        (errors.UpstreamUnreachable("files"), "destination_unavailable", {}),
        (errors.UpstreamTimeout("files"), "http_response_timeout", {}),
        (errors.UpstreamOverloaded("files"), "connection_limit_reached", {"retry-after": "1"}),
        (errors.UpstreamUnavailable("files"), "destination_unavailable", {"retry-after": "1"}),
        (errors.UpstreamMalformed("files"), "http_protocol_error", {}),
        (errors.UpstreamTooLarge("files"), "http_response_body_size", {}),
        (ProxyLoop(""), "proxy_loop_detected", {}),
        (errors.InternalError("t"), "proxy_internal_error", {}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_has_the_headers_its_status_demands(
    error: errors.BffError, proxy_status: str, more: dict[str, str]
) -> None:
    assert dict(headers(error, "gw")) == {"proxy-status": f"gw; error={proxy_status}", **more}
