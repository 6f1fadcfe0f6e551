"""The order of the tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in the browser come last: Playwright runs an event loop in this thread, where asyncio then cannot."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
