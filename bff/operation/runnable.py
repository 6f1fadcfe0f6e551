"""Which operations can run the way they were sent. Pure."""

from __future__ import annotations

from graphql import OperationType

from bff.errors import MethodNotAllowed, NotAcceptable
from bff.operation.asking import Prepared

NO_STREAM = (
    "The answer to a subscription is a stream: accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, "
    "or ask over a WebSocket with the subprotocol graphql-transport-ws."
)


def runnable(prepared: Prepared, *, safe: bool) -> None:
    """`safe`: it was sent as what changes nothing. Raises NotAcceptable, MethodNotAllowed."""
    kind = prepared.operation.operation
    if kind is OperationType.SUBSCRIPTION:
        raise NotAcceptable(NO_STREAM)
    if safe and kind is not OperationType.QUERY:
        raise MethodNotAllowed("GET may only run queries; send a mutation by POST.", allow="POST")
