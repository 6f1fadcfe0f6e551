"""Files that come beside a mutation, over sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.http.conftest import serving, until
from tests.http.storage import Storing, storing
from tests.http.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUT = "mutation Put($id: ID!, $file: Upload!) { put(id: $id, file: $file) { id size sha256 type } }"
ALBUM = 'mutation M($photos: [Upload!]!) { album(title: "a", photos: $photos) { name size } }'
PNG = ("photo.png", b"\x89PNG" * 1000, "image/png")
LIMITS = "graphql: {uploads: {max_file: 1MiB, max_files: 3, max_total: 2MiB}}\nlimits: {max_body: 2KiB}"
KiB = 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_gateway() -> AsyncIterator[Storing]:
    async with storing(LIMITS) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(one_gateway: Storing) -> AsyncIterator[Storing]:
    yield one_gateway
    while one_gateway.wires:
        await one_gateway.wires.pop().close()
    await one_gateway.idle()
    storage = one_gateway.storage
    storage.came = storage.begun = storage.broken = 0
    storage.gate.set()


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


async def test_a_file_reaches_the_service_with_its_type(gateway: Storing) -> None:
    answer = await gateway.send(PUT, {"id": "1", "file": None}, {"0": ["variables.file"]}, {"0": PNG})
    assert (answer.status_code, answer.json()) == (
        200,
        {"data": {"put": {"id": "1", "size": 4000, "sha256": digest(PNG[1]), "type": "image/png"}}},
    )


async def test_a_connector_may_say_what_type_it_is(gateway: Storing) -> None:
    query = PUT.replace("put(", "putPng(")
    answer = await gateway.send(
        query, {"id": "1", "file": None}, {"0": ["variables.file"]}, {"0": ("a", b"x", "text/x")}
    )
    assert answer.json()["data"]["putPng"]["type"] == "image/png"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_files_and_fields_become_parts_of_one_body_in_whatever_order_they_come(
    gateway: Storing, order: tuple[int, ...]
) -> None:
    query = """mutation M($input: AlbumInput!) { createAlbum(input: $input) { name filename type size sha256 } }"""
    sizes = [10, 300 * KiB, 200 * KiB]  # so that some are put aside in memory, and some in a file
    parts = [(str(n), (f"photo {n}.png", bytes([n]) * sizes[n], "image/png")) for n in range(3)]
    mapped = {"0": ["variables.input.cover"], "1": ["variables.input.photos.0"], "2": ["variables.input.photos.1"]}
    variables = {"input": {"title": "Zoë", "cover": None, "photos": [None, None]}}
    answer = await gateway.send(query, variables, mapped, [parts[n] for n in order])
    title, *files = answer.json()["data"]["createAlbum"]
    assert (title["name"], title["sha256"]) == ("title", digest("Zoë".encode()))
    assert [file["name"] for file in files] == ["cover", "photos", "photos"]
    assert [file["filename"] for file in files] == [f"photo {n}.png" for n in range(3)]
    assert [(file["size"], file["sha256"]) for file in files] == [
        (sizes[n], digest(bytes([n]) * sizes[n])) for n in range(3)
    ]


async def test_what_was_put_aside_is_gone_with_its_request(gateway: Storing) -> None:
    mapped = {"0": ["variables.photos.1"], "1": ["variables.photos.0"]}
    files = [(name, ("f", b"x" * 300 * KiB)) for name in ("0", "1")]
    before = unnamed()
    answer = await gateway.send(ALBUM, {"photos": [None, None]}, mapped, files)
    assert [part["size"] for part in answer.json()["data"]["album"]] == [1, 300 * KiB, 300 * KiB]
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    await chunk(wire, head({"photos": [None, None]}, mapped, ALBUM) + part("0", b"x" * 300 * KiB))
    await until(lambda: len(unnamed()) > len(before))
    await wire.close()
    await gateway.idle()
    assert len(unnamed()) == len(before)


def unnamed() -> list[str]:
    """The temporary files of this process that have no name."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(link.readlink()))
    return [path for path in found if path.startswith(gettempdir()) and path.endswith("(deleted)")]


async def test_a_list_of_files_and_a_text(gateway: Storing) -> None:
    mapped = {"a": ["variables.photos.0"], "b": ["variables.photos.1"]}
    answer = await gateway.send(ALBUM, {"photos": [None, None]}, mapped, [("a", ("x", b"1")), ("b", ("y", b"22"))])
    assert [part["size"] for part in answer.json()["data"]["album"]] == [1, 1, 2]


async def test_code_reads_a_file_and_knows_what_it_is_called(gateway: Storing) -> None:
    query = "mutation M($file: Upload!) { digest(file: $file) }"
    file = ("../../etc/pass\\wörd.txt", b"x" * 100_000, "text/plain")
    answer = await gateway.send(query, {"file": None}, {"0": ["variables.file"]}, {"0": file})
    assert answer.json() == {"data": {"digest": f"wörd.txt text/plain {digest(b'x' * 100_000)}"}}


