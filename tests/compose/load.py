"""Steady load through HAProxy: a few askers, each asking again once it has its answer. Every answer is remembered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp

from tests.compose.questions import Client

Outcome = Literal["answered", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it was sent and when its answer was there, in seconds since 1970. Status 0: there was none."""

    client: str
    sent: float
    ended: float
    outcome: Outcome
    status: int
    points: int = 0  # charged, as the answer says
    said: str = ""  # in place of an answer


class Load:
    """Asks one gateway's URL. `samples` are in the order in which they ended."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.samples: list[Sample] = []
        self._session = session
        self._url = url
        self._ended = asyncio.Condition()

    async def ask(self, client: Client) -> Sample:
        """One request, and never again: what fails is a sample like any other."""
        sent = time.time()
        try:
            status, answer, said = await self._post(client)
        except (aiohttp.ClientError, TimeoutError) as error:
            status, answer, said = 0, {}, repr(error)
        points = answer.get("extensions", {}).get("cost", {}).get("actual", 0)
        sample = Sample(client.name, sent, time.time(), _outcome(status, answer), status, points, said)
        async with self._ended:
            self.samples.append(sample)
            self._ended.notify_all()
        return sample

    @asynccontextmanager
    async def asking(self, askers: int, client: Client) -> AsyncIterator[None]:
        """So many requests of this client at any moment, until it is refused or the block ends; none is cut off."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(askers):
                tasks.create_task(self._ask_until(over, client))
            try:
                yield
            finally:
                over.set()

    async def more(self, answers: int, within: float = 60) -> None:
        """Wait for so many more answers. Raises TimeoutError."""
        enough = len(self.samples) + answers
        async with asyncio.timeout(within), self._ended:
            await self._ended.wait_for(lambda: len(self.samples) >= enough)

    async def _ask_until(self, over: asyncio.Event, client: Client) -> None:
        while not over.is_set() and (await self.ask(client)).outcome != "refused":
            pass

    async def _post(self, client: Client) -> tuple[int, dict[str, Any], str]:
        body = {"query": client.document, "variables": next(client.variables)}
        headers = {"x-api-key": client.key, "bff-cost": "1"}
        async with self._session.post(self._url, json=body, headers=headers) as response:
            said = await response.text()
            return response.status, json.loads(said) if response.status == 200 else {}, said[:300]


def _outcome(status: int, answer: dict[str, Any]) -> Outcome:
    if status == 429:
        return "refused"
    return "answered" if answer.get("data") and not answer.get("errors") else "failed"
