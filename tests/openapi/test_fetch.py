"""Fetching what was named: real sockets, hostile servers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from bff.openapi import fetch as fetching
from bff.openapi.fetch import fetch, public_address
from bff.openapi.place import Unfetchable


class Pages(BaseHTTPRequestHandler):
    answers: dict[str, tuple[int, dict[str, str], bytes]]

    def do_GET(self) -> None:
        status, headers, body = self.answers[self.path]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    port = server.server_address[1]
    Pages.answers = {
        "/api": (200, {}, b"{}"),
        "/packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}")),
        "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * 5_000_000)),
        "/cut": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}" * 99)[:-9]),
        "/odd": (200, {"Content-Encoding": "br"}, b"{}"),
        "/large": (200, {}, b" " * 2_000_000),
        "/gone": (404, {}, b""),
        "/moved": (302, {"Location": "/api"}, b""),
        "/round": (302, {"Location": "/round"}, b""),
        "/elsewhere": (302, {"Location": f"http://localhost:{port}/api"}, b""),
        "/metadata": (302, {"Location": "http://169.254.169.254/latest"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    }
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/api", "/packed", "/moved"])
def test_a_named_url_is_fetched_even_if_it_is_internal(base: str, path: str) -> None:
    assert fetch(base + path) == b"{}"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/bomb", "must not be larger than"),
        ("/large", "must not be larger than"),
        ("/cut", "was cut short"),
        ("/odd", "content-encoding that was not asked for"),
        ("/gone", "was answered with status 404"),
        ("/round", "is redirected more than 3 times"),
        ("/elsewhere", "is redirected to localhost, which is not public"),
        ("/metadata", "is redirected to 169.254.169.254, which is not public"),
        ("/file", "must be an http or https URL"),
    ],
)
def test_what_is_too_large_or_leads_elsewhere_is_refused(
    base: str, path: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1_000_000)
    with pytest.raises(Unfetchable, match=shown):
        fetch(base + path)


@pytest.mark.parametrize("url", ["ftp://a.example/", "http://", "https://user:word@a.example/", "http://[x/"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(Unfetchable):
        fetch(url)


def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(Unfetchable, match="cannot be fetched: ConnectError"):
        fetch("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("addresses", "public"),
    [
        (["93.184.216.34"], True),
        (["2606:2800:220:1::1"], True),
        (["10.0.0.1"], False),
        (["127.0.0.1"], False),
        (["169.254.169.254"], False),
        (["100.64.0.1"], False),
        (["0.0.0.0"], False),
        (["224.0.0.1"], False),
        (["::1"], False),
        (["fe80::1%eth0"], False),
        (["fd00::1"], False),
        (["::ffff:127.0.0.1"], False),
        (["2002:7f00:1::"], False),
        (["93.184.216.34", "10.0.0.1"], False),
        ([], False),
    ],
    ids=str,
)
def test_a_redirect_leads_to_public_addresses_only(addresses: list[str], public: bool) -> None:
    url = httpx.URL("https://a.example/api")
    if public:
        assert public_address(url, lambda _host, _port: addresses) == addresses[0]
    else:
        with pytest.raises(Unfetchable):
            public_address(url, lambda _host, _port: addresses)
