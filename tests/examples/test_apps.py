"""The examples in a browser: what they show, what they change, and what they say when something fails."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.examples.app import App
from tests.examples.built import MANIFESTS, Built
from tests.examples.conftest import Stage, Stages
from tests.reference.travel import bearer

pytestmark = pytest.mark.browser

NAMED_BY = {"apollo": "extensions", "relay": "doc_id", "tanstack-query": "documentId", "urql": "extensions"}


def looks_around(tab: App) -> None:
    expect(tab.airport).to_contain_text("(LIS)")
    expect(tab.page.get_by_text("Lisbon, Portugal: one US dollar is 0.")).to_be_visible()
    expect(tab.cities).to_have_count(5)
    expect(tab.cities.first).to_have_text(re.compile(r"^Lisbon: \d{3},\d{3}$"))
    tab.more()
    expect(tab.cities).to_have_count(10)


def plans_a_trip(tab: App, user: str) -> None:
    summer = ("Summer", "2027-07-01", "2027-07-08")
    tab.plan(*summer)
    expect(tab.alert).to_have_text("This needs a user: sign in first.")
    tab.sign_in("nobody's")
    tab.plan(*summer)
    expect(tab.alert).to_have_text("Your token is not valid any more: sign in again.")
    tab.sign_in(bearer(user)["authorization"].removeprefix("Bearer "))
    tab.plan(*summer)
    expect(tab.planned).to_have_text("Summer: 7 nights, planned.")


def is_told_what_fails(tab: App, stage: Stage) -> None:
    tab.plan("Summer", "2027-07-08", "2027-07-01")
    expect(tab.alert).to_contain_text("endsOn: ")
    with stage.without("rates"):
        tab.look_up("ZRH")
        expect(tab.airport).to_contain_text("(ZRH)")
        expect(tab.page.get_by_text("one US dollar is ? CHF.")).to_be_visible()
        expect(tab.alert.first).to_have_text(re.compile("^There is no (answer from rates|rate) just now.$"))


def books(stage: Stage, user: str) -> None:
    """The user's one trip is changed by somebody else than the page."""
    (trip,) = stage.ask("{ trips { edges { node { id } } } }", user)["trips"]["edges"]
    book = "mutation($id: ID!) { updateTrip(id: $id, input: { status: BOOKED }) { __typename } }"
    assert stage.ask(book, user, id=trip["node"]["id"]) == {"updateTrip": {"__typename": "Trip"}}


@pytest.mark.parametrize("name", MANIFESTS)
def test_an_app_shows_data_pages_mutations_events_and_refusals(name: str, stages: Stages, tab: App) -> None:
    tab.page.goto(f"{stages.sending.pages}/{name}/")
    looks_around(tab)
    plans_a_trip(tab, user=name)
    books(stages.sending, user=name)
    expect(tab.planned).to_have_text("Summer: 7 nights, booked.")
    is_told_what_fails(tab, stages.sending)
    assert "query" in tab.members


@pytest.mark.parametrize("name", MANIFESTS)
def test_an_app_does_the_same_by_names_where_nothing_else_may_run(name: str, stages: Stages, tab: App) -> None:
    tab.page.goto(f"{stages.naming.pages}/{name}/")
    looks_around(tab)
    plans_a_trip(tab, user=f"{name} by name")
    is_told_what_fails(tab, stages.naming)
    assert NAMED_BY[name] in tab.members
    assert "query" not in tab.members


def test_an_app_is_developed_beside_a_running_gateway(stages: Stages, tab: App) -> None:
    with developed(stages.built, "urql", stages.sending.gateway) as url:
        tab.page.goto(url)
        looks_around(tab)
        plans_a_trip(tab, user="developer")
        assert all(request.url.startswith(url) for request in tab.asked)
        assert tab.asked


@contextmanager
def developed(built: Built, app: str, gateway: str) -> Iterator[str]:
    """The address at which `npm run dev` serves the app."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [built.node.npm, "run", "dev", "--", "--host=127.0.0.1", f"--port={port}", "--strictPort"]
    environ = {**os.environ, "GATEWAY": gateway, "NO_COLOR": "1"}
    process = subprocess.Popen(
        command, cwd=built.examples / app, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    with process:
        try:
            assert any("ready in" in line for line in process.stdout)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.stdout.close()
