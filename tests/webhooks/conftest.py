"""A store that the tests share, emptied for each."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.quota.server import Server


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def server(one_server: Server) -> Server:
    one_server.command("FLUSHALL")
    return one_server


@pytest.fixture
def store(server: Server) -> str:
    """Its URL over TCP, as bff.yaml has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert server.command("CONFIG", "SET", "port", str(port)) == "+OK\r\n"
    return f"valkey://127.0.0.1:{port}"
