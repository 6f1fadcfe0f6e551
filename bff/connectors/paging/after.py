"""Paging by the key of the last row that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bff.connectors.paging.link import next_url
from bff.connectors.paging.relay import MalformedPage, Paged, connection, cursor_of, parts_of
from bff.connectors.path import JsonPath, reader


@dataclass(frozen=True, slots=True)
class After:
    """`limit` rows after the one whose `key` is `after`; `more` is where the answer says whether rows follow.

    With `link`, a `Link` header says so; where nothing does, one row more is asked for. `max_limit` is the most that
    the service gives at once.
    """

    limit: str = "limit"
    after: str = "after"
    key: JsonPath = "id"
    more: JsonPath | None = None
    total: JsonPath | None = None
    max_limit: int = 100
    link: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.limit, self.after)

    def ask(self, first: int, after: str | None) -> dict[str, Any]:
        """Values of the paging variables. A page of nothing asks for one row: many services refuse a limit of 0."""
        (key,) = parts_of(after, "k", str) if after else (None,)
        extra = self.more is None and not self.link
        return {self.limit: min(max(1, first + extra), self.max_limit), self.after: key}

    def cut(self, came: Paged, first: int, after: str | None) -> dict[str, Any]:
        if after:
            parts_of(after, "k", str)
        shown = came.rows[:first]
        cursors = [cursor_of("k", key) for key in self._keys(shown)]
        more = len(came.rows) > len(shown) or self._follows(came, first)
        return connection(shown, cursors, more=more, back=after is not None, total=came.count(self.total))

    def _keys(self, rows: Sequence[Any]) -> list[str]:
        keys = [reader(self.key)(row) for row in rows]
        if not all(isinstance(key, str | int) and not isinstance(key, bool) for key in keys):
            raise MalformedPage("a row has no key to go on after")
        return [str(key) for key in keys]

    def _follows(self, came: Paged, first: int) -> bool:
        if self.more is not None:
            return came.told(self.more) is True
        if self.link:
            return next_url(came.headers) is not None
        return len(came.rows) > min(first, self.max_limit - 1)
