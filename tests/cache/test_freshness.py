"""What HTTP caching allows, in tables: the subjects of httpwg's cache-tests, as far as they concern us."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.upstreams.directives import FOREVER, directives, names, seconds
from bff.upstreams.freshness import Arrival, Reader, Terms, Use, stands_in, terms, use
from bff.upstreams.http_date import http_date
from bff.upstreams.seam import Headers
from bff.upstreams.stored import kept, selection, updated

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT
ARRIVED = Arrival(asked=100.0, at=100.0, wall=NOW)
SHARED, PRIVATE = Reader(shared=True), Reader(shared=False)


def dated(seconds_from_now: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds_from_now, UTC), usegmt=True)


def headers(**told: Any) -> Headers:
    """`headers(cache_control="max-age=1")`; a list is several lines."""
    lines = ((name.replace("_", "-"), value) for name, value in told.items())
    return tuple((name, each) for name, value in lines for each in (value if isinstance(value, list) else [value]))


# Dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_the_three_forms_of_a_date_are_read(text: str) -> None:
    assert http_date(text) == NOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "now",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert http_date(text) is None


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_date_is_read_as_it_was_written(moment: datetime) -> None:
    assert http_date(format_datetime(moment, usegmt=True)) == moment.replace(microsecond=0).timestamp()


# Cache-Control ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], {}),
        ([""], {}),
        (["max-age=1"], {"max-age": ("1",)}),
        (["MAX-AGE=1, No-Store"], {"max-age": ("1",), "no-store": ("",)}),
        (["max-age=1", "private"], {"max-age": ("1",), "private": ("",)}),
        ([" max-age=1 ,,\tpublic , "], {"max-age": ("1",), "public": ("",)}),
        (['max-age="1"'], {"max-age": ("1",)}),
        (['private="a, b", max-age=1'], {"private": ("a, b",), "max-age": ("1",)}),
        (['x="a\\"b, no-store", public'], {"x": ('a\\"b, no-store',), "public": ("",)}),
        (["max-age=1, max-age=2"], {"max-age": ("1", "2")}),
        (['x="a, public'], {"x": ('"a, public',), "no-store": ("",)}),
        (['x=a"b, public'], {"x": ('a"b, public',), "no-store": ("",)}),
    ],
)
def test_directives_are_read(lines: list[str], found: dict[str, tuple[str, ...]]) -> None:
    told = {name: value for name, value in directives(lines).items() if name}
    if "no-store" in found and len(found) > 1 and '"' in lines[0]:
        assert "no-store" in told  # what it may have hidden does not matter any more
    else:
        assert told == found


@given(st.lists(st.text(alphabet='abc=", \\-\t', max_size=40), max_size=4))
def test_no_directive_breaks_the_reading(lines: list[str]) -> None:
    assert isinstance(directives(lines), dict)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("0",), 0),
        (("60",), 60),
        (("060",), 60),
        (("60", "5"), 5),
        (("60", "x"), 0),
        (("",), 0),
        (("-1",), 0),
        (("1.5",), 0),
        (("1 ",), 0),
        (("٣",), 0),
        (("99999999999",), FOREVER),
        (("9" * 5_000,), FOREVER),
    ],
)
def test_seconds_are_whole_and_bounded(arguments: tuple[str, ...], found: int) -> None:
    assert seconds(arguments) == found


@pytest.mark.parametrize(
    ("arguments", "found"),
    [(("",), None), (("A, b",), {"a", "b"}), (("a", "b"), {"a", "b"}), (("a", ""), None)],
)
def test_fields_of_a_directive(arguments: tuple[str, ...], found: set[str] | None) -> None:
    assert names(arguments) == found


# What may be kept ------------------------------------------------------------------------------------------------

FRESH = "max-age=60"


@pytest.mark.parametrize(
    ("told", "shared", "private"),
    [
        ({}, False, False),
        ({"cache_control": FRESH}, True, True),
        ({"cache_control": "s-maxage=60"}, True, False),
        ({"cache_control": f"{FRESH}, private"}, False, True),
        ({"cache_control": f'{FRESH}, private="x-user"'}, True, True),
        ({"cache_control": f'{FRESH}, private="x-user", private'}, False, True),
        ({"cache_control": f"{FRESH}, no-store"}, False, False),
        ({"cache_control": f"{FRESH}, NO-STORE"}, False, False),
        ({"cache_control": [FRESH, "no-store"]}, False, False),
        ({"cache_control": "no-cache"}, False, False),
        ({"cache_control": "no-cache", "etag": '"x"'}, True, True),
        ({"cache_control": 'no-cache="x-user", max-age=60'}, True, True),
        ({"cache_control": "max-age=0"}, False, False),
        ({"cache_control": "max-age=0", "etag": '"x"'}, True, True),
        ({"cache_control": "max-age=0, stale-while-revalidate=9"}, True, True),
        ({"cache_control": "max-age=0, stale-if-error=9"}, True, True),
        ({"cache_control": "max-age=0, must-revalidate, stale-if-error=9"}, False, False),
        ({"cache_control": "max-age=0, s-maxage=60"}, True, False),
        ({"cache_control": "max-age=60, s-maxage=0"}, False, True),
        ({"cache_control": FRESH, "vary": "*"}, False, False),
        ({"cache_control": FRESH, "vary": "accept, *"}, False, False),
        ({"cache_control": FRESH, "vary": ["accept", "*"]}, False, False),
        ({"cache_control": FRESH, "vary": "accept"}, True, True),
        ({"cache_control": FRESH, "set_cookie": "a=b"}, False, False),
        ({"cache_control": FRESH, "age": "60"}, False, False),
        ({"cache_control": FRESH, "date": dated(-60)}, False, False),
        ({"expires": dated(60), "date": dated(0)}, True, True),
        ({"expires": dated(-1), "date": dated(0)}, False, False),
        ({"expires": "0"}, False, False),
        ({"etag": '"x"'}, True, True),
        ({"last_modified": dated(-100)}, True, True),
        ({"pragma": "no-cache", "cache_control": FRESH}, True, True),
    ],
)
def test_what_may_be_kept(told: dict[str, Any], shared: bool, private: bool) -> None:
    found = [terms(200, headers(**told), ARRIVED, reader) is not None for reader in (SHARED, PRIVATE)]
    assert found == [shared, private]


@pytest.mark.parametrize("status", range(200, 600))
def test_only_answers_of_cacheable_statuses_are_kept(status: int) -> None:
    found = terms(status, headers(cache_control=FRESH), ARRIVED, SHARED)
    assert (found is not None) == (status in {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})


@pytest.mark.parametrize(
    ("control", "kept_"),
    [
        (FRESH, False),
        (f"{FRESH}, public", True),
        ("s-maxage=60", True),
        (f"{FRESH}, must-revalidate", True),
        (f"{FRESH}, proxy-revalidate", False),
        (f"{FRESH}, public, private", False),
    ],
)
def test_answers_to_authorization_are_kept_in_common_by_leave_alone(control: str, kept_: bool) -> None:
    found = terms(200, headers(cache_control=control), ARRIVED, Reader(shared=True, authorized=True))
    assert (found is not None) == kept_


# For how long ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "shared", "private"),
    [
        ({"cache_control": "max-age=60"}, 60, 60),
        ({"cache_control": "max-age=60, s-maxage=30"}, 30, 60),
        ({"cache_control": 'max-age="60"'}, 60, 60),
        ({"cache_control": "max-age=60, max-age=30"}, 30, 30),
        ({"cache_control": "max-age=60", "expires": dated(-60)}, 60, 60),
        ({"cache_control": "max-age=-1", "expires": dated(60)}, 0, 0),
        ({"cache_control": "max-age=x"}, 0, 0),
        ({"cache_control": "max-age"}, 0, 0),
        ({"cache_control": "max-age =60"}, 60, 60),
        ({"cache_control": "max-age=99999999999999999999"}, FOREVER, FOREVER),
        ({"cache_control": "x-max-age=60"}, 0, 0),
        ({"expires": dated(60), "date": dated(0)}, 60, 60),
        ({"expires": dated(60), "date": dated(-40)}, 100, 100),
        ({"expires": dated(60)}, 60, 60),
        ({"expires": dated(60), "date": "nonsense"}, 60, 60),
        ({"expires": [dated(60), dated(90)], "date": dated(0)}, 60, 60),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0, 0),
        ({"last_modified": dated(-1_000)}, 0, 0),
        ({"cache_control": "public"}, 0, 0),
    ],
)
def test_lifetimes(told: dict[str, Any], shared: int, private: int) -> None:
    both = [terms(200, headers(**told, etag='"x"'), ARRIVED, reader) for reader in (SHARED, PRIVATE)]
    assert [found.lifetime for found in both if found] == [shared, private]


@pytest.mark.parametrize(
    ("told", "lifetime"),
    [
        ({"last_modified": dated(-1_000)}, 100),
        ({"last_modified": dated(-100_000)}, 300),
        ({"last_modified": dated(100)}, 0),
        ({"last_modified": dated(-1_000), "cache_control": "max-age=1"}, 1),
        ({"last_modified": dated(-1_000), "expires": "0"}, 0),
        ({"etag": '"x"'}, 0),
    ],
)
def test_a_lifetime_is_guessed_only_if_configured_and_from_the_last_change(told: dict[str, Any], lifetime: int) -> None:
    found = terms(200, headers(**told), ARRIVED, Reader(shared=True, heuristic=300.0))
    assert found is not None
    assert found.lifetime == pytest.approx(lifetime)


@pytest.mark.parametrize(
    ("told", "arrival", "age"),
    [
        ({}, ARRIVED, 0),
        ({}, Arrival(90.0, 100.0, NOW), 10),
        ({"age": "30"}, ARRIVED, 30),
        ({"age": "30"}, Arrival(90.0, 100.0, NOW), 40),
        ({"age": "30", "date": dated(-50)}, ARRIVED, 50),
        ({"age": "60", "date": dated(-50)}, ARRIVED, 60),
        ({"date": dated(50)}, ARRIVED, 0),
        ({"age": "-30"}, ARRIVED, 0),
        ({"age": "3.5"}, ARRIVED, 0),
        ({"age": "30, 60"}, ARRIVED, 30),
        ({"age": ["30", "60"]}, ARRIVED, 30),
        ({"age": "99999999999"}, ARRIVED, FOREVER),
        ({"date": "nonsense"}, ARRIVED, 0),
    ],
)
def test_ages(told: dict[str, Any], arrival: Arrival, age: float) -> None:
    found = terms(200, headers(etag='"x"', **told), arrival, SHARED)
    assert found is not None
    assert found.age == age


# How it may be used ----------------------------------------------------------------------------------------------


def of(control: str, reader: Reader = SHARED) -> Terms:
    found = terms(200, headers(cache_control=control, etag='"x"'), ARRIVED, reader)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("control", "age", "asked", "chosen"),
    [
        ("max-age=60", 59, "", Use.FRESH),
        ("max-age=60", 60, "", Use.VALIDATE),
        ("max-age=60, no-cache", 0, "", Use.VALIDATE),
        ('max-age=60, no-cache="x-user"', 0, "", Use.FRESH),
        ("max-age=60, must-revalidate", 59, "", Use.FRESH),
        ("max-age=60, stale-while-revalidate=30", 89, "", Use.REFRESH),
        ("max-age=60, stale-while-revalidate=30", 90, "", Use.VALIDATE),
        ("max-age=60, stale-while-revalidate=30, must-revalidate", 61, "", Use.VALIDATE),
        ("max-age=60, stale-while-revalidate=30, proxy-revalidate", 61, "", Use.VALIDATE),
        ("s-maxage=60, stale-while-revalidate=30", 61, "", Use.VALIDATE),
        ("max-age=60, stale-while-revalidate=x", 61, "", Use.VALIDATE),
        ("max-age=60, stale-if-error=30", 61, "", Use.VALIDATE),
        ("max-age=60", 10, "no-cache", Use.VALIDATE),
        ("max-age=60", 10, "max-age=10", Use.FRESH),
        ("max-age=60", 11, "max-age=10", Use.VALIDATE),
        ("max-age=60, immutable", 11, "max-age=0", Use.FRESH),
        ("max-age=60, immutable", 11, "no-cache", Use.VALIDATE),
        ("max-age=60, immutable", 61, "max-age=0", Use.VALIDATE),
        ("max-age=60", 10, "min-fresh=50", Use.FRESH),
        ("max-age=60", 11, "min-fresh=50", Use.VALIDATE),
        ("max-age=60", 1, "min-fresh=x", Use.VALIDATE),
        ("max-age=60", 70, "max-stale=10", Use.STALE),
        ("max-age=60", 71, "max-stale=10", Use.VALIDATE),
        ("max-age=60", 9_999, "max-stale", Use.STALE),
        ("max-age=60", 61, "max-stale=x", Use.VALIDATE),
        ("max-age=60, must-revalidate", 61, "max-stale", Use.VALIDATE),
        ("max-age=60, proxy-revalidate", 61, "max-stale", Use.VALIDATE),
        ("s-maxage=60", 61, "max-stale", Use.VALIDATE),
        ("max-age=60", 70, "max-stale, max-age=5", Use.VALIDATE),
        ("max-age=60", 10, "unknown=1", Use.FRESH),
    ],
)
def test_how_an_answer_may_be_used(control: str, age: float, asked: str, chosen: Use) -> None:
    assert use(of(control), age, directives([asked])) is chosen


def test_what_is_said_to_proxies_does_not_concern_what_is_one_callers_own() -> None:
    control = "max-age=60, s-maxage=1, proxy-revalidate, stale-while-revalidate=30"
    assert use(of(control, PRIVATE), 59, {}) is Use.FRESH
    assert use(of(control, PRIVATE), 61, {}) is Use.REFRESH


@pytest.mark.parametrize(
    ("control", "age", "asked", "allowed"),
    [
        ("max-age=60", 61, "", False),
        ("max-age=60, stale-if-error=30", 89, "", True),
        ("max-age=60, stale-if-error=30", 90, "", False),
        ("max-age=60, stale-if-error=30, must-revalidate", 61, "", False),
        ("max-age=60, stale-if-error=30, no-cache", 61, "", False),
        ("s-maxage=60, stale-if-error=30", 61, "", False),
        ("max-age=60", 61, "stale-if-error=30", True),
        ("max-age=60, must-revalidate", 61, "stale-if-error=30", False),
        ("max-age=60, stale-if-error=30", 61, "no-cache", False),
    ],
)
def test_when_an_answer_stands_in_for_an_error(control: str, age: float, asked: str, allowed: bool) -> None:
    assert stands_in(of(control), age, directives([asked])) is allowed


@given(
    control=st.lists(
        st.sampled_from(["max-age=5", "no-cache", "must-revalidate", "s-maxage=9", "private"]), max_size=4
    ),
    age=st.floats(0, 20),
    asked=st.lists(st.sampled_from(["no-cache", "max-age=3", "max-stale=4", "max-stale", "min-fresh=2"]), max_size=3),
    shared=st.booleans(),
)
def test_no_request_gets_a_stale_answer_that_the_service_forbids(
    control: list[str], age: float, asked: list[str], shared: bool
) -> None:
    found = terms(200, headers(cache_control=control, etag='"x"'), ARRIVED, Reader(shared=shared))
    if found and use(found, age, directives(asked)) is not Use.VALIDATE:
        assert age < found.lifetime or "must-revalidate" not in control
        assert "no-cache" not in control
        assert "no-cache" not in asked


# Headers ---------------------------------------------------------------------------------------------------------


def test_what_is_of_one_hop_or_limited_is_not_kept() -> None:
    own = headers(
        cache_control='max-age=60, no-cache="x-secret"',
        connection="close, x-hop",
        x_hop="1",
        keep_alive="5",
        transfer_encoding="chunked",
        age="3",
        x_secret="s",
        x_more="m",
        content_length="2",
    )
    found = terms(200, own, ARRIVED, SHARED)
    assert found is not None
    assert {name for name, _ in kept(own, found.withheld)} == {"cache-control", "x-more", "content-length"}


def test_a_304_replaces_what_it_names_but_what_describes_the_body() -> None:
    old = headers(date=dated(-9), etag='"x"', x_a=["1", "2"], content_length="2", content_encoding="gzip", x_b="b")
    new = headers(x_a="3", content_length="0", content_encoding="br", set_cookie="a=b", connection="x-hop", x_hop="1")
    assert updated(old, new) == headers(etag='"x"', content_length="2", content_encoding="gzip", x_b="b", x_a="3")


def test_headers_select_by_all_their_lines() -> None:
    assert selection(frozenset({"a", "b"}), headers(a=["1", "2"], c="3")) == (("a", "1, 2"), ("b", ""))
