"""What went wrong here, or in code that an adopter wrote: the last part of docs/errors.md."""

from __future__ import annotations

from typing import Any, ClassVar

from bff.errors.error import BffError, Fault


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


class EventsAway(BffError):
    """What carries events between processes cannot be reached: an event was not published, and may be sent again."""

    code = "EVENTS_AWAY"
    status = 503

    def __init__(self) -> None:
        super().__init__("The event could not be published; send it again.")


class GatewayStopping(BffError):
    """The gateway is about to end: so does what would go on for ever, a subscription, and nothing new begins."""

    code = "GATEWAY_STOPPING"
    status = 503

    def __init__(self) -> None:
        super().__init__("The gateway is stopping; send it again on a new connection.")


class ErrorsOmitted(BffError):
    """There were more errors in one answer than are told; it stands after those that are."""

    code = "ERRORS_OMITTED"
    status = 200

    def __init__(self, omitted: int) -> None:
        super().__init__(f"{omitted} more errors are not told.")
        self.omitted = omitted

    @property
    def extensions(self) -> dict[str, Any]:
        return {"code": self.code, "omitted": self.omitted}


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
