"""Texts in a real store that processes share, and without it."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

from bff.limits.valkey import Connection
from bff.persisted import Automatic, Kept, SharedTexts
from tests.http.conftest import serving, until
from tests.quota.conftest import fragile, one_server, server
from tests.quota.server import Server

__all__ = ["fragile", "one_server", "server"]  # fixtures

TEXT = "# é is two bytes\n{ user(id: 1) { name } }"
QUERY = "{ user(id: 1) { name } }"
DIGEST = sha256(TEXT.encode()).hexdigest()


@asynccontextmanager
async def automatic(store: Server, ttl: float = 60) -> AsyncIterator[Automatic]:
    """As one of several processes has it."""
    connection = Connection(store.url)
    shared = SharedTexts(connection.run, connection.aclose, timeout=0.05, ttl=ttl)
    one = Automatic(Kept(1_000_000), shared, time.monotonic)
    try:
        yield one
    finally:
        await one.aclose()


async def test_what_one_process_registers_another_finds(server: Server) -> None:
    async with automatic(server) as one, automatic(server) as other:
        assert await other.find(DIGEST, "web") is None
        assert one.register(DIGEST, TEXT, "web")
        await one.aclose()
        assert await other.find(DIGEST, "web") == TEXT


async def test_what_was_found_is_kept_here_and_asked_for_no_more(server: Server) -> None:
    async with automatic(server) as one, automatic(server) as other:
        one.register(DIGEST, TEXT, "web")
        await one.aclose()
        await other.find(DIGEST, "web")
        server.command("FLUSHALL")
        assert await other.find(DIGEST, "web") == TEXT


async def test_a_text_lasts_from_when_it_was_last_asked_for(server: Server) -> None:
    async with automatic(server, ttl=100) as one, automatic(server, ttl=1_000) as other:
        one.register(DIGEST, TEXT, "web")
        await one.aclose()
        assert 90 < int(server.command("TTL", f"bff:document:{DIGEST}").strip(":\r\n")) <= 100
        await other.find(DIGEST, "web")
        assert int(server.command("TTL", f"bff:document:{DIGEST}").strip(":\r\n")) > 900


async def test_a_text_that_is_not_what_it_is_called_is_not_believed(server: Server) -> None:
    server.command("SET", f"bff:document:{DIGEST}", "{ other }")
    async with automatic(server) as one:
        assert await one.find(DIGEST, "web") is None


async def test_without_the_store_nothing_is_found_there_and_what_is_here_stays(fragile: Server) -> None:
    async with automatic(fragile) as one:
        one.register(DIGEST, TEXT, "web")
        fragile.kill()
        assert await one.find("0" * 64, "web") is None
        assert await one.find(DIGEST, "web") == TEXT


async def test_a_store_that_hangs_delays_a_request_by_little_and_the_next_not_at_all(fragile: Server) -> None:
    async with automatic(fragile) as one:
        await one.find("1" * 64, "web")
        fragile.freeze()
        assert await one.find("0" * 64, "web") is None
        assert await one.find("2" * 64, "web") is None
        fragile.thaw()


async def test_gateways_over_one_store_share_what_was_registered_with_any(fragile: Server) -> None:
    port = unused_port()
    assert fragile.command("CONFIG", "SET", "port", str(port)) == "+OK\r\n"
    settings = f"store: 'redis://127.0.0.1:{port}'"
    async with serving(settings) as one, serving(settings) as other:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY.encode()).hexdigest()}}
        assert "errors" in (await other.post({"extensions": extensions})).json()
        await one.post({"query": QUERY, "extensions": extensions})
        await until(lambda: fragile.command("DBSIZE") == ":1\r\n")
        found = await other.post({"extensions": extensions})
        assert found.json() == {"data": {"user": {"name": "user 1"}}}


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
