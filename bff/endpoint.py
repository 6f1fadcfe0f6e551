"""GraphQL over HTTP: plain ASGI from socket to socket. Knows media types, methods and statuses, and no GraphQL.

Written to the GraphQL over HTTP specification. A body over the limit is refused unread; a client that hangs up cancels
its query and everything that the query asked for. Whatever goes wrong is answered as GraphQL errors in JSON.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from bff import codec
from bff.asking import Answer, Asking
from bff.auth import Caller
from bff.envelope import Envelope, from_json, from_query_string
from bff.errors import (
    BadRequest,
    BffError,
    InternalError,
    MethodNotAllowed,
    NotAcceptable,
    RequestTooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from bff.explain import Explanations
from bff.limits.ratelimit_headers import fields
from bff.negotiate import HTML, JSON, Form, form_of, is_json
from bff.operation import Operations
from bff.persisted import Persisted
from bff.telemetry.trace import continued
from bff.upstreams import NO_STORE, Headers

Pairs = list[tuple[bytes, bytes]]
Page = Callable[[str], tuple[bytes, Pairs]]
Callers = Callable[[Headers], Awaitable[Caller]]

METHODS = "GET, HEAD, POST, OPTIONS"
VARY = (b"vary", b"Accept")
TRUE_STATUS = Form(JSON)
COST = "bff-cost"  # the request header by which a client asks for extensions.cost
EXPLAIN = "bff-explain"  # and the one for extensions.plan and extensions.trace
LINGER = 2.0  # seconds

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back. `unread`: the request's body was not read to its end, so the connection cannot go on."""

    status: int
    headers: Pairs
    body: bytes = b""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The head of a request. `fields` are its headers by name, repeated ones joined (RFC 9110 5.3)."""

    method: str
    path: str
    query_string: bytes
    headers: Headers
    fields: Mapping[str, str]

    @property
    def safe(self) -> bool:
        return self.method in {"GET", "HEAD"}

    @property
    def has_body(self) -> bool:
        return self.fields.get("content-length", "0") != "0" or "transfer-encoding" in self.fields

    @property
    def holds_body(self) -> bool:
        """Whether a body of known length is sent only when it is asked for (RFC 9110 10.1.1)."""
        return "expect" in self.fields and "content-length" in self.fields


class GraphQLEndpoint:
    """One GraphQL endpoint. `page` makes what a browser gets for a path: body and headers."""

    def __init__(
        self, operations: Operations, *, persisted: Persisted, callers: Callers, max_body: int, page: Page | None
    ) -> None:
        """`callers` says who sent these headers, or raises Unauthenticated."""
        self._operations = operations
        self._persisted = persisted
        self._explanations = Explanations(operations)
        self._callers = callers
        self._max_body = max_body
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        trace_id = _trace_id(asked.fields.get("x-request-id"))
        reply = await self._reply(asked, receive, trace_id)
        if reply is not None:
            await _send(send, reply, trace_id)
            if reply.unread:
                await _end(asked, receive, send)

    async def _reply(self, asked: Asked, receive: Receive, trace_id: str) -> Reply | None:
        """What to answer; None when the client hung up before there was an answer."""
        if asked.method == "OPTIONS":
            return Reply(204, [(b"allow", METHODS.encode())])
        form = TRUE_STATUS
        try:
            chosen = self._form(asked)
            if chosen.media_type == HTML and self._page:
                body, headers = self._page(asked.path)
                return Reply(200, [*headers, VARY], body)
            form = chosen
            caller = await self._callers(asked.headers)
            envelope = await self._envelope(asked, receive)
            leaving = Leaving(receive)
            asking = Asking(
                envelope,
                caller,
                asked.headers,
                safe=asked.safe,
                trace_id=trace_id,
                explain=COST in asked.fields,
                trace=continued(asked.headers),
                waiting=leaving.watch,
            )
            answer = await self._until_gone(asking, leaving, asked.fields.get(EXPLAIN))
            return None if answer is None else _answered(answer, form)
        except BffError as error:
            if isinstance(error, Unauthenticated):
                self._operations.observer.denied(trace_id, error.code, error.detail)
            return _refused(error, form, asked)
        except Exception as error:  # noqa: BLE001 - whatever broke, its text is for the log and never for the client
            self._operations.observer.failure(trace_id, "endpoint", error)
            return _refused(InternalError(trace_id), form, asked)

    def _form(self, asked: Asked) -> Form:
        form = form_of(asked.fields.get("accept"), page=asked.safe and self._page is not None)
        if form is None:
            raise NotAcceptable("Accept must allow application/graphql-response+json or application/json.")
        return form

    async def _envelope(self, asked: Asked, receive: Receive) -> Envelope:
        if asked.safe:
            return from_query_string(self._parameters(asked.query_string))
        if asked.method != "POST":
            raise MethodNotAllowed("Send GraphQL by POST, or a query by GET.", allow=METHODS)
        if not is_json(asked.fields.get("content-type")):
            raise UnsupportedMediaType("Content-Type must be application/json, in UTF-8.")
        if asked.fields.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType("The body must not be compressed.")
        return from_json(await self._body(asked, receive))

    def _parameters(self, query_string: bytes) -> list[tuple[str, str]]:
        if len(query_string) > self._max_body:
            raise RequestTooLarge(f"The query string is over the limit of {self._max_body} bytes.")
        try:
            return parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        except ValueError:
            raise BadRequest("The query string is not valid.") from None

    async def _body(self, asked: Asked, receive: Receive) -> bytes:
        announced = asked.fields.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_body:
            raise self._too_large()
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The body ended early.")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body:
                raise self._too_large()
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)

    def _too_large(self) -> RequestTooLarge:
        return RequestTooLarge(f"The body is over the limit of {self._max_body} bytes.")

    async def _until_gone(self, asking: Asking, leaving: Leaving, explain: str | None) -> Answer | None:
        """The answer; None when the client hung up before there was one."""
        try:
            explained = partial(self._explanations.answer, wanted=explain) if explain else None
            return await self._persisted.answer(asking, explained or self._operations.run)
        except asyncio.CancelledError:
            if leaving.left():
                return None
            raise  # not the client left: we are told to stop
        finally:
            leaving.end()


class Leaving:
    """A client that may hang up while it waits: then the task that answers it is cancelled."""

    __slots__ = ("_gone", "_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task = asyncio.current_task()
        self._gone: asyncio.Future[None] | None = None

    def watch(self) -> None:
        if self._gone is None:
            self._gone = asyncio.ensure_future(_gone(self._receive))
            self._gone.add_done_callback(self._cancel)

    def left(self) -> bool:
        """Whether that is why the task was cancelled; then it goes on."""
        gone = self._gone is not None and self._gone.done() and not self._gone.cancelled()
        return gone and self._task is not None and self._task.uncancel() == 0

    def end(self) -> None:
        self._task = None  # who leaves at this very moment is noticed by what sends the answer
        if self._gone is not None:
            self._gone.cancel()

    def _cancel(self, gone: asyncio.Future[None]) -> None:
        if not gone.cancelled() and self._task is not None:
            self._task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _asked(scope: Scope) -> Asked:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    fields: dict[str, str] = {}
    for name, value in headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return Asked(scope["method"], scope["path"], scope["query_string"], headers, fields)


def _trace_id(request_id: str | None) -> str:
    """The client's own id of its request, if it is one that can stand in a log; else a new one."""
    return request_id if request_id and _REQUEST_ID.fullmatch(request_id) else secrets.token_hex(8)


