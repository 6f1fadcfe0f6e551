"""A subscription in GraphiQL, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.graphiql.ide import Ide

pytestmark = pytest.mark.browser

RATE = 'subscription Rate { rate(base: "EUR", currency: "USD") }'
ACTIVE = 'bff_subscriptions_active{transport="sse"} '


def active(url: str) -> str:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return next((line.removeprefix(ACTIVE) for line in text.splitlines() if line.startswith(ACTIVE)), "none")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_subscription_runs_until_the_person_stops_it(ide: Ide, gateway_url: str, served_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", RATE)
    ide.press("Execute query")
    expect(ide.result).to_contain_text('"rate": "')
    until(lambda: active(served_url) == "1.0")
    ide.press("Stop query")
    until(lambda: active(served_url) == "0.0")
    ide.press("Execute query")
    expect(ide.result).to_contain_text('"rate": "')


def test_a_subscription_that_is_refused_says_why(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", 'subscription Mine { trip(id: "1") { title } }')
    ide.press("Execute query")
    expect(ide.result).to_contain_text("FORBIDDEN")
