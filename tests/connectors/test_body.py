"""Bodies: every value stays in its place, whatever it holds, and comes out again as the media type's readers see it."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.connectors.body import encoder
from bff.connectors.file import Upload
from bff.errors import BadUserInput

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def parts(content_type: str, body: bytes) -> list[tuple[Any, ...]]:
    """Name, file name, media type and content of each part, as another library reads them."""
    message = BytesParser(policy=HTTP).parsebytes(f"content-type: {content_type}\r\n\r\n".encode() + body)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type() if "content-type" in part else None,
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


@pytest.mark.parametrize(
    ("media", "value", "content_type", "body"),
    [
        ("application/json", {"a": [1, None]}, "application/json", b'{"a":[1,null]}'),
        ("application/merge-patch+json", {"a": None}, "application/merge-patch+json", b'{"a":null}'),
        ("application/json; charset=utf-8", "x", "application/json; charset=utf-8", b'"x"'),
        (FORM, {"a": "x y&=é", "b": [1, 2], "c": None, "d": True, "e": []}, FORM, b"a=x+y%26%3D%C3%A9&b=1&b=2&d=true"),
        (FORM, {"a": {"b": 1}, "c": "1\r\n2", "d": b"\x00"}, FORM, b"a=%7B%22b%22%3A1%7D&c=1%0D%0A2&d=AA%3D%3D"),
        (FORM, {"a b": Decimal("1.50"), "on": datetime.date(2026, 1, 31)}, FORM, b"a+b=1.50&on=2026-01-31"),
        (FORM, {"id": uuid.UUID(int=1), "f": 1.5}, FORM, b"id=00000000-0000-0000-0000-000000000001&f=1.5"),
        (FORM, {}, FORM, b""),
        ("text/plain", 'é\n"x"', "text/plain; charset=utf-8", 'é\n"x"'.encode()),
        ("text/csv; charset=utf-8", "a,b", "text/csv; charset=utf-8", b"a,b"),
        ("application/xml", "<a/>", "application/xml; charset=utf-8", b"<a/>"),
        ("text/plain", 7, "text/plain; charset=utf-8", b"7"),
        ("application/octet-stream", b"\x00\xff", "application/octet-stream", b"\x00\xff"),
        ("image/png", Upload("a.png", "image/gif", b"1"), "image/png", b"1"),
        ("image/*", Upload("a.png", "image/gif", b"1"), "image/gif", b"1"),
        ("*/*", b"1", "application/octet-stream", b"1"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_its_media_type_has_it(media: str, value: Any, content_type: str, body: bytes) -> None:
    assert encoder(media)(value) == (content_type, body)


def written(media: str, value: Any, *, brackets: bool = False) -> tuple[str, bytes]:
    """A body that is written at once."""
    content_type, body = encoder(media, brackets=brackets)(value)
    assert isinstance(body, bytes)
    return content_type, body


def test_a_form_may_write_objects_and_lists_in_brackets() -> None:
    value = {"a": {"b": 1, "c d": {"e": True}}, "x": ["y", {"z": 2}, None], "none": None, "empty": [], "f": "[g]"}
    _, body = written(FORM, value, brackets=True)
    assert parse_qsl(body.decode()) == [
        ("a[b]", "1"),
        ("a[c d][e]", "true"),
        ("x[0]", "y"),
        ("x[1][z]", "2"),
        ("f", "[g]"),
    ]
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    for wrong, says in (([1], "it is no object"), ({"a": deep}, "nested too deeply")):
        with pytest.raises(BadUserInput, match=says):
            encoder(FORM, brackets=True)(wrong)


def test_members_are_parts_and_files_are_files() -> None:
    value = {
        "title": "a\r\nb",
        "tags": ["x", None, "y"],
        "none": None,
        "meta": {"a": [1]},
        "photo": Upload("my é.png", "image/png", b"\x89PNG\r\n--"),
        "raw": b"\x00",
    }
    assert parts(*written(MULTIPART, value)) == [
        ("title", None, None, b"a\r\nb"),
        ("tags", None, None, b"x"),
        ("tags", None, None, b"y"),
        ("meta", None, "application/json", b'{"a":[1]}'),
        ("photo", "my é.png", "image/png", b"\x89PNG\r\n--"),
        ("raw", None, "application/octet-stream", b"\x00"),
    ]


def test_no_two_bodies_have_one_boundary() -> None:
    assert encoder(MULTIPART)({"a": "b"})[0] != encoder(MULTIPART)({"a": "b"})[0]


HOSTILE = '"; name="admin"\r\ncontent-type: text/html\r\n\r\n'


def test_a_name_cannot_end_its_part() -> None:
    content_type, body = written(MULTIPART, {HOSTILE: "x", "f": Upload(HOSTILE.replace("/", ""), "a/b", b"y")})
    (_, _, kind, content), (name, _, other, file) = parts(content_type, body)
    assert (kind, content, name, other, file) == (None, b"x", "f", "a/b", b"y")
    assert b'name="admin"' not in body


@pytest.mark.parametrize(
    ("media", "value", "says"),
    [
        (FORM, "text", "it is no object"),
        (FORM, [{"a": 1}], "it is no object"),
        (FORM, {"a": "\ud800"}, "half of a character"),
        ("text/plain", {"a": 1}, "an object or a list"),
        ("text/plain", "\ud800", "half of a character"),
        ("application/json", {"a": "\ud800"}, "no JSON can hold it"),
        (MULTIPART, "text", "it is no object"),
        (MULTIPART, {"f": Upload("../../etc/passwd", "a/b", b"")}, "without a path"),
        (MULTIPART, {"f": Upload("..\\x", "a/b", b"")}, "without a path"),
        (MULTIPART, {"f": Upload("..", "a/b", b"")}, "without a path"),
        (MULTIPART, {"f": Upload("", "a/b", b"")}, "needs a name"),
        (MULTIPART, {"f": Upload("a\0.png", "a/b", b"")}, "needs a name"),
        (MULTIPART, {"f": Upload("a", "a/b\r\nx-evil: 1", b"")}, "needs a media type"),
        (MULTIPART, {"f": Upload("a", "", b"")}, "needs a media type"),
        ("image/*", Upload("a", "a/b\r\nx-evil: 1", b""), "needs a media type"),
    ],
)
def test_what_a_body_cannot_hold_is_the_clients_mistake(media: str, value: Any, says: str) -> None:
    with pytest.raises(BadUserInput, match=says) as refused:
        encoder(media)(value)
    assert "evil" not in str(refused.value)


words = st.text(st.characters(codec="utf-8"))


@given(value=st.dictionaries(words, words))
def test_a_form_is_read_as_it_was_written(value: dict[str, str]) -> None:
    _, body = written(FORM, value)
    assert parse_qsl(body.decode(), keep_blank_values=True) == [(name, text) for name, text in value.items() if body]
