"""The Plan panel for who hears it, who uses the keyboard, whose theme is dark, and who is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from bff.config import Config
from bff.config.clients import Client
from bff.config.upstreams import Cache
from tests.graphiql.ide import Ide
from tests.graphiql.served import serve

pytestmark = pytest.mark.browser

TWO = 'query Two { airports(iatas: ["LIS", "CDG"]) { name city { country { holidays(year: 2026) { name } } } } }'

# Each text with less contrast to what is behind it than WCAG 2.2, 1.4.3 asks for: 4.5, what is large and bold 3.
TOO_PALE = """
panel => {
  const rgba = text => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
    const context = canvas.getContext('2d');
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((channel, at) => channel * a + under[at] * (1 - a));
  const behind = element => {
    if (!element) return [255, 255, 255];
    const {backgroundColor} = getComputedStyle(element);
    return over(rgba(backgroundColor), behind(element.parentElement));
  };
  const light = colour => {
    const linear = c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.map(channel => linear(channel / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    const under = behind(element);
    const own = over(rgba(getComputedStyle(element).color), under);
    const [dim, bright] = [light(own), light(under)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dim + 0.05);
    if (contrast < 4.5) found.push(`${texts.currentNode.data}: ${contrast.toFixed(2)}`);
  }
  return found;
}
"""


def opened(ide: Ide, url: str, query: str = "") -> Locator:
    ide.open(url)
    if query:
        ide.write("query", query)
    ide.press("Show Plan")
    return ide.panel.get_by_role("region", name="Plan")


def test_who_hears_the_panel_is_told_what_others_see(ide: Ide, explained_url: str) -> None:
    panel = opened(ide, explained_url, TWO)
    expect(panel.get_by_role("status")).to_contain_text("The query Two")
    expect(panel).to_match_aria_snapshot("""
        - heading "Plan" [level=2]
        - status: The query Two makes at most 5 calls in 4 waves.
        - meter "Price"
        - meter "Calls"
        - meter "Budget left"
        - list "Warnings":
          - listitem: /Many calls for one field .* up to 2 calls of holidays GET/
        - figure "The calls that are planned, by wave":
          - list:
            - listitem:
              - paragraph:
                - text: airports
                - code: "GET /airports/batch{?iatas}"
              - paragraph: "wave 1: at most 1 call · 3 points · batch of 50"
            - listitem:
              - paragraph:
                - text: cities
                - code: "GET /cities{?id*}"
              - paragraph: "wave 2: at most 1 call · 3 points · batch of 100"
            - listitem:
              - paragraph:
                - text: countries
                - code: "GET /countries{?code*}"
              - paragraph: "wave 3: at most 1 call · 3 points · batch of 250"
            - listitem:
              - paragraph:
                - text: holidays
                - code: "GET /holidays/{country}/{year}"
              - paragraph: "wave 4: at most 2 calls · 102 points · one per key"
        - table "Price by field, at worst"
        - group: Calls as a table
    """)


def test_everything_in_the_panel_is_reached_by_keyboard(ide: Ide, explained_url: str) -> None:
    panel = opened(ide, explained_url, TWO)
    expect(panel.get_by_role("status")).to_contain_text("The query Two")
    ide.page.get_by_role("button", name="Hide Plan").focus()
    reached: list[str] = []
    for _ in range(12):
        ide.page.keyboard.press("Tab")
        reached.append(ide.page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel"))
        if reached[-1] == "Calls as a table":
            break
    ide.page.keyboard.press("Enter")
    ide.page.keyboard.press("Tab")
    expect(panel.get_by_role("group", name="Table of calls")).to_be_focused()
    expect(panel.get_by_role("table", name="Calls", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_in_the_panel_can_be_read_in_both_themes(ide: Ide, explained_url: str, theme: str) -> None:
    panel = opened(ide, explained_url, TWO)
    expect(panel.get_by_role("status")).to_contain_text("The query Two")
    panel.get_by_text("Calls as a table").click()
    assert panel.evaluate(TOO_PALE) == []
    ide.press("Execute query")
    expect(panel.get_by_role("status")).to_contain_text("It ran in")
    assert panel.evaluate(TOO_PALE) == []
    ide.write("query", "query Wrong { airprot }")
    expect(panel.get_by_role("alert")).to_be_visible()
    assert panel.evaluate(TOO_PALE) == []
    ide.complaints.clear()  # Chromium notes every answer that is not 2xx


@pytest.mark.parametrize("width", [700, 1900])
def test_nothing_is_cut_off_however_wide_the_panel_is(ide: Ide, explained_url: str, width: int) -> None:
    ide.page.set_viewport_size({"width": width, "height": 800})
    panel = opened(ide, explained_url, TWO)
    expect(panel.get_by_role("figure")).to_be_visible()
    ide.press("Execute query")
    expect(panel.get_by_role("status")).to_contain_text("It ran in")
    texts = "panel => [...panel.querySelectorAll('p, li, td, th, .measured')]"
    assert panel.evaluate(f"{texts}.filter(each => each.scrollWidth > each.clientWidth + 1).length") == 0


def nobody_is_anonymous(settings: Config) -> Config:
    assert settings.auth
    web = Client.model_validate({"tier": "partner", "keys": [{"sha256": "0" * 64}]})
    auth = settings.auth.model_copy(update={"anonymous": None})
    return settings.model_copy(update={"auth": auth, "clients": {"web": web}})


def one_request_a_second(settings: Config) -> Config:
    tiers: dict[str, Any] = {**settings.tiers}
    tiers["explorer"] = tiers["explorer"].model_copy(update={"requests_per_second": 1})
    return settings.model_copy(update={"tiers": tiers})


def with_caches(settings: Config) -> Config:
    kept = {name: each.model_copy(update={"cache": Cache()}) for name, each in settings.upstreams.items()}
    return settings.model_copy(update={"upstreams": kept})


@pytest.fixture
def changed_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with serve(explain=True, changed=request.param) as url:
        yield f"{url}/graphql"


@pytest.mark.parametrize("changed_url", [nobody_is_anonymous], indirect=True)
def test_who_is_not_known_is_told_where_a_credential_goes(ide: Ide, changed_url: str) -> None:
    panel = opened(ide, changed_url)
    expect(panel.get_by_role("alert")).to_contain_text("A valid credential is needed. Write it into the headers")
    ide.complaints.clear()


@pytest.mark.parametrize("changed_url", [one_request_a_second], indirect=True)
def test_who_asks_too_often_is_told_when_it_works_again(ide: Ide, changed_url: str) -> None:
    ide.open(changed_url)
    ide.page.evaluate("setInterval(() => fetch('?query={__typename}', {headers: {accept: 'application/json'}}), 10)")
    ide.press("Show Plan")
    panel = ide.panel.get_by_role("region", name="Plan")
    refused = panel.get_by_role("alert").filter(has_text=re.compile(r"each is a request; it works again in \d+ s\."))
    for attempt in range(9):  # one in a hundred has a whole second behind it
        ide.write("query", f"query Again{attempt} {{ __typename }}")
        expect(panel.get_by_role("alert").or_(panel.get_by_text(f"Again{attempt} calls"))).to_be_visible()
        if refused.is_visible():
            break
    expect(refused).to_be_visible()
    ide.complaints.clear()


@pytest.mark.parametrize("changed_url", [with_caches], indirect=True)
def test_what_came_from_the_cache_is_said_and_explained_by_a_legend(ide: Ide, changed_url: str) -> None:
    panel = opened(ide, changed_url, TWO)
    picture = panel.get_by_role("figure", name="When each call ran")
    ide.press("Execute query")
    expect(picture).to_contain_text("1 call, at most 1")
    ide.press("Execute query")
    expect(picture.get_by_role("listitem").filter(has_text="from the cache").first).to_be_visible()
    expect(picture.locator(".legend")).to_contain_text("from the cache")
    expect(panel.get_by_role("status")).to_contain_text(re.compile(r"with \d calls? and \d+ points"))


def shared(route: Route) -> None:
    """The answer as it is where an equal operation was under way (tests/explain has the gateway say so)."""
    answer = route.fetch()
    body = answer.json()
    if trace := body["extensions"].get("trace"):
        trace["shared"] = True
        for call in trace["calls"]:
            call["shared"] = True
    route.fulfill(response=answer, json=body)


def test_work_that_was_shared_is_said_and_explained_by_a_legend(ide: Ide, explained_url: str) -> None:
    panel = opened(ide, explained_url, TWO)
    expect(panel.get_by_role("status")).to_contain_text("The query Two")
    ide.page.route(lambda url: url == explained_url, shared)
    ide.press("Execute query")
    picture = panel.get_by_role("figure", name="When each call ran")
    expect(picture.get_by_role("listitem").filter(has_text="shared with another request").first).to_be_visible()
    expect(picture.locator(".legend")).to_contain_text("shared")
    expect(panel.get_by_role("status")).to_contain_text("It shared the work of an equal operation.")
