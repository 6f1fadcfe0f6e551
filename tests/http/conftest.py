"""A gateway over services in process, behind the server and the sockets that users meet."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Never

import httpx
import pytest
import strawberry

from bff.app import create_app
from bff.cli.server import Server
from tests.http.wire import Wire
from tests.kit import Bench, opened
from tests.world import SERVICES, make_schema

Serve = Callable[..., AbstractAsyncContextManager["Served"]]


@dataclass
class Served:
    """A gateway at a port of this machine."""

    bench: Bench
    client: httpx.AsyncClient
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    async def post(self, body: Any, path: str = "/graphql", **headers: str) -> httpx.Response:
        """`body` is JSON text as bytes, or what becomes it."""
        sent = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if isinstance(body, bytes):
            return await self.client.post(path, content=body, headers=sent)
        return await self.client.post(path, json=body, headers=sent)

    async def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return await self.post({"query": query, "variables": variables}, **headers)

    async def wire(self) -> Wire:
        return await Wire.open(self.port)


@asynccontextmanager
async def serving(settings: str = "", schema: strawberry.Schema | None = None) -> AsyncIterator[Served]:
    async with opened(schema or make_schema(), SERVICES, settings) as bench:
        ready = asyncio.Event()
        server = Server(create_app(bench.gateway), grace=1, drain=0, on_ready=lambda _: ready.set())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.ensure_future(server.serve([listener]))
            await ready.wait()
            port = listener.getsockname()[1]
            # Accept of httpx is */*, as curl's
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield Served(bench, client, port)
            server.stop()
            await serving


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as found:
        yield found


def lacking(what: str, remedy: str) -> Never:
    """Skips where a person may lack it; fails in CI, where nothing may go untested."""
    message = f"{what} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
