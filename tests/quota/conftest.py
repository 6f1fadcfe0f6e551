from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bff.limits.shared import SharedLedger

from .kit import Clock, Heard, shared
from .server import Server, running


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(one_server: Server) -> Server:
    """The store that all tests share, emptied."""
    one_server.command("FLUSHALL")
    return one_server


@pytest.fixture
def fragile() -> Iterator[Server]:
    """A store for one test to break."""
    with running() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def ledger(server: Server, clock: Clock, heard: Heard) -> AsyncIterator[SharedLedger]:
    """On the shared store, at a time that stands still."""
    found = shared(server.url, heard, clock=clock)
    yield found
    await found.aclose()
