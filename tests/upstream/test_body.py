"""Reading whole and unpacking, without a network."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff import errors
from bff.upstreams import Reply, read
from bff.upstreams.seam import Headers

PACK: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "GZip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


def reply(body: bytes, coding: str | None, cuts: list[int] | None = None) -> Reply:
    """The body in one piece, or cut at those places and streamed."""
    headers: Headers = () if coding is None else (("content-encoding", coding),)
    return Reply("cities", 200, headers, body if cuts is None else _pieces(body, sorted(cuts)))


async def _pieces(body: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
        yield body[start:end]


def read_now(reply: Reply, most: int = 10_000) -> bytes:
    return asyncio.run(read(reply, max_decoded=most))


CUTS = st.none() | st.lists(st.integers(0, 50), max_size=5)


@given(body=st.binary(max_size=200), coding=st.sampled_from(list(PACK)), cuts=CUTS)
def test_what_was_packed_is_what_is_read_however_it_is_cut(
    body: bytes, coding: str | None, cuts: list[int] | None
) -> None:
    assert read_now(reply(PACK[coding](body), coding, cuts), len(body)) == body


@given(body=st.binary(min_size=1, max_size=200), coding=st.sampled_from(list(PACK)), cuts=CUTS)
def test_one_byte_over_the_cap_is_too_large(body: bytes, coding: str | None, cuts: list[int] | None) -> None:
    with pytest.raises(errors.UpstreamTooLarge):
        read_now(reply(PACK[coding](body), coding, cuts), len(body) - 1)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_unpacked_to_find_out(coding: str) -> None:
    packed = PACK[coding](bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(errors.UpstreamTooLarge):
        read_now(reply(packed, coding))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@given(body=st.binary(max_size=200), coding=st.sampled_from(["gzip", "deflate"]), cuts=CUTS, lost=st.integers(1, 200))
def test_a_packed_body_that_was_cut_short_is_malformed(
    body: bytes, coding: str, cuts: list[int] | None, lost: int
) -> None:
    packed = PACK[coding](body)
    with pytest.raises(errors.UpstreamMalformed):
        read_now(reply(packed[: max(1, len(packed) - lost)], coding, cuts))


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, identity", ""])
@pytest.mark.parametrize("cuts", [None, [1]])
def test_a_coding_that_nobody_asked_for_is_malformed(coding: str, cuts: list[int] | None) -> None:
    if coding:
        with pytest.raises(errors.UpstreamMalformed):
            read_now(reply(b"[]", coding, cuts))
    else:
        assert read_now(reply(b"[]", coding, cuts)) == b"[]"


@pytest.mark.parametrize("rest", [b"x", gzip.compress(b""), bytes(8)])
@pytest.mark.parametrize("cuts", [None, [5], [22]])
def test_bytes_after_the_packed_body_are_malformed(rest: bytes, cuts: list[int] | None) -> None:
    with pytest.raises(errors.UpstreamMalformed):
        read_now(reply(gzip.compress(b"{}") + rest, "gzip", cuts))


@pytest.mark.parametrize("coding", list(PACK))
@pytest.mark.parametrize("cuts", [None, []])
def test_nothing_unpacks_to_nothing(coding: str | None, cuts: list[int] | None) -> None:
    """HEAD and 304 announce a coding and send no body."""
    assert read_now(reply(b"", coding, cuts)) == b""


@pytest.mark.parametrize("coding", ["gzip", "br"])
@pytest.mark.parametrize("cuts", [None, [1]])
def test_a_reply_is_closed_with_what_went_wrong(coding: str, cuts: list[int] | None) -> None:
    ends: list[BaseException | None] = []
    answer = reply(b"not packed", coding, cuts)
    answer.on_close(ends.append)
    with pytest.raises(errors.UpstreamMalformed) as caught:
        read_now(answer)
    assert ends == [caught.value]


def test_closers_run_once_and_in_the_order_they_were_added() -> None:
    ran: list[str] = []
    answer = reply(b"{}", None)
    answer.on_close(lambda _: ran.append("wire"))
    answer.on_close(lambda _: ran.append("observer"))
    read_now(answer)
    answer.close()
    assert ran == ["wire", "observer"]
    assert repr(answer) == "<Reply cities 200 closed>"
