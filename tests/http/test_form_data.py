"""multipart/form-data as it comes, and what is put aside of it: without sockets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from bff.connectors import Incoming
from bff.endpoint.files import Files, UploadLimits
from bff.endpoint.form_data import Begin, End, Event, FormData
from bff.endpoint.spool import MEMORY, Spool
from bff.envelope import Envelope
from bff.errors import BadRequest, BffError

TYPE = "multipart/form-data; boundary=x"


def body(*parts: tuple[str, bytes]) -> bytes:
    written = [f"--x\r\n{head}\r\n\r\n".encode() + raw + b"\r\n" for head, raw in parts]
    return b"".join(written) + b"--x--\r\n"


def joined(events: list[Event]) -> list[Event]:
    """With pieces of content together, for where they are cut depends on how they came."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += event
        else:
            found.append(event)
    return found


@given(
    contents=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"\r\n--", b"\r\n--x", b"--x--", b"\r\n-"]))),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_however_it_comes_it_says_the_same(contents: list[bytes], cuts: list[int]) -> None:
    contents = [raw for raw in contents if b"\r\n--x" not in raw]
    raw = body(*((f'content-disposition: form-data; name="{at}"', each) for at, each in enumerate(contents)))
    form = FormData(TYPE)
    places = sorted({0, *(cut for cut in cuts if cut < len(raw)), len(raw)})
    found = [event for start, end in pairwise(places) for event in form.read(raw[start:end])]
    expected: list[Event] = []
    for at, each in enumerate(contents):
        expected += [Begin(str(at), None, ""), *([each] if each else []), End()]
    assert joined(found) == expected
    assert form.whole


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ('Content-Disposition: form-data; name="a"', Begin("a", None, "")),
        ("content-disposition: form-data; name=a; filename=b\r\ncontent-type: image/png", Begin("a", "b", "image/png")),
        ('content-disposition: form-data; name="a"; filename="/etc/passwd"', Begin("a", "passwd", "")),
        ('content-disposition: form-data; name="a"; filename="C:\\temp\\x.txt"', Begin("a", "x.txt", "")),
        ('content-disposition: form-data; name="a"; filename="日本.txt"', Begin("a", "日本.txt", "")),
        ('content-disposition: form-data; name="a"; filename=""', Begin("a", "", "")),
        ('content-disposition: form-data; name="a"; filename*=utf-8\'\'x; filename="y"', Begin("a", "y", "")),
    ],
)
def test_what_a_part_is_called(head: str, found: Begin) -> None:
    assert FormData(TYPE).read(body((head, b"")))[0] == found


@pytest.mark.parametrize(
    "head",
    [
        "content-type: text/plain",
        "content-disposition: attachment; name=a",
        "content-disposition: form-data",
        'content-disposition: form-data; name="a"\r\ncontent-transfer-encoding: BASE64',
        f'content-disposition: form-data; name="{"a" * 100_000}"',
        "\r\n".join([*(f"x-{n}: 1" for n in range(100)), "content-disposition: form-data; name=a"]),
    ],
)
def test_a_part_that_nobody_could_place_is_refused(head: str) -> None:
    with pytest.raises(BadRequest):
        FormData(TYPE).read(body((head, b"")))


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 300}"])
def test_a_type_without_a_boundary_that_could_be_is_refused(content_type: str) -> None:
    with pytest.raises(BadRequest):
        FormData(content_type)


@pytest.mark.parametrize("size", [10, MEMORY, MEMORY + 1, 3 * MEMORY])
async def test_what_is_put_aside_is_read_as_it_was_written(size: int) -> None:
    spool, raw, found = Spool(), bytes(range(256)) * (size // 256 + 1), b""
    for start in range(0, len(raw), 10_000):
        await spool.write(raw[start : start + 10_000])
        found += await spool.read(len(found))
    while len(found) < spool.size:
        found += await spool.read(len(found))
    spool.close()
    assert found == raw


LIMITS = UploadLimits(max_field=2_000, max_file=3_000, max_files=3, max_total=6_000, timeout=5)
OPERATIONS = b'{"query": "mutation M($a: Upload, $b: [Upload]) { m }", "variables": {"a": null, "b": [null, null]}}'
MAP = b'{"0": ["variables.a"], "1": ["variables.b.0"], "2": ["variables.b.1"]}'
FIELDS = [
    ('content-disposition: form-data; name="operations"', OPERATIONS),
    ('content-disposition: form-data; name="map"', MAP),
]


def files_of(raw: bytes, cuts: list[int]) -> Files:
    """The files of a body that comes in pieces."""
    places = sorted({0, *(cut for cut in cuts if cut < len(raw)), len(raw)})
    messages = [
        {"type": "http.request", "body": raw[start:end], "more_body": end < len(raw)} for start, end in pairwise(places)
    ]
    coming = iter(messages or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        await asyncio.sleep(0)
        return next(coming)

    return Files(FormData(TYPE), receive, LIMITS)


async def read_all(envelope: Envelope, order: list[int]) -> list[bytes]:
    files: list[Incoming] = [envelope.variables["a"], *envelope.variables["b"]]
    found = dict(zip(order, await asyncio.gather(*(files[at].read() for at in order)), strict=True))
    return [found[at] for at in range(3)]


@given(
    contents=st.lists(st.binary(max_size=900), min_size=3, max_size=3),
    sent=st.permutations(range(3)),
    wanted=st.permutations(range(3)),
    cuts=st.lists(st.integers(0, 3_500), max_size=10),
)
async def test_files_are_read_whole_whatever_the_order_they_come_in_and_are_wanted_in(
    contents: list[bytes], sent: list[int], wanted: list[int], cuts: list[int]
) -> None:
    contents = [raw.replace(b"\r\n--x", b"") for raw in contents]
    parts = [(f'content-disposition: form-data; name="{at}"; filename="f"', contents[at]) for at in sent]
    files = files_of(body(*FIELDS, *parts), cuts)
    assert await read_all(await files.envelope(), wanted) == contents
    assert await files.finished()
    files.close()


@given(
    at=st.integers(0, 900),
    instead=st.binary(max_size=20),
    length=st.integers(0, 60),
    cuts=st.lists(st.integers(0, 900), max_size=5),
)
async def test_whatever_comes_is_read_or_refused(at: int, instead: bytes, length: int, cuts: list[int]) -> None:
    parts = [(f'content-disposition: form-data; name="{n}"; filename="f"', b"content") for n in range(3)]
    raw = body(*FIELDS, *parts)
    files = files_of(raw[:at] + instead + raw[at + length :], cuts)
    with suppress(BffError):
        envelope = await files.envelope()
        for each in (envelope.variables.get("a"), *(envelope.variables.get("b") or ())):
            if isinstance(each, Incoming):
                await each.read()
    await files.finished()
    files.close()
