"""What an answer holds: rows in an envelope, a page of them, one object. Pure recognition; says what it saw.

Looks at names only where shapes leave it open, and only for names that services agree on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bff.openapi.graph.names import snake, words
from bff.openapi.graph.wanted import Code
from bff.openapi.model import Operation, Parameter
from bff.openapi.schema import Array, Enum, Object, Scalar, Schema, Schemas, Union, resolved

MOST_OF_PAGE = 100  # rows, where the document says no maximum

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
KEYSETS = frozenset({"starting_after", "after", "since_id", "after_id"})
PAGES = frozenset({"page", "page_number", "page_num", "pagenumber", "page_index"})
TOTALS = ("total", "total_count", "total_results", "total_items", "count", "total_size", "totalcount")
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
_ENVELOPES = ("items", "data", "results", "rows", "records", "entries", "values", "content", "objects", "elements")


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of an answer are: the path of a list of `item`; `others` are what else the envelope has."""

    path: str
    array: Array
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paged:
    """How a service pages: the kind, its parameters, and paths in the answer."""

    kind: str  # "offset", "cursor", "page", "keyset"
    size: Parameter | None
    at: Parameter
    total: str = ""
    next: str = ""
    more: str = ""
    key: str = "id"  # of a row, to go on after it
    link: bool = False  # the `Link` header says where the next page is
    next_is_url: bool = False
    first: int = 1  # number of the first page


def rows_of(schema: Schema, schemas: Schemas) -> Rows | None:
    """The rows of an answer that is a list, or an envelope around one list."""
    schema = resolved(schema, schemas)
    if isinstance(schema, Array):
        return Rows("", schema)
    if not isinstance(schema, Object):
        return None
    lists = {
        each.name: found for each in schema.properties if isinstance(found := _target(each.schema, schemas), Array)
    }
    lists = {name: found for name, found in lists.items() if "." not in name and not _is_leaf(found.items, schemas)}
    names = list(lists) if len(lists) == 1 else [name for name in _ENVELOPES if name in lists][:1]
    if not names:
        return None
    others = tuple(each.name for each in schema.properties if each.name != names[0])
    return Rows(names[0], lists[names[0]], others)


def paged(operation: Operation, answer: Schema, rows: Rows, schemas: Schemas, *, link: bool) -> Paged | None:
    """How this list pages, as far as its parameters and its answer tell; None if they do not."""
    query = {_said(each.name): each for each in operation.parameters if each.where == "query"}
    size = next((query[name] for name in query if name in LIMITS and _whole(query[name], schemas)), None)
    envelope = resolved(answer, schemas)
    inside = dict(_paths(envelope, schemas, rows.path)) if isinstance(envelope, Object) else {}
    total = next((inside[name] for name in TOTALS if name in inside), "")
    following = next((inside[name] for name in NEXTS if name in inside), "")
    more = next((inside[name] for name in MORES if name in inside), "")
    for kind, names in (("cursor", CURSORS | KEYSETS), ("offset", OFFSETS), ("page", PAGES)):
        at = next((query[name] for name in query if name in names), None)
        if at is None or (kind != "cursor" and (size is None or not _whole(at, schemas))):
            continue
        if kind == "cursor" and not following and not link:
            if not more or size is None or "id" not in _members_of(rows.array.items, schemas):
                continue
            return Paged("keyset", size, at, total, more=more)
        url = kind == "cursor" and _is_url(envelope, following, schemas)
        return Paged(
            kind=kind,
            size=size,
            at=at,
            total=total,
            next=following if kind == "cursor" else "",
            link=link and not (kind == "cursor" and following),
            next_is_url=url,
            first=_first(at, schemas),
        )
    return None


def paging_code(paging: Paged, size: str | None, at: str, most: int | None) -> Code:
    """The connector's `paging=`; what is as usual is not said. `size` and `at` are variables of the template."""
    total = paging.total or None
    shared = {"total": (total, None), "max_limit": (most or MOST_OF_PAGE, MOST_OF_PAGE), "link": (paging.link, False)}
    given: dict[str, tuple[object, object]]
    if paging.kind == "offset":
        name, given = "Offset", {"limit": (size, "limit"), "offset": (at, "offset"), **shared}
    elif paging.kind == "page":
        name = "Page"
        given = {"limit": (size, "limit"), "page": (at, "page"), **shared, "first": (paging.first, 1)}
    elif paging.kind == "keyset":
        name = "After"
        given = {"limit": (size, "limit"), "after": (at, "after"), "key": (paging.key, "id")}
        given |= {"more": (paging.more or None, None), **shared}
    else:
        name, written = "Cursor", paging.at.name if paging.at.name != at else None
        given = {"limit": (size, "limit"), "cursor": (at, "cursor"), "next": (paging.next or "next", "next")}
        given |= {"next_is_url": (paging.next_is_url, False), **shared, "parameter": (written, None)}
    return Code(name, tuple((key, value) for key, (value, usual) in given.items() if value != usual))


def _first(at: Parameter, schemas: Schemas) -> int:
    """The number of the first page: 0 where the document lets it be."""
    schema = resolved(at.schema, schemas)
    low = schema.limits.minimum if isinstance(schema, Scalar) else None
    return 0 if low == 0 or schema.default == 0 else 1


def _is_url(envelope: Schema, path: str, schemas: Schemas) -> bool:
    for name in path.split("."):
        members = {each.name: each.schema for each in envelope.properties} if isinstance(envelope, Object) else {}
        if name not in members:
            return False
        envelope = resolved(members[name], schemas)
    return isinstance(envelope, Scalar) and envelope.format in {"uri", "url"}


def _members_of(schema: Schema, schemas: Schemas) -> set[str]:
    target = resolved(schema, schemas)
    return {each.name for each in target.properties} if isinstance(target, Object) else set()


def _paths(envelope: Object, schemas: Schemas, rows: str) -> Iterator[tuple[str, str]]:
    """Members of an envelope that are no lists, and of objects in it, by what they are called: (snake, path)."""
    for each in envelope.properties:
        if each.name == rows or "." in each.name:
            continue
        target = _target(each.schema, schemas)
        if isinstance(target, Scalar):
            yield _said(each.name), each.name
        elif isinstance(target, Object) and _said(each.name) in {
            "meta",
            "paging",
            "pagination",
            "page_info",
            "page",
            "metadata",
        }:
            for inner in target.properties:
                if isinstance(_target(inner.schema, schemas), Scalar) and "." not in inner.name:
                    yield _said(inner.name), f"{each.name}.{inner.name}"


def maximum(parameter: Parameter | None, schemas: Schemas) -> int | None:
    """The most that a limit may be."""
    schema = resolved(parameter.schema, schemas) if parameter else None
    limit = schema.limits.maximum if isinstance(schema, Scalar) else None
    return int(limit) if limit is not None and 0 < limit < 2**31 else None


def _said(name: str) -> str:
    return snake(words(name))


def _whole(parameter: Parameter, schemas: Schemas) -> bool:
    schema = resolved(parameter.schema, schemas)
    return isinstance(schema, Scalar) and schema.kind in {"integer", "number"}


def _target(schema: Schema, schemas: Schemas) -> Schema:
    return resolved(schema, schemas)


def _is_leaf(schema: Schema, schemas: Schemas) -> bool:
    target = resolved(schema, schemas)
    return isinstance(target, Scalar | Enum) or (
        isinstance(target, Union) and all(_is_leaf(each, schemas) for each in target.members)
    )
