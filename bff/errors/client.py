"""What a client did wrong, or may not have: the first part of docs/errors.md."""

from __future__ import annotations

from typing import Any, ClassVar

from bff.errors.error import BffError, Fault


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

    def __init__(self, message: str, plainly: str = "A value of an argument cannot stand there.") -> None:
        """`plainly` says it without a name of the schema."""
        super().__init__(message)
        self._plainly = plainly

    @property
    def plainly(self) -> str:
        return self._plainly


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


class PersistedQueryNotFound(ClientError):
    """Nobody here knows a document of this name: the client is to send the text too. Apollo reads the code, urql the
    message.
    """

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 400

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(ClientError):
    """No document has a name here: the client is not to ask by name again. Apollo reads the code, urql the message."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    status = 400

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class DocumentNotTrusted(ClientError):
    """The caller's tier may run only documents of the manifests, and this is none."""

    code = "DOCUMENT_NOT_TRUSTED"
    status = 400

    def __init__(self) -> None:
        super().__init__("Only documents that were declared in advance may run here, and this is none of them.")


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
    def plainly(self) -> str:
        return f"This needs the scope {' and '.join(self.scopes)}." if self.scopes else str(self)

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "requiredScopes": list(self.scopes)} if self.scopes else {"code": self.code}


class CrossSiteRefused(ClientError):
    """Another site's page may have made the browser send this (CSRF); who did not, sends a header that says so."""

    code = "CROSS_SITE_REFUSED"
    status = 403

    def __init__(self, message: str, *, detail: str = "") -> None:
        """`detail` is for logs: what the request was told by."""
        super().__init__(message)
        self.detail = detail


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


class TooManySubscriptions(ClientError):
    """The client, its connection or this process has as many subscriptions as it may have."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    status = 429


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


class EventsMissed(ClientError):
    """A subscriber took its events too slowly, or was cut off from them: `missed` are lost, None where nobody knows.

    It stands where they would, and the newest follow.
    """

    code = "EVENTS_MISSED"
    status = 200

    def __init__(self, missed: int | None = None) -> None:
        many = "Some events" if missed is None else "One event" if missed == 1 else f"{missed} events"
        super().__init__(f"{many} before the next one may have been missed.")
        self.missed = missed

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code} if self.missed is None else {"code": self.code, "missed": self.missed}
