"""A gateway that explains, behind its sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import strawberry

from tests.http.conftest import Served, serving

NESTED = "{ posts(limit: 6) { name author { name } } }"
OPEN = "graphql: {explain: true}"


@dataclass(eq=False)
class Explained:
    """Who asks for explanations."""

    served: Served

    async def ask(self, query: str, what: str, **headers: str) -> httpx.Response:
        return await self.served.post({"query": query}, bff_explain=what, **headers)

    async def plan(self, query: str, **headers: str) -> httpx.Response:
        return await self.ask(query, "plan", **headers)

    def forget(self) -> None:
        for service in self.served.bench.services.values():
            service.calls.clear()

    @property
    def calls(self) -> int:
        return len(self.served.bench.urls)


@asynccontextmanager
async def explained(settings: str = OPEN, schema: strawberry.Schema | None = None) -> AsyncIterator[Explained]:
    async with serving(settings, schema) as served:
        yield Explained(served)
