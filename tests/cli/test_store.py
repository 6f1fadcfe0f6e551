"""`bff serve` and the store of quotas: what it refuses to start without, and what it starts without."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Start
from tests.cli.running import Bff
from tests.quota.server import Server, running

NOWHERE = "valkey://127.0.0.1:9"


@pytest.fixture
def store() -> Iterator[Server]:
    with running() as server:
        server.command("CONFIG", "SET", "port", str(free_port()))
        yield server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def url_of(store: Server) -> str:
    port = store.command("CONFIG", "GET", "port").split()[-1]
    return f"valkey://127.0.0.1:{port}"


def says(project: Path, more: str) -> None:
    with (project / "bff.yaml").open("a", encoding="utf-8") as file:
        file.write(more)


def lines_of(text: str) -> int:
    return len(text.splitlines())


def test_workers_that_would_each_grant_a_whole_tier_are_refused(bff: Bff, sound: Path) -> None:
    done = bff("serve", "--workers", "3", cwd=sound)
    assert (done.returncode, lines_of(done.stderr)) == (1, 1)
    assert "store: is memory, which no two processes share: 3 workers would grant 3 times every tier" in done.stderr
    assert "(name a Valkey or Redis" in done.stderr


def test_workers_that_share_a_store_start(project: Path, start: Start, store: Server) -> None:
    says(project, f"store: {url_of(store)}\n")
    gateway = start("serve", "--workers", "2", cwd=project)
    gateway.says("listening", times=2)
    assert not [line for line in gateway.lines if line["event"] == "store"]
    assert gateway.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("more", [[], ["--workers", "2"]])
def test_without_a_store_that_is_required_nothing_starts(bff: Bff, project: Path, more: list[str]) -> None:
    says(project, f"store: {NOWHERE}\n")
    done = bff("serve", *more, cwd=project)
    assert (done.returncode, lines_of(done.stderr)) == (1, 1)
    assert done.stderr.startswith("store: cannot be used, and is required: ConnectionError: ")
    assert done.stderr.endswith(
        "(start it; or set store_required: false, and this starts with its share of every tier)\n"
    )


def test_without_a_store_that_is_not_required_it_starts_and_says_so_once(project: Path, start: Start) -> None:
    says(project, f"store: {NOWHERE}\nstore_required: false\n")
    gateway = start("serve", cwd=project)
    assert "item" in gateway.ask('{ item(id: "7") { name } }')["data"]
    (line,) = [line for line in gateway.lines if line["event"] == "store"]
    assert (line["level"], line["state"]) == ("warning", "down")
    assert gateway.lines.index(line) < [line["event"] for line in gateway.lines].index("listening")
    assert gateway.stop(signal.SIGTERM) == 0
