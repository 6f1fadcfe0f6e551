"""Heads that are remembered: which, how many, and what is found again."""

from __future__ import annotations

import pytest

from bff.upstreams.seen import LONGEST, MOST, Seen

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
HEADERS = [(b"content-length", b"2")]


def _seen(data: bytes = HEAD + b"{}", length: int = 2) -> Seen:
    seen = Seen()
    seen.keep(data, 200, HEADERS, length)
    return seen


def test_an_answer_with_the_same_head_is_known() -> None:
    assert _seen().of(HEAD + b"[]") == ((200, HEADERS, 2), b"[]")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n{}",
        HEAD,
        HEAD + b"{",
        HEAD + b"{}\n",
        HEAD + b"{}" + HEAD,
        HEAD[:-1],
        b"\r\n" + HEAD + b"{}",
        HEAD.lower() + b"{}",
        HEAD[:-2] + b"x: y\r\n\r\n{}",
    ],
)
def test_anything_else_is_not(data: bytes) -> None:
    assert _seen().of(data) is None


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"HTTP/1.1 103 Early\r\n\r\n" + HEAD + b"{}", 2),
        (HEAD.replace(b"\r", b"") + b"{}", 2),
        (HEAD.replace(b"\r", b"") + b"\r\n\r\n", 4),
        (HEAD[:-2] + b"x: " + b"y" * LONGEST + b"\r\n\r\n{}", 2),
    ],
)
def test_what_does_not_begin_with_one_plain_head_is_not_remembered(data: bytes, length: int) -> None:
    assert _seen(data, length).of(data) is None


def test_so_many_are_remembered_and_the_oldest_gives_way() -> None:
    seen = Seen()
    heads = [b"HTTP/1.1 204 %d\r\n\r\n" % number for number in range(MOST + 1)]
    for head in heads:
        seen.keep(head, 204, [], 0)
    assert [head for head in heads if seen.of(head) is None] == heads[:1]
