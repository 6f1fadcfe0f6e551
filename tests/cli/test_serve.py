"""`bff serve`: it starts whole or not at all, and ends clean whenever it is told to."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Start, edit
from tests.cli.running import PATIENCE, Bff, Running, until

Patch = pytest.MonkeyPatch


class Slow(ThreadingHTTPServer):
    """The service goods, which answers when it may."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked, self.may_answer = threading.Event(), threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Slow

    def do_GET(self) -> None:
        self.server.asked.set()
        self.server.may_answer.wait(PATIENCE)
        body = b'{"id": "7", "name": "lamp"}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[Slow]:
    with Slow() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()


def status_of(url: str) -> int:
    return httpx.get(url, trust_env=False).status_code


def refused(url: str) -> bool:
    """Whether nobody listens there: what has connected just before the end, and was never accepted, is reset."""
    try:
        status_of(url)
    except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
        return True
    return False


def test_it_answers_says_what_it_did_and_ends_with_status_0(project: Path, start: Start) -> None:
    gateway = start("serve", cwd=project)
    assert status_of(f"{gateway.url()}/readyz") == 200
    gateway.ask("query Who { __typename }")
    headers = httpx.get(f"{gateway.url()}/healthz", trust_env=False).headers
    assert "date" in headers
    assert "server" not in headers
    assert gateway.stop(signal.SIGTERM) == 0
    assert [line["event"] for line in gateway.lines] == ["listening", "operation", "stopped"]
    assert gateway.lines[1]["name"] == "Who"
    assert len(gateway.printed.splitlines()) == 3


def test_it_finishes_what_it_is_answering(project: Path, slow: Slow, start: Start, monkeypatch: Patch) -> None:
    monkeypatch.setenv("GOODS_URL", f"http://127.0.0.1:{slow.server_port}")
    gateway = start("serve", cwd=project)
    with ThreadPoolExecutor() as people:
        answer = people.submit(gateway.ask, '{ item(id: "7") { name } }')
        assert slow.asked.wait(PATIENCE)
        ended = people.submit(gateway.stop, signal.SIGINT)
        until(lambda: refused(f"{gateway.url()}/healthz"))
        slow.may_answer.set()
        assert answer.result(PATIENCE) == {"data": {"item": {"name": "lamp"}}}
        assert ended.result(PATIENCE) == 0


def test_while_it_drains_it_answers_but_says_that_it_is_not_ready(project: Path, start: Start) -> None:
    gateway = start("serve", "--drain", "1m", cwd=project)
    with ThreadPoolExecutor() as people:
        gateway.url()
        ended = people.submit(gateway.stop, signal.SIGTERM)
        until(lambda: status_of(f"{gateway.url()}/readyz") == 503)
        assert status_of(f"{gateway.url()}/healthz") == 200
        gateway.signal(signal.SIGINT)  # a second one does not wait
        assert ended.result(PATIENCE) == 0


@pytest.fixture
def unguarded(project: Path) -> Path:
    """The project without quotas, which several processes could only keep in a store."""
    edit(project / "bff.yaml", "auth: {anonymous: everybody}\ntiers: {everybody: {points_per_minute: 100000}}\n", "")
    return project


def test_a_worker_that_dies_is_replaced_and_the_end_leaves_none(unguarded: Path, start: Start) -> None:
    gateway = start("serve", "--workers", "2", cwd=unguarded)
    gateway.says("listening", times=2)
    victim, survivor = gateway.workers()
    victim.kill()
    gateway.says("listening", times=3)
    assert survivor in gateway.workers()
    assert status_of(f"{gateway.url()}/readyz") == 200
    assert gateway.stop(signal.SIGTERM) == 0
    assert gateway.nobody_is_left()


def test_workers_do_not_outlive_their_parent(unguarded: Path, start: Start) -> None:
    gateway = start("serve", "--workers", "2", cwd=unguarded)
    gateway.says("listening", times=2)
    gateway.kill()
    assert len(gateway.everyone) == 2
    assert gateway.nobody_is_left()


def test_what_is_wrong_is_said_once_however_many_workers_there_would_be(unguarded: Path, start: Start) -> None:
    edit(unguarded / "shop.py", "schema = ", "schemata = ")
    gateway = start("serve", "--workers", "2", cwd=unguarded)
    assert gateway.ended() == 1
    assert gateway.printed.count("is nothing (a strawberry.Schema is needed)") == 1
    assert len(gateway.printed.splitlines()) == 1


def test_a_port_in_use_is_said_with_what_to_do(bff: Bff, sound: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = bff("serve", "--port", str(port), cwd=sound)
    assert done.returncode == 1
    assert done.stderr == (
        f"listen: cannot listen on 127.0.0.1:{port}: address already in use"
        " (stop what listens there, or choose another with --port)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--drain", "5"], "--drain must be a duration with a unit"),
        (["--fd", "99"], "--fd 99: Bad file descriptor"),
        (["--port", "70000"], "'--port'"),
        (["--log-level", "chatty"], "'--log-level'"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_would_be_right(
    bff: Bff, sound: Path, arguments: list[str], says: str
) -> None:
    done = bff("serve", *arguments, cwd=sound)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_trusted_documents_that_no_longer_fit_are_told_once_and_stop_nothing(
    project: Path, start: Start, workers: int
) -> None:
    (project / "documents.json").write_text('{"b2": "query Bad { nope }"}', "utf-8")
    edit(project / "bff.yaml", "auth: {anonymous: everybody}\ntiers: {everybody: {points_per_minute: 100000}}\n", "")
    edit(project / "bff.yaml", "limits:", "persisted: {manifests: [documents.json]}\nlimits:")
    running = start("serve", "--port", "0", "--workers", str(workers), "--log-format", "json", cwd=project)
    running.says('"listening"', workers)
    (told,) = until(lambda: _of_documents(running))
    assert (told["level"], told["place"]) == ("warning", "documents.json: operation Bad of document b2")
    assert "Cannot query field 'nope'" in told["message"]
    assert running.ask("{ __typename }") == {"data": {"__typename": "Query"}}
    assert running.stop(signal.SIGTERM) == 0
    assert _of_documents(running) == [told]


def _of_documents(running: Running) -> list[dict[str, Any]]:
    return [line for line in running.lines if line["event"] == "doubt" and "document" in line["place"]]
