"""Relay pages over both styles of paging: every row once, in order, from any cursor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.connectors.paging import Cursor, Offset, Paged, Paging


def offset_service(rows: list[int], *, limit: int, offset: int) -> dict[str, Any]:
    return {"items": rows[offset : offset + limit], "total": len(rows)}


def cursor_service(rows: list[int], *, limit: int, cursor: str | None) -> dict[str, Any]:
    start = int(cursor or 0)
    end = start + min(limit, 100)
    return {"items": rows[start:end], "next": str(end) if end < len(rows) else None}


STYLES: dict[str, tuple[Paging, Any]] = {
    "offset with total": (Offset(total="total"), offset_service),
    "offset without total": (Offset(), offset_service),
    "cursor": (Cursor(), cursor_service),
}


def page(style: str, rows: list[int], first: int, after: str | None) -> dict[str, Any]:
    paging, service = STYLES[style]
    answer = service(rows, **paging.ask(first, after))
    return paging.cut(Paged(answer, answer["items"]), first, after)


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(0, 40), first=st.integers(1, 12))
def test_walking_by_the_end_cursor_meets_every_row_once(style: str, count: int, first: int) -> None:
    rows, seen, after = list(range(count)), [], None
    while True:
        found = page(style, rows, first, after)
        seen += [edge["node"] for edge in found["edges"]]
        assert len(found["edges"]) <= first
        after = found["page_info"]["end_cursor"]
        if not found["page_info"]["has_next_page"]:
            break
    assert seen == rows


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(1, 40), first=st.integers(1, 12), data=st.data())
def test_any_edge_is_a_place_to_go_on_from(style: str, count: int, first: int, data: st.DataObject) -> None:
    rows = list(range(count))
    edges = page(style, rows, first, None)["edges"]
    chosen = data.draw(st.sampled_from(edges))
    following = page(style, rows, 5, chosen["cursor"])
    at = chosen["node"] + 1
    assert [edge["node"] for edge in following["edges"]] == rows[at : at + 5]
    assert following["page_info"]["has_previous_page"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("cursor", ["x", "WyJvIiwtMV0", "WyJvIix0cnVlXQ", "e30", "ünicode", "A" * 5000, "WyJ6IiwxXQ"])
def test_a_foreign_cursor_is_refused(style: str, cursor: str) -> None:
    paging, _ = STYLES[style]
    with pytest.raises(ValueError, match="not a cursor of this list"):
        paging.ask(5, cursor)


def capped_service(rows: list[int], *, limit: int, offset: int, cap: int) -> dict[str, Any]:
    return {"items": rows[offset : offset + min(limit, cap)]}


@given(count=st.integers(0, 40), first=st.integers(1, 12), cap=st.integers(1, 10))
def test_a_list_without_a_total_goes_on_beyond_what_the_service_gives_at_once(count: int, first: int, cap: int) -> None:
    paging, rows = Offset(max_limit=cap), list(range(count))
    seen, after, more = [], None, True
    while more:
        asked = paging.ask(first, after)
        assert asked["limit"] <= cap
        answer = capped_service(rows, **asked, cap=cap)
        found = paging.cut(Paged(answer, answer["items"]), first, after)
        seen += [edge["node"] for edge in found["edges"]]
        more = found["page_info"]["has_next_page"]
        after = found["page_info"]["end_cursor"] or after
    assert seen == rows


def test_a_full_page_at_the_cap_may_have_more_behind_it() -> None:
    rows = list(range(150))
    assert Offset().ask(100, None) == {"limit": 100, "offset": 0}
    answer = capped_service(rows, limit=100, offset=0, cap=100)
    found = Offset().cut(Paged(answer, answer["items"]), 100, None)
    assert (len(found["edges"]), found["page_info"]["has_next_page"]) == (100, True)


def test_an_empty_page_has_no_cursors() -> None:
    found = page("offset with total", [], 5, None)
    assert found["page_info"] == {
        "has_next_page": False,
        "has_previous_page": False,
        "start_cursor": None,
        "end_cursor": None,
    }
    assert found["total_count"] == 0
