"""What comes bit by bit, in a real browser: subscriptions, and what is deferred."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.graphiql.ide import Ide

pytestmark = pytest.mark.browser

RATE = 'subscription Rate { rate(base: "EUR", currency: "USD") }'
REFUSED = 'subscription Private { trip(id: "1") { title } }'


def test_a_subscription_goes_on_until_it_is_stopped(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", RATE)
    ide.press("Execute query")
    expect(ide.result).to_contain_text('"rate"')
    with ide.page.expect_event("requestfailed") as ended:  # aborted, as the stream did not end by itself
        ide.press("Stop query")
    assert ended.value.headers["accept"].startswith("text/event-stream")
    expect(ide.page.get_by_role("button", name="Execute query")).to_be_visible()
    expect(ide.result).to_contain_text('"rate"')


def test_a_subscription_that_is_refused_says_why(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", REFUSED)
    ide.press("Execute query")
    expect(ide.result).to_contain_text("trips:read")
    expect(ide.page.get_by_role("button", name="Execute query")).to_be_visible()
    ide.complaints.clear()


def test_a_subscription_has_a_plan_and_runs_beside_it(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    ide.write("query", RATE)
    ide.press("Show Plan")
    expect(ide.panel.get_by_role("status")).to_have_text("The subscription Rate calls no service for each event.")
    ide.press("Execute query")
    expect(ide.result).to_contain_text('"rate"')
    ide.press("Stop query")


def test_what_is_deferred_is_put_where_it_belongs(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    ide.write("query", 'query Late { airport(iata: "LIS") { name ... @defer { city { name } } } }')
    for panel in ("closed", "open"):
        if panel == "open":
            ide.press("Show Plan")
            expect(ide.panel.get_by_role("figure")).to_contain_text("deferred")
        ide.press("Execute query")
        expect(ide.result).to_contain_text("Lisbon")
        expect(ide.result).to_contain_text("Portela")
    assert all("multipart/mixed" in asked.headers["accept"] for asked in ide.operations[-1:])
