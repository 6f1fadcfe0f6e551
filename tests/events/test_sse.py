"""Server-sent events by the letter: cases of the standard, and an oracle that reads the whole text at once."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.events.sse import Parser, ServerEvent, TooLarge


def parsed(text: str | bytes, most: int = 1_000) -> list[tuple[str, ...]]:
    return [tuple(event) for event in Parser(most).feed(text if isinstance(text, bytes) else text.encode())]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
        (": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
         [("message", "first event", "1"), ("message", "second event", ""), ("message", " third event", "")]),
        ("data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
        ("data:test\n\ndata: test\n\n", [("message", "test", "")] * 2),
        ("event: add\ndata: 7\n\ndata: 8\n\n", [("add", "7", ""), ("message", "8", "")]),
        ("event: add\n\ndata: 8\n\n", [("message", "8", "")]),
        ("id: a\n\ndata: 1\n\n", [("message", "1", "a")]),
        ("id: a\0b\ndata: 1\n\n", [("message", "1", "")]),
        ("data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", [("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
        ("\ufeffdata: a\n\n", [("message", "a", "")]),
        ("\ufeff\ufeffdata: a\n\n", []),
        ("DATA: a\nfoo: b\n data: c\n\n", []),
        ("data: a:b: c\n\n", [("message", "a:b: c", "")]),
        ("data: never ended\n", []),
    ],
)  # fmt: skip
def test_the_cases_of_the_standard(text: str, events: list[tuple[str, str, str]]) -> None:
    assert parsed(text) == events


def test_what_is_no_utf_8_is_replaced() -> None:
    assert parsed(b"data: \xff\xc3\n\n") == [("message", "\ufffd\ufffd", "")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("retry: 1500\n", 1.5), ("retry: 0\n", 0.0), ("retry: soon\n", None), ("retry: -1\n", None), ("retry: ٣\n", None)],
)
def test_a_wait_is_in_ascii_digits(text: str, seconds: float | None) -> None:
    parser = Parser(100)
    parser.feed(text.encode())
    assert parser.retry == seconds


def test_an_id_holds_for_the_events_after_it_and_for_the_next_stream() -> None:
    parser = Parser(100, "before")
    assert parser.feed(b"data: a\n\nid: 7\ndata: b\n\ndata: c\n\n") == [
        ServerEvent("message", "a", "before"),
        ServerEvent("message", "b", "7"),
        ServerEvent("message", "c", "7"),
    ]
    assert parser.last_id == "7"


def test_an_id_counts_once_its_event_has_ended() -> None:
    parser = Parser(100)
    parser.feed(b"id: 7\ndata: a\n")
    assert parser.last_id == ""
    parser.feed(b"\n")
    assert parser.last_id == "7"


@pytest.mark.parametrize(
    "text", [b"data: " + b"x" * 100, b":" + b"x" * 100 + b"\n", b"data: xxxx\n" * 30, b"data\n" * 200]
)
def test_lines_and_events_are_bounded(text: bytes) -> None:
    with pytest.raises(TooLarge):
        fed_bit_by_bit(Parser(100), text)


def test_an_event_of_just_the_most_is_none_too_many() -> None:
    assert parsed("data:" + "x" * 95 + "\n\n", most=100) == [("message", "x" * 95, "")]


def fed_bit_by_bit(parser: Parser, text: bytes) -> None:
    for at in range(len(text)):
        parser.feed(text[at : at + 1])


def oracle(raw: bytes) -> list[tuple[str, str, str]]:
    """The standard's rules, over all of the text at once."""
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = re.split("\r\n|\n|\r", text)[:-1]
    found, name, data, last, pending = [], "", "", "", ""
    for line in lines:
        if not line:
            last = pending
            if data:
                found.append((name or "message", data[:-1], last))
            name, data = "", ""
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data += f"{value}\n"
        elif field == "id" and "\0" not in value:
            pending = value
    return found


PIECES = st.sampled_from(
    [
        b"data",
        b"event",
        b"id",
        b"retry",
        b":",
        b": ",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"x",
        b"\0",
        b"\xef\xbb\xbf",
    ]
) | st.binary(max_size=3)


@given(st.lists(PIECES, max_size=60), st.lists(st.integers(0, 60), max_size=20))
def test_how_the_bytes_were_cut_does_not_matter(pieces: list[bytes], cuts: list[int]) -> None:
    text = b"".join(pieces)
    places = [0, *sorted({min(cut, len(text)) for cut in cuts}), len(text)]
    parser = Parser(10_000)
    found: list[tuple[str, ...]] = []
    for start, end in pairwise(places):
        found += [tuple(event) for event in parser.feed(text[start:end])]
    assert found == oracle(text)
