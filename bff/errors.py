"""Every error the gateway can answer with: a closed tree.

Each class carries the GraphQL `extensions.code`, the HTTP status of an answer that holds nothing else, and whose fault
it is. Foreign exceptions (aiohttp, msgspec, graphql-core) are mapped to these once, where they enter. A message never
holds an internal URL, a header, a stack or what a service answered: `public` is what a client may read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

Fault = Literal["client", "upstream", "gateway"]


class BffError(Exception):
    """Anything the gateway refuses or fails at. `str(error)` may be shown to a client."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    fault: ClassVar[Fault] = "gateway"

    @property
    def extensions(self) -> dict[str, Any]:
        """What a client may know beside the message; `code` is stable and documented."""
        return {"code": self.code}


# The client's fault ----------------------------------------------------------------------------------------------


class ClientError(BffError):
    fault: ClassVar[Fault] = "client"


class BadRequest(ClientError):
    """The HTTP request or its JSON is malformed."""

    code = "BAD_REQUEST"
    status = 400


class RequestTooLarge(ClientError):
    """The body, or what it unpacks to, is over the limit. Answered before the body is read to its end."""

    code = "REQUEST_TOO_LARGE"
    status = 413


class MethodNotAllowed(ClientError):
    """The path exists, the method does not; `allow` lists those that do (RFC 9110 15.5.6)."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, message: str, allow: str) -> None:
        super().__init__(message)
        self.allow = allow


class NotAcceptable(ClientError):
    """Nothing the client accepts can be produced (RFC 9110 15.5.7)."""

    code = "NOT_ACCEPTABLE"
    status = 406


class UnsupportedMediaType(ClientError):
    """The body is in a form nobody here reads (RFC 9110 15.5.16)."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class DocumentUnparsable(ClientError):
    """The query text is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"
    status = 400


class DocumentInvalid(ClientError):
    """The query text is GraphQL that this graph cannot answer."""

    code = "GRAPHQL_VALIDATION_FAILED"
    status = 400


class OperationNotFound(ClientError):
    """`operationName` names nothing, or several operations came and none was named (GraphQL 6.1)."""

    code = "OPERATION_RESOLUTION_FAILURE"
    status = 400


class BadUserInput(ClientError):
    """A variable or an argument has a value that the schema or a limit refuses."""

    code = "BAD_USER_INPUT"
    status = 400


class OperationTooComplex(ClientError):
    """The document itself is over a limit of depth, aliases, tokens, root fields, directives or analysis steps."""

    code = "OPERATION_TOO_COMPLEX"
    status = 400


class OperationTooExpensive(ClientError):
    """The operation's price or worst-case number of upstream calls is over what one operation may have."""

    code = "OPERATION_TOO_EXPENSIVE"
    status = 400

    def __init__(self, message: str, **numbers: float) -> None:
        super().__init__(message)
        self.numbers = numbers

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, **self.numbers}


class Unauthenticated(ClientError):
    """Who calls could not be established. One text for every cause: what was wrong is for the log (RFC 6750 3)."""

    code = "UNAUTHENTICATED"
    status = 401

    def __init__(self, challenge: str = "Bearer", *, detail: str = "") -> None:
        """`challenge` is the WWW-Authenticate value; `detail` is for logs and never holds the credential."""
        super().__init__("A valid credential is needed.")
        self.challenge = challenge
        self.detail = detail


class Forbidden(ClientError):
    """The caller is known and may not have this; `scopes` are those that would be needed."""

    code = "FORBIDDEN"
    status = 403

    def __init__(self, message: str, scopes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.scopes = scopes

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "requiredScopes": list(self.scopes)} if self.scopes else {"code": self.code}


class QuotaExceeded(ClientError):
    """The tier's budget is spent for now: nothing was called. `retry_after` is in seconds, rounded up."""

    code = "QUOTA_EXCEEDED"
    status = 429

    def __init__(self, message: str, *, retry_after: int, **numbers: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.numbers = numbers

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "retryAfter": self.retry_after, **self.numbers}


class TooManyAtOnce(QuotaExceeded):
    """The client has as many operations running as its tier allows."""

    code = "TOO_MANY_AT_ONCE"


class RouteNotFound(ClientError):
    """No route has this path."""

    code = "NOT_FOUND"
    status = 404


class UnsafePath(ClientError):
    """A path that a server behind us could read as another one (RFC 3986 6.2.2)."""

    code = "UNSAFE_PATH"
    status = 400


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


# The service's fault ---------------------------------------------------------------------------------------------


