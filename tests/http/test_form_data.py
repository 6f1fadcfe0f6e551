"""multipart/form-data as it comes, and what is put aside of it: without sockets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.endpoint.form_data import Begin, End, Event, FormData
from bff.endpoint.spool import MEMORY, Spool
from bff.errors import BadRequest

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
