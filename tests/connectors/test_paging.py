"""Relay pages over both styles of paging: every row once, in order, from any cursor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.connectors.paging import After, Cursor, MalformedPage, Offset, Page, Paged, Paging
from bff.connectors.paging.link import next_url, parameter
from bff.connectors.paging.relay import cursor_of

Answer = dict[str, Any]


def paged(rows: list[int], start: int, limit: int, **more: Any) -> Paged:
    """What any of these services answers; every way of telling what follows is in it, or in a header."""
    end = start + min(limit, 100)
    left, shown = end < len(rows), [{"id": row} for row in rows[start:end]]
    url = f"http://internal/items?limit={limit}&page%5Bafter%5D={end}&offset={end}"
    answer = {
        "items": shown,
        "total": len(rows),
        "next": str(end) if left else None,
        "url": url if left else "",
        **more,
    }
    link = f'<http://internal/items?offset=0>; rel="first", <{url}>; title="a, <b>"; rel="last next"'
    headers = (("x-total", str(len(rows))), ("x-next", str(end) if left else ""), ("link", link if left else ""))
    return Paged(answer, [row["id"] for row in shown], headers)


def by_offset(rows: list[int], *, limit: int, offset: int) -> Paged:
    return paged(rows, offset, limit)


def by_cursor(rows: list[int], *, cursor: str | None, limit: int = 7) -> Paged:
    return paged(rows, int(cursor or 0), limit)


def by_page(rows: list[int], *, page: int, limit: int = 7) -> Paged:
    return paged(rows, (page - 1) * limit, limit)


def by_key(rows: list[int], *, limit: int, after: str | None) -> Paged:
    start = 0 if after is None else rows.index(int(after)) + 1
    found = paged(rows, start, limit, more=start + limit < len(rows))
    return Paged(found.answer, found.answer["items"], found.headers)


STYLES: dict[str, tuple[Paging, Any]] = {
    "offset with total": (Offset(total="total"), by_offset),
    "offset with a header": (Offset(total="header:X-Total"), by_offset),
    "offset with a link": (Offset(link=True), by_offset),
    "offset without total": (Offset(), by_offset),
    "cursor": (Cursor(), by_cursor),
    "cursor in a header": (Cursor(next="header:x-next"), by_cursor),
    "cursor in a url": (Cursor(next="url", next_is_url=True, parameter="page[after]"), by_cursor),
    "cursor in a link": (Cursor(link=True, parameter="offset"), by_cursor),
    "cursor of fixed pages": (Cursor(limit=None), by_cursor),
    "page with total": (Page(total="total"), by_page),
    "page with a link": (Page(link=True), by_page),
    "page without total": (Page(), by_page),
    "page of a fixed size": (Page(limit=None, size=7, total="total"), by_page),
    "key with more": (After(more="more"), by_key),
    "key with a link": (After(link=True), by_key),
    "key alone": (After(), by_key),
}


def page(style: str, rows: list[int], first: int, after: str | None) -> dict[str, Any]:
    """A page as a client gets it, of rows that are numbers."""
    paging, service = STYLES[style]
    found = paging.cut(service(rows, **paging.ask(first, after)), first, after)
    for edge in found["edges"]:
        edge["node"] = edge["node"]["id"] if isinstance(edge["node"], dict) else edge["node"]
    return found


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(0, 40), first=st.integers(1, 12))
def test_walking_by_the_end_cursor_meets_every_row_once(style: str, count: int, first: int) -> None:
    rows, seen, after, more = list(range(count)), [], None, True
    while more:
        found = page(style, rows, first, after)
        seen += [edge["node"] for edge in found["edges"]]
        assert len(found["edges"]) <= first
        more = found["page_info"]["has_next_page"]
        assert not more or found["edges"]
        after = found["page_info"]["end_cursor"]
    assert seen == rows


@pytest.mark.parametrize("style", STYLES)
@given(count=st.integers(1, 40), first=st.integers(1, 12), data=st.data())
def test_any_edge_is_a_place_to_go_on_from(style: str, count: int, first: int, data: st.DataObject) -> None:
    rows = list(range(count))
    edges = page(style, rows, first, None)["edges"]
    chosen = data.draw(st.sampled_from(edges))
    following = page(style, rows, 5, chosen["cursor"])
    at = chosen["node"] + 1
    nodes = [edge["node"] for edge in following["edges"]]
    assert nodes == rows[at : at + len(nodes)]
    assert len(nodes) == len(rows[at : at + 5]) or style.startswith("page") or "fixed" in style
    assert nodes or following["page_info"]["has_next_page"] or at == count
    assert following["page_info"]["has_previous_page"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "cursor", ["x", "WyJvIiwtMV0", "WyJvIix0cnVlXQ", "e30", "ünicode", "A" * 5000, "WyJ6IiwxXQ", "W10"]
)
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


@given(count=st.integers(0, 60), sizes=st.lists(st.integers(1, 12), min_size=1))
def test_a_page_may_have_another_size_each_time(count: int, sizes: list[int]) -> None:
    rows, seen, after, more = list(range(count)), [], None, True
    while more:
        sizes = [*sizes[1:], sizes[0]]
        found = page("page with total", rows, sizes[0], after)
        seen += [edge["node"] for edge in found["edges"]]
        more, after = found["page_info"]["has_next_page"], found["page_info"]["end_cursor"]
    assert seen == rows


def test_pages_may_begin_at_zero_and_ask_for_no_more_than_the_service_gives() -> None:
    assert Page(first=0).ask(500, None) == {"page": 0, "limit": 100}
    assert Page(limit="per_page", max_limit=30).ask(0, None) == {"page": 1, "per_page": 1}
    assert Page(limit=None, size=20).ask(5, None) == {"page": 1}


def test_a_page_that_was_thinned_out_is_followed_by_the_next_one() -> None:
    paging = Page(total="total")
    found = paging.cut(Paged({"total": 30}, list(range(8))), 10, None)
    assert paging.ask(10, found["page_info"]["end_cursor"]) == {"page": 2, "limit": 10}
    assert found["page_info"]["has_next_page"]


@pytest.mark.parametrize("cursor", [cursor_of("p", 0, 0, 0), cursor_of("p", 0, 1000, 0), cursor_of("p", 1, 5, 6)])
def test_a_page_of_an_impossible_size_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ValueError, match="not a cursor of this list"):
        Page().ask(5, cursor)


@pytest.mark.parametrize("following", [None, "", False])
def test_these_say_that_there_is_no_next_page(following: Any) -> None:
    found = Cursor().cut(Paged({"next": following}, [1]), 5, None)
    assert not found["page_info"]["has_next_page"]


def test_a_cursor_may_be_a_number() -> None:
    found = Cursor().cut(Paged({"next": 20}, [1]), 1, None)
    assert Cursor().ask(1, found["page_info"]["end_cursor"]) == {"limit": 1, "cursor": "20"}


def test_behind_an_empty_page_with_a_next_cursor_a_client_can_go_on() -> None:
    found = Cursor().cut(Paged({"next": "n"}, []), 5, None)
    assert found["page_info"]["has_next_page"]
    assert Cursor().ask(5, found["page_info"]["end_cursor"]) == {"limit": 5, "cursor": "n"}


@pytest.mark.parametrize(
    ("paging", "came"),
    [
        (Cursor(), Paged({"next": {"a": 1}}, [1])),
        (Cursor(), Paged({"next": True}, [1])),
        (Cursor(), Paged({"next": 1.5}, [1])),
        (Cursor(next_is_url=True), Paged({"next": "http://x/?other=1"}, [1])),
        (Cursor(next_is_url=True), Paged({"next": "http://[x"}, [1])),
        (Cursor(link=True), Paged({}, [1], (("link", '</x?cursor=>; rel="next"'),))),
        (After(), Paged([], [{"name": "no key"}])),
        (After(), Paged([], [None])),
        (After(), Paged([], [{"id": True}])),
    ],
)
def test_an_answer_that_does_not_page_as_declared_is_malformed(paging: Paging, came: Paged) -> None:
    with pytest.raises(MalformedPage):
        paging.cut(came, 5, None)


@pytest.mark.parametrize("total", [None, "", "x", "-1", -1, True, 1.5, "9" * 5000, [], "²"])
def test_a_total_that_is_no_number_of_rows_is_none(total: Any) -> None:
    assert Offset(total="total").cut(Paged({"total": total}, [1, 2]), 5, None)["total_count"] is None


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ('<https://x/?page=2>; rel="next"', "https://x/?page=2"),
        ("</?p=2>; rel=next", "/?p=2"),
        ('<a>; rel="prev", <b>;REL="NEXT"', "b"),
        ('<a,b>; title="x; rel=\\"y"; rel="first next"', "a,b"),
        ('<a>; rel="nextish"', None),
        ('<a>; rel="prev"; rel="next"', None),
        ("<a; rel=next", None),
        ("", None),
        ("<" * 5000, None),
        ("<a>" + "; rel" * 5000, None),
    ],
)
def test_the_next_link_is_found(value: str, target: str | None) -> None:
    assert next_url([("content-type", "x"), ("link", value)]) == target


def test_a_parameter_is_taken_out_of_any_url() -> None:
    assert parameter("https://x/y?a=1&page%5Bafter%5D=z%20z#f", "page[after]") == "z z"
    assert parameter("?a=1&a=2", "a") == "1"
    assert parameter("/x", "a") is None


@pytest.mark.parametrize("options", [{"limit": None}, {"size": 5}])
def test_a_page_has_one_size_or_a_variable_for_it(options: Any) -> None:
    with pytest.raises(ValueError, match=r"limit=None, size=30"):
        Page(**options)
