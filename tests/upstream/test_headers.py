"""What of a client's headers an upstream gets to see."""

from __future__ import annotations

import pytest

from bff import errors
from bff.upstreams import forwarded, legal
from bff.upstreams.headers import NEVER_FORWARDED
from bff.upstreams.seam import Headers

CLIENT: Headers = (
    ("host", "gateway.example"),
    ("authorization", "Bearer t"),
    ("x-tag", "b"),
    ("cookie", "a=1"),
    ("x-tag", "a"),
)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (set(), ()),
        ({"authorization"}, (("authorization", "Bearer t"),)),
        ({"x-tag"}, (("x-tag", "b"), ("x-tag", "a"))),
        ({"x-absent"}, ()),
        ({"x-tag", "authorization"}, (("authorization", "Bearer t"), ("x-tag", "b"), ("x-tag", "a"))),
        ({"host"}, ()),
    ],
)
def test_exactly_the_listed_headers_go_on(allowed: set[str], expected: Headers) -> None:
    assert forwarded(CLIENT, frozenset(allowed)) == expected


@pytest.mark.parametrize("name", sorted(NEVER_FORWARDED))
def test_what_belongs_to_one_hop_never_goes_on(name: str) -> None:
    assert forwarded(((name, "x"),), frozenset({name})) == ()


@pytest.mark.parametrize("named", ["x-tag", "close, X-Tag", "keep-alive ,x-tag"])
def test_what_the_client_keeps_on_its_hop_stays_there(named: str) -> None:
    """RFC 9110 7.6.1."""
    assert forwarded((*CLIENT, ("connection", named)), frozenset({"x-tag"})) == ()


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\0b", "a\x7f", "\x1b[0m", "\xff", "\xed\xa0\x80"])
def test_a_value_that_cannot_be_passed_on_is_refused(value: str) -> None:
    with pytest.raises(errors.BadRequest, match="x-tag"):
        forwarded((("x-tag", value),), frozenset({"x-tag"}))
    assert forwarded((("x-tag", value),), frozenset({"x-other"})) == ()


def test_a_value_in_utf_8_arrives_as_the_text_it_is() -> None:
    as_asgi_gives_it = "Łódź".encode().decode("latin-1")
    assert forwarded((("x-city", as_asgi_gives_it),), frozenset({"x-city"})) == (("x-city", "Łódź"),)


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), ("a\tb", True), ("Łódź", True), ("a\nb", False), ("\ud800", False)]
)
def test_a_legal_value_has_no_control_character(value: str, expected: bool) -> None:
    assert legal(value) is expected
