"""What the tests of GraphiQL stand on: a gateway to look at, and Debian's Chromium to look with.

Chromium can reach 127.0.0.1 alone, so a page that needs another host shows it by failing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal, Never

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, sync_playwright

from bff import graphiql
from bff.graphiql.bundle import Bundle, read
from tests.graphiql.ide import Ide
from tests.graphiql.served import serve

IMAGES = Path(__file__).parents[2] / "docs/img"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def lacking(what: str, remedy: str) -> Never:
    """Skips where a person may lack it; fails in CI, where nothing may go untested."""
    message = f"{what} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def served_url() -> Iterator[str]:
    with serve() as url:
        yield url


@pytest.fixture(scope="session")
def gateway_url(served_url: str) -> str:
    """The address that a person opens."""
    return f"{served_url}/graphql"


@pytest.fixture(scope="session")
def explained_url() -> Iterator[str]:
    """One that shows plans to everybody."""
    with serve(explain=True) as url:
        yield f"{url}/graphql"


@pytest.fixture(scope="session")
def prefixed_url(served_url: str) -> str:
    """The same graph behind a path prefix of which it has not been told."""
    return f"{served_url}/api/graphql"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """What `make graphiql` built."""
    return read(files(graphiql) / "static") or lacking("The build of GraphiQL", "make graphiql")


@pytest.fixture(scope="session")
def browser(bundle: Bundle) -> Iterator[Browser]:
    chromium = shutil.which("chromium") or lacking("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def theme() -> Literal["light", "dark"]:
    """What the person's system prefers; tests that care override it."""
    return "light"


@pytest.fixture
def context(browser: Browser, theme: Literal["light", "dark"]) -> Iterator[BrowserContext]:
    """A person who has never been here."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        color_scheme=theme,
        reduced_motion="reduce",
        service_workers="block",
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield context
    context.close()


@pytest.fixture
def ide(context: BrowserContext) -> Iterator[Ide]:
    """Their tab. Whatever the test is about: no other host was asked, and nothing complained."""
    ide = Ide(context.new_page())
    yield ide
    assert ide.hosts <= {"127.0.0.1"}
    assert ide.complaints == []


@pytest.fixture
def photograph(ide: Ide) -> Callable[..., None]:
    """Renews a picture in docs/img, of the page or a part of it, when BFF_SCREENSHOTS=1 asks for it."""

    def take(name: str, part: Locator | None = None) -> None:
        if os.environ.get("BFF_SCREENSHOTS") == "1":
            (part or ide.page).screenshot(path=IMAGES / name)

    return take
