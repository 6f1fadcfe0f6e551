"""A gateway over services in process, behind the server and the sockets that users meet."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as record
from typing import Any

import httpx
import pytest_asyncio
import strawberry

from bff.app import create_app
from bff.cli.server import Server
from tests.http.wire import DEADLINE, Wire
from tests.kit import Bench, opened
from tests.world import SERVICES, for_ever, make_schema


@dataclass(eq=False)
class Served:
    """A gateway at a port of this machine."""

    bench: Bench
    client: httpx.AsyncClient  # sends "Accept: */*", as curl does
    server: Server
    port: int
    wires: list[Wire] = record(default_factory=list)

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
        """A new connection; the fixture closes what the test leaves open."""
        self.wires.append(await Wire.open(self.port))
        return self.wires[-1]

    @property
    def runs(self) -> bool:
        """Whether an operation does: one in a task of its own, or one that waits for ever."""
        return bool(self.bench.gateway.operations.running or for_ever)

    async def idle(self) -> None:
        """Wait until no request is being answered any more, whoever asked."""
        await until(lambda: not self.server.server_state.tasks)

    async def forget(self) -> None:
        """As if nobody had been here."""
        while self.wires:
            await self.wires.pop().close()
        await self.idle()
        for service in self.bench.services.values():
            service.calls.clear()
            service.gate = None
        self.bench.listener.failures.clear()
        self.bench.listener.operations.clear()


@asynccontextmanager
async def serving(
    settings: str = "",
    schema: strawberry.Schema | None = None,
    environ: Mapping[str, str] | None = None,
    forward: str = "authorization",
) -> AsyncIterator[Served]:
    async with opened(schema or make_schema(), SERVICES, settings, environ=environ, forward=forward) as bench:
        ready = asyncio.Event()
        server = Server(
            create_app(bench.gateway),
            grace=1,
            drain=0,
            on_ready=lambda _: ready.set(),
            on_stop=bench.gateway.stop,
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = asyncio.ensure_future(server.serve([listener]))
            await ready.wait()
            port = listener.getsockname()[1]
            try:
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                    yield Served(bench, client, server, port)
            finally:
                server.stop()
                await serving


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110 - services and servers set no event for it
            await asyncio.sleep(0.001)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_server() -> AsyncIterator[Served]:
    """A server starts and ends in a fifth of a second, which is much for a test of a status."""
    async with serving() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def served(one_server: Served) -> AsyncIterator[Served]:
    """A gateway as nobody has used it before. Tests that ask for it run in their module's event loop."""
    yield one_server
    await one_server.forget()
