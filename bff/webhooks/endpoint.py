"""One webhook as an ASGI application: a signed JSON message in, an event on its topic, 204 out.

Who has no signature is told nothing of what is expected beyond that. A message that has come before is acknowledged
and not published again, so that a sender who missed our answer is content.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.types import Receive, Scope, Send

from bff import codec
from bff.errors import (
    BadRequest,
    BffError,
    InternalError,
    MethodNotAllowed,
    RequestTimeout,
    RequestTooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from bff.negotiate import is_json
from bff.proxy.problems import refuse
from bff.telemetry import Observer
from bff.telemetry.trace import new_trace
from bff.webhooks.carrier import Carrier
from bff.webhooks.signature import Message, believed

NAME = "bff"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where messages come in, and where they go. Seconds and bytes."""

    path: str
    topic: str
    secrets: tuple[bytes, ...]
    tolerance: float
    max_body: int
    body_timeout: float = 30.0


class WebhookEndpoint:
    """Answers the requests for one webhook's path."""

    def __init__(
        self, webhook: Webhook, carrier: Carrier, observer: Observer, clock: Callable[[], float] = time.time
    ) -> None:
        """`clock` gives seconds since 1970, which senders sign."""
        self._webhook = webhook
        self._carrier = carrier
        self._observer = observer
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        trace = new_trace()
        more = (("x-request-id", trace.trace_id),)
        refused = partial(refuse, send, method=scope["method"], trace=trace, name=NAME, more=more)
        try:
            await self._receive(scope, receive)
        except BffError as error:
            if isinstance(error, Unauthenticated):
                self._observer.denied(trace.trace_id, error.code, f"webhook {self._webhook.path}: {error.detail}")
            await refused(error, close=isinstance(error, RequestTooLarge | RequestTimeout))
        except Exception as error:  # noqa: BLE001 - masked for the sender, told in full to the observer
            self._observer.failure(trace.trace_id, f"webhook {self._webhook.path}", error)
            await refused(InternalError(trace.trace_id))
        else:
            headers = [(b"x-request-id", trace.trace_id.encode())]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

    async def _receive(self, scope: Scope, receive: Receive) -> None:
        if scope["method"] != "POST":
            raise MethodNotAllowed("Send messages by POST.", allow="POST")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not is_json(headers.get("content-type")) or headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedMediaType("The message must be application/json, in UTF-8 and not compressed.")
        try:
            async with asyncio.timeout(self._webhook.body_timeout):
                body = await _body(receive, headers.get("content-length", ""), self._webhook.max_body)
        except TimeoutError:
            raise RequestTimeout("The body did not come in time.") from None
        await self._publish(self._believed(headers, body))

    def _believed(self, headers: dict[str, str], body: bytes) -> Message:
        webhook = self._webhook
        return believed(headers, body, webhook.secrets, now=self._clock(), tolerance=webhook.tolerance)

    async def _publish(self, message: Message) -> None:
        """A signature is good for as long as it may be ahead of us and behind us: so long it is remembered."""
        try:
            codec.decode(message.body)
        except ValueError as error:
            raise BadRequest(f"The message is not JSON: {error}.") from None
        webhook = self._webhook
        await self._carrier.publish(webhook.topic, webhook.path, message.id, message.body, 2 * webhook.tolerance)


async def _body(receive: Receive, announced: str, most: int) -> bytes:
    """Raises RequestTooLarge as soon as that is known, and BadRequest for a body that ends early."""
    chunks: list[bytes] = []
    size, more = 0, True
    expected = int(announced) if announced.isdecimal() else 0
    while more:
        if max(size, expected) > most:
            raise RequestTooLarge(f"The message is over the limit of {most} bytes.")
        found = await receive()
        if found["type"] == "http.disconnect":
            raise BadRequest("The body ended early.")
        chunk = found.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        more = found.get("more_body", False) or size > most
    return b"".join(chunks)