async def test_code_hands_a_file_on_while_it_comes(gateway: Storing) -> None:
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    query = "mutation M($file: Upload!) { handOn(file: $file) }"
    await chunk(wire, head({"file": None}, {"0": ["variables.file"]}, query) + part("0", b"a" * 5_000))
    await until(lambda: gateway.storage.came >= 4_990)
    await chunk(wire, b"b" * 5_000 + END)
    await chunk(wire, b"")
    assert json.loads((await wire.answer()).body) == {"data": {"handOn": 10_000}}


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("mutation M($a: Upload!, $b: Upload!) { x: digest(file: $a) y: digest(file: $b) }", ["a", "b"]),
        ("mutation M($a: Upload!) { x: digest(file: $a) y: digest(file: $a) }", ["a"]),
    ],
)
async def test_one_file_may_go_to_two_places(gateway: Storing, query: str, paths: list[str]) -> None:
    raw = b"z" * 200_000
    mapped = {"0": [f"variables.{path}" for path in paths]}
    answer = await gateway.send(query, dict.fromkeys(paths), mapped, {"0": ("f", raw)})
    assert {each.split()[-1] for each in answer.json()["data"].values()} == {digest(raw)}


async def test_an_empty_file_is_a_file(gateway: Storing) -> None:
    answer = await gateway.send(PUT, {"id": "1", "file": None}, {"0": ["variables.file"]}, {"0": ("e", b"")})
    assert answer.json()["data"]["put"]["size"] == 0


async def test_a_connection_serves_on_after_a_file_that_was_read(gateway: Storing) -> None:
    for _ in range(2):
        answer = await gateway.send(PUT, {"id": "1", "file": None}, {"0": ["variables.file"]}, {"0": PNG})
        assert "connection" not in answer.headers
    assert (await gateway.ask("{ total }")).json() == {"data": {"total": 2}}


# What is sent piece by piece


def head(variables: dict[str, Any], mapped: dict[str, Any], query: str = PUT) -> bytes:
    operations = json.dumps({"query": query, "variables": variables})
    fields = {"operations": operations, "map": json.dumps(mapped)}
    return b"".join(
        f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    )


def part(name: str, raw: bytes = b"", filename: str = "f") -> bytes:
    line = f'--x\r\ncontent-disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return line.encode() + raw


ONE = head({"id": "1", "file": None}, {"0": ["variables.file"]})
LINES = ("POST /graphql HTTP/1.1", "content-type: multipart/form-data; boundary=x", "graphql-require-preflight: 1")
CHUNKED = (*LINES, "transfer-encoding: chunked")


async def chunk(wire: Wire, raw: bytes) -> None:
    wire.writer.write(b"%x\r\n%b\r\n" % (len(raw), raw))
    await wire.writer.drain()


async def test_a_file_is_on_its_way_to_the_service_before_it_has_come(gateway: Storing) -> None:
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    await chunk(wire, ONE + part("0", b"a" * 5_000))
    await until(lambda: gateway.storage.came >= 4_990)
    await chunk(wire, b"b" * 5_000)
    await until(lambda: gateway.storage.came >= 9_990)
    await chunk(wire, b"\r\n--x--\r\n")
    await chunk(wire, b"")
    answer = await wire.answer()
    assert json.loads(answer.body)["data"]["put"]["sha256"] == digest(b"a" * 5_000 + b"b" * 5_000)


async def test_a_service_that_does_not_read_stops_who_sends() -> None:
    size = 40 * 1024 * KiB
    async with storing(
        "graphql: {uploads: {max_file: 100MiB, max_total: 100MiB}}", ", timeout: 20s, connect_timeout: 20s"
    ) as gateway:
        gateway.storage.gate.clear()
        wire = await gateway.wire()
        await wire.send(*LINES, f"content-length: {len(ONE) + len(part('0')) + size + 9}")
        wire.writer.write(ONE + part("0"))
        sending = asyncio.ensure_future(poured(wire, size))
        await until(lambda: gateway.storage.came > 0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sending), 1)  # what is between does not hold 40 MiB
        gateway.storage.gate.set()
        await sending
        assert json.loads((await wire.answer()).body)["data"]["put"]["size"] == size


