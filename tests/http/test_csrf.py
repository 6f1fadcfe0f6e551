"""Requests that another site's page may have made: what tells them, pure."""

from __future__ import annotations

import pytest

from bff.errors import CrossSiteRefused
from bff.origins.csrf import Crossing, check_preflighted, preflighted

APP, EVIL = "https://app.example.com", "https://evil.test"
OURS = {"host": "api.example.com", "cookie": "a=1; token=eyJ"}
JSON = {"content-type": "application/json"}


def refused(crossing: Crossing, fields: dict[str, str]) -> bool:
    try:
        crossing.check(fields)
    except CrossSiteRefused:
        return True
    return False


CROSSING = Crossing("token", origins=frozenset({APP}))


@pytest.mark.parametrize(
    "sent",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": APP},
        {"sec-fetch-site": "same-site", "origin": APP},
        {"origin": APP},
        {"origin": "https://api.example.com"},
        {"origin": "https://API.example.com"},
        JSON,
        {"content-type": "application/json; charset=utf-8"},
        {"graphql-require-preflight": "1"},
        {"apollo-require-preflight": "true"},
        {"x-apollo-operation-name": "Q"},
        {"x-api-key": "bff_1"},
        {"content-type": "multipart/form-data; boundary=x", "apollo-require-preflight": "1"},
    ],
    ids=str,
)
def test_a_cookie_counts_in_what_only_our_own_pages_and_programs_can_send(sent: dict[str, str]) -> None:
    assert not refused(CROSSING, OURS | sent)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin, cross-site"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", **JSON},
        {"sec-fetch-site": "cross-site", "graphql-require-preflight": "1"},
        {"sec-fetch-site": "cross-site", "origin": EVIL},
        {"sec-fetch-site": "cross-site", "origin": "https://api.example.com"},  # it was http, to Sec-Fetch-Site's eyes
        {"origin": EVIL, **JSON},
        {"origin": "null"},
        {"origin": ""},
        {"origin": f"{APP}.evil.test"},
        {"origin": "https://api.example.com:8443"},
        {"origin": "https://[broken"},
        {"content-type": "text/plain"},
        {"content-type": "TEXT/PLAIN ;charset=utf-8"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "nonsense"},
        {"content-type": "application/json, text/plain"},
        {"graphql-require-preflight": ""},
        {"authorisation": "Bearer x"},
    ],
    ids=str,
)
def test_a_cookie_does_not_count_in_what_another_sites_page_may_have_sent(sent: dict[str, str]) -> None:
    assert refused(CROSSING, OURS | sent)


@pytest.mark.parametrize(
    "sent", [{}, {"cookie": "a=1"}, {"cookie": "token=eyJ", "authorization": "Bearer eyJ"}], ids=str
)
def test_who_brings_no_credential_in_a_cookie_is_not_asked(sent: dict[str, str]) -> None:
    assert not refused(CROSSING, {"host": "api.example.com", "sec-fetch-site": "cross-site", **sent})


def test_where_services_get_cookies_every_cookie_may_be_a_credential() -> None:
    crossing = Crossing(None, forwarded=True)
    assert refused(crossing, {"cookie": "a=1", "sec-fetch-site": "cross-site"})
    assert refused(crossing, {"cookie": "a=1", "authorization": "Bearer x", "sec-fetch-site": "cross-site"})
    assert not refused(crossing, {"sec-fetch-site": "cross-site"})


@pytest.mark.parametrize(("method", "passes"), [("GET", True), ("HEAD", True), ("POST", False), ("DELETE", False)])
def test_what_passes_through_by_a_safe_method_may_be_a_link(method: str, passes: bool) -> None:
    headers = tuple((OURS | {"sec-fetch-site": "cross-site"}).items())
    if passes:
        CROSSING.check_route(method, headers)
    else:
        with pytest.raises(CrossSiteRefused):
            CROSSING.check_route(method, headers)


@pytest.mark.parametrize("sent", [{}, {"origin": APP}, {"origin": "https://api.example.com"}], ids=str)
def test_a_socket_is_opened_for_our_own_pages_and_for_programs(sent: dict[str, str]) -> None:
    CROSSING.check_socket(OURS | sent)


@pytest.mark.parametrize("sent", [{"origin": EVIL}, {"origin": "null"}], ids=str)
def test_a_socket_is_not_opened_with_a_cookie_for_another_sites_page(sent: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRefused):
        CROSSING.check_socket(OURS | sent)
    CROSSING.check_socket({"host": "api.example.com", **sent})


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ({"authorization": "Bearer x"}, True),
        ({"authorization": "Basic dTpw"}, False),  # browsers send it by themselves
        ({"x-api-key": "bff_1"}, True),
        ({"graphql-preflight": "1"}, True),
        ({}, False),
    ],
    ids=str,
)
def test_a_form_is_told_from_what_needs_a_preflight(sent: dict[str, str], known: bool) -> None:
    fields = {"content-type": "multipart/form-data; boundary=x", **sent}
    assert preflighted(fields) is known
    if not known:
        with pytest.raises(CrossSiteRefused):
            check_preflighted(fields)
