"""What a browser really sends for other pages, and what becomes of it: a token in a cookie, and two origins."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.http.storage import Storing, storing
from tests.http.test_cookies import SECRET, SETTINGS, token

pytestmark = pytest.mark.browser

DEADLINE = 20  # seconds
PUT = "mutation Put($file: Upload!) { put(id: 1, file: $file) { size } }"
FORM = """({url, enctype, fields}) => {
  const form = Object.assign(document.createElement("form"), {action: url, method: "post", enctype});
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), {name, value}));
  }
  document.body.append(form);
  form.submit();
}"""
ASK = """async ({url, options}) => {
  try {
    const answer = await fetch(url, {credentials: "include", ...options});
    return answer.type === "opaque" ? "opaque" : await answer.text();
  } catch (error) { return error.name; }
}"""
UPLOAD = """async ({url, headers, operations}) => {
  const body = new FormData();
  body.append("operations", operations);
  body.append("map", '{"0": ["variables.file"]}');
  body.append("0", new File(["content"], "a.txt"));
  return await (await fetch(url, {method: "POST", headers, body})).text();
}"""
SOCKET = """(url) => new Promise((done) => {
  const socket = new WebSocket(url, "graphql-transport-ws");
  socket.onopen = () => done("open");
  socket.onclose = () => done("closed");
})"""


@contextmanager
def gateway_in_a_thread() -> Iterator[Storing]:
    """Playwright has an event loop in this thread, so the gateway has another one in its own."""
    found: Queue[tuple[Storing, asyncio.AbstractEventLoop, asyncio.Event]] = Queue()

    async def serve() -> None:
        settings = SETTINGS.replace("upstream: posts", "upstream: storage")
        async with storing(settings, environ={"SECRET": SECRET}) as gateway:
            over = asyncio.Event()
            found.put((gateway, asyncio.get_running_loop(), over))
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    gateway, loop, over = found.get(timeout=DEADLINE)
    try:
        yield gateway
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>page</title><body>")

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Storing]:
    with gateway_in_a_thread() as found:
        yield found


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """A page at another origin of this machine, for which the browser has the same cookies."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(browser: Browser, gateway: Storing) -> Iterator[Page]:
    """The tab of somebody who is logged in."""
    gateway.bench.listener.denials.clear()
    gateway.bench.listener.operations.clear()
    gateway.storage.begun = 0
    context = browser.new_context()
    context.add_cookies([{"name": "token", "value": token(), "url": gateway.url}])
    page = context.new_page()
    yield page
    context.close()


def denied(gateway: Storing) -> list[str]:
    return [code for _, code, _ in gateway.bench.listener.denials]


def test_a_page_of_ours_asks_with_the_cookie(gateway: Storing, page: Page) -> None:
    page.goto(f"{gateway.url.removesuffix('/graphql')}/healthz")
    found = page.evaluate(ASK, {"url": "/graphql?query={total}", "options": {}})
    assert found == '{"data":{"total":0}}'
    options = {"method": "POST", "headers": {"content-type": "application/json"}, "body": '{"query": "{ total }"}'}
    assert page.evaluate(ASK, {"url": "/graphql", "options": options}) == found
    assert {fact.client.split()[-1] for fact in gateway.bench.listener.operations} == {"ann"}


def test_a_page_of_ours_sends_a_file_with_a_header(gateway: Storing, page: Page) -> None:
    page.goto(f"{gateway.url.removesuffix('/graphql')}/healthz")
    operations = f'{{"query": "{PUT}", "variables": {{"file": null}}}}'
    asked = {"url": "/graphql", "operations": operations}
    assert "CROSS_SITE_REFUSED" in page.evaluate(UPLOAD, {**asked, "headers": {}})
    found = page.evaluate(UPLOAD, {**asked, "headers": {"graphql-require-preflight": "1"}})
    assert found == '{"data":{"put":{"size":7}}}'


def test_a_strangers_page_cannot_ask_with_the_cookie(gateway: Storing, page: Page, stranger: str) -> None:
    page.goto(stranger)
    asked = {"url": f"{gateway.url}?query={{total}}", "options": {"mode": "no-cors"}}
    assert page.evaluate(ASK, asked) == "opaque"
    assert denied(gateway) == ["CROSS_SITE_REFUSED"]
    assert gateway.bench.listener.operations == []


def test_a_strangers_page_cannot_send_json(gateway: Storing, page: Page, stranger: str) -> None:
    page.goto(stranger)
    headers = {"content-type": "application/json", "graphql-require-preflight": "1"}
    options = {"method": "POST", "headers": headers, "body": '{"query": "{ total }"}'}
    assert page.evaluate(ASK, {"url": gateway.url, "options": options}) == "TypeError"  # its preflight was not allowed
    assert (denied(gateway), gateway.bench.listener.operations) == ([], [])


@pytest.mark.parametrize("enctype", ["multipart/form-data", "text/plain", "application/x-www-form-urlencoded"])
def test_a_strangers_form_changes_nothing(gateway: Storing, page: Page, stranger: str, enctype: str) -> None:
    page.goto(stranger)
    fields = {"operations": f'{{"query": "{PUT}", "variables": {{"file": null}}}}', "map": '{"0": ["variables.file"]}'}
    with page.expect_response(gateway.url) as answered:
        page.evaluate(FORM, {"url": gateway.url, "enctype": enctype, "fields": {**fields, "0": "content"}})
    assert answered.value.status == 403
    assert denied(gateway) == ["CROSS_SITE_REFUSED"]
    assert (gateway.storage.begun, gateway.bench.listener.operations) == (0, [])


def test_a_strangers_page_opens_no_socket(gateway: Storing, page: Page, stranger: str) -> None:
    url = gateway.url.replace("http:", "ws:")
    page.goto(f"{gateway.url.removesuffix('/graphql')}/healthz")
    assert page.evaluate(SOCKET, url) == "open"
    page.goto(stranger)
    assert page.evaluate(SOCKET, url) == "closed"
