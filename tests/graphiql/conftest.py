"""What the tests of GraphiQL stand on: a gateway to look at, and a person who looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator

from bff import graphiql
from bff.graphiql.bundle import Bundle, read
from tests.graphiql.ide import Ide
from tests.graphiql.served import serve
from tests.lacking import lacking

IMAGES = Path(__file__).parents[2] / "docs/img"


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


@pytest.fixture
def theme() -> Literal["light", "dark"]:
    """What the person's system prefers; tests that care override it."""
    return "light"


@pytest.fixture
def context(browser: Browser, bundle: Bundle, theme: Literal["light", "dark"]) -> Iterator[BrowserContext]:
    """A person who has never been here, and who finds what was built."""
    del bundle
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
