"""What a service failed at, or answered that nothing can be made of: the second part of docs/errors.md."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from bff.errors.error import BffError, Fault


class UpstreamError(BffError):
    """A call to a service did not bring what was asked for. The message names the upstream, nothing inside it."""

    code = "UPSTREAM_ERROR"
    status = 502
    fault: ClassVar[Fault] = "upstream"
    says: ClassVar[str] = "{service} could not answer."

    def __init__(self, upstream: str, *, detail: str = "", http_status: int | None = None) -> None:
        """`detail` is for logs and never leaves the gateway; `http_status` is the service's own."""
        super().__init__(self._sentence(f"the {upstream} service"))
        self.upstream = upstream
        self.detail = detail
        self.http_status = http_status

    @property
    def extensions(self) -> dict[str, Any]:
        found: dict[str, Any] = {"code": self.code, "upstream": self.upstream}
        if self.http_status is not None:
            found["httpStatus"] = self.http_status
        return found

    @property
    def unnamed(self) -> str:
        """The message for who may not know which service it is."""
        return self._sentence("a service")

    def _sentence(self, service: str) -> str:
        found = self.says.format(service=service)
        return found[0].upper() + found[1:]


# RFC 9209 2.3: why a service could not be reached, as Proxy-Status says it.
Why = Literal[
    "connection_refused",
    "connection_terminated",
    "connection_timeout",
    "destination_unavailable",
    "dns_error",
    "tls_certificate_error",
    "tls_protocol_error",
]


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, or it broke before the headers of the answer were complete."""

    code = "UPSTREAM_UNREACHABLE"
    says = "{service} could not be reached."

    def __init__(self, upstream: str, *, detail: str = "", why: Why = "destination_unavailable") -> None:
        super().__init__(upstream, detail=detail)
        self.why = why


class UpstreamTimeout(UpstreamError):
    """The service did not answer within its timeout or what remained of the operation's deadline."""

    code = "UPSTREAM_TIMEOUT"
    status = 504
    says = "{service} did not answer in time."


class UpstreamOverloaded(UpstreamError):
    """The in-flight limit of the upstream was full and so was its queue; the service was not called."""

    code = "UPSTREAM_OVERLOADED"
    status = 503
    says = "Too many calls to {service} are waiting."


class UpstreamUnavailable(UpstreamError):
    """Calls to the upstream have been failing, all of them, and this one was not made."""

    code = "UPSTREAM_UNAVAILABLE"
    status = 503
    says = "{service} has not been answering, and was not called."


class UpstreamStatus(UpstreamError):
    """The service answered with a status that is neither success nor one its connector knows."""

    code = "UPSTREAM_STATUS"
    says = "{service} answered with an error."


class UpstreamRefused(UpstreamError):
    """The service answered 2xx with an error inside (`error=` of the connector)."""

    code = "UPSTREAM_REFUSED"
    says = "{service} refused the call."


class UpstreamTooLarge(UpstreamError):
    """The answer is over the byte limit, before or after decompression; the connection was discarded."""

    code = "UPSTREAM_TOO_LARGE"
    says = "{service} answered with more than the limit."


class UpstreamMalformed(UpstreamError):
    """The answer is not JSON, not whole, or not of the shape that its connector declares."""

    code = "UPSTREAM_MALFORMED"
    says = "{service} answered in an unexpected form."


class ValueMalformed(BffError):
    """A service answered with a value that its field cannot have; the value itself is not told."""

    code = "UPSTREAM_MALFORMED"
    status = 502
    fault: ClassVar[Fault] = "upstream"

    def __init__(self, coordinate: str, expected: str, upstream: str | None) -> None:
        super().__init__(f"{coordinate} came with a value that is not {expected}.")
        self.upstream = upstream

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "upstream": self.upstream} if self.upstream else {"code": self.code}

    @property
    def plainly(self) -> str:
        return "This field came with a value that it cannot have."


class NullValue(BffError):
    """Null came where the schema promises a value (GraphQL 6.4.4); the message names the field."""

    code = "NULL_VALUE"
    status = 502
    fault: ClassVar[Fault] = "upstream"

    @property
    def plainly(self) -> str:
        return "This field came with null, which it cannot be."


class ListTooLong(ValueMalformed):
    """A list came that is longer than its field says it can be: what it costs below was not paid for."""

    code = "LIST_TOO_LONG"

    def __init__(self, coordinate: str, size: int, most: int, upstream: str | None) -> None:
        super().__init__(coordinate, "", upstream)
        self.args = (f"{coordinate} came with {size} items; its size is declared as at most {most}.",)

    @property
    def plainly(self) -> str:
        return "This list came with more items than it is declared to have."