class UpstreamError(BffError):
    """A call to a service did not bring what was asked for. The message names the upstream, nothing inside it."""

    code = "UPSTREAM_ERROR"
    status = 502
    fault: ClassVar[Fault] = "upstream"
    says: ClassVar[str] = "The {upstream} service could not answer."

    def __init__(self, upstream: str, *, detail: str = "", http_status: int | None = None) -> None:
        """`detail` is for logs and never leaves the gateway; `http_status` is the service's own."""
        super().__init__(self.says.format(upstream=upstream))
        self.upstream = upstream
        self.detail = detail
        self.http_status = http_status

    @property
    def extensions(self) -> dict[str, Any]:
        found: dict[str, Any] = {"code": self.code, "upstream": self.upstream}
        if self.http_status is not None:
            found["httpStatus"] = self.http_status
        return found


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, or it broke before the headers of the answer were complete."""

    code = "UPSTREAM_UNREACHABLE"
    says = "The {upstream} service could not be reached."


class UpstreamTimeout(UpstreamError):
    """The service did not answer within its timeout or what remained of the operation's deadline."""

    code = "UPSTREAM_TIMEOUT"
    status = 504
    says = "The {upstream} service did not answer in time."


class UpstreamOverloaded(UpstreamError):
    """The in-flight limit of the upstream was full and so was its queue; the service was not called."""

    code = "UPSTREAM_OVERLOADED"
    status = 503
    says = "Too many calls to the {upstream} service are waiting."


class UpstreamStatus(UpstreamError):
    """The service answered with a status that is neither success nor one its connector knows."""

    code = "UPSTREAM_STATUS"
    says = "The {upstream} service answered with an error."


class UpstreamRefused(UpstreamError):
    """The service answered 2xx with an error inside (`error=` of the connector)."""

    code = "UPSTREAM_REFUSED"
    says = "The {upstream} service refused the call."


class UpstreamTooLarge(UpstreamError):
    """The answer is over the byte limit, before or after decompression; the connection was discarded."""

    code = "UPSTREAM_TOO_LARGE"
    says = "The {upstream} service answered with more than the limit."


class UpstreamMalformed(UpstreamError):
    """The answer is not JSON, not whole, or not of the shape that its connector declares."""

    code = "UPSTREAM_MALFORMED"
    says = "The {upstream} service answered in an unexpected form."


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


class NullValue(BffError):
    """Null came where the schema promises a value (GraphQL 6.4.4); the message names the field."""

    code = "NULL_VALUE"
    status = 502
    fault: ClassVar[Fault] = "upstream"


class ListTooLong(ValueMalformed):
    """A list came that is longer than its field says it can be: what it costs below was not paid for."""

    code = "LIST_TOO_LONG"

    def __init__(self, coordinate: str, size: int, most: int, upstream: str | None) -> None:
        super().__init__(coordinate, "", upstream)
        self.args = (f"{coordinate} came with {size} items; its size is declared as at most {most}.",)


# Ours, or the adopter's ------------------------------------------------------------------------------------------


class OperationTimeout(BffError):
    """A hand-written resolver was not done when the operation's time was over."""

    code = "OPERATION_TIMEOUT"
    status = 504

    def __init__(self) -> None:
        super().__init__("This field was not ready when the operation's time was over.")


class OperationAbandoned(BffError):
    """Nobody waits for the answer any more, so what it still needed was not asked for."""

    code = "OPERATION_ABANDONED"
    status = 499

    def __init__(self) -> None:
        super().__init__("The operation was abandoned.")


class ProxyLoop(BffError):
    """The request has come through this gateway too often: it is sent in a circle (RFC 9110 7.6)."""

    code = "PROXY_LOOP"
    status = 502
    fault: ClassVar[Fault] = "gateway"


class ResolverError(BffError):
    """A hand-written resolver refused in its own words, by raising GraphQLError."""

    code = "RESOLVER_ERROR"

    def __init__(self, message: str, extensions: dict[str, Any]) -> None:
        super().__init__(message)
        self._extensions = extensions

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, **self._extensions}


class InternalError(BffError):
    """Something raised that should not have: masked, logged with the trace id that the client sees."""

    code = "INTERNAL"

    def __init__(self, trace_id: str) -> None:
        super().__init__("Internal error.")
        self.trace_id = trace_id

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "traceId": self.trace_id}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration file or a graph: where, what, and what would be right."""

    place: str  # a key path "upstreams.cities.timeout", or a coordinate "Airport.city"
    message: str
    hint: str = ""
    file: str = ""
    line: int = 0  # 1-based; 0 = unknown
    column: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class StartRefused(BffError):
    """The configuration or the graph is wrong: every mistake at once. Never sent to a client."""

    code = "START_REFUSED"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
