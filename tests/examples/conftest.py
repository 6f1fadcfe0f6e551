"""The examples, built for two gateways over the same services: one that runs any document, one that wants names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from backends.run import Services
from tests.examples.app import App
from tests.examples.built import EXAMPLES, Built, build
from tests.examples.served import files, gateway
from tests.node import Node, node_in


@dataclass(frozen=True)
class Stage:
    """Where the pages are, whom they ask, and how the services behind are made to fail."""

    built: Built
    origin: str
    url: str  # of the gateway
    services: dict[str, str]

    def breaks(self, service: str) -> None:
        httpx.put(f"{self.services[service]}/_control", json={"fail": {"status": 503}}).raise_for_status()

    def works(self, service: str) -> None:
        httpx.delete(f"{self.services[service]}/_control").raise_for_status()


@pytest.fixture(scope="session")
def node() -> Node:
    return node_in(EXAMPLES)


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, str]]:
    with Services() as urls:
        yield urls


@pytest.fixture(scope="session")
def open_to_all(node: Node, services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The gateway runs whatever document it is sent."""
    with staged(node, services, tmp_path_factory.mktemp("sent"), trusted=False) as stage:
        yield stage


@pytest.fixture(scope="session")
def trusting(node: Node, services: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The gateway runs what the apps' builds declared, and nothing else."""
    with staged(node, services, tmp_path_factory.mktemp("named"), trusted=True) as stage:
        yield stage


@contextmanager
def staged(node: Node, services: dict[str, str], folder: Path, *, trusted: bool) -> Iterator[Stage]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        built = build(node, folder, url, trusted=trusted)
        with files(built.pages) as origin, gateway(listener, services, origin, built.manifests if trusted else ()):
            yield Stage(built, origin, url, services)


@pytest.fixture
def tab(browser: Browser) -> Iterator[App]:
    """Whatever the test is about: nothing broke in the page."""
    context = browser.new_context(reduced_motion="reduce", service_workers="block")
    app = App(context.new_page())
    yield app
    context.close()
    assert app.broken == []
