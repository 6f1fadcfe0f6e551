"""What an application is told of the requests on one connection."""

from __future__ import annotations

from typing import Any

import httptools
import pytest

from bff.proxy.scope import Scopes


def _told(scopes: Scopes, target: bytes) -> Any:
    return scopes.of(b"GET", target, "1.1", [(b"host", b"a")], lambda _: None)


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        (b"/", ("/", b"/", b"")),
        (b"/a%20b?c=%20&d", ("/a b", b"/a%20b", b"c=%20&d")),
        (b"/a?", ("/a", b"/a", b"")),
        (b"//a", ("//a", b"//a", b"")),
        (b"*", ("*", b"*", b"")),
        (b"http://other/a?b", ("/a", b"/a", b"b")),
    ],
)
def test_a_target_is_a_path_and_a_query_and_what_it_was(target: bytes, parts: tuple[str, bytes, bytes]) -> None:
    scopes = Scopes("http", None, None, {})
    for _ in range(2):
        scope = _told(scopes, target)
        assert (scope["path"], scope["raw_path"], scope["query_string"]) == parts
        assert scope["extensions"]["bff.target"] == {"raw": target}


def test_requests_on_a_connection_have_what_they_share_and_their_own() -> None:
    state = {"x": 1}
    scopes = Scopes("http", ("127.0.0.1", 80), ("127.0.0.1", 4_000), state)
    first, second = _told(scopes, b"/a"), _told(scopes, b"/b")
    assert (first["path"], second["path"]) == ("/a", "/b")
    assert first["client"] == second["client"] == ("127.0.0.1", 4_000)
    first["state"]["x"] = 2
    assert (second["state"], state) == ({"x": 1}, {"x": 1})


@pytest.mark.parametrize("target", [b"a:443", b"", b"/\xc3\xa9"])
def test_what_is_no_target_is_refused_and_not_remembered(target: bytes) -> None:
    scopes = Scopes("http", None, None, {})
    _told(scopes, b"/a")
    for _ in range(2):
        with pytest.raises(httptools.HttpParserInvalidURLError):
            _told(scopes, target)
    assert _told(scopes, b"/a")["path"] == "/a"
