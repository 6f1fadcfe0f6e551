"""What answers say of the service's own place."""

from __future__ import annotations

from itertools import product
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from bff.proxy.links import Links

PLAIN = Links.of("http://files:8000", "", "")
BASED = Links.of("http://files:8000/base/", "", "")
STRIPPED = Links.of("http://files:8000", "/api", "")
MOVED = Links.of("http://files:8000/base", "/files", "/v1")
SECURE = Links.of("https://Files.internal", "", "")


def location(links: Links, value: str) -> str:
    ((_, told),) = links.told((("location", value),))
    return told


@pytest.mark.parametrize(
    ("links", "said", "told"),
    [
        # the service's own origin
        (PLAIN, "http://files:8000/x?a=b#c", "/x?a=b#c"),
        (PLAIN, "http://files:8000", "/"),
        (PLAIN, "http://files:8000?x", "/?x"),
        (PLAIN, "HTTP://FILES:8000/x", "/x"),
        (PLAIN, "//files:8000/x", "/x"),
        (SECURE, "https://files.internal/x", "/x"),
        (SECURE, "https://files.internal:443/x", "/x"),
        (BASED, "http://files:8000/base/x", "/x"),
        (BASED, "http://files:8000/base", "/"),
        (STRIPPED, "http://files:8000/x", "/api/x"),
        (STRIPPED, "http://files:8000/", "/api/"),
        (STRIPPED, "http://files:8000/api/x", "/api/api/x"),
        (MOVED, "http://files:8000/base/v1/a%20b?x=%2f", "/files/a%20b?x=%2f"),
        (MOVED, "http://files:8000/base/v1", "/files"),
        # nowhere that this route leads
        (BASED, "http://files:8000/other", "http://files:8000/other"),
        (BASED, "http://files:8000/based", "http://files:8000/based"),
        (MOVED, "http://files:8000/base/v2/x", "http://files:8000/base/v2/x"),
        # another origin
        (PLAIN, "https://files:8000/x", "https://files:8000/x"),
        (PLAIN, "http://files/x", "http://files/x"),
        (PLAIN, "http://files:8001/x", "http://files:8001/x"),
        (PLAIN, "http://other:8000/x", "http://other:8000/x"),
        (PLAIN, "http://files:8000@evil/x", "http://files:8000@evil/x"),
        (PLAIN, "http://files:8000.evil/x", "http://files:8000.evil/x"),
        (PLAIN, "http://files:x/", "http://files:x/"),
        (PLAIN, "http://[::1/", "http://[::1/"),
        (PLAIN, "mailto:a@b.c", "mailto:a@b.c"),
        (PLAIN, "javascript:alert(1)", "javascript:alert(1)"),
        # paths by themselves
        (PLAIN, "/x", "/x"),
        (STRIPPED, "/x?y", "/api/x?y"),
        (STRIPPED, "/", "/api/"),
        (STRIPPED, "/api/x", "/api/x"),
        (STRIPPED, "/apis", "/api/apis"),
        (MOVED, "/base/v1/x", "/files/x"),
        (MOVED, "/files/x", "/files/x"),
        (MOVED, "/elsewhere", "/elsewhere"),
        (BASED, "/base/x", "/x"),
        # relative ones lead on as they are
        (MOVED, "x", "x"),
        (MOVED, "../x", "../x"),
        (MOVED, "?page=2", "?page=2"),
        (MOVED, "#part", "#part"),
        (MOVED, "", ""),
        # never to another host than it said
        (PLAIN, "http://files:8000//evil.example/x", "/.//evil.example/x"),
        (PLAIN, "http://files:8000/\\evil.example/x", "/./\\evil.example/x"),
        (PLAIN, "http://files:8000/\t/evil.example", "/./\t/evil.example"),
        (BASED, "http://files:8000/base//evil.example", "/.//evil.example"),
        (BASED, "/base//evil.example/x", "/.//evil.example/x"),
        (BASED, "/base/\\evil.example/x", "/./\\evil.example/x"),
        (BASED, "/base/\t/evil.example/x", "/./\t/evil.example/x"),
        (STRIPPED, "//evil.example/x", "//evil.example/x"),
        (STRIPPED, "/\\evil.example/x", "/\\evil.example/x"),
    ],
)
def test_a_reference_leads_a_client_where_the_service_meant_it_to(links: Links, said: str, told: str) -> None:
    assert location(links, said) == told


@given(some.text(alphabet="/\\.:@?#a%\t", max_size=12))
@example("//evil")
@example("/\\/evil")
def test_no_reference_to_the_service_becomes_one_to_another_host(path: str) -> None:
    for links, said in product((PLAIN, BASED, STRIPPED, MOVED), ("http://files:8000/", "/base/", "/base/v1/", "/v1/")):
        told = location(links, said + path)
        where = urlsplit(urljoin("https://api.example/files/x", told.replace("\\", "/").replace("\t", "")))
        assert where.netloc in {"api.example", "files:8000"}


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("content-location", "http://files:8000/base/v1/x", "/files/x"),
        ("refresh", "5; url=http://files:8000/base/v1/x", "5; url=/files/x"),
        ("refresh", "0;URL='http://files:8000/base/v1/x?a=b'", "0;URL='/files/x?a=b'"),
        ("refresh", "5", "5"),
        ("refresh", "5; url=http://other/", "5; url=http://other/"),
        ("link", "<http://files:8000/base/v1/x>; rel=next", "<http://files:8000/base/v1/x>; rel=next"),
        ("x-location", "http://files:8000/base/v1/x", "http://files:8000/base/v1/x"),
    ],
)
def test_other_headers_that_lead_somewhere(name: str, said: str, told: str) -> None:
    assert MOVED.told(((name, said), ("x-own", said))) == ((name, told), ("x-own", said))


@pytest.mark.parametrize(
    ("links", "said", "told"),
    [
        (PLAIN, "a=b; Path=/; HttpOnly", "a=b; Path=/; HttpOnly"),
        (PLAIN, "a=b; Domain=files; Secure", "a=b; Secure"),
        (PLAIN, "a=b; domain=.FILES", "a=b"),
        (PLAIN, "a=b; Domain=example.com", "a=b; Domain=example.com"),
        (MOVED, "a=b; Path=/base/v1/x; SameSite=Lax", "a=b; Path=/files/x; SameSite=Lax"),
        (MOVED, "a=b;path=/base/v1", "a=b;path=/files"),
        (MOVED, "a=b; Path=/elsewhere", "a=b; Path=/elsewhere"),
        (STRIPPED, "a=b; Path=/login", "a=b; Path=/api/login"),
        (STRIPPED, "a=b; Path=/api", "a=b; Path=/api"),
        (STRIPPED, "a=b; Path=/", "a=b; Path=/"),
        (STRIPPED, "__Host-a=b; Path=/x; Secure", "__Host-a=b; Path=/x; Secure"),
        (STRIPPED, "a=Path=/login", "a=Path=/login"),
        (STRIPPED, "a=b; Path; Domain", "a=b; Path; Domain"),
        (STRIPPED, "", ""),
    ],
)
def test_a_cookie_is_held_to_no_place_that_a_client_never_sees(links: Links, said: str, told: str) -> None:
    assert links.told((("set-cookie", said), ("set-cookie", "z=1"))) == (("set-cookie", told), ("set-cookie", "z=1"))


def test_what_says_nothing_of_places_is_the_same_object() -> None:
    headers = (("content-type", "a/b"), ("etag", '"x"'))
    assert MOVED.told(headers) is headers
