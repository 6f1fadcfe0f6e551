"""What an operation brings: which of its answers is the one, what it becomes, and which others are data too.

Knows no parameter. Answers that are no JSON need a gateway that reads them; statuses are those of RFC 9110.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bff.connectors.media import is_text
from bff.openapi.graph.call import Inexpressible
from bff.openapi.graph.formats import is_bytes
from bff.openapi.graph.names import pascal, words
from bff.openapi.graph.places import Place
from bff.openapi.graph.rows import Paged, Rows, not_told, paged, rows_of
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import BASE64, BOOL, JSON, STR, Use, list_of
from bff.openapi.model import Media, Operation, Response
from bff.openapi.report import Report
from bff.openapi.schema import Array, Object, Schema, Union

_MEDIA = re.compile(r"[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+\Z")  # RFC 6838 4.2, and ranges
_ANY = frozenset({"*/*", "application/*"})  # of which JSON is the one that is asked for
# Refusals that are about the caller or the moment, and not about what was sent: errors, never data.
NOT_DATA = frozenset({"401", "403", "405", "406", "407", "408", "415", "425", "429", "451"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call brings. `use` is the field's type, `row` that of one of its rows."""

    use: Use
    row: Use
    rows: str = ""  # path of the rows
    many: bool = False
    entries: bool = False
    silent: bool = False  # there is no body: true says that it was done
    accept: str = ""
    size: int | None = None
    item: Schema | None = None
    schema: Schema | None = None
    paging: Paged | None = None


def answer_of(operation: Operation, types: Types, place: Place, report: Report, sent: Collection[str]) -> Answer:
    """The answer; `sent` is what the query of the call carries. Raises Inexpressible for one that nobody here reads."""
    response = _success(operation)
    media = _media(response, report) if response else None
    if response is None or media is None:
        return _bodyless(operation, response, report)
    if not _is_json(media.type) or (media.type in _ANY and is_bytes(types.resolved(media.schema))):
        return _raw(media)
    answer = _json(operation, response, media, place, types=types, report=report, sent=sent)
    return replace(answer, accept="" if media.type in {"application/json", *_ANY} else media.type)


def _json(
    operation: Operation,
    response: Response,
    media: Media,
    place: Place,
    *,
    types: Types,
    report: Report,
    sent: Collection[str],
) -> Answer:
    """A page, a list, or one value."""
    found = rows_of(media.schema, types.schemas)
    if found and operation.method == "GET":
        headers = {each.name.lower() for each in response.headers}
        paging = paged(operation, media.schema, found, types.schemas, headers=headers, sent=sent)
        row = types.use(found.array.items, _row_place(place), "output") if paging else None
        if paging and row and _kind(types, row) in {"type", "union"}:
            return _page(found, media, row, paging, types=types, report=report)
    return _plain(media, found, types, place)


def _bodyless(operation: Operation, response: Response | None, report: Report) -> Answer:
    """An answer of which the document says no body: none where the status says so too, else anything."""
    if response is not None and response.status in {"204", "205"}:
        return Answer(BOOL, BOOL, silent=True)
    report.loss("no-schema", operation.at, f"nothing says what {operation.key} answers: JSON, without types")
    return Answer(JSON, JSON, silent=operation.method != "GET")


def _page(found: Rows, media: Media, row: Use, paging: Paged, *, types: Types, report: Report) -> Answer:
    lost = not_told(found, media.schema, paging, types.schemas)
    if lost:
        report.loss("envelope", media.at, f"of a page, clients see the rows and what Relay has: not {', '.join(lost)}")
    return Answer(
        Use("Connection", "bff", item=row, composite=True),
        row,
        rows=found.path,
        many=True,
        item=found.array.items,
        schema=media.schema,
        paging=paging,
    )


def _plain(media: Media, found: Rows | None, types: Types, place: Place) -> Answer:
    """A list, an envelope that holds nothing but a list, or the answer as it is."""
    if found and not found.others:
        row = types.use(found.array.items, _row_place(place), "output")
        if row.lists == 0 or not row.composite:
            size = types.length(found.array, types.lengths.answers) if row.composite else None
            return Answer(
                list_of(row), row, found.path, many=True, size=size, item=found.array.items, schema=media.schema
            )
    use, entries = types.member_use(media.schema, replace(place, plain=f"{place.plain}Answer"), "output")
    target = types.resolved(media.schema)
    if isinstance(target, Array):
        return Answer(use, use, many=use.lists > 0, schema=media.schema)
    size = types.length(target, types.lengths.answers) if entries else None
    return Answer(use, use, entries=entries, size=size, schema=media.schema)


