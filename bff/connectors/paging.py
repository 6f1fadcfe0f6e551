"""How services page, and Relay cursors over it. Pure: values in, values out.

A cursor is opaque to clients (Relay's Cursor Connections specification): URL-safe base64 of where to go on. It is not
secret and not trusted: what does not decode is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bff import codec
from bff.connectors.path import reader


@dataclass(frozen=True, slots=True)
class Offset:
    """`limit` rows from the row number `offset` on; `total` is the path of their count in the answer, if it has one.

    `max_limit` is the most that the service gives at once.
    """

    limit: str = "limit"
    offset: str = "offset"
    total: str | None = None
    max_limit: int = 100

    @property
    def variables(self) -> tuple[str, str]:
        return (self.limit, self.offset)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """Values of the paging variables. Without a total, one row more tells whether there is a next page.

        Where the service would not give that one, a full page tells that there may be. A page of nothing asks for one
        row: many services refuse a limit of 0.
        """
        (start,) = _decode(after, "o", int) if after else (0,)
        return {self.limit: min(max(1, first + (self.total is None)), self.max_limit), self.offset: start}

    def page(self, answer: Any, rows: Sequence[Any], first: int, after: str | None) -> dict[str, Any]:
        (start,) = _decode(after, "o", int) if after else (0,)
        total = reader(self.total)(answer) if self.total is not None else None
        shown = rows[:first]
        more = start + len(shown) < total if isinstance(total, int) else len(rows) > min(first, self.max_limit - 1)
        cursors = [_encode("o", start + index + 1) for index in range(len(shown))]
        return _connection(shown, cursors, more=more, back=start > 0, total=total)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`limit` rows from the service's own `cursor` on; `next` is the path of the cursor of the page after.

    `max_limit` is the most that the service gives at once.
    """

    limit: str = "limit"
    cursor: str = "cursor"
    next: str = "next"
    total: str | None = None
    max_limit: int = 100

    @property
    def variables(self) -> tuple[str, str]:
        return (self.limit, self.cursor)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """A cursor in the middle of a page asks for that page again, and for as many rows more as it skips."""
        page, skip = _decode(after, "c", str | None, int) if after else (None, 0)
        return {self.limit: min(max(1, first + skip), self.max_limit), self.cursor: page}

    def page(self, answer: Any, rows: Sequence[Any], first: int, after: str | None) -> dict[str, Any]:
        page, skip = _decode(after, "c", str | None, int) if after else (None, 0)
        following = reader(self.next)(answer)
        shown = rows[skip : skip + first]
        more = following is not None or len(rows) > skip + first
        cursors = [_encode("c", page, skip + index + 1) for index in range(len(shown))]
        if cursors and following is not None and len(rows) <= skip + first:
            cursors[-1] = _encode("c", following, 0)
        total = reader(self.total)(answer) if self.total is not None else None
        return _connection(shown, cursors, more=more, back=after is not None, total=total)


Paging = Offset | Cursor


def _connection(
    rows: Sequence[Any], cursors: Sequence[str], *, more: bool, back: bool, total: int | None
) -> dict[str, Any]:
    return {
        "edges": [{"cursor": cursor, "node": row} for cursor, row in zip(cursors, rows, strict=True)],
        "page_info": {
            "has_next_page": more,
            "has_previous_page": back,
            "start_cursor": cursors[0] if cursors else None,
            "end_cursor": cursors[-1] if cursors else None,
        },
        "total_count": total,
    }


def _encode(*parts: Any) -> str:
    return base64.urlsafe_b64encode(codec.encode(parts)).decode().rstrip("=")


def _decode(cursor: str, kind: str, *types: Any) -> tuple[Any, ...]:
    """The parts of a cursor made here. Raises ValueError for any other text."""
    try:
        parts = codec.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        parts = None
    if not isinstance(parts, list) or len(parts) != len(types) + 1 or parts[0] != kind:
        raise ValueError("not a cursor of this list")
    for part, expected in zip(parts[1:], types, strict=True):
        if (
            not isinstance(part, expected)
            or isinstance(part, bool)
            or (isinstance(part, int) and not 0 <= part < 2**31)
        ):
            raise ValueError("not a cursor of this list")
    return tuple(parts[1:])
