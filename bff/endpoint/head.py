"""The head of a request as the endpoint reads it. Knows no bodies."""

from __future__ import annotations

import re
from typing import Final

from starlette.types import Scope

from bff.telemetry.trace import digits
from bff.upstreams import Headers

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Head:
    """The head of a request. `fields` are its headers by name, repeated ones joined (RFC 9110 5.3)."""

    __slots__ = ("fields", "headers", "method", "path", "query_string", "safe")

    def __init__(self, method: str, path: str, query_string: bytes, headers: Headers, fields: dict[str, str]) -> None:
        self.method = method
        self.path = path
        self.query_string = query_string
        self.headers = headers
        self.fields = fields
        self.safe = method in {"GET", "HEAD"}

    @property
    def has_body(self) -> bool:
        return self.fields.get("content-length", "0") != "0" or "transfer-encoding" in self.fields

    @property
    def is_form(self) -> bool:
        """Whether the body is said to be multipart/form-data."""
        return self.fields.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"

    @property
    def holds_body(self) -> bool:
        """Whether a body of known length is sent only when it is asked for (RFC 9110 10.1.1)."""
        return "expect" in self.fields and "content-length" in self.fields


def head_of(scope: Scope) -> Head:
    headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
    fields = dict(headers)
    if len(fields) < len(headers):
        fields = {}
        for name, value in headers:
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return Head(scope["method"], scope["path"], scope["query_string"], headers, fields)


def trace_id_of(head: Head) -> str:
    """The client's own id of its request, if it is one that can stand in a log; else a new one."""
    request_id = head.fields.get("x-request-id")
    return request_id if request_id and _REQUEST_ID.fullmatch(request_id) else digits(8)
