"""Answers that are no JSON: text in its charset, bytes as base64, and nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest

from bff import codec
from bff.connectors.media import decoder, is_json, is_media, is_text, text_decoder


@pytest.mark.parametrize(
    ("accept", "content_type", "raw", "value"),
    [
        ("application/json", "text/html", b'{"a": 1}', {"a": 1}),
        ("application/vnd.github+json", None, b"[]", []),
        ("text/plain", None, "é".encode(), "é"),
        ("text/plain", "text/plain; charset=ISO-8859-1", b"\xe9", "é"),
        ("text/csv", 'text/csv; header=present; charset="utf-16le"', "é".encode("utf-16-le"), "é"),
        ("text/plain", "text/plain", b"", ""),
        ("application/xml", "application/xml", b"<a/>", "<a/>"),
        ("image/svg+xml", None, b"<svg/>", "<svg/>"),
        ("image/png", "image/png", b"\x89PNG", "iVBORw=="),
        ("*/*", "text/plain", b"a", "YQ=="),
        ("application/octet-stream", None, b"", ""),
    ],
)
def test_an_answer_is_read_as_what_was_asked_for(accept: str, content_type: str | None, raw: bytes, value: Any) -> None:
    decode = decoder(accept) or text_decoder(content_type)
    assert decode(raw) == value


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "hex", "nothing", "utf-8\0"])
def test_a_charset_that_is_none_is_not_followed(charset: str) -> None:
    with pytest.raises(ValueError, match="charset"):
        text_decoder(f"text/plain; charset={charset}")(b"abc")


def test_bytes_that_are_not_in_their_charset_are_not_replaced() -> None:
    with pytest.raises(ValueError, match="not in its charset"):
        text_decoder(None)(b"\xff")


def test_a_decoder_is_the_same_each_time_so_that_what_it_made_can_be_shared() -> None:
    assert decoder("application/json") is decoder("application/problem+json") is codec.decode_answer
    assert text_decoder("text/plain") is text_decoder("text/csv; charset=UTF-8")
    assert decoder("image/png") is decoder("image/gif")


@pytest.mark.parametrize(
    ("text", "media", "json", "readable"),
    [
        ("application/json", True, True, False),
        ("application/problem+json; charset=utf-8", True, True, False),
        ('text/plain; charset=utf-8; x="a b"', True, False, True),
        ("image/*", True, False, False),
        ("json", False, False, False),
        ("a/b\r\nx: y", False, False, False),
        ("a/b;\r\n x=y", False, False, False),
        ("a/b, c/d", False, False, False),
        ("", False, False, False),
    ],
)  # fmt: skip
def test_media_types_are_told_apart(text: str, media: bool, json: bool, readable: bool) -> None:
    assert (is_media(text), is_json(text), is_text(text)) == (media, json, readable)
