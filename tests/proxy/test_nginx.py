"""The same requests through nginx and through us: what the service sees and what the client gets must agree.

Where they differ, the difference is named. nginx is Debian's (tests/system.sh says which package).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from .gateway import Answered, Gateway, asks, eventually, gateway
from .service import Received, Service, head, listening, whole

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
    location / {{ proxy_pass http://127.0.0.1:{service}; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@pytest.fixture(autouse=True)
def _needs_nginx() -> None:
    if NGINX is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is missing: run tests/system.sh")
        pytest.skip("nginx is missing: run tests/system.sh")


@asynccontextmanager
async def nginx(service: Service, folder: Path) -> AsyncIterator[Gateway]:
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