def _raw(media: Media) -> Answer:
    if not _MEDIA.match(media.type):
        raise Inexpressible(f"it answers {media.type!r}, which is no media type")
    if media.type == "text/event-stream":
        raise Inexpressible("it answers a stream of events, which is a subscription: docs/subscriptions.md")
    use = STR if is_text(media.type) else BASE64
    return Answer(use, use, accept=media.type)


def problems(operation: Operation, types: Types, place: Place, report: Report) -> Iterator[tuple[int | str, str]]:
    """Statuses whose body is an object that says what is wrong with what was sent: (status, key of its type or of the
    union of its types).
    """
    for response in operation.responses:
        if response.status == "default" and operation.method != "GET" and response.content:
            report.info("default-error", response.at, "what `default` describes is an error, and no data")
        if not response.status.startswith("4"):
            continue
        media = next((each for each in response.content if _is_json(each.type)), None)
        if response.status in NOT_DATA or media is None:
            continue
        described = isinstance(types.resolved(media.schema), Object | Union)
        use = types.use(media.schema, place.option(response.status), "output") if described else JSON
        if _is_object(types, use) or _is_of_objects(types, use):
            yield (int(response.status) if response.status.isdigit() else response.status), use.name
        else:
            told = "is no object, or nothing tells which" if described else "is no object"
            report.info("plain-error", response.at, f"what comes with {response.status} {told}: an error, and no data")


def others(operation: Operation, types: Types, place: Place, report: Report) -> Iterator[tuple[int, str]]:
    """Other statuses of success whose body is an object: a 202 beside a 200."""
    first = _success(operation)
    for response in operation.responses:
        if response is first or not (response.status.isdigit() and response.status.startswith("2")):
            continue
        media = next((each for each in response.content if _is_json(each.type)), None)
        use = types.use(media.schema, place.option(response.status), "output") if media else BOOL
        if operation.method != "GET" and _is_object(types, use):
            yield int(response.status), use.name
        elif media and first and use.name != _name_of(first, types, place):
            report.loss("other-success", response.at, f"what comes with {response.status} is another type, and refused")


def _name_of(response: Response, types: Types, place: Place) -> str:
    media = next((each for each in response.content if _is_json(each.type)), None)
    return types.use(media.schema, place, "output").name if media else ""


def success_of(operation: Operation) -> Response | None:
    """The answer that says that all is well."""
    return _success(operation)


def _success(operation: Operation) -> Response | None:
    """200 before 201 before the others, with a body before without; `default` where nothing else is said."""
    fine = [each for each in operation.responses if each.status.startswith("2") and each.status not in {"205", "206"}]
    fine = fine or [each for each in operation.responses if each.status == "default"]
    return min(fine, key=lambda each: (not each.content, each.status), default=None)


def _media(response: Response, report: Report) -> Media | None:
    """JSON before text before anything, of equals by name; JSON:API and vendors' kinds are JSON."""
    ranked = sorted(response.content, key=_rank)
    for each in ranked[1:]:
        if not _is_json(each.type):
            report.info("other-media", each.at, f"of several media types {ranked[0].type} is asked for")
    return ranked[0] if ranked else None


def _rank(media: Media) -> tuple[bool, bool, bool, str]:
    kind = media.type
    return kind != "application/json", not _is_json(kind), not is_text(kind), kind


def _is_json(media: str) -> bool:
    return media.endswith(("/json", "+json")) or media in _ANY


def _is_object(types: Types, use: Use) -> bool:
    return _kind(types, use) == "type"


def _is_of_objects(types: Types, use: Use) -> bool:
    """Whether it is a union of objects, none of which is held by another."""
    return _kind(types, use) == "union" and not types.drafts[use.name].rule.boxes


def _kind(types: Types, use: Use) -> str:
    draft = types.drafts.get(use.name) if use.module == "own" else None
    return draft.kind if draft else ""


def _row_place(place: Place) -> Place:
    return Place(f"{place.key}[]", place.plain + pascal(words("row")), place.home)
