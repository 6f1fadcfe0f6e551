"""The same requests through nginx and through us: what the service sees and what the client gets must agree.

Where they differ, the difference is named. nginx is Debian's (tests/system.sh says which package).
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from bff.proxy import Route, WebSocket
from tests.lacking import lacking

from .gateway import ALL, Answered, Gateway, asks, eventually, gateway
from .service import Received, Service, head, listening, says, whole
from .test_websocket import Chat, chatting

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1; proxy_set_header Connection "";
    location / {{ proxy_pass http://127.0.0.1:{service}; }}
    location /one/ {{ proxy_pass http://127.0.0.1:{service}/two/; }}
    location /ws/ {{
      proxy_pass http://127.0.0.1:{service};
      proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade;
    }}
  }}
}}
"""


@pytest.fixture(autouse=True)
def _needs_nginx() -> None:
    if NGINX is None:
        lacking("nginx", "sh tests/system.sh installs it")


@asynccontextmanager
async def nginx(service: Service | Chat, folder: Path) -> AsyncIterator[Gateway]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, service=service.port))
    assert NGINX
    arguments = ("-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors"))
    process = await asyncio.create_subprocess_exec(NGINX, *arguments)
    try:
        await eventually(lambda: process.returncode is not None or _listens(port))
        yield Gateway(port, None, None)  # type: ignore[arg-type]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


FILE = b"0123456789"


async def _file(request: Received, writer: asyncio.StreamWriter) -> None:
    """A file with a validator and ranges, on a service that says things about its hop."""
    hop = (
        "Connection: keep-alive, X-Hop",
        "Keep-Alive: timeout=9",
        "Server: s/1",
        "Date: Sun, 22 Nov 2026 00:00:00 GMT",
    )
    if request.values("if-none-match") == ['"v1"']:
        writer.write(head("304 Not Modified", 'ETag: "v1"', *hop))
    elif request.values("range") == ["bytes=2-4"]:
        writer.write(whole(FILE[2:5], "206 Partial Content", "Content-Range: bytes 2-4/10", 'ETag: "v1"', *hop))
    elif request.line.startswith("HEAD"):
        writer.write(head("200 OK", "Content-Length: 10", 'ETag: "v1"', *hop))
    else:
        writer.write(whole(FILE, "200 OK", 'ETag: "v1"', "Set-Cookie: a", "Set-Cookie: b", *hop))


REQUESTS = {
    "get": asks("/file"),
    "head": asks("/file", method="HEAD"),
    "range": asks("/file", "Range: bytes=2-4"),
    "condition": asks("/file", 'If-None-Match: "v1"'),
    "options": asks("/file", method="OPTIONS"),
    "raw path": asks("/a%20b/%41|c+d/caf%C3%A9?x=%2F&y=|+%zz"),
    "empty query": asks("/file?"),
    "body": asks("/file", method="PUT", body=b"hello"),
    "chunked body": asks("/file", "Transfer-Encoding: chunked", method="PUT") + b"5\r\nhello\r\n0\r\n\r\n",
    "hop by hop": asks("/file", "Keep-Alive: 1", "TE: trailers", "Upgrade: h2c", "Proxy-Connection: keep-alive"),
    "underscores": asks("/file", "X_Own: 1"),
    "continue": asks("/file", "Accept: a/b", "Accept-Language: de", "Accept: c/d"),
}

OURS = {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via", "traceparent", "x-request-id"}
# nginx 1.22 knows neither that a body came in chunks nor that Keep-Alive, TE and Proxy-Connection are hop by hop
# (RFC 9110 7.6.1 says so); what we ask for when a client accepts no coding is what nginx leaves unsaid.
THEIRS = {"connection", "host", "user-agent", "accept-encoding", "content-length", "transfer-encoding"}
LEFT = {"keep-alive", "te", "proxy-connection"}


def seen(service: Service) -> tuple[str, list[tuple[str, str]], bytes]:
    request = service.last
    headers = [(name.lower(), value) for name, value in request.headers]
    return request.line, sorted(pair for pair in headers if pair[0] not in OURS | THEIRS | LEFT), request.body


def got(answer: Answered) -> tuple[int, list[tuple[str, str]], bytes]:
    mine = {"connection", "date", "server", "via", "x-request-id", "keep-alive"}
    return answer.status, sorted(pair for pair in answer.headers if pair[0] not in mine), answer.body


async def test_nginx_and_we_agree(tmp_path: Path) -> None:
    async with listening(Service(_file)) as service, gateway(service.url) as ours, nginx(service, tmp_path) as theirs:
        for name, request in REQUESTS.items():
            outcomes = []
            for proxy in (theirs, ours):
                answer = await proxy.exchange(request)
                outcomes.append((seen(service), got(answer)))
                assert len(answer.values("date")) == 1
            assert outcomes[0] == outcomes[1], name


# What no proxy takes for anything but a word of the two ends.
NAMES = some.from_regex(r"X-[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).filter(
    lambda name: (
        not name.lower().startswith(("x-accel", "x-user", "x-client", "x-pad", "x-request", "x-real", "x-http"))
    )
)
VALUES = some.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)
PAIRS = some.lists(some.tuples(NAMES, VALUES), max_size=4).map(
    lambda pairs: [f"{name}: {value}" for name, value in pairs]
)
SEGMENT = some.from_regex(r"([A-Za-z0-9_~!$&'()*+,=:@-]|%(2[0-468]|3[AF]|C3%A9|7C)){1,6}", fullmatch=True)
TARGETS = some.builds(
    lambda segments, query: "/" + "/".join(segments) + query,
    some.lists(SEGMENT, max_size=3),
    some.just("") | some.from_regex(r"\?[!$-~]{0,12}", fullmatch=True),
)
BODIES = some.binary(max_size=200)
STATUSES = some.sampled_from([200, 201, 202, 206, 301, 400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 502, 503])


