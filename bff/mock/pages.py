"""Which rows of a list a page has, and how the service says that more follow: in each way to page. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bff.connectors.paging import After, Cursor, Offset, Page, Paging
from bff.connectors.path import JsonPath
from bff.mock.asked import Variables

SIZE = 20  # of a page whose length nobody says
HEADER = "header:"
ELSEWHERE = "https://example.com/?{}={}"  # RFC 2606; never called

Put = Callable[[JsonPath, Any], None]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a list: from `start` on, up to `stop`, of `total`."""

    start: int
    stop: int
    total: int

    @property
    def more(self) -> bool:
        return self.stop < self.total


def slice_of(paging: Paging, asked: Variables, total: int, keys: Callable[[], list[str]]) -> Slice:
    """What a call asks for. `keys` are those of all rows, for paging by the last one that was seen."""
    limit = asked.get(paging.limit) if paging.limit else None
    size = min(_number(limit) or getattr(paging, "size", 0) or SIZE, paging.max_limit)
    start = _start(paging, asked, size, keys)
    return Slice(start, max(start, min(start + size, total)), total)


def _start(paging: Paging, asked: Variables, size: int, keys: Callable[[], list[str]]) -> int:
    if isinstance(paging, Offset):
        return _number(asked.get(paging.offset))
    if isinstance(paging, Page):
        return max(0, _number(asked.get(paging.page, paging.first)) - paging.first) * size
    if isinstance(paging, Cursor):
        return _number(asked.get(paging.cursor))
    after, known = asked.get(paging.after), keys() if asked.get(paging.after) is not None else []
    return known.index(after) + 1 if after in known else 0


def told(paging: Paging, shown: Slice, put: Put) -> Headers:
    """Say in the body, by `put`, and in headers that are returned, how many rows there are and whether more follow."""
    headers: list[tuple[str, str]] = []

    def tell(where: JsonPath, value: Any) -> None:
        if isinstance(where, str) and where.startswith(HEADER):
            headers.extend([(where.removeprefix(HEADER).lower(), str(value))] if value is not None else [])
        else:
            put(where, value)

    if paging.total is not None:
        tell(paging.total, shown.total)
    after, name = f"after-{shown.stop}", getattr(paging, "parameter", None) or paging.variables[-1]
    if paging.link and shown.more:
        headers.append(("link", f'<{ELSEWHERE.format(name, after)}>; rel="next"'))
    elif isinstance(paging, Cursor) and not paging.link:
        tell(paging.next, (ELSEWHERE.format(name, after) if paging.next_is_url else after) if shown.more else None)
    elif isinstance(paging, After) and paging.more is not None:
        tell(paging.more, shown.more)
    return tuple(headers)


def _number(text: Any) -> int:
    """A limit, an offset, a page, or a cursor of ours; 0 for what is none of them."""
    digits = str(text).rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
