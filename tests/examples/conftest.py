"""The examples, built for two gateways over the same services: one that runs any document, one that wants names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from backends.run import Services
from tests.examples.app import App
from tests.examples.built import EXAMPLES, Built, build
from tests.examples.served import files, gateway
from tests.node import node_in
from tests.reference.travel import bearer


@dataclass(frozen=True)
class Stage:
    """Where pages are, whom they ask, and how the services behind are made to fail."""

    pages: str
    gateway: str
    services: dict[str, str]

    def ask(self, query: str, user: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.gateway}/graphql", json=body, headers=bearer(user), trust_env=False).json()
        assert "errors" not in answer
        return answer["data"]

    @contextmanager
    def without(self, service: str) -> Iterator[None]:
        with httpx.Client(base_url=self.services[service], trust_env=False) as control:
            control.put("/_control", json={"fail": {"status": 503}}).raise_for_status()
            try:
                yield
            finally:
                control.delete("/_control").raise_for_status()


@dataclass(frozen=True)
class Stages:
    built: Built
    sending: Stage
    naming: Stage


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    node, folder = node_in(EXAMPLES), tmp_path_factory.mktemp("examples")
    with ExitStack() as stack:
        services = stack.enter_context(Services())
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        open_, trusting = (f"http://127.0.0.1:{each.getsockname()[1]}" for each in sockets)
        built = build(node, folder, sending=f"{open_}/graphql", naming=f"{trusting}/graphql")
        origin = stack.enter_context(files(folder))
        stack.enter_context(gateway(sockets[0], services, origin))
        stack.enter_context(gateway(sockets[1], services, origin, built.manifests.values()))
        yield Stages(
            built,
            sending=Stage(f"{origin}/{built.sending.name}", open_, services),
            naming=Stage(f"{origin}/{built.naming.name}", trusting, services),
        )


@pytest.fixture
def tab(browser: Browser) -> Iterator[App]:
    """Whatever the test is about: nothing broke in the page."""
    context = browser.new_context(reduced_motion="reduce", service_workers="block")
    app = App(context.new_page())
    yield app
    context.close()
    assert app.broken == []
