"""Answers that are sent compressed, and requests that come so."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bff import config
from bff.endpoint.compress import LARGE, InParts
from bff.endpoint.packing import Packing
from bff.endpoint.reply import Reply
from bff.errors import StartRefused
from tests.http.conftest import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = ("zstd", "br", "gzip")
MANY = "{ posts(limit: 90) { name author { name } } }"
READ = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.ZstdDecompressor().decompress}
LIMIT = 256 * 1024


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


@given(st.sampled_from(ALL), st.lists(st.binary(max_size=200), max_size=5))
async def test_every_part_can_be_read_when_it_has_come(coding: str, parts: list[bytes]) -> None:
    async def source() -> AsyncGenerator[bytes, None]:
        for part in parts:
            yield part

    readers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": zlib.decompressobj(31).decompress,
        "br": brotli.Decompressor().process,
        "zstd": zstandard.ZstdDecompressor().decompressobj().decompress,
    }
    read = readers[coding]
    stream = InParts(coding, source())
    found = [read(part) if part else b"" async for part in stream]
    assert found[: len(parts)] == parts
    assert b"".join(found) == b"".join(parts)


@pytest.mark.parametrize("coding", ALL)
async def test_an_answer_is_compressed_for_who_accepts_it(served: Served, coding: str) -> None:
    plain = await served.ask(MANY, accept_encoding="identity")
    async with served.client.stream(
        "POST", "/graphql", json={"query": MANY}, headers={"accept-encoding": coding}
    ) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["content-length"] == str(len(raw))
    assert answer.headers["content-type"] == plain.headers["content-type"]
    assert READ[coding](raw) == plain.content
    assert len(raw) < len(plain.content) / 3


@pytest.mark.parametrize("accepted", [None, "", "identity", "deflate", "gzip;q=0"])
async def test_an_answer_is_as_it_is_for_everybody_else(served: Served, accepted: str | None) -> None:
    wire = await served.wire()
    body = json.dumps({"query": MANY}).encode()
    lines = ["POST /graphql HTTP/1.1", "content-type: application/json", f"content-length: {len(body)}"]
    await wire.send(*lines, *([] if accepted is None else [f"accept-encoding: {accepted}"]), body=body)
    answer = await wire.answer()
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept, Accept-Encoding"  # another request's answer is another
    assert len(json.loads(answer.body)["data"]["posts"]) == 90


async def test_a_short_answer_is_not_compressed_unless_nothing_else_is_accepted(served: Served) -> None:
    answer = await served.ask("{ total }", accept_encoding="gzip")
    assert "content-encoding" not in answer.headers
    answer = await served.ask("{ total }", accept_encoding="gzip, identity;q=0")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == {"data": {"total": 3}}


async def test_refusals_are_compressed_like_answers(served: Served) -> None:
    query = "{ " + " ".join(f"unknown_{n}_of_them" for n in range(90)) + " }"
    answer = await served.ask(query, accept_encoding="gzip")
    assert (answer.status_code, answer.headers["content-encoding"]) == (400, "gzip")
    assert code(answer) == "GRAPHQL_VALIDATION_FAILED"


async def test_head_tells_the_coding_that_get_would_have(served: Served) -> None:
    asked, accepted = {"query": MANY}, {"accept-encoding": "gzip"}
    get = await served.client.get("/graphql", params=asked, headers=accepted)
    head = await served.client.head("/graphql", params=asked, headers=accepted)
    for name in ("content-encoding", "content-length", "vary"):
        assert head.headers[name] == get.headers[name]


async def test_the_page_is_compressed_too(served: Served) -> None:
    answer = await served.client.get("/graphql", headers={"accept": "text/html", "accept-encoding": "br, *;q=0"})
    assert answer.headers["content-encoding"] == "br"
    assert "<html" in answer.text


async def test_nothing_is_compressed_where_no_coding_is_configured() -> None:
    async with serving("graphql: {compression: {codings: []}}") as served:
        answer = await served.ask(MANY, accept_encoding="gzip, br, zstd")
        assert "content-encoding" not in answer.headers


async def test_the_size_above_which_it_pays_and_the_codings_are_settings() -> None:
    async with serving("graphql: {compression: {codings: [gzip], min_size: 1B}}") as served:
        answer = await served.ask("{ total }", accept_encoding="br, zstd, gzip")
        assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("codings", ["[gzip, gzip]", "[deflate]", "gzip"])
async def test_codings_that_could_not_be_meant_are_refused_at_start(codings: str) -> None:
    with pytest.raises(StartRefused):
        config.parse(f"graphql: {{compression: {{codings: {codings}}}}}", {})


def reply(media_type: str, body: bytes = b"x" * 2_000, **more: str) -> Reply:
    headers = {"content-type": media_type, **{name.replace("_", "-"): value for name, value in more.items()}}
    return Reply(200, [(name.encode(), value.encode()) for name, value in headers.items()], body)


@pytest.mark.parametrize("sent", [reply("image/png"), reply("application/json", content_encoding="br"), Reply(204, [])])
async def test_what_would_not_shrink_or_is_coded_stays_as_it_is(sent: Reply) -> None:
    assert await Packing(ALL, 1).packed(sent, "gzip, identity;q=0") == sent


async def test_a_large_body_is_compressed_beside_the_event_loop_to_the_same() -> None:
    body = json.dumps(list(range(LARGE))).encode()
    packed = await Packing(ALL, 1).packed(reply("application/json", body), "gzip")
    assert gzip.decompress(packed.body) == body

    async def parts() -> AsyncGenerator[bytes, None]:
        yield body

    assert gzip.decompress(b"".join([part async for part in InParts("gzip", parts())])) == body


@pytest.mark.parametrize(
    ("media_type", "coded"),
    [
        ('multipart/mixed; boundary="-"', True),
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0", False),
        ("text/event-stream; charset=utf-8", False),
    ],
)
async def test_of_streams_only_those_are_compressed_that_end(media_type: str, coded: bool) -> None:
    async def parts() -> AsyncGenerator[bytes, None]:
        yield b"one"
        yield b"two"

    sent = replace(reply(media_type), body=b"", parts=parts())
    packed = await Packing(ALL, 1_000).packed(sent, "gzip")
    assert packed.parts is not None
    found = [part async for part in packed.parts]
    assert (dict(packed.headers).get(b"content-encoding") == b"gzip") is coded
    if coded:
        read = zlib.decompressobj(31)
        found = [read.decompress(part) for part in found]
    assert [part for part in found if part] == [b"one", b"two"]


async def test_deferred_parts_are_compressed_one_by_one(served: Served) -> None:
    asked = {"query": "{ user(id: 1) { id ... @defer { name } } }"}
    headers = {"accept": "multipart/mixed;deferSpec=20220824, application/json", "accept-encoding": "gzip"}
    service = served.bench.services["users"]
    async with served.client.stream("POST", "/graphql", json=asked, headers=headers) as answer:
        text = "".join([part async for part in answer.aiter_text()])
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert text.rstrip().endswith("-----")
    assert '"name":"user 1"' in text
    assert len(service.calls) == 1


async def test_a_stream_that_is_given_up_ends_what_it_came_from() -> None:
    ended: list[bool] = []

    async def parts() -> AsyncGenerator[bytes, None]:
        try:
            yield b"one"
            yield b"two"
        finally:
            ended.append(True)

    stream = InParts("gzip", parts())
    await anext(stream)
    await stream.aclose()
    assert ended == [True]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
async def test_a_body_may_come_gzipped(served: Served, coding: str) -> None:
    answer = await served.post(gzip.compress(b'{"query": "{ total }"}'), content_encoding=coding)
    assert answer.json() == {"data": {"total": 3}}
    assert (await served.post(b'{"query": "{ total }"}', content_encoding="identity")).status_code == 200


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "gzip, identity", ""])
async def test_a_body_in_another_coding_is_415_and_says_what_would_be_right(served: Served, coding: str) -> None:
    answer = await served.post(gzip.compress(b'{"query": "{ total }"}'), content_encoding=coding)
    assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("size", [LIMIT + 1, 100 * 1024 * 1024])
async def test_a_body_that_unpacks_to_more_than_the_limit_is_413(served: Served, size: int) -> None:
    answer = await served.post(gzip.compress(b" " * size), content_encoding="gzip")
    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")


async def test_a_body_that_unpacks_to_the_limit_is_read(served: Served) -> None:
    body = b'{"query": "{ total }"}'
    answer = await served.post(gzip.compress(body + b" " * (LIMIT - len(body))), content_encoding="gzip")
    assert answer.json() == {"data": {"total": 3}}


@pytest.mark.parametrize("cut", [lambda packed: packed[:-4], lambda packed: packed + b"x", lambda _: b"{}"])
async def test_a_body_that_is_not_what_its_coding_says_is_400(served: Served, cut: object) -> None:
    assert callable(cut)
    answer = await served.post(cut(gzip.compress(b'{"query": "{ total }"}')), content_encoding="gzip")
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")
