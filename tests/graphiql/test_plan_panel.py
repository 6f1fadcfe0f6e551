"""GraphiQL's Plan panel in a real browser: what is in the editor, before and after it runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.graphiql.ide import Ide

pytestmark = pytest.mark.browser

CAPITAL = 'query Capital { airport(iata: "LIS") { city { name country { name } } } }'


def plan(ide: Ide) -> Locator:
    """The panel, open."""
    ide.press("Show Plan")
    return ide.panel.get_by_role("region", name="Plan")


def asked(ide: Ide) -> list[str | None]:
    return [request.headers.get("bff-explain") for request in ide.operations]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_plan_of_what_is_in_the_editor_is_drawn_and_then_what_really_happened(
    ide: Ide, explained_url: str, photograph: Callable[..., None], theme: str
) -> None:
    ide.open(explained_url)
    panel = plan(ide)
    expect(panel.get_by_role("status")).to_have_text(
        re.compile(r"The query Lisbon makes at most \d calls in \d waves\.$")
    )
    picture = panel.get_by_role("figure", name="The calls that are planned, by wave")
    expect(picture).to_contain_text("airports GET /airports/batch")
    expect(picture).to_contain_text("wave 1")
    expect(ide.result).not_to_contain_text("Lisbon")
    assert asked(ide)[-1] == "plan"
    photograph(f"plan-{theme}.png", ide.panel)

    ide.press("Execute query")

    expect(ide.result).to_contain_text("Lisbon")
    expect(panel.get_by_role("status")).to_have_text(re.compile(r"It ran in [\d.]+ ms, with \d calls and \d+ points\."))
    expect(panel.get_by_role("figure", name="When each call ran")).to_contain_text("1 call, at most 1")
    expect(ide.result).not_to_contain_text("extensions")
    photograph(f"trace-{theme}.png", ide.panel)
    if theme == "light":
        photograph("graphiql-plan.png")


def test_the_plan_follows_what_is_typed_and_is_asked_for_once_nobody_types(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    panel = plan(ide)
    expect(panel.get_by_role("status")).to_contain_text("Lisbon")
    before = asked(ide).count("plan")
    ide.write("query", CAPITAL)
    expect(panel.get_by_role("status")).to_contain_text("The query Capital makes at most 3 calls in 3 waves.")
    assert asked(ide).count("plan") == before + 1


def test_who_sees_no_picture_has_tables(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    ide.write("query", CAPITAL)
    panel = plan(ide)
    prices = panel.get_by_role("table", name="Price by field, at worst")
    expect(prices.get_by_role("rowheader", name="airport.city.country")).to_be_visible()
    panel.get_by_text("Calls as a table").focus()
    ide.page.keyboard.press("Enter")
    calls = panel.get_by_role("table", name="Calls", exact=True)
    expect(calls.get_by_role("row").nth(1)).to_contain_text("airports GET /airports/batch")
    expect(calls.get_by_role("row")).to_have_count(4)


def test_what_remains_of_the_budget_goes_down_when_it_runs_and_not_before(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    ide.write("query", CAPITAL)
    panel = plan(ide)
    budget = panel.get_by_role("meter", name="Budget left")
    expect(budget).to_be_visible()
    before = float(budget.get_attribute("aria-valuenow") or 0)
    price = panel.get_by_role("meter", name="Price")
    expect(price).to_have_attribute("aria-valuetext", re.compile(r"^at most \d+ points of 200$"))
    ide.press("Execute query")
    expect(price).to_have_attribute("aria-valuetext", re.compile(r"^\d points, at most \d+ of 200$"))
    assert float(budget.get_attribute("aria-valuenow") or 0) < before


def test_what_would_be_refused_is_said_before_it_is_sent(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    panel = plan(ide)
    ide.write("query", "query Dear { countries { cities(first: 9) { edges { node { name } } } } }")
    expect(panel.get_by_role("list", name="Refusals")).to_contain_text("It would be refused")
    expect(panel.get_by_role("list", name="Warnings")).to_contain_text("over it by")
    expect(panel.get_by_role("meter", name="Price")).to_have_attribute(
        "aria-valuetext", "at most 2751 points, over 200"
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("query Wrong { airprot }", "Line 1: Cannot query field"),
        ("query Half { ", "Line 1: Syntax Error"),
    ],
)
def test_mistakes_are_told_in_words(ide: Ide, explained_url: str, query: str, words: str) -> None:
    ide.open(explained_url)
    panel = plan(ide)
    ide.write("query", query)
    expect(panel.get_by_role("alert")).to_contain_text(words)
    ide.complaints.clear()  # Chromium notes every answer that is not 2xx


def test_where_plans_are_not_shown_the_panel_says_so_and_queries_run_as_ever(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    panel = plan(ide)
    expect(panel.get_by_role("alert")).to_contain_text("may not see plans")
    ide.press("Execute query")
    expect(ide.result).to_contain_text("Lisbon")
    assert asked(ide)[-1] is None
    ide.complaints.clear()


def test_while_the_panel_is_closed_nothing_is_asked_for_but_what_was_run(ide: Ide, explained_url: str) -> None:
    ide.open(explained_url)
    ide.press("Execute query")
    expect(ide.result).to_contain_text("Lisbon")
    assert set(asked(ide)) == {None}
