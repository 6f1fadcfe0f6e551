"""A client of answers in parts: it reads multipart/mixed part by part, as it arrives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.http.conftest import Served

OLD = "multipart/mixed;deferSpec=20220824,application/json"
NEW = "multipart/mixed;incrementalSpec=v0.2,application/json"
BARE = "application/json, multipart/mixed"

DELIMITER = b"\r\n---"


class Parts:
    """One answer."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self._chunks = response.aiter_bytes()
        self._read = b"\r\n"
        self.over = False

    async def next(self) -> dict[str, Any]:
        """The next part, as soon as the delimiter behind it is there."""
        while self._read.count(DELIMITER) < 2:
            self._read += await anext(self._chunks)
        _, part, rest = self._read.split(DELIMITER, 2)
        self._read = DELIMITER + rest
        head, _, body = part.partition(b"\r\n\r\n")
        assert head == b"\r\ncontent-type: application/json; charset=utf-8"
        found: dict[str, Any] = json.loads(body)
        return found

    async def all(self) -> list[dict[str, Any]]:
        """What is left, to the closing delimiter."""
        found = [await self.next()]
        while found[-1]["hasNext"]:
            found.append(await self.next())
        self._read += b"".join([chunk async for chunk in self._chunks])
        assert self._read == DELIMITER + b"--\r\n"
        return found


Ask = Callable[..., Any]


@asynccontextmanager
async def asking(served: Served, query: str, accept: str = NEW, **variables: Any) -> AsyncIterator[Parts]:
    async with reading(served.client, "/graphql", {"query": query, "variables": variables}, accept) as parts:
        yield parts


@asynccontextmanager
async def reading(client: httpx.AsyncClient, url: str, body: Any, accept: str = NEW) -> AsyncIterator[Parts]:
    async with client.stream("POST", url, json=body, headers={"accept": accept}) as response:
        assert response.headers["content-type"].startswith('multipart/mixed;boundary="-"'), await response.aread()
        yield Parts(response)


async def asked(served: Served, query: str, accept: str = NEW, **variables: Any) -> list[dict[str, Any]]:
    """All parts."""
    async with asking(served, query, accept, **variables) as parts:
        return await parts.all()
