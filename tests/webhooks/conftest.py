"""A store that the tests share, emptied for each."""

from __future__ import annotations

import socket

import pytest

from tests.quota.conftest import one_server, server
from tests.quota.server import Server

__all__ = ["one_server", "server", "store"]


@pytest.fixture
def store(server: Server) -> str:
    """Its URL over TCP, as bff.yaml has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert server.command("CONFIG", "SET", "port", str(port)) == "+OK\r\n"
    return f"valkey://127.0.0.1:{port}"
