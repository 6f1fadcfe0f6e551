"""Paging by a cursor of the service's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bff.connectors.paging.link import next_url, parameter
from bff.connectors.paging.relay import MalformedPage, Paged, connection, cursor_of, parts_of
from bff.connectors.path import JsonPath


@dataclass(frozen=True, slots=True)
class Cursor:
    """`limit` rows from the service's own `cursor` on; `next` is where the answer has the cursor of the page after.

    That is a path, or a header, `header:x-next-cursor`; with `next_is_url`, what stands there is the URL of the next
    page, whose query has the cursor; with `link`, that URL is in the `Link` header. The URL itself is never called.
    `parameter` is what the cursor is called in that URL, if not as in this connector's. `limit` is None where the
    service decides how long its pages are. `max_limit` is the most that the service gives at once.
    """

    limit: str | None = "limit"
    cursor: str = "cursor"
    next: JsonPath = "next"
    total: JsonPath | None = None
    max_limit: int = 100
    next_is_url: bool = False
    link: bool = False
    parameter: str | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.cursor,) if self.limit is None else (self.limit, self.cursor)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """A cursor in the middle of a page asks for that page again, and for as many rows more as it skips."""
        page, skip = _place(after)
        limit = {} if self.limit is None else {self.limit: min(max(1, first + skip), self.max_limit)}
        return limit | {self.cursor: page}

    def cut(self, came: Paged, first: int, after: str | None) -> dict[str, Any]:
        page, skip = _place(after)
        following = self._following(came)
        shown = came.rows[skip : skip + first]
        rest = len(came.rows) > skip + first
        end = None if following is None or rest else cursor_of("c", following, 0)
        cursors = [cursor_of("c", page, skip + index + 1) for index in range(len(shown))]
        if cursors and end is not None:
            cursors[-1] = end
        more = rest or following is not None
        return connection(shown, cursors, more=more, back=after is not None, total=came.count(self.total), end=end)

    def _following(self, came: Paged) -> str | None:
        found = next_url(came.headers) if self.link else came.told(self.next)
        if found is None or found is False or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise MalformedPage("its next cursor is neither a text nor a number")
        return self._in_url(str(found)) if self.link or self.next_is_url else str(found)

    def _in_url(self, url: str) -> str:
        name = self.parameter or self.cursor
        try:
            found = parameter(url, name)
        except ValueError:
            found = None
        if not found:
            raise MalformedPage(f"the URL of its next page has no {name!r}")
        return found


def _place(after: str | None) -> tuple[Any, ...]:
    return parts_of(after, "c", str | None, int) if after else (None, 0)
