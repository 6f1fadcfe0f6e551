"""Paging by the number of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bff.connectors.paging.link import next_url
from bff.connectors.paging.relay import Paged, connection, cursor_of, parts_of
from bff.connectors.path import JsonPath


@dataclass(frozen=True, slots=True)
class Page:
    """Page number `page` of pages of `limit` rows; the first page has the number `first`.

    Where the service decides how long its pages are, `limit` is None and `size` says it. `total` is where the answer
    has the count of all rows; with `link`, a `Link` header says whether a page follows. Without either, a full page
    tells that one may. `max_limit` is the most that the service gives at once.
    """

    limit: str | None = "limit"
    page: str = "page"
    total: JsonPath | None = None
    max_limit: int = 100
    link: bool = False
    first: int = 1
    size: int = 0

    def __post_init__(self) -> None:
        if (self.limit is None) != (self.size > 0):
            raise ValueError(
                "Page(…): limit= is the variable that takes a page's size; limit=None, size=30 for a fixed one"
            )

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.page,) if self.limit is None else (self.limit, self.page)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """Values of the paging variables."""
        number, size, _ = self._place(first, after)
        return {self.page: number + self.first} | ({} if self.limit is None else {self.limit: size})

    def cut(self, came: Paged, first: int, after: str | None) -> dict[str, Any]:
        """The rows of the page that are not behind the cursor. Whoever wants more than these goes on after the last."""
        number, size, skip = self._place(first, after)
        shown = came.rows[skip : skip + first]
        behind = skip + len(shown)
        total = came.count(self.total)
        more = behind < len(came.rows) or self._follows(came, number, size, total)
        cursors = [cursor_of("p", number, size, skip + index + 1) for index in range(len(shown))]
        if shown and behind == len(came.rows):
            cursors[-1] = cursor_of("p", number + 1, size, 0)
        return connection(shown, cursors, more=more, back=number > 0 or skip > 0, total=total)

    def _place(self, first: int, after: str | None) -> tuple[int, int, int]:
        """The page, from 0 on, its size, and how many of its rows are behind the cursor."""
        wanted = self.size or min(max(1, first), self.max_limit)
        if not after:
            return 0, wanted, 0
        number, size, skip = parts_of(after, "p", int, int, int)
        if not 1 <= size <= max(self.max_limit, self.size) or skip > size:
            raise ValueError("not a cursor of this list")
        if self.limit is None or skip:
            return number, size, skip
        behind = number * size  # where one page ends and another size's page begins, the size may change
        fitting = next((each for each in range(wanted, self.max_limit + 1) if behind % each == 0), size)
        return behind // fitting, fitting, 0

    def _follows(self, came: Paged, number: int, size: int, total: int | None) -> bool:
        """Whether there is a page after this one: nothing follows an empty one."""
        if not came.rows:
            return False
        if total is not None:
            return number * size + len(came.rows) < total
        return next_url(came.headers) is not None if self.link else len(came.rows) >= size
