"""What a request asks for: its head and body -> an envelope. Knows methods, media types and sizes; runs nothing.

A body over the limit is refused unread, and a gzipped one as soon as what it unpacks to is over the limit. The pieces
of one have so long to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.types import Message, Receive

from bff.endpoint.compress import inflated
from bff.endpoint.files import Files, UploadLimits
from bff.endpoint.flow import gathered
from bff.endpoint.head import Head
from bff.endpoint.uploads import files_of
from bff.envelope import Batch, Envelope, from_json, from_query_string
from bff.errors import BadRequest, MethodNotAllowed, RequestTooLarge, UnsupportedMediaType
from bff.negotiate import JSON, is_json

LONGEST_KNOWN: Final = 8 * 1024  # bytes of a body that is found again while it is under way
MOST_KNOWN: Final = 1_000  # of them
METHODS: Final = "GET, HEAD, POST, OPTIONS"
_CODINGS: Final = frozenset({"gzip", "x-gzip", "identity"})  # of bodies that are read (RFC 9110 8.4.1)


class Intake:
    """Reads requests of at most `max_body` bytes, and batches of at most `max_operations`."""

    __slots__ = ("_body_timeout", "_max_body", "_max_operations", "_under_way", "_uploads")

    def __init__(
        self, max_body: int, max_operations: int = 1, uploads: UploadLimits | None = None, body_timeout: float = 30.0
    ) -> None:
        """Without `uploads`, no body has files. `body_timeout`: seconds from a body's first piece to its last."""
        self._max_body = max_body
        self._body_timeout = body_timeout
        self._max_operations = max_operations
        self._uploads = uploads
        self._under_way: dict[bytes, Envelope] = {}  # by their bodies

    async def envelope(self, head: Head, receive: Receive) -> Envelope | Batch | Files:
        """What was asked for. Raises ClientError for what is not."""
        if head.method != "POST":
            return self._in_url(head)
        fields = head.fields
        media_type = fields.get("content-type")
        if media_type != JSON and not is_json(media_type):
            if self._uploads is not None and head.is_form:
                return files_of(head, receive, self._uploads)
            raise UnsupportedMediaType("Content-Type must be application/json, in UTF-8.")
        coding = fields.get("content-encoding")
        if coding is not None and coding.lower() not in _CODINGS:
            raise UnsupportedMediaType("The body may be compressed by gzip, and by nothing else.")
        announced = fields.get("content-length")
        if announced is not None and announced.isdecimal() and int(announced) > self._max_body:
            raise self._too_large()
        message = await receive()
        body = self._piece(message)
        if message.get("more_body", False):
            body = await gathered(body, receive, self._piece, self._body_timeout)
        packed = coding is not None and coding.lower() != "identity"
        return self._read(self._unpacked(body) if packed else body)

    def _read(self, body: bytes) -> Envelope | Batch:
        """Equal bodies that are under way at the same moment are read once; of those that are over nothing is kept.

        Lists and objects in variables may reach code, which may change them: a body that has some is read for itself.
        """
        if len(body) > LONGEST_KNOWN:
            return from_json(body, self._max_operations)
        found = self._under_way.get(body)
        if found is None:
            read = from_json(body, self._max_operations)
            if isinstance(read, Batch) or _holds_more(read.variables) or len(self._under_way) >= MOST_KNOWN:
                return read
            found = self._under_way[body] = read
            found.text = body
        found.shared += 1
        return found

    def over(self, asked: Envelope | Batch | Files | None) -> None:
        """The request that asked this has its answer. Whoever has an envelope last takes it along."""
        if isinstance(asked, Envelope) and asked.text:
            asked.shared -= 1
            if not asked.shared:
                del self._under_way[asked.text]

    def _in_url(self, head: Head) -> Envelope:
        if not head.safe:
            raise MethodNotAllowed("Send GraphQL by POST, or a query by GET.", allow=METHODS)
        return from_query_string(self._parameters(head.query_string))

    def _parameters(self, query_string: bytes) -> list[tuple[str, str]]:
        if len(query_string) > self._max_body:
            raise RequestTooLarge(f"The query string is over the limit of {self._max_body} bytes.")
        try:
            return parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
        except ValueError:
            raise BadRequest("The query string is not valid.") from None

    def _piece(self, message: Message, size: int = 0) -> bytes:
        """What has come now of a body, after so many bytes."""
        if message["type"] == "http.disconnect":
            raise BadRequest("The body ended early.")
        piece: bytes = message.get("body", b"")
        if size + len(piece) > self._max_body:
            raise self._too_large()
        return piece

    def _unpacked(self, body: bytes) -> bytes:
        try:
            return inflated(body, self._max_body)
        except ValueError as error:
            raise BadRequest(f"The body is not what Content-Encoding says: {error}.") from None
        except OverflowError:
            raise RequestTooLarge(f"The body unpacks to more than the limit of {self._max_body} bytes.") from None

    def _too_large(self) -> RequestTooLarge:
        return RequestTooLarge(f"The body is over the limit of {self._max_body} bytes.")


def _holds_more(variables: Mapping[str, Any]) -> bool:
    """Whether one of them is a list or an object."""
    return not {dict, list}.isdisjoint(map(type, variables.values()))
