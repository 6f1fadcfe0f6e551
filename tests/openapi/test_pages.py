"""How services page, as documents describe it, is what a Relay connection asks of them, call by call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from bff.openapi.graph.memory import load
from bff.openapi.report import Report
from bff.openapi.source import source
from tests.kit import Bench, opened, reply
from tests.openapi.kit import codes, write

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
CITY = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT}}
CITIES = {"type": "array", "items": {"$ref": "#/components/schemas/City"}}
QUERY = "{ cities(first: 2%s) { totalCount edges { node { name } } pageInfo { hasNextPage endCursor } } }"
NAMES = ["Aveiro", "Braga", "Coimbra", "Dili", "Evora"]


def document(answer: Any, *parameters: dict[str, Any]) -> dict[str, Any]:
    """A document with one operation, GET /cities, that answers with this envelope."""
    answers = {"200": {"description": "", "content": {"application/json": {"schema": answer}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cities", "version": "1"},
        "paths": {"/cities": {"get": {"operationId": "cities", "parameters": [*parameters], "responses": answers}}},
        "components": {"schemas": {"City": CITY}},
    }


def parameter(name: str, schema: Any = WHOLE) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def envelope(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members}


def rows(first: int, count: int) -> list[dict[str, str]]:
    return [{"id": str(index), "name": NAMES[index]} for index in range(first, min(first + count, len(NAMES)))]


def hal(request: httpx.Request) -> httpx.Response:
    """Pages from 0 on; what is empty is not there."""
    page, size = int(request.url.params["page"]), int(request.url.params["size"])
    found = rows(page * size, size)
    embedded = {"_embedded": {"cityModels": found}} if found else {}
    return reply({**embedded, "_links": {}, "page": {"number": page, "totalElements": len(NAMES)}})


HAL = envelope(
    _embedded=envelope(cityModels=CITIES),
    _links={"type": "object", "additionalProperties": envelope(href=TEXT)},
    page=envelope(size=WHOLE, totalElements=WHOLE, totalPages=WHOLE, number=WHOLE),
)


def linked(name: str, wrap: Any = lambda url: url) -> Any:
    """A service whose next page is at a URL in `links`."""

    def answer(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        first, size = int(params.get(name, 0)), int(params["page[size]"])
        more = f"https://cities.example/cities?{name}={first + size}" if first + size < len(NAMES) else None
        links = {"next": wrap(more) if more else None}
        return reply({"data": rows(first, size), "links": links, "_links": links, "meta": {"page": {"total": 5}}})

    return answer


META = envelope(page=envelope(total=WHOLE))
LINK = envelope(href={**TEXT, "format": "uri"})


async def whole(bench: Bench) -> tuple[list[str], list[Any]]:
    """All names, page by page, and what each page said of how many there are."""
    names: list[str] = []
    totals: list[Any] = []
    after = ""
    while True:
        answer = await bench.ask(QUERY % after)
        assert "errors" not in answer.body, answer.body
        found = answer.body["data"]["cities"]
        names += [edge["node"]["name"] for edge in found["edges"]]
        totals.append(found["totalCount"])
        if not found["pageInfo"]["hasNextPage"]:
            return names, totals
        after = f', after: "{found["pageInfo"]["endCursor"]}"'


PAGING = [
    ("HAL, counted", HAL, ["page", "size"], hal),
    (
        "JSON:API, a cursor in a link",
        envelope(data=CITIES, links=envelope(next={"type": ["string", "null"]}), meta=META),
        ["page[size]", "page[cursor]"],
        linked("page[cursor]"),
    ),
    (
        "JSON:API, a link that is an object or a text",
        envelope(data=CITIES, links=envelope(next={"anyOf": [TEXT, LINK, {"type": "null"}]}), meta=META),
        ["page[size]", "page[after]"],
        linked("page[after]"),
    ),
    (
        "JSON:API, a link that is an object",
        envelope(data=CITIES, links=envelope(next={"oneOf": [LINK, {"type": "null"}]}), meta=META),
        ["page[size]", "page[after]"],
        linked("page[after]", lambda url: {"href": url}),
    ),
    (
        "HAL, a cursor in a link",
        envelope(data=CITIES, _links=envelope(self=LINK, next=LINK), meta=META),
        ["page[size]", "cursor"],
        linked("cursor", lambda url: {"href": url}),
    ),
]


@pytest.mark.parametrize(("answer", "names", "service"), [row[1:] for row in PAGING], ids=[row[0] for row in PAGING])
async def test_pages_of_hypermedia_are_a_connection(
    answer: Any, names: list[str], service: Any, tmp_path: Path
) -> None:
    cursors = {"page[cursor]", "page[after]", "cursor"}
    page = {**WHOLE, "default": 0}  # Spring counts from 0 on, and says so
    given = [parameter(name, TEXT if name in cursors else page if name == "page" else WHOLE) for name in names]
    report = Report()
    schema = load(source({"cities": write(tmp_path, document(answer, *given))}, report))
    async with opened(schema, {"cities": service}) as bench:
        assert await whole(bench) == (NAMES, [5, 5, 5])
    assert "paging" in codes(report)
    assert "envelope" not in codes(report)


def counted(limit: str, offset: str, answer: Any) -> Any:
    """A service that leaves out so many rows, and counts all of them."""

    def answered(request: httpx.Request) -> httpx.Response:
        found = rows(int(request.url.params.get(offset, 0)), int(request.url.params[limit]))
        return httpx.Response(200, json=answer(found), headers={"x-total-count": "5"})

    return answered


def numbered(request: httpx.Request) -> httpx.Response:
    size = int(request.url.params["page[size]"])
    found = rows((int(request.url.params["page[number]"]) - 1) * size, size)
    return reply({"data": found, "meta": {"total": 5}})


def after_a_cursor(request: httpx.Request) -> httpx.Response:
    first, size = int(request.url.params.get("cursor", 0)), int(request.url.params["limit"])
    more = str(first + size) if first + size < len(NAMES) else ""
    return reply({"ok": True, "members": rows(first, size), "response_metadata": {"next_cursor": more, "total": 5}})


PAGE = {"type": "object", "properties": {"number": WHOLE, "size": {**WHOLE, "maximum": 50}}}
MORE = [
    (
        "OData",
        {"type": "object", "properties": {"value": CITIES, "@odata.count": WHOLE, "@odata.nextLink": TEXT}},
        [parameter("$top"), parameter("$skip")],
        counted("$top", "$skip", lambda found: {"value": found, "@odata.count": 5}),
    ),
    (
        "JSON:API, an object in the query",
        envelope(data=CITIES, meta=envelope(total=WHOLE)),
        [{**parameter("page", PAGE), "style": "deepObject"}],
        numbered,
    ),
    (
        "Slack",
        envelope(members=CITIES, response_metadata=envelope(next_cursor=TEXT, total=WHOLE)),
        [parameter("cursor", TEXT), parameter("limit")],
        after_a_cursor,
    ),
]


@pytest.mark.parametrize(("answer", "given", "service"), [row[1:] for row in MORE], ids=[row[0] for row in MORE])
async def test_pages_of_others_are_a_connection_too(answer: Any, given: Any, service: Any, tmp_path: Path) -> None:
    report = Report()
    schema = load(source({"cities": write(tmp_path, document(answer, *given))}, report))
    assert "(first: Int! = 20, after: String = null)" in schema.as_str()
    async with opened(schema, {"cities": service}) as bench:
        assert await whole(bench) == (NAMES, [5, 5, 5])
    assert "envelope" not in codes(report)


async def test_the_count_of_rows_may_be_in_a_header(tmp_path: Path) -> None:
    written = document(CITIES, parameter("limit"), parameter("offset"))
    written["paths"]["/cities"]["get"]["responses"]["200"]["headers"] = {"X-Total-Count": {"schema": WHOLE}}
    schema = load(source({"cities": write(tmp_path, written)}, Report()))
    async with opened(schema, {"cities": counted("limit", "offset", lambda found: found)}) as bench:
        assert await whole(bench) == (NAMES, [5, 5, 5])


async def test_hal_that_embeds_nothing_is_an_empty_page(tmp_path: Path) -> None:
    written = document(HAL, parameter("page"), parameter("size"))
    schema = load(source({"cities": write(tmp_path, written)}, Report()))
    empty = reply({"_links": {}, "page": {"totalElements": 0}})
    async with opened(schema, {"cities": lambda _: empty}) as bench:
        assert await whole(bench) == ([], [0])


async def test_what_else_a_page_says_is_in_the_report(tmp_path: Path) -> None:
    answer = envelope(data=CITIES, included=CITIES, links=envelope(next=TEXT), meta=envelope(took=WHOLE, total=WHOLE))
    report = Report()
    source({"cities": write(tmp_path, document(answer, parameter("page[size]"), parameter("page[number]")))}, report)
    (note,) = [note for note in report.notes if note.code == "envelope"]
    assert note.message.endswith("not included, meta")
