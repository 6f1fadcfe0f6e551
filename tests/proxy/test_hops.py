"""Who the client is."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bff.proxy.hops import origin

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("peer", "said", "chain"),
    [
        ("192.0.2.1", [], ["192.0.2.1"]),
        ("192.0.2.1", ["6.6.6.6"], ["192.0.2.1"]),  # not a hop of ours: what it says is nothing
        ("10.0.0.1", [], ["10.0.0.1"]),
        ("10.0.0.1", ["192.0.2.1"], ["192.0.2.1", "10.0.0.1"]),
        ("10.0.0.1", ["6.6.6.6, 192.0.2.1"], ["192.0.2.1", "10.0.0.1"]),
        ("10.0.0.1", ["6.6.6.6", "192.0.2.1, 10.0.0.2"], ["192.0.2.1", "10.0.0.2", "10.0.0.1"]),
        ("10.0.0.1", ["192.0.2.1:4711"], ["192.0.2.1", "10.0.0.1"]),
        ("10.0.0.1", ["[2001:db9::1]:80"], ["2001:db9::1", "10.0.0.1"]),
        ("10.0.0.1", ["192.0.2.1, evil"], ["10.0.0.1"]),
        ("10.0.0.1", ["192.0.2.1, unknown, 10.0.0.2"], ["10.0.0.2", "10.0.0.1"]),
        ("2001:db8::9", ["192.0.2.1"], ["192.0.2.1", "2001:db8::9"]),
        ("::ffff:10.0.0.1", ["192.0.2.1"], ["192.0.2.1", "10.0.0.1"]),
        (None, ["6.6.6.6"], []),
    ],
)
def test_addresses_are_believed_from_the_right_as_far_as_hops_are_trusted(
    peer: str | None, said: list[str], chain: list[str]
) -> None:
    headers = tuple(("x-forwarded-for", value) for value in said)
    assert [*origin(headers, peer=peer, scheme="http", host="h", trusted=TRUSTED).chain] == chain


def test_scheme_and_host_are_believed_of_a_trusted_hop_alone() -> None:
    said = (("x-forwarded-proto", "https"), ("x-forwarded-host", "api.example"))
    trusted = origin(said, peer="10.0.0.1", scheme="http", host="h", trusted=TRUSTED)
    stranger = origin(said, peer="192.0.2.1", scheme="http", host="h", trusted=TRUSTED)
    assert (trusted.scheme, trusted.host) == ("https", "api.example")
    assert (stranger.scheme, stranger.host) == ("http", "h")


@pytest.mark.parametrize("said", [("x-forwarded-proto", "gopher"), ("x-forwarded-host", 'a";for=6.6.6.6')])
def test_nonsense_of_a_trusted_hop_is_not_repeated(said: tuple[str, str]) -> None:
    found = origin((said,), peer="10.0.0.1", scheme="http", host="h", trusted=TRUSTED)
    assert (found.scheme, found.host) == ("http", "h")


def test_the_upstream_is_told_in_both_spellings() -> None:
    said = (("x-forwarded-for", "2001:db9::1, 10.0.0.2"), ("x-forwarded-proto", "https"))
    found = origin(said, peer="10.0.0.1", scheme="http", host="api.example:80", trusted=TRUSTED)
    assert found.headers == (
        ("forwarded", 'for="[2001:db9::1]";host="api.example:80";proto=https, for=10.0.0.2, for=10.0.0.1'),
        ("x-forwarded-for", "2001:db9::1, 10.0.0.2, 10.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "api.example:80"),
    )
    assert origin((), peer=None, scheme="http", host=None).headers == (
        ("forwarded", "for=unknown;proto=http"),
        ("x-forwarded-proto", "http"),
    )
