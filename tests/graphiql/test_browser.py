"""GraphiQL in a real browser, as its users meet it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, expect

from tests.graphiql.ide import Ide

pytestmark = pytest.mark.browser

QUERY = 'query Capital { airport(iata: "LIS") { city { name } } }'
SECRET = "bff_secret_that_no_disk_may_see"


def test_a_visitor_runs_the_query_that_is_there_and_reads_the_documentation(
    ide: Ide, gateway_url: str, photograph: Callable[[str], None]
) -> None:
    ide.open(gateway_url)
    ide.press("Execute query")
    expect(ide.result).to_contain_text("Lisbon")
    ide.press("Show Documentation Explorer")
    ide.panel.get_by_role("link", name="Query").click()
    ide.panel.get_by_role("link", name="Airport", exact=True).first.click()
    expect(ide.panel).to_contain_text("A place where planes land.")
    photograph("graphiql.png")


@pytest.mark.parametrize("url", ["gateway_url", "prefixed_url"])
def test_a_query_runs_by_keyboard_also_behind_a_path_prefix(ide: Ide, url: str, request: pytest.FixtureRequest) -> None:
    ide.open(request.getfixturevalue(url))
    ide.write("query", QUERY)
    ide.page.keyboard.press("Control+Enter")
    expect(ide.result).to_contain_text("Lisbon")


def test_typed_headers_are_sent_and_never_kept(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.press("Headers")
    ide.write("headers", f'{{"X-Secret": "{SECRET}"}}')
    ide.press("Execute query")
    expect(ide.result).to_contain_text("Lisbon")
    assert ide.operations[-1].headers["x-secret"] == SECRET
    ide.press("Show History")
    expect(ide.panel.get_by_role("listitem").first).to_be_visible()

    ide.reload()

    assert any("Lisbon" in value for value in ide.remembered.values()), (
        "the query is kept, so this looked in the right place"
    )
    assert SECRET not in str(ide.remembered)
    ide.press("Headers")
    expect(ide.lines("headers")).not_to_contain_text(SECRET)


def test_what_is_kept_is_kept_for_each_graph_apart(ide: Ide, gateway_url: str, prefixed_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", "query OnlyHere { __typename }")
    ide.reload()
    expect(ide.lines("query")).to_contain_text("OnlyHere")
    ide.open(prefixed_url)
    expect(ide.lines("query")).not_to_contain_text("OnlyHere")


def test_the_editor_completes_and_corrects_from_the_schema(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", "query Half { airp")
    ide.page.keyboard.press("Control+Space")
    expect(ide.suggestions.get_by_label(re.compile("^airport$"))).to_be_visible()
    ide.write("query", "query Wrong { airprot }")
    expect(ide.mistakes).to_be_visible()


def test_the_explorer_builds_a_query_by_clicks(ide: Ide, gateway_url: str) -> None:
    ide.open(gateway_url)
    ide.write("query", "query Clicked { __typename }")
    ide.press("Show GraphiQL Explorer")
    ide.panel.get_by_text("airport", exact=True).click()
    expect(ide.lines("query")).to_contain_text("airport")


@pytest.mark.parametrize(("theme", "monaco"), [("light", "vs"), ("dark", "vs-dark")])
def test_the_theme_is_the_system_s(ide: Ide, gateway_url: str, theme: str, monaco: str) -> None:
    ide.open(gateway_url)
    expect(ide.page.locator(".graphiql-query-editor .monaco-editor").first).to_have_class(
        re.compile(rf"\b{monaco}( |$)")
    )
    lightness = ide.page.evaluate(
        "getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor.match(/\\d+/g).slice(0, 3)"
    )
    assert all((int(channel) > 127) == (theme == "light") for channel in lightness)


def test_formatting_loads_its_code_from_the_gateway_too(ide: Ide, gateway_url: str) -> None:
    """The last of the files that load late."""
    ide.open(gateway_url)
    ide.write("query", QUERY)
    ide.press("Prettify query")
    expect(ide.lines("query").locator(".view-line")).not_to_have_count(1)


def test_the_browser_of_these_tests_cannot_reach_another_host(ide: Ide) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        ide.page.goto("http://elsewhere.example/")
    ide.requests.clear()
