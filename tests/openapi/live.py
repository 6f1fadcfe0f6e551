"""A document all the way: `bff import` into a folder, the project that it writes, and a service on a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bff import config
from bff.envelope import Envelope
from bff.gateway import Gateway, open_gateway
from bff.openapi.graph.memory import load
from bff.openapi.graph.project import modules
from bff.openapi.importing import Wish, run
from bff.openapi.report import Report
from bff.operation import EVERYBODY, Asking
from tests.accepting import accepting, port_of
from tests.openapi.kit import write
from tests.upstream.service import Received, Service, whole

Headers = dict[str, str]


@dataclass
class Stub(Service):
    """Answers every request with the same bytes, and remembers what it was asked."""

    answer: bytes = b""

    async def _answer(self, request: Received, reader: Any, writer: Any) -> None:
        del request, reader
        writer.write(self.answer)
        await writer.drain()


@dataclass
class Live:
    """The gateway over the imported project, its one service, and what the import reported."""

    gateway: Gateway
    service: Stub
    report: Report

    async def ask(self, query: str, headers: Headers | None = None, **variables: Any) -> Any:
        """The body of the answer."""
        envelope = Envelope(query, variables=variables)
        answer = await self.gateway.operations.run(
            Asking(envelope, EVERYBODY, tuple((headers or {}).items()), trace_id="trace", explain=True)
        )
        return answer.body

    @property
    def targets(self) -> list[str]:
        return [each.target for each in self.service.received]

    @property
    def levels(self) -> dict[str, str]:
        """Levels of what was noted, by code."""
        return {note.code: note.level for note in self.report.notes}


@asynccontextmanager
async def live(
    folder: Path,
    document: Any,
    said: Any = "fine",
    status: str = "200 OK",
    environ: Headers | None = None,
    **changes: tuple[str, str],
) -> AsyncIterator[Live]:
    """`document` as the service `things`, which says `said`; `changes` replace text of its `bff.yaml`."""
    outcome = run(Wish((write(folder, document),), folder / "project", "things"))
    schema = load(modules(_texts(folder / "project")), "project")
    written = (folder / "project/bff.yaml").read_text("utf-8")
    for old, new in changes.values():
        assert old in written
        written = written.replace(old, new)
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    service = Stub(answer=whole(body, status, content_type="application/json"))
    async with accepting(service.serve) as server:
        service.port = port_of(server)
        settings = config.parse(written, {"THINGS_URL": service.url, **(environ or {})})
        gateway = open_gateway(settings, folder / "project", schema=schema)
        try:
            yield Live(gateway, service, outcome.report)
        finally:
            await gateway.aclose()


def _texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
