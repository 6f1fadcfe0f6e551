"""multipart/form-data (RFC 7578) as it arrives: bytes -> what they say. The one module that imports python-multipart.

Knows no GraphQL and keeps no content.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bff.errors import BadRequest

MEDIA_TYPE = "multipart/form-data"
_ENCODED = frozenset({"base64", "quoted-printable"})  # RFC 7578 4.7: nobody is to send these
_PATH = re.compile(r".*[/\\]", re.DOTALL)


class Begin(NamedTuple):
    """A part begins. Without a `filename` it is a field."""

    name: str
    filename: str | None
    media_type: str


class End(NamedTuple):
    """It has ended."""


Event = Begin | bytes | End


class FormData:
    """Reads one body."""

    def __init__(self, content_type: str) -> None:
        """Raises BadRequest for a Content-Type without a boundary that could be."""
        _, parameters = parse_options_header(content_type)
        self.whole = False
        self._events: list[Event] = []
        self._fields: dict[bytes, bytes] = {}
        self._field = self._value = b""
        try:
            self._parser = MultipartParser(
                parameters.get(b"boundary", b""),
                {
                    "on_part_begin": self._fields.clear,
                    "on_header_field": self._on_field,
                    "on_header_value": self._on_value,
                    "on_header_end": self._on_field_end,
                    "on_headers_finished": self._on_head,
                    "on_part_data": self._on_data,
                    "on_part_end": lambda: self._events.append(End()),
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise BadRequest("The boundary in Content-Type is too long.") from None
        if not parameters.get(b"boundary"):
            raise BadRequest("Content-Type has no boundary.")

    def read(self, raw: bytes) -> list[Event]:
        """What these bytes say. Raises BadRequest for what is no multipart/form-data."""
        self._events = []
        try:
            self._parser.write(raw)
        except FormParserError:
            raise BadRequest("The body is not valid multipart/form-data.") from None
        return self._events

    def _on_field(self, raw: bytes, start: int, end: int) -> None:
        self._field += raw[start:end]

    def _on_value(self, raw: bytes, start: int, end: int) -> None:
        self._value += raw[start:end]

    def _on_field_end(self) -> None:
        self._fields[self._field.lower()] = self._value
        self._field = self._value = b""

    def _on_head(self) -> None:
        self._events.append(_begin(self._fields))

    def _on_data(self, raw: bytes, start: int, end: int) -> None:
        self._events.append(raw[start:end])

    def _on_end(self) -> None:
        self.whole = True


def _begin(fields: dict[bytes, bytes]) -> Begin:
    kind, parameters = parse_options_header(fields.get(b"content-disposition"))
    if kind != b"form-data" or b"name" not in parameters:
        raise BadRequest("A part of the body has no name.")
    if fields.get(b"content-transfer-encoding", b"").decode("latin-1").strip().lower() in _ENCODED:
        raise BadRequest("A part of the body is encoded: files are sent as they are.")
    filename = parameters.get(b"filename")
    media_type = fields.get(b"content-type", b"").decode("latin-1").strip()
    return Begin(_text(parameters[b"name"]), None if filename is None else _bare(_text(filename)), media_type)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadRequest("A part of the body has a name that is not UTF-8.") from None


def _bare(filename: str) -> str:
    """Without a path, which some clients send and nobody should believe (RFC 7578 4.2)."""
    return _PATH.sub("", filename)