async def poured(wire: Wire, size: int) -> None:
    for _ in range(size // (64 * KiB)):
        wire.writer.write(b"x" * 64 * KiB)
        await wire.writer.drain()
    wire.writer.write(b"\r\n--x--\r\n")


async def test_a_client_that_leaves_while_it_sends_ends_the_call(gateway: Storing) -> None:
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    await chunk(wire, ONE + part("0", b"a" * 5_000))
    await until(lambda: gateway.storage.came > 0)
    await wire.close()
    await until(lambda: gateway.storage.broken == 1)
    await gateway.idle()
    assert gateway.bench.listener.failures == []


async def test_a_client_that_stops_sending_is_not_waited_for() -> None:
    async with storing("graphql: {uploads: {timeout: 300ms}}") as gateway:
        for sent in (ONE[:50], ONE + part("0", b"a" * 5_000)):
            wire = await gateway.wire()
            await wire.send(*CHUNKED)
            await chunk(wire, sent)
            answer = await wire.answer()
            assert (answer.status, answer.headers["connection"]) == (408, "close")
            assert json.loads(answer.body)["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"


# What is refused


async def refused(gateway: Storing, body: bytes, *lines: str) -> tuple[int, dict[str, Any]]:
    wire = await gateway.wire()
    await wire.send(*(lines or LINES), f"content-length: {len(body)}", body=body)
    answer = await wire.answer()
    return answer.status, json.loads(answer.body)["errors"][0]


END = b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (part("0", b"x") + END, "'operations' is missing"),
        (b"--x\r\n" + ONE.split(b"--x\r\n")[1] + part("0", b"x") + END, "'map' is missing"),
        (head({"id": "1", "file": None}, {}) + END, "is empty"),
        (head({"id": "1", "file": None}, {"0": []}) + END, "must be an object of lists"),
        (head({"id": "1", "file": None}, {"0": "variables.file"}) + END, "must be an object of lists"),
        (head({"id": "1", "file": None}, {"0": [1]}) + END, "must be an object of lists"),
        (head({"id": "1", "file": None}, {"0": ["variables.nope"]}) + END, "has no null"),
        (head({"id": "1", "file": None}, {"0": ["file"]}) + END, "has no null"),
        (head({"id": "1", "file": None}, {"0": ["query"]}) + END, "has no null"),
        (head({"id": "1", "file": "x"}, {"0": ["variables.file"]}) + END, "has no null"),
        (head({"id": "1", "file": None}, {"0": ["variables.file"], "1": ["variables.file"]}) + END, "has no null"),
        (head({"id": "1", "file": [None]}, {"0": ["variables.file.1"]}) + END, "has no null"),
        (head({"id": "1", "file": [None]}, {"0": ["variables.file.-1"]}) + END, "has no null"),
        (head({"id": "1"}, {"0": ["variables." + ".".join("a" * 100)]}) + END, "has no null"),
        (head({"id": "1", "file": None}, {"0": ["variables.file"] * 101}) + END, "more than 100 places"),
        (b"nonsense", "not valid multipart/form-data"),
        (b"--x\r\ncontent-disposition: form-data\r\n\r\n" + END, "has no name"),
        (b'--x\r\ncontent-disposition: form-data; name="\xff"\r\n\r\n' + END, "not UTF-8"),
        (b"--x\r\nno head\r\n\r\n" + END, "not valid multipart/form-data"),
        (ONE, "ended early"),
        (ONE.replace(b'{"query"', b'[{"query"') + END, "not valid JSON"),
    ],
)
async def test_a_body_that_is_no_such_request_is_400_before_anything_runs(
    gateway: Storing, body: bytes, says: str
) -> None:
    status, error = await refused(gateway, body)
    assert (status, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert says in error["message"]
    assert gateway.storage.begun == 0


TWO = head({"photos": [None, None]}, {"0": ["variables.photos.0"], "1": ["variables.photos.1"]}, ALBUM)
ENCODED = b'--x\r\ncontent-disposition: form-data; name="0"\r\ncontent-transfer-encoding: base64\r\n\r\neA=='


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (ONE + END, "names the file '0', which did not come"),
        (TWO + part("1", b"x") + END, "names the file '0', which did not come"),
        (ONE + part("1", b"x") + END, "A file came that field 'map' does not name."),
        (TWO + part("0", b"x") + b"\r\n" + part("0", b"y") + END, "Two files came by one name."),
        (ONE + part("0", b"x" * 10), "The body ended early."),
        (ONE + ENCODED + END, "is encoded"),
        (ONE + part("0", b"x")[:-20], "The body ended early."),
    ],
)
async def test_a_file_that_is_not_what_was_announced_is_400(gateway: Storing, body: bytes, says: str) -> None:
    status, error = await refused(gateway, body)
    assert (status, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert says in error["message"]
    await until(lambda: gateway.storage.broken == gateway.storage.begun)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"0": b"x" * (1024 * KiB + 1)}, "A file is over the limit of 1048576 bytes."),
        ({str(n): b"x" for n in range(4)}, "The request has 4 files; at most 3 are accepted."),
        ({str(n): b"x" * 900 * KiB for n in range(3)}, "The files are over the limit of 2097152 bytes together."),
    ],
)
async def test_files_over_a_limit_are_413(gateway: Storing, files: dict[str, bytes], says: str) -> None:
    mapped = {name: [f"variables.photos.{name}"] for name in files}
    answer = await gateway.send(ALBUM, {"photos": [None] * len(files)}, mapped, files)
    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")
    assert answer.json()["errors"][0]["message"] == says
    assert "data" not in answer.json()


