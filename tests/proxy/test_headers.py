"""Which headers cross, as tables."""

from __future__ import annotations

import pytest

from bff.errors import BadRequest, ProxyLoop, UpstreamMalformed
from bff.proxy.headers import max_forwards, onward, returned, via
from bff.upstreams import Headers, Reply

ASKS_NOTHING = ("accept-encoding", "identity")


def crossing(*headers: tuple[str, str], forward: str = "", fixed: Headers = ()) -> list[tuple[str, str]]:
    passed = onward(headers, forward=frozenset(forward.split()), fixed=fixed)
    return [pair for pair in passed if pair != ASKS_NOTHING]


def test_end_to_end_headers_pass_in_their_order_duplicates_included() -> None:
    headers = (("x-a", "1"), ("accept", "text/*"), ("x-a", "2"), ("if-none-match", '"e"'), ("accept-encoding", "br"))
    assert crossing(*headers) == [*headers]


def test_a_client_that_accepts_no_coding_gets_none() -> None:
    assert onward((), forward=frozenset(), fixed=()) == (ASKS_NOTHING,)


@pytest.mark.parametrize(
    "name",
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
        "host",
        "content-length",
        "expect",
    ],
)
def test_what_belongs_to_one_hop_stays_on_it(name: str) -> None:
    assert crossing((name, "x")) == []


def test_what_connection_names_stays_too() -> None:
    assert crossing(("connection", "close, X-Hop"), ("x-hop", "1"), ("connection", "x-two"), ("x-two", "2")) == []


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Host",
        "cookie",
        "x-api-key",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "forwarded",
        "via",
        "traceparent",
        "x-request-id",
        "content-length",
        "content-type",
        "x-real-ip",
        "x-user-id",
        "x-client-name",
        "x-consumer-id",
        "X_Forwarded_For",
        "max-forwards",
    ],
)
def test_connection_may_not_name_what_is_not_a_hops(name: str) -> None:
    with pytest.raises(BadRequest):
        crossing(("connection", f"close, {name}"))


@pytest.mark.parametrize("name", ["authorization", "cookie", "x-api-key"])
def test_credentials_pass_only_where_the_upstreams_list_says_so(name: str) -> None:
    assert crossing((name, "secret")) == []
    assert crossing((name, "secret"), forward=f"{name} x-other") == [(name, "secret")]


@pytest.mark.parametrize(
    "name",
    [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-anything",
        "forwarded",
        "x-real-ip",
        "x-original-url",
        "x-rewrite-url",
        "x-user-id",
        "x-client-id",
        "x-consumer-username",
        "x-credential-identifier",
        "x-authenticated-userid",
        "remote-user",
        "true-client-ip",
        "via",
        "x-http-method-override",
        "x-request-id",
        "traceparent",
        "x_forwarded_for",
        "x_user_id",
        "content_length",
        "transfer_encoding",
        "x_own",
    ],
)
def test_identities_and_what_is_ours_to_say_never_come_from_a_client(name: str) -> None:
    assert crossing((name, "x")) == []
    assert crossing((name, "x"), forward=name) == []


def test_fixed_headers_replace_a_clients() -> None:
    fixed = (("x-key", "ours"), ("accept", "a/b"))
    assert crossing(("x-key", "theirs"), ("accept", "c/d"), fixed=fixed) == [*fixed]


def test_via_is_appended_with_the_version_that_was_received() -> None:
    assert via((), "1.1", "gw") == ("via", "1.1 gw")
    assert via((("via", "1.0 a, 1.1 b"), ("via", "2 c")), "1.0", "gw") == ("via", "1.0 a, 1.1 b, 2 c, 1.0 gw")


def test_a_request_that_goes_in_circles_is_stopped() -> None:
    assert via((("via", ", ".join(["1.1 gw"] * 4)),), "1.1", "gw")
    with pytest.raises(ProxyLoop):
        via((("via", ", ".join(["1.1 gw (again)"] * 5)),), "1.1", "gw")


@pytest.mark.parametrize(("value", "left"), [("0", 0), ("7", 7), ("-1", None), ("x", None), ("9" * 20, None)])
def test_max_forwards_is_a_number_or_nothing(value: str, left: int | None) -> None:
    assert max_forwards((("max-forwards", value),)) == left


def back(*headers: tuple[str, str], status: int = 200) -> list[tuple[str, str]]:
    found = returned(Reply("files", status, headers, b""), "gw")
    assert found[-1] == ("via", "1.1 gw")
    return [*found[:-1]]


def test_an_answers_headers_pass_but_for_its_hops() -> None:
    kept = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("content-encoding", "gzip"), ("etag", '"e"')]
    hop = [("connection", "x-hop"), ("x-hop", "1"), ("keep-alive", "5"), ("trailer", "x"), ("upgrade", "h2c")]
    ours = [("date", "today"), ("server", "s/1"), ("alt-svc", "h3"), ("x-request-id", "r"), ("proxy-authenticate", "x")]
    assert back(*kept, *hop, *ours) == kept


@pytest.mark.parametrize(
    ("status", "headers", "length"),
    [
        (200, [("content-length", "5")], ["5"]),
        (200, [("content-length", "5"), ("transfer-encoding", "chunked")], []),
        (204, [("content-length", "0")], []),
        (304, [("content-length", "5")], []),
        (200, [("content-length", f"{5:05000}")], []),
        (200, [], []),
    ],
)
def test_a_length_is_announced_where_it_holds(status: int, headers: list[tuple[str, str]], length: list[str]) -> None:
    assert [value for name, value in back(*headers, status=status) if name == "content-length"] == length


@pytest.mark.parametrize(
    "header",
    [
        ("connection", "content-encoding"),
        ("connection", "set-cookie"),
        ("transfer-encoding", "gzip, chunked"),
        ("transfer-encoding", "xchunked"),
        ("x y", "1"),
        ("x", "a\x00b"),
        ("x", "a\x7fb"),
    ],
)
def test_an_answer_that_would_be_misread_is_not_passed_on(header: tuple[str, str]) -> None:
    with pytest.raises(UpstreamMalformed):
        back(header)
