"""The smuggling corpus: every request is refused, or the service reads the one request that we read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bff.errors import AmbiguousRequest, HeadersTooLarge, TargetTooLong
from bff.proxy.framing import Bounds, check

from .gateway import asks, gateway
from .service import Service, listening, says, whole

HOST = b"Host: api.example\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b"5\r\nhello\r\n0\r\n\r\n"
GHOST = b"GET /ghost HTTP/1.1\r\nHost: api.example\r\n\r\n"

REFUSED = {
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "host with a path": b"GET / HTTP/1.1\r\nHost: a/b?c\r\n\r\n",
    "host with a user": b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "host with a space": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "host list": b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "absolute form": b"GET http://evil/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form of ourselves": b"GET http://api.example/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT evil:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk": b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    "both lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n" + BODY,
    "both lengths, turned": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 5\r\n\r\n" + BODY,
    "two lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "two equal lengths": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "length list": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5, 5\r\n\r\nhello",
    "signed length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nhello",
    "negative length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\nhello",
    "hex length": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x5\r\n\r\nhello",
    "length that overflows": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 18446744073709551621\r\n\r\nhello",
    "gzip, chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + BODY,
    "chunked twice": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + BODY,
    "two codings": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + BODY,
    "chunked, identity": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + BODY,
    "xchunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n" + BODY,
    "identity": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n\r\n" + BODY,
    "empty coding": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\r\n\r\n" + BODY,
    "coding with a tab": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + BODY,
    "coding with a parameter": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked;q=1\r\n\r\n" + BODY,
    "chunked over 1.0": b"POST / HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n" + BODY,
    "space before the colon": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding : chunked\r\n\r\n" + BODY,
    "space before the name": b"POST / HTTP/1.1\r\n " + HOST + b"Content-Length: 5\r\n\r\nhello",
    "folded": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + BODY,
    "bare line feeds": b"POST / HTTP/1.1\nHost: api.example\nContent-Length: 5\n\nhello",
    "bare carriage return": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rY: b\r\n\r\n",
    "nul": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n",
    "control character": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x01b\r\n\r\n",
    "delete": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x7fb\r\n\r\n",
    "bytes over 127": b"GET / HTTP/1.1\r\n" + HOST + b"X: caf\xc3\xa9\r\n\r\n",
    "name with a bracket": b"GET / HTTP/1.1\r\n" + HOST + b"X[]: a\r\n\r\n",
    "name with a byte over 127": b"GET / HTTP/1.1\r\n" + HOST + b"X\xe9: a\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\n" + HOST + b": a\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\n" + HOST + b"hello\r\n\r\n",
    "chunk size overflow": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
    "chunk size with a sign": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n+5\r\nhello\r\n0\r\n\r\n",
    "chunk size in 0x": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "chunk ended wrongly": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n5\r\nhelloXX0\r\n\r\n",
    "chunk size ended by a bare line feed": b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n5\nhello\r\n0\r\n\r\n",
    "lower-case method": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "unknown method": b"SMUGGLE / HTTP/1.1\r\n" + HOST + b"\r\n",
    "http/0.9": b"GET /\r\n\r\n",
    "http/9.9": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "connection names host": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close, host\r\n\r\n",
}

READ_ALIKE = {
    "length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "leading zeros": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0005\r\n\r\nhello", b"hello"),
    "chunked": (b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + BODY, b"hello"),
    "chunked in capitals": (b"POST / HTTP/1.1\r\n" + HOST + b"TRANSFER-ENCODING: CHUNKED\r\n\r\n" + BODY, b"hello"),
    "chunk extensions": (b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n5;a=b\r\nhello\r\n0\r\n\r\n", b"hello"),
    "length in disguise": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content_Length: 99\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    "coding in disguise": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    "upgrade with a body": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    "upgrade": (
        b"GET / HTTP/1.1\r\n"
        + HOST
        + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
        b"",
    ),
    "http/1.0": (b"POST / HTTP/1.0\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "http/1.0 without a host": (b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "body of a get": (b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 42\r\n\r\n" + GHOST, GHOST),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_request_that_could_be_read_otherwise_is_refused_and_the_connection_ends(name: str) -> None:
    async with listening(Service(says(whole()))) as service, gateway(service.url) as proxy:
        async with proxy.connected() as connection:
            connection.writer.write(REFUSED[name] + GHOST)
            answer = await connection.answer()
            assert answer.status == 400
            if name != "connection names host":  # which is framed well: the ghost is the next request, honestly
                assert answer.value("connection") == "close"
                assert await connection.closed()
        assert [request.body for request in service.received if request.digest] == [] or name == "connection names host"


@pytest.mark.parametrize("name", READ_ALIKE)
async def test_a_request_that_passes_is_the_same_one_for_the_service(name: str) -> None:
    raw, body = READ_ALIKE[name]
    async with listening(Service(says(whole()))) as service, gateway(service.url) as proxy:
        assert (await proxy.exchange(raw)).status == 200
        assert len(service.received) == 1
        assert service.last.body == body
        framing = [(name.lower(), value) for name, value in service.last.headers if name.lower() in FRAMING]
        assert framing in (
            [("content-length", str(len(body)))],
            [("transfer-encoding", "chunked")],
            [] if not body else None,
        )


FRAMING = {"content-length", "transfer-encoding", "content_length", "transfer_encoding"}


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (asks("/" + "a" * 8192), 414, "URI_TOO_LONG"),
        (asks("/?" + "a" * 8192), 414, "URI_TOO_LONG"),
        (asks("/", "X: " + "a" * 8192), 431, "HEADERS_TOO_LARGE"),
        (asks("/", *(f"X-{number}: y" for number in range(100))), 431, "HEADERS_TOO_LARGE"),
        (asks("/", *(f"X-{number}: {'y' * 4000}" for number in range(9))), 431, "HEADERS_TOO_LARGE"),
    ],
    ids=["path", "query", "one header", "many headers", "all headers"],
)
async def test_a_head_over_the_limits_is_refused(raw: bytes, status: int, code: str) -> None:
    async with (
        listening(Service(says(whole()))) as service,
        gateway(service.url) as proxy,
        proxy.connected() as connection,
    ):
        connection.writer.write(raw)
        answer = await connection.answer()
        assert (answer.status, answer.problem["code"], answer.value("connection")) == (status, code, "close")
        assert await connection.closed()
        assert service.received == []


def scope(*headers: tuple[bytes, bytes], path: bytes = b"/", version: str = "1.1") -> dict[str, object]:
    return {
        "type": "http",
        "method": "GET",
        "http_version": version,
        "raw_path": path,
        "query_string": b"",
        "headers": [(b"host", b"h"), *headers],
    }


@pytest.mark.parametrize("host", [b"a.example", b"A:80", b"a_b", b"127.0.0.1:80", b"[::1]", b"[::1]:80", b"a:"])
def test_hosts_may_be_names_and_addresses(host: bytes) -> None:
    check(scope() | {"headers": [(b"host", host)]})


def test_a_request_of_the_old_version_needs_no_header_at_all() -> None:
    check(scope(version="1.0") | {"headers": []})
    with pytest.raises(AmbiguousRequest, match="Host"):
        check(scope(version="1.1") | {"headers": []})


@pytest.mark.parametrize("name", [b"host", b"content-length", b"transfer-encoding"])
def test_what_frames_a_request_stands_there_once_whatever_else_is_repeated(name: bytes) -> None:
    headers = [(b"host", b"h"), (b"accept", b"a"), (b"accept", b"b")]
    check(scope() | {"headers": headers})
    value = {b"host": b"h", b"content-length": b"5", b"transfer-encoding": b"chunked"}[name]
    with pytest.raises(AmbiguousRequest):
        check(scope() | {"headers": [*dict([*headers, (name, value)]).items(), (name, value)]})


@pytest.mark.parametrize("pair", [tuple, list])
@pytest.mark.parametrize("all_of_them", [tuple, list])
@pytest.mark.parametrize("again", [b"accept", b"x"])
def test_headers_may_be_any_collection_of_pairs_as_asgi_has_them(
    all_of_them: Callable[[Any], Any], pair: Callable[[Any], Any], again: bytes
) -> None:
    headers = all_of_them(map(pair, [(b"host", b"h"), (b"accept", b"a"), (again, b"b")]))
    check(scope() | {"headers": headers})
    with pytest.raises(AmbiguousRequest):
        check(scope() | {"headers": all_of_them([*headers, pair((b"host", b"h"))])})


@pytest.mark.parametrize("value", [b"a\x00", b"\xe9"])
def test_a_value_is_looked_at_also_where_its_name_is_repeated(value: bytes) -> None:
    with pytest.raises(AmbiguousRequest, match="illegal characters"):
        check(scope((b"x", value), (b"x", b"fine")))


def test_the_limits_are_inclusive() -> None:
    bounds = Bounds(headers=2, header=9, total=17, target=3)
    check(scope((b"a", b"123"), path=b"/ab"), bounds)
    with pytest.raises(HeadersTooLarge):
        check(scope((b"a", b"1234")), bounds)
    with pytest.raises(TargetTooLong):
        check(scope(path=b"/abc"), bounds)


def test_bytes_over_127_are_a_choice() -> None:
    check(scope((b"x", "café".encode())), Bounds(obs_text=True))
    with pytest.raises(AmbiguousRequest):
        check(scope((b"x", "café".encode())))


@pytest.mark.parametrize("name", [b"a,b", b",", b"", b"a b", b"a:", b"a\n", b"caf\xe9"])
def test_a_name_that_is_none_is_refused_also_where_the_server_lets_it_through(name: bytes) -> None:
    with pytest.raises(AmbiguousRequest, match="illegal name"):
        check(scope((name, b"x")))
