"""The examples in a browser: what they show, what they change, and what they say when something fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.examples.app import App
from tests.examples.built import APPS
from tests.examples.conftest import Stage
from tests.reference.travel import bearer

pytestmark = pytest.mark.browser


@pytest.fixture(params=["open_to_all", "trusting"])
def stage(request: pytest.FixtureRequest) -> Stage:
    found: Stage = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("name", APPS)
def test_an_app_shows_data_pages_mutations_and_refusals(name: str, stage: Stage, tab: App) -> None:
    tab.page.goto(f"{stage.origin}/{name}/")

    expect(tab.airport).to_contain_text("(LIS)")
    expect(tab.page.get_by_text("Lisbon, Portugal: one US dollar is 0.")).to_be_visible()
    expect(tab.cities).to_have_count(5)
    expect(tab.cities.first).to_have_text(re.compile(r"^Lisbon: \d{3},\d{3}$"))
    tab.more()
    expect(tab.cities).to_have_count(10)

    tab.plan("Summer", "2027-07-01", "2027-07-08")
    expect(tab.alert).to_have_text("This needs a user: sign in first.")
    tab.sign_in(bearer("ana")["authorization"].removeprefix("Bearer "))
    tab.plan("Summer", "2027-07-01", "2027-07-08")
    expect(tab.planned).to_have_text("Summer: 7 nights.")
    tab.plan("Summer", "2027-07-08", "2027-07-01")
    expect(tab.alert).to_contain_text("endsOn: ")

    stage.breaks("rates")
    tab.look_up("ZRH")
    expect(tab.airport).to_contain_text("(ZRH)")
    expect(tab.page.get_by_text("one US dollar is ? CHF.")).to_be_visible()
    expect(tab.alert.first).to_have_text(re.compile("^There is no (answer from rates|rate) just now.$"))
    stage.works("rates")