def _answered(answer: Answer, form: Form) -> Reply:
    status = 200 if form.refused_is_200 and answer.status == 400 else answer.status
    headers = _typed(form) if answer.keeping == NO_STORE else _kept(form, answer)
    if answer.allow:
        headers.append((b"allow", answer.allow.encode()))
    if answer.tier and answer.standing:
        told = fields(answer.tier, answer.standing, answer.retry_after)
        headers += [(name.lower().encode(), value.encode()) for name, value in told]
    return Reply(status, headers, answer.text)


def _refused(error: BffError, form: Form, asked: Asked) -> Reply:
    headers = _typed(form)
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allow.encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", error.challenge.encode()))
    if isinstance(error, UnsupportedMediaType):
        headers += [(b"accept", JSON.encode()), (b"accept-encoding", b"identity")]  # RFC 9110 15.5.16
    unread = asked.has_body and not isinstance(error, BadRequest)  # which only a body that was read can be
    if unread:
        headers.append((b"connection", b"close"))
    shown = {"message": str(error), "extensions": dict(error.extensions)}
    return Reply(error.status, headers, codec.encode({"errors": [shown]}), unread)


def _kept(form: Form, answer: Answer) -> Pairs:
    """The headers of an answer that may be used again (RFC 9111 5.2.2, RFC 9110 12.5.5)."""
    vary = ", ".join(("Accept", *answer.differs_by)).encode()
    own = {b"cache-control": answer.keeping.encode(), b"vary": vary}
    return [(name, own.get(name, value)) for name, value in _typed(form)]


def _typed(form: Form) -> Pairs:
    return [
        (b"content-type", f"{form.media_type}; charset=utf-8".encode()),
        VARY,
        (b"cache-control", NO_STORE.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]


async def _send(send: Send, reply: Reply, trace_id: str) -> None:
    headers = [*reply.headers, (b"x-request-id", trace_id.encode())]
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": reply.unread})


async def _end(asked: Asked, receive: Receive, send: Send) -> None:
    """End an answer to a body that was not read: take what is still being sent for a moment, and keep none of it.

    A connection that closes on bytes nobody read is reset, and a client that is still sending would see that instead
    of the answer (RFC 9112 9.6).
    """
    if not asked.holds_body:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while (await receive()).get("more_body"):
                    pass
    await send({"type": "http.response.body"})
