"""What docker-compose.yml describes, running: started, hurt, looked at, and taken away. Knows no request."""

from __future__ import annotations

import asyncio
import csv
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.compose.docker import CommandFailed, Docker, run

FILES = ("--file", "docker-compose.yml", "--file", "tests/compose/compose.yaml")

# HAProxy's httplog: backend/server, timers, status, bytes, two cookies, how it ended, five counts with the retries.
LINE = re.compile(
    r" gateways/(?P<server>\S+) \S+ (?P<status>-?\d+) \S+ \S+ \S+ (?P<end>\S{4}) \d+/\d+/\d+/\d+/(?P<retries>\+?\d+) "
)


@dataclass(frozen=True, slots=True)
class Carried:
    """One request, as HAProxy logged it. `end` is its four letters for how; `----` is as it should be."""

    server: str
    status: int
    end: str
    retries: str  # "+1": sent to another replica than the one chosen first


@dataclass(frozen=True, slots=True)
class Death:
    """When a container was alive for certain, and when it was dead for certain, in seconds since 1970."""

    service: str
    begun: float
    ended: float


class Stack:
    """One compose project of its own name, with volumes of its own."""

    def __init__(self, docker: Docker, project: str, environment: Mapping[str, str]) -> None:
        self._docker = docker
        self._compose = (*docker.compose, "--project-name", project, *FILES)
        self._environment = environment

    async def up(self) -> None:
        """Raises CommandFailed: also when a service does not become healthy."""
        await self._run("up", "--detach", "--no-build", within=300)

    async def down(self) -> None:
        await self._run("down", "--volumes", "--timeout", "5", within=120)

    async def logs(self) -> str:
        """The last words of every container."""
        return await self._run("logs", "--no-color", "--tail", "15")

    async def kill(self, service: str) -> Death:
        """SIGKILL."""
        container = await self._container(service)
        begun = time.time()
        await run(self._docker.client, "kill", container)
        ended = await run(self._docker.client, "inspect", "--format", "{{.State.FinishedAt}}", container)
        microseconds = re.sub(r"(\.\d{6})\d*", r"\1", ended.strip())
        return Death(service, begun, datetime.fromisoformat(microseconds).timestamp())

    async def stop(self, service: str) -> int:
        """SIGTERM, and wait. Its exit status."""
        container = await self._container(service)
        await self._run("stop", service, within=60)
        return int(await run(self._docker.client, "inspect", "--format", "{{.State.ExitCode}}", container))

    async def start(self, service: str) -> None:
        await self._run("start", service)

    async def python(self, service: str, code: str) -> str:
        return await self._run("exec", "-T", service, "python", "-c", code)

    async def ready(self, *services: str, within: float = 60) -> None:
        """Wait until HAProxy sends requests to all of these. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not set(services) <= await self._in_rotation():  # noqa: ASYNC110 - it is in another process
                await asyncio.sleep(0.2)

    async def carried(self) -> list[Carried]:
        """Every request that HAProxy sent to a gateway since it was started."""
        said = await run(self._docker.client, "logs", await self._container("haproxy"))
        found = (LINE.search(line) for line in said.splitlines())
        return [Carried(hit["server"], int(hit["status"]), hit["end"], hit["retries"]) for hit in found if hit]

    async def said(self, service: str, *words: str) -> list[str]:
        """The lines of its log that hold all of these words."""
        log = await run(self._docker.client, "logs", await self._container(service))
        return [f"{service}: {line}" for line in log.splitlines() if all(word in line for word in words)]

    async def _in_rotation(self) -> set[str]:
        try:
            table = await self._run("exec", "-T", "haproxy", "wget", "-qO-", "http://127.0.0.1:8404/;csv")
        except CommandFailed:  # not yet
            return set()
        rows = csv.DictReader(table.removeprefix("# ").splitlines())
        return {row["svname"] for row in rows if row["pxname"] == "gateways" and row["status"] == "UP"}

    async def _container(self, service: str) -> str:
        return (await self._run("ps", "--quiet", "--all", service)).strip()

    async def _run(self, *arguments: str, within: float = 60) -> str:
        return await run(*self._compose, *arguments, within=within, environment=self._environment)
