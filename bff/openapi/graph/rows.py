"""What an answer holds: rows in an envelope, a page of them, one object. Pure recognition; says what it saw.

Looks at names only where shapes leave it open, and only for names that services agree on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bff.connectors.path import JsonPath
from bff.openapi.graph.names import snake, words
from bff.openapi.graph.paging_words import (
    ASKED,
    COUNTED,
    CURSORS,
    EMBEDDED,
    ENVELOPES,
    KEYSETS,
    LIMITS,
    LINKS,
    METAS,
    MORES,
    NEXTS,
    OFFSETS,
    PAGES,
    RELAYS,
    TOTALS,
)
from bff.openapi.graph.wanted import Code
from bff.openapi.model import Operation, Parameter
from bff.openapi.schema import Array, Enum, Object, Scalar, Schema, Schemas, Union, resolved

MOST_OF_PAGE = 100  # rows, where the document says no maximum


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
    total: JsonPath = ""
    next: str = ""
    more: str = ""
    key: str = "id"  # of a row, to go on after it
    link: bool = False  # the `Link` header says where the next page is
    next_is_url: bool = False
    first: int = 1  # number of the first page


def rows_of(schema: Schema, schemas: Schemas) -> Rows | None:
    """The rows of an answer that is a list, or an envelope around one list; in HAL that is in an object of its own."""
    schema = resolved(schema, schemas)
    if isinstance(schema, Array):
        return Rows("", schema)
    if not isinstance(schema, Object):
        return None
    members = {each.name: resolved(each.schema, schemas) for each in schema.properties if "." not in each.name}
    embedded = members.get(EMBEDDED)
    if isinstance(embedded, Object):
        inner = rows_of(embedded, schemas)
        others = tuple(name for name in members if name != EMBEDDED)
        return Rows(f"{EMBEDDED}.{inner.path}", inner.array, others) if inner and not inner.others else None
    lists = {name: found for name, found in members.items() if isinstance(found, Array)}
    lists = {name: found for name, found in lists.items() if not _is_leaf(found.items, schemas)}
    names = list(lists) if len(lists) == 1 else [name for name in ENVELOPES if name in lists][:1]
    if not names:
        return None
    others = tuple(each.name for each in schema.properties if each.name != names[0])
    return Rows(names[0], lists[names[0]], others)


def not_told(rows: Rows, answer: Schema, paging: Paged, schemas: Schemas) -> list[str]:
    """Members of an envelope, besides its rows, that say more than a page of Relay's does."""
    envelope = resolved(answer, schemas)
    members = envelope.properties if isinstance(envelope, Object) else ()
    total = paging.total if isinstance(paging.total, str) else paging.total[0]
    known = {total, paging.next, paging.more}
    found = [each for each in members if each.name in rows.others and each.name not in known]
    return [each.name for each in found if not _relays(each.name, resolved(each.schema, schemas), known)]


def _relays(name: str, schema: Schema, known: set[str]) -> bool:
    """Whether a member is about paging and nothing else."""
    if name in LINKS or _said(name) in RELAYS:
        return True
    inner = schema.properties if isinstance(schema, Object) and _said(name) in METAS else ()
    return bool(inner) and all(f"{name}.{each.name}" in known or _said(each.name) in RELAYS for each in inner)


def paged(
    operation: Operation,
    answer: Schema,
    rows: Rows,
    schemas: Schemas,
    *,
    headers: Collection[str],
    sent: Collection[str],
) -> Paged | None:
    """How this list pages, as far as its parameters and its answer tell; None if they do not.

    `headers` are those of the answer, in lower case, `sent` what the query of the call carries.
    """
    link = "link" in headers
    query = {_said(each.name): each for each in _asked(operation, schemas) if each.name in sent}
    size = next((query[name] for name in query if name in LIMITS and _whole(query[name], schemas)), None)
    envelope = resolved(answer, schemas)
    inside = dict(_paths(envelope, schemas, rows.path)) if isinstance(envelope, Object) else {}
    total = next((inside[name] for name in TOTALS if name in inside), "") or _told(envelope) or _counted(headers)
    following = next((inside[name] for name in NEXTS if name in inside), "") or _linked(envelope, schemas)
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


