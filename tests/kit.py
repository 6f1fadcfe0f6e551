"""What the engine's own tests stand on: a REST service in process that counts, and a gateway over a small graph.

The service is reached through the real upstream stack over an httpx transport; tests of the network itself live in
`tests/upstream`, tests over real services in `tests/reference`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as record
from pathlib import Path
from typing import Any

import httpx
import strawberry

from bff import config
from bff.auth import Caller
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.operation import EVERYBODY, Answer, Asking
from bff.telemetry import Silent
from bff.upstreams.httpx_wire import HttpxWire

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Service:
    """A REST service that answers by `handler` and remembers what it was asked. `gate` holds answers back."""

    handler: Handler
    calls: list[httpx.Request] = record(default_factory=list)
    gate: asyncio.Event | None = None
    running: int = 0
    peak: int = 0
    asked: asyncio.Event = record(default_factory=asyncio.Event)  # set by every call

    async def called(self, times: int) -> None:
        """Until it was called so often."""
        while len(self.calls) < times:
            self.asked.clear()
            await self.asked.wait()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        self.asked.set()
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(0)
            if self.gate:
                await self.gate.wait()
            return self.handler(request)
        finally:
            self.running -= 1

    @property
    def urls(self) -> list[str]:
        return [request.url.raw_path.decode() for request in self.calls]


@dataclass
class Listener(Silent):
    """An observer that remembers."""

    failures: list[tuple[str, str, BaseException]] = record(default_factory=list)
    operations: list[Any] = record(default_factory=list)
    denials: list[tuple[str, str, str]] = record(default_factory=list)

    def failure(self, trace_id: str, place: str, error: BaseException) -> None:
        self.failures.append((trace_id, place, error))

    def denied(self, trace_id: str, code: str, detail: str) -> None:
        self.denials.append((trace_id, code, detail))

    def operation(self, fact: Any) -> None:
        self.operations.append(fact)


@dataclass
class Bench:
    """A gateway over services in process."""

    gateway: Gateway
    services: Mapping[str, Service]
    listener: Listener

    async def ask(self, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Answer:
        return await self.ask_as(EVERYBODY, query, headers, **variables)

    async def ask_as(
        self, caller: Caller, query: str, headers: Mapping[str, str] | None = None, **variables: Any
    ) -> Answer:
        incoming = tuple((headers or {}).items())
        envelope = Envelope(query, variables=variables)
        return await self.gateway.operations.run(Asking(envelope, caller, incoming, trace_id="trace", explain=True))

    @property
    def urls(self) -> list[str]:
        return [url for service in self.services.values() for url in service.urls]


@asynccontextmanager
async def opened(
    schema: strawberry.Schema,
    services: Mapping[str, Handler],
    settings: str = "",
    policies: str = "",
    environ: Mapping[str, str] | None = None,
    forward: str = "authorization",
) -> AsyncIterator[Bench]:
    """A gateway over `services`; `settings` is more of bff.yaml, `policies` more of each upstream's entry."""
    made = {name: Service(handler) for name, handler in services.items()}
    lines = [f"  {name}: {{url: 'http://{name}', forward: [{forward}]{policies}}}" for name in made]
    text = "\n".join(["upstreams:", *lines, settings])
    listener = Listener()
    wires = {name: HttpxWire(name, _Transport(service)) for name, service in made.items()}
    gateway = open_gateway(config.parse(text, environ or {}), Path("/"), observer=listener, schema=schema, wires=wires)
    try:
        yield Bench(gateway, made, listener)
    finally:
        await gateway.aclose()


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, service: Service) -> None:
        self._service = service

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._service.answer(request)


def reply(value: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=value)


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content)
