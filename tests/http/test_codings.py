"""Which coding an answer has, and what a body in one unpacks to."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.endpoint.compress import inflated
from bff.negotiate import Coding, coding_of

ALL = ("zstd", "br", "gzip")


@pytest.mark.parametrize(
    ("accepted", "offered", "chosen"),
    [
        ("gzip", ALL, "gzip"),
        ("gzip, deflate, br, zstd", ALL, "zstd"),
        ("gzip, deflate, br, zstd", ("gzip", "br"), "gzip"),
        ("gzip;q=1.0, br;q=0.5", ALL, "gzip"),
        ("GZIP ; Q=0.3", ALL, "gzip"),
        ("x-gzip", ALL, "gzip"),
        ("*", ALL, "zstd"),
        ("zstd;q=0, *", ALL, "br"),
        ("*;q=0, br", ALL, "br"),
        ("identity, gzip", ALL, "gzip"),
        ("identity;q=0.5, gzip;q=0.8", ALL, "gzip"),
        ("identity, gzip;q=0.8", ALL, None),
        ("identity", ALL, None),
        ("", ALL, None),
        ("deflate, compress", ALL, None),
        ("gzip;q=0", ALL, None),
        ("gzip;q=2", ALL, None),
        ("gzip;q=nan", ALL, None),
        ("*;q=0", ALL, None),
        ("identity;q=0", ALL, None),
        ("gzip", (), None),
    ],
)
def test_the_coding_is_what_the_client_likes_best_and_of_equals_ours(
    accepted: str, offered: tuple[str, ...], chosen: str | None
) -> None:
    found = coding_of(accepted, offered)
    assert (found and found.name) == chosen


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ("gzip, identity;q=0", Coding("gzip", needed=True)),
        ("gzip, *;q=0", Coding("gzip", needed=True)),
        ("gzip, *;q=0, identity", Coding("gzip")),
        ("gzip", Coding("gzip")),
    ],
)
def test_it_is_known_whether_what_is_not_coded_is_not_accepted(accepted: str, found: Coding) -> None:
    assert coding_of(accepted, ALL) == found


@given(st.text(max_size=60), st.text(max_size=2_000))
def test_no_header_breaks_the_choice(accepted: str, longer: str) -> None:
    for text in (accepted, longer):
        found = coding_of(text, ALL)
        assert found is None or found.name in ALL


@given(st.binary(max_size=5_000), st.integers(0, 5_000))
def test_no_more_is_unpacked_than_may_be(raw: bytes, most: int) -> None:
    packed = gzip.compress(raw)
    if len(raw) > most:
        with pytest.raises(OverflowError):
            inflated(packed, most)
    else:
        assert inflated(packed, most) == raw
        for broken in (packed[:-1], packed + b"x", packed + packed, b"\0" + packed):
            with pytest.raises((ValueError, OverflowError)):
                inflated(broken, most)