async def test_a_file_of_exactly_the_limit_is_taken(gateway: Storing) -> None:
    raw = b"x" * 1024 * KiB
    answer = await gateway.send(PUT, {"id": "1", "file": None}, {"0": ["variables.file"]}, {"0": raw})
    assert answer.json()["data"]["put"]["size"] == len(raw)


async def test_what_is_announced_over_the_limit_is_not_asked_for(gateway: Storing) -> None:
    wire = await gateway.wire()
    await wire.send(*LINES, "content-length: 3000000", "expect: 100-continue")
    answer = await wire.answer()
    assert (answer.status, answer.headers["connection"]) == (413, "close")


async def test_operations_over_the_limit_of_a_body_are_413(gateway: Storing) -> None:
    status, error = await refused(gateway, head({"id": "x" * 2_100, "file": None}, {"0": ["variables.file"]}) + END)
    assert (status, error["extensions"]["code"]) == (413, "REQUEST_TOO_LARGE")


async def test_a_body_that_a_form_could_send_is_403(gateway: Storing) -> None:
    status, error = await refused(gateway, ONE + part("0", b"x") + END, *LINES[:2])
    assert (status, error["extensions"]["code"]) == (403, "CROSS_SITE_REFUSED")
    assert "graphql-require-preflight" in error["message"]
    for header in ("apollo-require-preflight: true", "x-apollo-operation-name: Put", "authorization: Bearer x"):
        wire = await gateway.wire()
        body = ONE + part("0", b"x") + END
        await wire.send(*LINES[:2], header, f"content-length: {len(body)}", body=body)
        assert (await wire.answer()).status == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("query Q($file: Upload) { peek(file: $file) }", (400, "BAD_REQUEST")),
        ("mutation M($file: Upload) { nope(file: $file) }", (400, "GRAPHQL_VALIDATION_FAILED")),
        ("mutation M($file: Int) { nothing }", (400, "GRAPHQL_VALIDATION_FAILED")),
    ],
)
async def test_an_operation_that_cannot_run_is_refused_before_its_files_are_read(
    gateway: Storing, query: str, expected: tuple[int, str]
) -> None:
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    await chunk(wire, head({"file": None}, {"0": ["variables.file"]}, query) + part("0"))
    answer = await wire.answer()  # the file has not come
    error = json.loads(answer.body)["errors"][0]
    assert (answer.status, error["extensions"]["code"]) == expected
    assert answer.headers["connection"] == "close"


async def test_it_is_priced_before_its_files_are_read() -> None:
    async with storing("limits: {max_price: 1}") as gateway:
        wire = await gateway.wire()
        await wire.send(*CHUNKED)
        await chunk(wire, head({"photos": [None]}, {"0": ["variables.photos.0"]}, ALBUM) + part("0"))
        answer = await wire.answer()
        assert (answer.status, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (
            400,
            "OPERATION_TOO_EXPENSIVE",
        )


async def test_a_file_that_nobody_wants_is_not_read_and_its_connection_ends(gateway: Storing) -> None:
    wire = await gateway.wire()
    await wire.send(*CHUNKED)
    query = "mutation M($file: Upload) { nothing(file: $file) }"
    await chunk(wire, head({"file": None}, {"0": ["variables.file"]}, query) + part("0"))
    answer = await wire.answer()
    assert json.loads(answer.body) == {"data": {"nothing": 1}}
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "query",
    [
        'mutation { put(id: 1, file: "text") { size } }',
        "mutation M($file: Upload!) { put(id: 1, file: $file) { size } }",
    ],
)
async def test_nothing_but_a_file_is_taken_for_one(gateway: Storing, query: str) -> None:
    answer = await gateway.ask(query, {"file": "text"} if "$" in query else None)
    assert answer.status_code == 400
    assert code(answer) in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert gateway.storage.begun == 0


async def test_batches_have_no_files(gateway: Storing) -> None:
    status, error = await refused(
        gateway, ONE.replace(b"\r\n\r\n{", b"\r\n\r\n[{", 1).replace(b"}}\r\n", b"}}]\r\n", 1) + END
    )
    assert status == 400
    assert error["message"].startswith("Batched operations have no files")


async def test_where_no_file_can_be_sent_a_form_is_415() -> None:
    async with serving() as served:
        answer = await served.client.post("/graphql", files={"0": b"x"}, headers={"graphql-require-preflight": "1"})
        assert answer.status_code == 415
