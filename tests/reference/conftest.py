"""The six services, once a session, and a gateway over them for each test: real sockets, real data."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.controls import running
from tests.reference.travel import Travel, travel_over


@pytest.fixture(scope="session")
def controls() -> Iterator[dict[str, httpx.Client]]:
    with running() as clients:
        yield clients


@pytest.fixture
async def travel(controls: dict[str, httpx.Client]) -> AsyncIterator[Travel]:
    async with travel_over(controls) as opened:
        yield opened
        assert not opened.failures.seen