@dataclass(frozen=True)
class Case:
    """A request, and what the service answers to it."""

    method: str
    target: str
    headers: list[str]
    body: bytes | None
    pieces: bool  # the body is sent in chunks
    status: int
    said: list[str]
    answer: bytes
    framing: str

    @property
    def request(self) -> bytes:
        if self.body is None or not self.pieces:
            return asks(self.target, *self.headers, method=self.method, body=self.body)
        chunk = f"{len(self.body):x}\r\n".encode() + self.body + b"\r\n" if self.body else b""
        return asks(self.target, *self.headers, "Transfer-Encoding: chunked", method=self.method) + chunk + b"0\r\n\r\n"

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> None:
        status = f"{self.status} Whatever"
        body = b"" if self.method == "HEAD" else self.answer
        if self.framing == "length":
            writer.write(head(status, f"Content-Length: {len(self.answer)}", *self.said) + body)
        elif self.framing == "chunked":
            chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n" if body else b""
            end = b"" if self.method == "HEAD" else b"0\r\n\r\n"
            writer.write(head(status, "Transfer-Encoding: chunked", *self.said) + chunk + end)
        else:
            writer.write(head(status, "Connection: close", *self.said) + body)
            await writer.drain()
            writer.close()


CASES = some.builds(
    Case,
    method=some.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    target=TARGETS,
    headers=PAIRS,
    body=some.none() | BODIES,
    pieces=some.booleans(),
    status=STATUSES,
    said=PAIRS,
    answer=BODIES,
    framing=some.sampled_from(["length", "chunked", "close"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.lists(CASES, min_size=1, max_size=20))
def test_nginx_and_we_agree_on_whatever_is_asked_and_answered(tmp_path: Path, cases: list[Case]) -> None:
    async def compare() -> None:
        service = Service(_file)
        async with listening(service), gateway(service.url) as ours, nginx(service, tmp_path) as theirs:
            for case in cases:
                service.answer = case
                outcomes = []
                for proxy in (theirs, ours):
                    answer = await proxy.exchange(case.request)
                    outcomes.append((seen(service), got(answer)))
                assert outcomes[0] == outcomes[1], case

    asyncio.run(compare())


REDIRECTS = [
    "http://127.0.0.1:{service}/two/x?a=b",
    "http://127.0.0.1:{service}/two/",
    "http://127.0.0.1:{service}/other",
    "https://127.0.0.1:{service}/two/x",
    "http://127.0.0.1/two/x",
    "http://elsewhere.example/two/x",
    "x",
    "?x",
    "/one/x",
    "/other",
]
# A path without a host is the service's own view: nginx hands it on by default, and a client finds nothing there.
FURTHER = {"/two/x": "/one/x"}


async def test_a_redirect_leads_where_nginx_leads(tmp_path: Path) -> None:
    moved = Route(path="/one/{path...}", upstream="files", strip_prefix="/one", replace_prefix="/two")
    service = Service(_file)
    async with listening(service), gateway(service.url, moved, ALL) as ours, nginx(service, tmp_path) as theirs:
        for said in [*REDIRECTS, *FURTHER]:
            location = said.format(service=service.port)
            service.answer = says(whole(b"", "302 Found", f"Location: {location}", f"Refresh: 1; url={location}"))
            led = []
            for proxy in (theirs, ours):
                answer = await proxy.get("/one/here")
                assert service.last.target == "/two/here"
                refreshed = (answer.value("refresh") or "").partition("url=")[2]
                ends = [
                    urljoin("http://api.example/one/here", each) for each in (answer.value("location") or "", refreshed)
                ]
                led.append([end.replace(f"http://api.example:{proxy.port}/", "http://api.example/") for end in ends])
            further = FURTHER.get(said)
            assert led[1] == (led[0] if further is None else [f"http://api.example{further}"] * 2), said


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.lists(some.text() | some.binary(), max_size=10), some.sampled_from([1000, 1001, 3000, 4999]), some.booleans()
)
def test_a_conversation_goes_as_through_nginx(
    tmp_path: Path, messages: list[str | bytes], code: int, service_ends: bool
) -> None:
    async def talks(client: ServerConnection) -> None:
        for _ in messages:
            await client.send(await client.recv())
        if service_ends:
            await client.close(code, "enough")

    async def converse(proxy: Gateway) -> tuple[list[Any], Any]:
        url = f"ws://127.0.0.1:{proxy.port}/ws/room?x"
        async with connect(url, proxy=None, compression=None, subprotocols=[Subprotocol("v1")]) as client:
            for message in messages:
                await client.send(message)
            heard = [await client.recv() for _ in messages]
            if service_ends:
                await client.wait_closed()
            else:
                await client.close(code, "enough")
            return heard, (client.close_code, client.close_reason, client.subprotocol)

    async def compare() -> None:
        route = Route(path="/ws/{path...}", upstream="chat", websocket=WebSocket())
        async with (
            chatting(talks, subprotocols=[Subprotocol("v1")]) as chat,
            gateway(chat.url, route) as ours,
            nginx(chat, tmp_path) as theirs,
        ):
            assert await converse(ours) == await converse(theirs)
            await eventually(lambda: len(chat.ended) == 2)
            assert chat.ended[0] == chat.ended[1]
            assert [request.path for request in chat.asked] == ["/ws/room?x"] * 2

    asyncio.run(compare())
