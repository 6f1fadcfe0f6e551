"""What only a proxy refuses, beside the errors of `bff.errors`. Each class is one row of docs/proxy.md."""

from __future__ import annotations

from typing import ClassVar

from bff.errors import BadRequest, BffError, ClientError, Fault


class AmbiguousRequest(BadRequest):
    """A request that servers read differently: framing, host, header names or values (RFC 9112 11.2)."""


class TargetTooLong(ClientError):
    """The request line is longer than we read (RFC 9110 15.5.15)."""

    code = "URI_TOO_LONG"
    status = 414


class HeadersTooLarge(ClientError):
    """One header, or all of them, are more than we read (RFC 6585 5)."""

    code = "HEADERS_TOO_LARGE"
    status = 431


class RequestTimeout(ClientError):
    """The client began a request and did not go on with it (RFC 9110 15.5.9)."""

    code = "REQUEST_TIMEOUT"
    status = 408


class ProxyLoop(BffError):
    """The request has come through this gateway too often: it is sent in a circle (RFC 9110 7.6)."""

    code = "PROXY_LOOP"
    status = 502
    fault: ClassVar[Fault] = "gateway"
