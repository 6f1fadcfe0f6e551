"""Words that services agree on when they page: parameters, and members of answers. Pure data; in snake case.

JSON:API puts parameters into brackets, `page[size]`, and where the next page is under `links`; HAL has the rows under
`_embedded` and the links under `_links`.
"""

from __future__ import annotations

LIMITS = frozenset(
    {
        "limit",
        "per_page",
        "page_size",
        "pagesize",
        "size",
        "count",
        "max_results",
        "first",
        "top",
        "max",
        "take",
        "page_limit",
        "results_per_page",
    }
)
OFFSETS = frozenset({"offset", "skip", "start", "start_index", "page_offset"})
CURSORS = frozenset(
    {"cursor", "page_token", "next_token", "next_cursor", "continuation_token", "continue", "marker", "page_cursor"}
)
KEYSETS = frozenset({"starting_after", "after", "since_id", "after_id", "page_after"})
PAGES = frozenset({"page", "page_number", "page_num", "pagenumber", "page_index"})
ASKED = LIMITS | OFFSETS | CURSORS | KEYSETS | PAGES
COUNTED = ("x-total-count", "x-total", "total-count", "x-pagination-total-count")  # headers
TOTALS = (
    *("total", "total_count", "total_results", "total_items", "total_elements", "total_records", "total_hits"),
    *("count", "total_size", "totalcount", "record_count"),
)
NEXTS = (
    "next",
    "next_cursor",
    "next_page_token",
    "next_token",
    "cursor",
    "continue",
    "continuation_token",
    "next_page",
)
MORES = ("has_more", "has_next", "more", "has_next_page")
ENVELOPES = ("items", "data", "results", "rows", "records", "entries", "values", "content", "objects", "elements")
METAS = frozenset({"meta", "paging", "pagination", "page_info", "page", "metadata", "response_metadata"})
EMBEDDED = "_embedded"  # of HAL, in which lists are called as what is in them
LINKS = ("links", "_links")
# Of an envelope, what Relay has words of its own for, or what only says again what was asked for.
RELAYS = frozenset(
    [
        *("limit", "offset", "page", "per_page", "page_size", "pages", "total_pages", "next", "prev", "previous"),
        *(
            "odata_next_link",
            "odata_context",
            "object",
            "number",
            "size",
            "first",
            "last",
            "current_page",
            "last_page",
            "page_count",
            "has_more",
        ),
    ]
)