def _asked(operation: Operation, schemas: Schemas) -> Iterator[Parameter]:
    """Parameters in the query; of an object that is about nothing but paging, `page[size]`, its members."""
    for each in operation.parameters:
        if each.where != "query":
            continue
        schema = resolved(each.schema, schemas)
        if isinstance(schema, Object) and each.style == "deepObject":
            members = [
                replace(each, name=f"{each.name}[{inner.name}]", schema=inner.schema) for inner in schema.properties
            ]
            yield from members if all(_said(inner.name) in ASKED for inner in members) else ()
        else:
            yield each


def _told(envelope: Schema) -> JsonPath:
    """Where OData counts, under a name that has a dot (OData JSON Format 4.5.3)."""
    names = {each.name for each in envelope.properties} if isinstance(envelope, Object) else set()
    return next(((name,) for name in ("@odata.count", "odata.count") if name in names), "")


def _counted(headers: Collection[str]) -> str:
    found = next((name for name in COUNTED if name in headers), "")
    return f"header:{found}" if found else ""


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


def _linked(envelope: Schema, schemas: Schemas) -> str:
    """Where the URL of the next page is: `links.next` of JSON:API, `_links.next.href` of HAL."""
    for name in LINKS:
        following = _inside(_inside(envelope, name, schemas), "next", schemas)
        if isinstance(following, Object):
            return f"{name}.next.href" if _inside(following, "href", schemas) else ""
        if following:
            return f"{name}.next"
    return ""


def _inside(schema: Schema | None, name: str, schemas: Schemas) -> Schema | None:
    """A member of an object; of one that may be a text too, that text."""
    members = schema.properties if isinstance(schema, Object) else ()
    found = next((resolved(each.schema, schemas) for each in members if each.name == name), None)
    if isinstance(found, Union):
        options = [resolved(each, schemas) for each in found.members]
        return next((each for each in options if isinstance(each, Scalar)), None)
    return found if isinstance(found, Object | Scalar) else None


def _is_url(envelope: Schema, path: str, schemas: Schemas) -> bool:
    """Whether what stands there is a URL: it says so, shows one, or is where only links are."""
    if path.partition(".")[0] in LINKS:
        return True
    found: Schema | None = envelope
    for name in path.split("."):
        found = _inside(found, name, schemas)
    shown = [each for each in found.examples if isinstance(each, str)] if found else []
    said = isinstance(found, Scalar) and found.format in {"uri", "url", "uri-reference"}
    return said or any(each.startswith(("https://", "http://")) for each in shown)


def _members_of(schema: Schema, schemas: Schemas) -> set[str]:
    target = resolved(schema, schemas)
    return {each.name for each in target.properties} if isinstance(target, Object) else set()


def _paths(envelope: Object, schemas: Schemas, rows: str = "", depth: int = 2) -> Iterator[tuple[str, str]]:
    """Members of an envelope that are no lists, and of objects in it, by what they are called: (snake, path)."""
    for each in envelope.properties:
        if each.name == rows or "." in each.name:
            continue
        target = resolved(each.schema, schemas)
        if isinstance(target, Scalar):
            yield _said(each.name), each.name
        elif depth and isinstance(target, Object) and _said(each.name) in METAS:
            for name, path in _paths(target, schemas, depth=depth - 1):
                yield name, f"{each.name}.{path}"


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


def _is_leaf(schema: Schema, schemas: Schemas) -> bool:
    target = resolved(schema, schemas)
    return isinstance(target, Scalar | Enum) or (
        isinstance(target, Union) and all(_is_leaf(each, schemas) for each in target.members)
    )
