"""The corpus of request targets: what passes untouched, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.errors import UnsafePath
from bff.proxy.paths import read

PASSES = {
    "/": ("",),
    "/a/b": ("a", "b"),
    "/a/": ("a", ""),
    "/a%20b": ("a b",),
    "/%41": ("A",),
    "/caf%C3%A9": ("café",),
    "/caf%c3%a9": ("café",),
    "/a+b": ("a+b",),
    "/a|b": ("a|b",),
    "/a%7Cb": ("a|b",),
    '/a"<>^`{}b': ('a"<>^`{}b',),
    "/a%3Bb": ("a;b",),
    "/a%3Fb%23c": ("a?b#c",),
    "/a:@!$&'()*,=~-._b": ("a:@!$&'()*,=~-._b",),
    "/...": ("...",),
    "/.well-known/x": (".well-known", "x"),
    "/a..b": ("a..b",),
    "/100%25": ("100%",),
    "/100%25/x": ("100%", "x"),
    "/a?": ("a",),
    "/a?b=../..//;%00%2f%zz": ("a",),
    "/a??": ("a",),
    "/a?x=http://evil/": ("a",),
}

REFUSED = [
    "",
    "*",
    "a",
    "http://evil/x",
    "evil:443",
    "//evil/x",
    "/a//b",
    "/a//",
    "/..",
    "/../etc/passwd",
    "/a/../b",
    "/a/..",
    "/./a",
    "/a/.",
    "/%2e%2e/x",
    "/%2E%2E/x",
    "/.%2e/x",
    "/%2e./x",
    "/a/%2e",
    "/a%2fb",
    "/a%2Fb",
    "/%2f",
    "/a%5cb",
    "/a%5Cb",
    "/a\\b",
    "/..\\x",
    "/a%00b",
    "/a%0d%0aX:%20y",
    "/a%7f",
    "/a%c2%85b",
    "/a;b=c",
    "/..;/x",
    "/a;/b",
    "/%252e%252e/x",
    "/%25%32%65",
    "/a%252fb",
    "/a%25%33%62b",
    "/a%252525",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a%u002e",
    "/%c0%ae%c0%ae/x",
    "/%ff",
    "/%ed%a0%80",
    "/caf%e9",
    "/a b",
    "/a\tb",
    "/a#b",
    "/a?b#c",
    "/a?b c",
    "/caf\xe9",
]


@pytest.mark.parametrize("raw", PASSES)
def test_a_safe_target_is_read_by_segments_and_kept_as_it_came(raw: str) -> None:
    target = read(raw.encode())
    assert target.segments == PASSES[raw]
    assert target.below(0, "") == raw


@pytest.mark.parametrize("raw", REFUSED)
def test_a_target_that_could_be_read_otherwise_is_refused(raw: str) -> None:
    with pytest.raises(UnsafePath):
        read(raw.encode("latin-1"))


@pytest.mark.parametrize(
    ("raw", "dropped", "prefix", "below"),
    [
        ("/api/a%20b?x", 1, "", "/a%20b?x"),
        ("/api/a", 1, "/v2/b", "/v2/b/a"),
        ("/api/", 1, "", "/"),
        ("/%61pi/x", 1, "/v2", "/v2/x"),
        ("/a/b/c/?", 2, "", "/c/?"),
        ("/a", 0, "/v2", "/v2/a"),
        ("/api", 1, "/v2", "/v2"),
    ],
)
def test_a_prefix_is_replaced_and_the_rest_stays_raw(raw: str, dropped: int, prefix: str, below: str) -> None:
    assert read(raw.encode()).below(dropped, prefix) == below


@given(st.text("./%2e5cf;\\ab?", max_size=12))
def test_what_passes_has_one_reading_however_often_it_is_decoded(text: str) -> None:
    try:
        target = read(f"/{text}".encode())
    except UnsafePath:
        return
    for segment in target.segments:
        assert segment not in {".", ".."}
        assert not set(segment) & set("/\\\x00")
    assert "" not in target.segments[:-1]
