"""Heads of requests, to the byte."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bff.upstreams import Headers, Request
from bff.upstreams.head import CHUNKED, Heads


async def stream() -> AsyncIterator[bytes]:
    yield b"abc"


def written(
    method: str = "GET", target: str = "/", headers: Headers = (), body: Any = None, *, path: str = ""
) -> tuple[list[str], int]:
    head, length = Heads("cities:80", path).write(Request(method, target, 0.0, headers, body))
    lines = head.decode().split("\r\n")
    assert lines[-2:] == ["", ""]
    return lines[:-2], length


OURS = ["host: cities:80", "user-agent: bff", "accept-encoding: gzip"]


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("", "", "/"),
        ("", "/", "/"),
        ("", "?", "/?"),
        ("", "?a=b", "/?a=b"),
        ("", "/a?", "/a?"),  # an empty query is another URI than none (RFC 3986 6.2.3)
        ("", "//192.0.2.1/x", "//192.0.2.1/x"),
        ("/api", "", "/api"),
        ("/api", "/a/../b;c=%2F", "/api/a/../b;c=%2F"),  # never resolved
        ("/api", "?a=b", "/api?a=b"),
    ],
)
def test_a_target_is_put_below_the_base_as_it_is(path: str, target: str, expected: str) -> None:
    assert written(target=target, path=path) == ([f"GET {expected} HTTP/1.1", *OURS], 0)


@pytest.mark.parametrize(
    ("method", "body", "headers", "framing", "length"),
    [
        ("GET", None, (), [], 0),
        ("HEAD", b"", (), [], 0),
        ("POST", None, (), ["content-length: 0"], 0),
        ("DELETE", b"", (), ["content-length: 0"], 0),
        ("POST", b"abc", (), ["content-length: 3"], 3),
        ("GET", b"abc", (), ["content-length: 3"], 3),
        ("POST", b"abc", (("content-length", "3"),), ["content-length: 3"], 3),
        ("PUT", stream(), (), ["transfer-encoding: chunked"], CHUNKED),
        ("PUT", stream(), (("content-length", "3"),), ["content-length: 3"], 3),
    ],
)
def test_a_body_is_framed_once(method: str, body: Any, headers: Headers, framing: list[str], length: int) -> None:
    assert written(method, "/", headers, body) == ([f"{method} / HTTP/1.1", *OURS, *framing], length)


@pytest.mark.parametrize("name", ["host", "user-agent", "accept-encoding", "User-Agent"])
def test_what_is_given_replaces_ours(name: str) -> None:
    lines, _ = written(headers=((name, "x"), ("x-tag", "b"), ("x-tag", "a")))
    others = [line for line in OURS if not line.startswith(name.lower())]
    assert lines == ["GET / HTTP/1.1", *others, f"{name}: x", "x-tag: b", "x-tag: a"]


@pytest.mark.parametrize(
    "headers", [(("content-length", "4"),), (("content-length", "+3"),), (("content-length", ""),)]
)
def test_a_length_that_is_not_the_bodys_is_a_defect(headers: Headers) -> None:
    with pytest.raises(ValueError, match="body"):
        written("POST", "/", headers, b"abc")


@pytest.mark.parametrize("body", [None, b"abc", stream()])
def test_framing_is_never_taken_from_the_headers(body: Any) -> None:
    with pytest.raises(ValueError, match="framing"):
        written("POST", "/", (("Transfer-Encoding", "chunked"),), body)


@pytest.mark.parametrize("method", ["", "GET ", "GET /x HTTP/1.1\r\nx:", "G\0T", "CONNECT", "Ł"])
def test_a_method_that_is_no_word_or_makes_a_tunnel_is_a_defect(method: str) -> None:
    with pytest.raises(ValueError, match="not a method"):
        written(method)


@pytest.mark.parametrize("name", ["", "x y", "x:", "x: y", "x\ny", "x\r\ny", "Łódź"])
def test_a_header_whose_name_is_no_word_is_a_defect(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        written(headers=((name, "x"),))


TEXT = st.text(max_size=8)


@given(method=st.just("GET") | TEXT, target=st.just("/") | TEXT, headers=st.lists(st.tuples(TEXT, TEXT), max_size=3))
@example(method="GET", target="/", headers=[("x", "1\r\ny: 2")])
def test_a_head_has_as_many_lines_as_it_was_given_or_is_refused(
    method: str, target: str, headers: list[tuple[str, str]]
) -> None:
    """Whatever a record holds, it is one message on the wire."""
    request = Request(method, target, 0.0, tuple(headers))
    try:
        head, _ = Heads("cities", "").write(request)
    except ValueError:
        return
    start, *lines, empty, end = head.split(b"\r\n")
    assert (empty, end) == (b"", b"")
    assert start.count(b" ") == 2
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert len(lines) - len(headers) in range(5)
