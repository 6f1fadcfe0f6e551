"""What all ways to page share: cursors that clients see, and the connection that they get (Relay Cursor Connections).

A cursor is opaque to clients: URL-safe base64 of where to go on. It is not secret and not trusted: what does not decode
is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bff import codec
from bff.connectors.path import JsonPath, reader

_MOST = 2**31  # of numbers in cursors
_HEADER = "header:"


class MalformedPage(Exception):
    """An answer that does not page as its connector says. The text holds no value of it."""


@dataclass(frozen=True, slots=True)
class Paged:
    """An answer whose page is to be cut: all of it, its rows, and its headers, names in lower case."""

    answer: Any
    rows: Sequence[Any]
    headers: Sequence[tuple[str, str]] = ()

    def told(self, where: JsonPath) -> Any:
        """What stands at a path of the answer, or in a header: `header:x-total`."""
        if isinstance(where, str) and where.startswith(_HEADER):
            wanted = where.removeprefix(_HEADER).lower()
            return next((value for name, value in self.headers if name == wanted), None)
        return reader(where)(self.answer)

    def count(self, where: JsonPath | None) -> int | None:
        """A number of rows that stands there; None for whatever is no such number."""
        found = None if where is None else self.told(where)
        if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
            found = int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def connection(
    rows: Sequence[Any], cursors: Sequence[str], *, more: bool, back: bool, total: int | None, end: str | None = None
) -> dict[str, Any]:
    """The row of a Connection. `end` is where to go on behind a page without rows, after which more may follow."""
    return {
        "edges": [{"cursor": cursor, "node": row} for cursor, row in zip(cursors, rows, strict=True)],
        "page_info": {
            "has_next_page": more,
            "has_previous_page": back,
            "start_cursor": cursors[0] if cursors else None,
            "end_cursor": cursors[-1] if cursors else end,
        },
        "total_count": total,
    }


def cursor_of(*parts: Any) -> str:
    """A cursor for clients. The first part is the kind of list, so that no cursor is taken for another kind's."""
    return base64.urlsafe_b64encode(codec.encode(parts)).decode().rstrip("=")


def parts_of(cursor: str, kind: str, *types: Any) -> tuple[Any, ...]:
    """The parts of a cursor made here. Raises ValueError for any other text."""
    try:
        parts = codec.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        parts = None
    if not isinstance(parts, list) or len(parts) != len(types) + 1 or parts[0] != kind:
        raise ValueError("not a cursor of this list")
    if not all(map(_is, parts[1:], types)):
        raise ValueError("not a cursor of this list")
    return tuple(parts[1:])


def _is(part: Any, expected: Any) -> bool:
    if isinstance(part, bool) or not isinstance(part, expected):
        return False
    return not isinstance(part, int) or 0 <= part < _MOST
