"""What the tests of execution share."""

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for thousands of examples."""
    with asyncio.Runner() as opened:
        yield opened
