"""`bff check --live`: what a service has become, told by the fields whose clients would see it."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import strawberry

from backends.run import Services
from bff import Connection, Offset, config, connect, field, upstream
from bff.drift import Caller, Probe, Report, Samples, as_json, parse_header, parse_sample
from bff.drift.batches import shuffled, unlike
from bff.gateway import open_gateway
from tests.cli.conftest import edit
from tests.cli.running import Bff
from tests.kit import Bench, Handler, opened, reply
from tests.reference.travel import ROOT, bearer

goods = upstream("goods")
makers = upstream("makers")

items = goods.get("/items{?limit,offset}", rows="items", paging=Offset(total="total"))
item_by_id = goods.get("/items/{id}")
items_of = goods.get("/items-of{?maker*}", key={"maker": "maker_id"}, many=True)
named = goods.get("/named{?q}", many=True)
stock = goods.get("/stock{?sku*}", key="sku", by_key=True)
makers_by_ids = makers.get("/makers{?id*}", key="id", rows="makers", max_batch=30)
buy = goods.post("/orders", body="input")


@strawberry.type
class Maker:
    id: strawberry.ID
    name: str
    items: list[Item] = connect(items_of, maker="id", assumed_size=9)


@strawberry.type
class Box:
    count: int


@strawberry.type
class Item:
    id: strawberry.ID
    name: str
    maker_id: strawberry.Private[int]
    size: int | None
    since: datetime.date = field(path="made.on")
    tags: list[str]
    maker: Maker | None = connect(makers_by_ids, id="maker_id")
    box: Box | None = connect(stock, sku="id")


@strawberry.type
class Query:
    items: Connection[Item] = connect(items, assumed_size=5)

    @connect(item_by_id)
    def item(self, id: strawberry.ID) -> Item | None: ...

    @connect(named, assumed_size=9)
    def named(self, q: str) -> list[Item]: ...


@strawberry.type
class Mutation:
    @connect(buy)
    def buy(self, input: str) -> Item | None: ...


Row = dict[str, Any]
Answer = Callable[[httpx.Request], httpx.Response]


def item(number: int) -> Row:
    made = {"on": "2026-05-01"}
    return {"id": number, "name": f"item {number}", "maker_id": number % 3, "size": 7, "made": made, "tags": ["new"]}


def maker(number: int) -> Row:
    return {"id": number, "name": f"maker {number}"}


def goods_service(change: Callable[[Row], Any] = lambda row: row) -> Handler:
    """As the graph says, but that each row is changed first."""

    def answer(request: httpx.Request) -> httpx.Response:
        path, params = request.url.path, request.url.params
        if path == "/items":
            start, limit = int(params["offset"]), int(params["limit"])
            return reply({"items": [change(item(n)) for n in range(start, min(start + limit, 12))], "total": 12})
        if path == "/items-of":
            wanted = params.get_list("maker")
            return reply([change(item(n)) for n in range(6) if str(n % 3) in wanted])
        if path == "/named":
            return reply([change(item(1))])
        if path == "/stock":
            return reply({sku: {"count": 1} for sku in params.get_list("sku") if len(sku) < 3 and int(sku) < 12})
        return reply(change(item(int(path.rpartition("/")[2]))))

    return answer


def makers_service(request: httpx.Request) -> httpx.Response:
    return reply({"makers": [maker(int(n)) for n in sorted(request.url.params.get_list("id")) if int(n) < 3]})


async def probed(bench: Bench, most: int = 100, **given: Any) -> Report:
    samples = Samples(bench.gateway.graph, {name.replace("__", "."): [value] for name, value in given.items()})
    caller = Caller(bench.gateway.upstreams, {}, timeout=5, most=most)
    return await Probe(bench.gateway.graph, caller, samples).run()


async def report(goods_: Handler | None = None, makers_: Handler = makers_service, **given: Any) -> Report:
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    async with opened(schema, {"goods": goods_ or goods_service(), "makers": makers_}) as bench:
        return await probed(bench, **given)


async def test_services_that_are_as_the_graph_says_have_not_drifted() -> None:
    found = await report(named__q="x")
    assert found.drift == ()
    assert {each.call for each in found.checked} == {
        "GET /items{?limit,offset}",
        "GET /items/{id}",
        "GET /items-of{?maker*}",
        "GET /named{?q}",
        "GET /stock{?sku*}",
        "GET /makers{?id*}",
    }
    assert all(each.rows for each in found.checked)
    assert not found.fails(strict=True)


async def test_what_cannot_be_called_is_listed_with_what_would_help() -> None:
    found = await report()
    skipped = {(each.coordinate, each.reason, each.sample) for each in found.skipped}
    assert skipped == {
        ("Query.named", "no value for 'q' is known", "--sample Query.named.q=…"),
        ("Mutation.buy", "POST is never called, unless its connector says that it reads", ""),
    }
    assert not found.fails(strict=False)
    assert found.fails(strict=True)


async def test_nothing_that_writes_is_called_and_no_more_often_than_may_be() -> None:
    schema = strawberry.Schema(query=Query, mutation=Mutation)
    async with opened(schema, {"goods": goods_service(), "makers": makers_service}) as bench:
        found = await probed(bench, most=3)
        made = [request.method for service in bench.services.values() for request in service.calls]
        assert made == ["GET"] * 3
        assert "as many calls were made as may be" in {each.reason for each in found.skipped}


def without(name: str) -> Callable[[Row], Row]:
    return lambda row: {key: value for key, value in row.items() if key != name}


def having(**members: Any) -> Callable[[Row], Row]:
    return lambda row: {**row, **members}


def sometimes(change: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return lambda row: change(row) if row["id"] == 1 else row


@pytest.mark.parametrize(
    ("change", "coordinate", "kind", "message"),
    [
        (without("name"), "Item.name", "MISSING", "'name' is in none of 5 rows"),
        (sometimes(without("name")), "Item.name", "MISSING", "'name' is missing in 1 of 5 rows"),
        (without("size"), "Item.size", "MISSING", "'size' is in none of 5 rows"),
        (having(name=None), "Item.name", "NULL", "null where String! is promised in 5 of 5 rows"),
        (sometimes(having(size="big")), "Item.size", "TYPE", "a text where Int is promised in 1 of 5 rows"),
        (having(tags="new"), "Item.tags", "TYPE", "a text where a list is promised in 5 of 5 rows"),
        (having(tags=[None]), "Item.tags", "NULL", "null where String! is promised in 5 of 5 rows"),
        (having(made={"on": "May"}), "Item.since", "TYPE", "a text where Date is promised in 5 of 5 rows"),
        (having(made=None), "Item.since", "NULL", "null where Date! is promised in 5 of 5 rows"),
        (without("maker_id"), "Item.maker", "MISSING", "its key 'maker_id' is in none of 5 rows"),
        (lambda _: "row", "Query.items", "SHAPE", "5 of 5 rows are no objects, but a text"),
    ],
)
async def test_a_row_that_is_no_more_what_it_was_is_told_by_field(
    change: Callable[[Row], Any], coordinate: str, kind: str, message: str
) -> None:
    found = await report(goods_service(change))
    assert (coordinate, kind, message, "GET /items{?limit,offset}") in {
        (each.coordinate, each.kind, each.message, each.call) for each in found.drift
    }
    assert found.fails(strict=False)


def always(answer: httpx.Response) -> Handler:
    return lambda _: answer


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (lambda: reply({}, 500), "STATUS", "status 500"),
        (lambda: reply({}, 401), "STATUS", "status 401; a token can be given: --header goods:authorization=…"),
        (lambda: httpx.Response(200, text="<html>"), "SHAPE", "not JSON: "),
        (lambda: reply({"rows": []}), "SHAPE", "a list was expected at 'items', not NoneType"),
        (lambda: reply({"items": [item(1)], "total": "many"}), "TOTAL", "no number at 'total'"),
    ],
)
async def test_an_answer_of_another_form_is_told(answer: Callable[[], httpx.Response], kind: str, message: str) -> None:
    found = await report(lambda _: answer())
    told: dict[tuple[str, str], str] = {(each.coordinate, each.kind): each.message for each in found.drift}
    assert told["Query.items", kind].startswith(message)


def batch(answer: Callable[[list[str]], httpx.Response]) -> Handler:
    return lambda request: answer(request.url.params.get_list("id"))


def rows(ids: list[str]) -> list[Row]:
    return [maker(int(n)) for n in ids if int(n) < 3]


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (
            lambda ids: reply({"makers": [maker(int(n)) if int(n) < 3 else None for n in ids]}),
            "GAPS",
            "null stands in for a row that is not there, and the whole call is refused for it",
        ),
        (
            lambda ids: reply({"makers": rows(ids)}, 200 if len(rows(ids)) == len(ids) else 400),
            "GAPS",
            "one key that nothing has fails the whole call, and all keys of the batch with it",
        ),
        (
            lambda ids: reply({"makers": rows(ids)}, 200 if len(rows(ids)) == len(ids) else 404),
            "GAPS",
            "one key that nothing has fails the whole call, and all keys of the batch with it",
        ),
        (
            lambda ids: reply({"makers": rows(ids)}, 200 if len(ids) <= 20 else 414),
            "CAP",
            "max_batch=30, but 30 keys at once are refused (status 414)",
        ),
        (
            lambda ids: reply({"makers": rows(ids[:20])}),
            "CAP",
            "max_batch=30, but of 30 keys at once 3 bring nothing",
        ),
        (
            lambda ids: reply({"makers": [{"name": "x"} for _ in rows(ids)]}),
            "KEY",
            "'id', which rows are matched by, is missing in 3 of 3 rows",
        ),
        (
            lambda ids: reply({"makers": [maker(int(n) + 100) for n in ids if int(n) < 3]}),
            "KEY",
            "no row's 'id' is a key that was asked for",
        ),
    ],
)
async def test_a_batch_that_cannot_be_lived_with_is_told(
    answer: Callable[[list[str]], httpx.Response], kind: str, message: str
) -> None:
    found = await report(makers_=batch(answer))
    assert (kind, message) in {(each.kind, each.message) for each in found.drift}


async def test_how_a_service_answers_batches_is_told_though_nothing_is_wrong() -> None:
    def twice_and_more(ids: list[str]) -> httpx.Response:
        return reply({"makers": [*rows(ids), *rows(ids)[:1], maker(77)]})

    found = await report(makers_=batch(twice_and_more))
    (told,) = (each for each in found.batches if each.upstream == "makers")
    assert (told.order, told.gaps, told.repeated, told.surplus, told.most) == ("as asked", "left out", 1, 1, 30)
    (by_key,) = (each for each in found.batches if each.call == "GET /stock{?sku*}")
    assert (by_key.order, by_key.gaps) == ("by key", "left out")


@strawberry.type
class OneMaker:
    id: strawberry.ID
    name: str


@pytest.mark.parametrize(
    "body", [{"ids": "id"}, "id", [{"id": "id"}]], ids=["an object", "the list itself", "an object for each"]
)
async def test_a_post_that_is_a_batch_of_reads_is_called_and_looked_at(body: Any) -> None:
    batch_of = makers.post("/makers/batch", key="id", body=body)

    @strawberry.type
    class Asks:
        @connect(batch_of)
        def makers(self, id: list[strawberry.ID]) -> list[OneMaker | None]: ...

    def service(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        ids = (
            sent["ids"] if isinstance(sent, dict) else [each["id"] if isinstance(each, dict) else each for each in sent]
        )
        return reply([{"id": each, "name": None} for each in ids if each in {"1", "2"}])

    async with opened(strawberry.Schema(query=Asks), {"makers": service}) as bench:
        found = await probed(bench, makers__id=["1", "2"])
    assert [each.call for each in found.checked] == ["POST /makers/batch"]
    assert [(each.coordinate, each.kind) for each in found.drift] == [("OneMaker.name", "NULL")]


@pytest.mark.parametrize(
    ("known", "made"),
    [
        (["LIS", "OPO"], ["ZZZ", "ZZY"]),
        (["ZZZ"], ["ZZY", "ZZX"]),
        ([1, 2, 30], ["99999", "99998"]),
        (["a-1", "b-2"], ["z-9", "z-8"]),
        (["é"], []),
    ],
)
def test_a_key_that_nothing_has_looks_like_those_that_something_has(known: list[Any], made: list[str]) -> None:
    assert unlike(known, 2) == made


def test_keys_are_asked_for_in_no_order_with_the_strange_one_inside() -> None:
    asked = shuffled([1, 2, 3, 4, 5], "9")
    assert sorted(asked) == ["1", "2", "3", "4", "5", "9"]
    assert asked != sorted(asked)
    assert asked.index("9") not in {0, 5}


def test_samples_and_headers_are_read_from_text() -> None:
    assert parse_sample("airport.iata=LIS") == ("airport.iata", "LIS")
    assert parse_sample("Query.airports.iatas=[1, 2]") == ("Query.airports.iatas", [1, 2])
    assert parse_header("trips:Authorization=Bearer a=b") == ("trips", ("authorization", "Bearer a=b"))
    for wrong in ("airport", "airport=LIS", ".iata=LIS", "a.b.c.d=1"):
        with pytest.raises(ValueError, match=r"such as airport\.iata=LIS"):
            parse_sample(wrong)
    for wrong in ("trips", "trips=x", ":a=b"):
        with pytest.raises(ValueError, match="such as trips:authorization"):
            parse_header(wrong)


async def test_the_report_holds_no_value_that_a_service_sent() -> None:
    found = await report(goods_service(having(name={"secret": "hunter2"}, size="hunter2")))
    assert found.drift
    assert "hunter2" not in json.dumps(as_json(found))


class Shop(BaseHTTPRequestHandler):
    """Both services of the project on a real socket; makers want a token."""

    tokens: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        if url.path == "/makers":
            self.tokens.append(self.headers.get("x-token"))
            found: Any = [{"id": int(n), "name": f"maker {n}"} for n in asked["id"] if int(n) < 10]
        elif url.path == "/items":
            found = {"items": [{"id": 7, "name": "x", "maker_id": int(n)} for n in asked["maker"] if int(n) < 10]}
        else:
            found = {"id": 7, "nom": "x", "maker_id": 1}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_command_calls_says_what_drifted_and_fails(bff: Bff, project: Path, shop: str) -> None:
    edit(project / "bff.yaml", '"${GOODS_URL:-http://127.0.0.1:9}"', f'"{shop}"')
    edit(project / "bff.yaml", '"http://127.0.0.1:9"', f'"{shop}"')
    arguments = ["check", "--live", "--sample", "item.id=7", "--header", "makers:x-token=hunter2"]
    done = bff(*arguments, cwd=project)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "drift: Item.name: 'name' is in none of 1 row (goods GET /items/{id})"
    assert "batch: makers GET /makers{?id*}: up to 100 keys; order unknown; unknown keys left out\n" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert set(Shop.tokens) == {"hunter2"}
    (project / "live.samples").write_text("# what there is\n\nitem.id=7\n")
    arguments[3] = "@live.samples"
    found = json.loads(bff(*arguments, "--json", cwd=project).stdout)
    assert found["ok"] is False
    assert found["live"]["drift"] == [
        {
            "coordinate": "Item.name",
            "kind": "MISSING",
            "message": "'name' is in none of 1 row",
            "upstream": "goods",
            "call": "GET /items/{id}",
        }
    ]


def test_services_that_are_not_there_are_told_and_nothing_else_is(bff: Bff, project: Path) -> None:
    done = bff("check", "--live", "--sample", "item.id=7", cwd=project)
    assert done.returncode == 1
    assert "drift: Query.item: The goods service could not be reached. (goods GET /items/{id})" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "status", "says"),
    [
        ("--sample", "item.name=7", 1, "--sample: there is no argument 'item.name'\n"),
        ("--header", "nobody:a=b", 1, "--header: there is no upstream 'nobody'\n"),
        ("--sample", "item", 2, "such as"),
        ("--header", "goods", 2, "such as"),
        ("--sample", "@none", 2, "No such file"),
    ],
)
def test_what_is_asked_for_in_vain_is_refused(
    bff: Bff, sound: Path, option: str, value: str, status: int, says: str
) -> None:
    done = bff("check", "--live", option, value, cwd=sound)
    assert done.returncode == status
    assert says in done.stderr


async def test_the_reference_graph_is_what_its_services_are() -> None:
    with Services() as urls:
        settings = config.load(ROOT / "bff.yaml", {f"{name.upper()}_URL": url for name, url in urls.items()})
        patient = {
            name: each.model_copy(update={"timeout": 20.0, "connect_timeout": 20.0})
            for name, each in settings.upstreams.items()
        }
        gateway = open_gateway(settings.model_copy(update={"upstreams": patient}), ROOT)
        given: dict[str, list[Any]] = {"search.text": ["por"], "holidays.year": [2026], "rate.base": ["USD"]}
        headers = {"trips": tuple(bearer("ana").items())}
        try:
            caller = Caller(gateway.upstreams, headers, timeout=20, most=100)
            found = await Probe(gateway.graph, caller, Samples(gateway.graph, given)).run()
        finally:
            await gateway.aclose()
    assert found.drift == ()
    assert len(found.checked) >= 16
    assert {each.gaps for each in found.batches} == {"left out"}
    assert {each.most for each in found.batches if each.call == "GET /airports/batch{?iatas}"} == {50}
