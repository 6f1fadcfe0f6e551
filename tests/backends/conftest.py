"""All services, once a session, on free ports: real sockets, real data."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from backends import tokens
from backends.catalog import NAMES
from tests.controls import running


@pytest.fixture(scope="session")
def clients() -> Iterator[dict[str, httpx.Client]]:
    with running() as clients:
        yield clients


def _service(name: str) -> Any:
    @pytest.fixture(name=name)
    def service(clients: dict[str, httpx.Client]) -> Iterator[httpx.Client]:
        yield clients[name]
        clients[name].delete("/_control").raise_for_status()

    return service


airports, cities, countries, holidays, rates, trips = map(_service, NAMES)


@pytest.fixture
def ana() -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue('ana', tokens.secret())}"}


@pytest.fixture
def ben() -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue('ben', tokens.secret())}"}
