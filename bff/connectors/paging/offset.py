"""Paging by the number of rows to leave out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bff.connectors.paging.link import next_url
from bff.connectors.paging.relay import Paged, connection, cursor_of, parts_of
from bff.connectors.path import JsonPath


@dataclass(frozen=True, slots=True)
class Offset:
    """`limit` rows from the row number `offset` on; `total` is where the answer has their count, if it has one.

    `max_limit` is the most that the service gives at once. With `link`, a `Link` header says whether more rows follow.
    """

    limit: str = "limit"
    offset: str = "offset"
    total: JsonPath | None = None
    max_limit: int = 100
    link: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.limit, self.offset)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """Values of the paging variables. Where nothing else tells, one row more tells whether there is a next page.

        Where the service would not give that one, a full page tells that there may be. A page of nothing asks for one
        row: many services refuse a limit of 0.
        """
        (start,) = _start(after)
        extra = self.total is None and not self.link
        return {self.limit: min(max(1, first + extra), self.max_limit), self.offset: start}

    def cut(self, came: Paged, first: int, after: str | None) -> dict[str, Any]:
        (start,) = _start(after)
        shown = came.rows[:first]
        total = came.count(self.total)
        cursors = [cursor_of("o", start + index + 1) for index in range(len(shown))]
        more = self._more(came, start, first, len(shown), total)
        return connection(shown, cursors, more=more, back=start > 0, total=total)

    def _more(self, came: Paged, start: int, first: int, shown: int, total: int | None) -> bool:
        if total is not None:
            return start + shown < total
        if self.link:
            return len(came.rows) > shown or next_url(came.headers) is not None
        return len(came.rows) > min(first, self.max_limit - 1)


def _start(after: str | None) -> tuple[Any, ...]:
    return parts_of(after, "o", int) if after else (0,)
