from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .origin import Client, Origin, client_of, serving


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with serving() as running:
        yield running


@pytest.fixture
async def client(origin: Origin) -> AsyncIterator[Client]:
    made = client_of(origin)
    yield made
    await made.upstream.sender.aclose()
