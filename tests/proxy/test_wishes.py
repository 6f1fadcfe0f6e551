"""Which requests can go on in another protocol, and what the others are without the wish."""

from __future__ import annotations

import pytest

from bff.proxy import wishes

KEY = (b"sec-websocket-key", b"x")
WISH = [(b"connection", b"keep-alive, Upgrade"), (b"upgrade", b"WebSocket")]


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ([*WISH, KEY], True),
        ([(b"host", b"a"), KEY, *WISH], True),
        ([], False),
        (WISH, False),
        ([KEY], False),
        ([KEY, WISH[0]], False),
        ([KEY, WISH[1]], False),
        ([KEY, WISH[0], (b"upgrade", b"h2c")], False),
        ([*WISH, (b"sec-websocket-version", b"13")], False),
        ([*WISH, KEY, (b"content-length", b"0")], False),
        ([*WISH, (b"transfer-encoding", b"chunked"), KEY], False),
    ],
)
def test_a_socket_is_opened_by_a_wish_and_a_key_and_without_a_body(
    headers: list[tuple[bytes, bytes]], opens: bool
) -> None:
    assert wishes.for_socket(headers) is opens


def test_a_request_without_its_wish_is_the_same_request() -> None:
    headers = [(b"host", b"a"), (b"upgrade", b"h2c"), (b"http2-settings", b"x"), (b"upgrade-x", b"y"), (b"host", b"b")]
    head = wishes.without(b"POST /?q HTTP/1.1", headers)
    assert head == b"POST /?q HTTP/1.1\r\nhost: a\r\nupgrade-x: y\r\nhost: b\r\n\r\n"
