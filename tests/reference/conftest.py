"""The six services, once a session, and a gateway over them for each test: real sockets, real data."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from backends.run import Services
from tests.reference.travel import Travel, travel_over


@pytest.fixture(scope="session")
def controls() -> Iterator[dict[str, httpx.Client]]:
    with Services() as urls:
        opened = {name: httpx.Client(base_url=url, timeout=10, trust_env=False) for name, url in urls.items()}
        try:
            yield opened
        finally:
            for client in opened.values():
                client.close()


@pytest.fixture
async def travel(controls: dict[str, httpx.Client]) -> AsyncIterator[Travel]:
    async with travel_over(controls) as opened:
        yield opened
        assert not opened.failures.seen
