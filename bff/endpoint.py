"""GraphQL over HTTP: plain ASGI from socket to socket. Knows media types, methods and statuses, and no GraphQL.

Written to the GraphQL over HTTP specification. A body over the limit is refused unread; a client that hangs up cancels
its query and everything that the query asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from bff import codec
from bff.envelope import Envelope, from_json, from_query_string
from bff.errors import (
    BadRequest,
    BffError,
    MethodNotAllowed,
    NotAcceptable,
    RequestTooLarge,
    UnsupportedMediaType,
)
from bff.negotiate import JSON, Form, form_of, wants_page
from bff.operation import Answer, Operations
from bff.upstreams import Headers

Page = Callable[[str], tuple[bytes, list[tuple[bytes, bytes]]]]
TRUE_STATUS = Form(JSON, always_200=False)
METHODS = "GET, HEAD, POST, OPTIONS"


class GraphQLEndpoint:
    """One GraphQL endpoint. `page` makes what a browser gets for a path: body and headers."""

    def __init__(self, operations: Operations, *, max_body: int, page: Page | None) -> None:
        self._operations = operations
        self._max_body = max_body
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        accept = _joined(headers, "accept")
        method = scope["method"]
        if self._page and method in {"GET", "HEAD"} and wants_page(accept):
            await _send(send, 200, *self._page(scope["path"]))
            return
        if method == "OPTIONS":
            await _send(send, 204, b"", [(b"allow", METHODS.encode())])
            return
        form = TRUE_STATUS
        try:
            form = _acceptable(accept)
            envelope = await self._envelope(scope, headers, receive)
            answer = await self._until_gone(envelope, headers, receive, safe=method != "POST")
        except BffError as error:
            await _refuse(send, error, form)
            return
        if answer is not None:
            await _answer(send, answer, form)

    async def _envelope(self, scope: Scope, headers: Headers, receive: Receive) -> Envelope:
        if scope["method"] in {"GET", "HEAD"}:
            return from_query_string(_parameters(scope["query_string"]))
        if scope["method"] != "POST":
            raise MethodNotAllowed("Send GraphQL by POST, or a query by GET.", allow=METHODS)
        _readable(headers)
        return from_json(await self._body(headers, receive))

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        announced = _joined(headers, "content-length")
        if announced and announced.isdecimal() and int(announced) > self._max_body:
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

    async def _until_gone(self, envelope: Envelope, headers: Headers, receive: Receive, *, safe: bool) -> Answer | None:
        """The answer; None when the client hung up before there was one."""
        running = asyncio.ensure_future(self._operations.run(envelope, headers, safe=safe))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
            return running.result() if running.done() else None
        finally:
            for task in (running, leaving):
                task.cancel()
            await asyncio.gather(running, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(scope: Scope) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])


def _joined(headers: Headers, name: str) -> str | None:
    values = [value for key, value in headers if key == name]
    return ", ".join(values) if values else None


def _acceptable(accept: str | None) -> Form:
    form = form_of(accept)
    if form is None:
        raise NotAcceptable("Accept must allow application/graphql-response+json or application/json.")
    return form


def _readable(headers: Headers) -> None:
    """Content-Type application/json in UTF-8, unpacked: nothing that browsers send to other sites without asking."""
    media_type, *parameters = (part.strip().lower() for part in (_joined(headers, "content-type") or "").split(";"))
    if media_type != "application/json":
        raise UnsupportedMediaType("Content-Type must be application/json.")
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType("The body must be in UTF-8.")
    if (_joined(headers, "content-encoding") or "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")


def _parameters(query_string: bytes) -> list[tuple[str, str]]:
    try:
        text = query_string.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise BadRequest("The query string is not valid.") from None


async def _answer(send: Send, answer: Answer, form: Form) -> None:
    status = 200 if form.always_200 and answer.allow is None else answer.status
    extra = [(b"allow", answer.allow.encode())] if answer.allow else []
    await _send(send, status, codec.encode(answer.body), [*_typed(form), *extra])


async def _refuse(send: Send, error: BffError, form: Form) -> None:
    body: dict[str, Any] = {"errors": [{"message": str(error), "extensions": dict(error.extensions)}]}
    extra = [(b"allow", error.allow.encode())] if isinstance(error, MethodNotAllowed) else []
    if isinstance(error, RequestTooLarge):
        extra.append((b"connection", b"close"))  # the rest of the body is not read, so the connection cannot go on
    await _send(send, error.status, codec.encode(body), [*_typed(form), *extra])


def _typed(form: Form) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", f"{form.media_type}; charset=utf-8".encode()),
        (b"vary", b"Accept"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
