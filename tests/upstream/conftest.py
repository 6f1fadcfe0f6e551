from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bff.upstreams import Upstream

from .calls import Facts, an_upstream
from .service import Service, running


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running() as running_service:
        yield running_service


@pytest.fixture
def facts() -> Facts:
    return Facts()


@pytest.fixture
async def cities(service: Service, facts: Facts) -> AsyncIterator[Upstream]:
    """An upstream over a real socket, with room for everything."""
    upstream = an_upstream(service.url, observer=facts)
    yield upstream
    await upstream.sender.aclose()
