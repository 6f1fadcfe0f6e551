"""What a request asks for: its head and body -> an envelope. Knows methods, media types and sizes; runs nothing.

A body over the limit is refused unread.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.types import Receive

from bff.endpoint.head import Head
from bff.envelope import Envelope, from_json, from_query_string
from bff.errors import BadRequest, MethodNotAllowed, RequestTooLarge, UnsupportedMediaType
from bff.negotiate import is_json

METHODS = "GET, HEAD, POST, OPTIONS"


class Intake:
    """Reads requests of at most `max_body` bytes."""

    __slots__ = ("_max_body",)

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body

    async def envelope(self, head: Head, receive: Receive) -> Envelope:
        """What was asked for. Raises BadRequest, MethodNotAllowed, RequestTooLarge, UnsupportedMediaType."""
        if head.safe:
            return from_query_string(self._parameters(head.query_string))
        if head.method != "POST":
            raise MethodNotAllowed("Send GraphQL by POST, or a query by GET.", allow=METHODS)
        if not is_json(head.fields.get("content-type")):
            raise UnsupportedMediaType("Content-Type must be application/json, in UTF-8.")
        if head.fields.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType("The body must not be compressed.")
        return from_json(await self._body(head, receive))

    def _parameters(self, query_string: bytes) -> list[tuple[str, str]]:
        if len(query_string) > self._max_body:
            raise RequestTooLarge(f"The query string is over the limit of {self._max_body} bytes.")
        try:
            return parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        except ValueError:
            raise BadRequest("The query string is not valid.") from None

    async def _body(self, head: Head, receive: Receive) -> bytes:
        announced = head.fields.get("content-length", "")
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
